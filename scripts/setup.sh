#!/usr/bin/env bash
# Makes .venv with visavis, what it can use and what its tests need, and installs the system
# libraries that are missing. Where nothing has changed since the last time it ends at once.
#
#   PYTHON=/path/to/python3.11 scripts/setup.sh    chooses the Python
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
STAMP=$VENV/setup.stamp
KEY="$(cat pyproject.toml constraints.txt scripts/setup.sh | cksum)"

say() { echo "setup: $*"; }
fail() {
    echo "setup: $*" >&2
    exit 1
}

# The first Python that fits, or nothing.
find_python() {
    local name
    for name in ${PYTHON:-python3.11 python3.12 python3.10 python3}; do
        if "$name" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' \
            2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

has_library() { PATH="$PATH:/sbin" ldconfig -p | grep -F "$1" >/dev/null; }

# ALSA loads it by itself; no linker knows of it.
has_pulse_plugin() {
    compgen -G "${ALSA_PLUGINS:-/usr/lib/*/alsa-lib}/libasound_module_pcm_pulse.so" >/dev/null
}

# Beside PipeWire, PulseAudio would take the sound of the whole desktop over: then those tests skip.
has_sound_server() {
    command -v pulseaudio >/dev/null || command -v pipewire >/dev/null
}

has_browser() {
    local name
    for name in chromium google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

# Ubuntu's chromium is a snap, which a container or a server may not run; Playwright brings its own.
is_ubuntu() { grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; }

missing_packages() {
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        [ -n "${PYTHON:-}" ] || printf '%s\n' python3 python3-venv
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    fi
    has_library libGL.so.1 || echo libgl1                # OpenCV
    has_library libgthread-2.0.so.0 || echo libglib2.0-0 # OpenCV
    has_library libportaudio.so.2 || echo libportaudio2  # microphones
    has_browser || is_ubuntu || echo chromium            # the browser tests
    has_sound_server || printf '%s\n' pulseaudio pulseaudio-utils # the tests of virtual devices
    has_pulse_plugin || echo libasound2-plugins          # how PortAudio reaches it
}

install_packages() {
    local root=() log
    command -v apt-get >/dev/null ||
        fail "there is no apt-get here: install by hand what Debian calls $*, then run this again"
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            fail "root is needed once: run 'apt-get install $*' as root, then run this again"
        fi
        root=(sudo)
    fi
    say "installing system packages: $*"
    log=$(mktemp)
    "${root[@]}" apt-get -qq update >"$log" 2>&1 || true # a stale list may still do
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends install "$@" >>"$log" 2>&1 ||
        fail "apt-get could not install $* ($(grep '^E:' "$log" | head -1), all in $log)"
    rm -f "$log"
}

make_venv() {
    local python
    if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    python=$(find_python)
    [ -n "$python" ] ||
        fail "Python 3.10, 3.11 or 3.12 is needed: install one, or name it as in 'PYTHON=/path make setup'"
    say "making $VENV with $("$python" --version)"
    "$python" -m venv --clear "$VENV" || fail "$python could not make $VENV"
}

install_python_packages() {
    local log=$VENV/setup.log
    say "installing visavis and its Python packages into $VENV (a few minutes the first time)"
    "$VENV/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
        --constraint constraints.txt --editable '.[test]' >"$log" 2>&1 ||
        fail "pip could not install the packages ($(grep '^ERROR' "$log" | tail -1), all in $log)"
}

install_browser() {
    if has_browser || ! is_ubuntu; then return; fi
    say "installing Chromium by Playwright"
    if "$VENV/bin/playwright" install --with-deps chromium >>"$VENV/setup.log" 2>&1; then
        ln -sf "$("$VENV/bin/python" -c 'from playwright.sync_api import sync_playwright as start
with start() as playwright: print(playwright.chromium.executable_path)')" "$VENV/bin/chromium"
    else
        say "Playwright could not install Chromium: the browser tests will be skipped"
    fi
}

if [ "$(cat "$STAMP" 2>/dev/null)" = "$KEY" ]; then exit 0; fi
mapfile -t packages < <(missing_packages)
if [ ${#packages[@]} -gt 0 ]; then install_packages "${packages[@]}"; fi
make_venv
install_python_packages
install_browser
echo "$KEY" >"$STAMP"
say "done"
