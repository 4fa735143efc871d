"""``scripts/setup.sh`` on machines that lack things, played by stand-ins for their commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="setup.sh is for Debian and Ubuntu")

TOOLS = ("bash", "cat", "cksum", "dirname", "env", "grep", "head", "mktemp", "rm", "tail")


class Machine:
    """A folder to set up, and a PATH with nothing on it but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "visavis"
        self.bin = folder / "bin"
        (self.home / "scripts").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("scripts/setup.sh", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.home / name)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.calls = folder / "calls"
        self.calls.touch()

    def has(self, name: str, body: str = "") -> None:
        """Put a command there that notes its call, then does ``body``."""
        path = self.bin / name
        path.write_text(
            f'#!/bin/bash\necho "{name} $*" >>"{self.calls}"\n{body}\n', encoding="utf-8"
        )
        path.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        """Run the script as a shell would, without a terminal."""
        return subprocess.run(
            ["bash", "scripts/setup.sh"],
            cwd=self.home,
            env={
                "PATH": str(self.bin),
                "TMPDIR": str(self.home),
                "ALSA_PLUGINS": str(self.home),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


LIBRARIES = "echo libGL.so.1 libgthread-2.0.so.0 libportaudio.so.2"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with libraries, a browser and a Python that makes environments, used by root."""
    machine = Machine(tmp_path)
    machine.has("ldconfig", LIBRARIES)
    machine.has("chromium")
    machine.has("pulseaudio")
    (machine.home / "libasound_module_pcm_pulse.so").touch()
    machine.has("id", "echo 0")
    machine.has("python3.11", PYTHON)
    return machine


PYTHON = """
if [ "$1" = -m ] && [ "$2" = venv ]; then
    /bin/mkdir -p .venv/bin && /bin/cp "$0" .venv/bin/python
elif [ "$1" = --version ]; then echo Python 3.11
fi
"""
"""A Python that fits, has ensurepip, and whose pip can install anything."""


def test_it_makes_the_environment_and_the_second_time_does_nothing(machine: Machine):
    first = machine.set_up()
    assert first.returncode == 0, first.stderr
    assert "making .venv with Python 3.11" in first.stdout
    calls = machine.calls.read_text(encoding="utf-8")
    assert "--constraint constraints.txt --editable .[test]" in calls
    second = machine.set_up()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert machine.calls.read_text(encoding="utf-8") == calls


def test_it_works_again_when_the_requirements_change(machine: Machine):
    machine.set_up()
    with (machine.home / "constraints.txt").open("a", encoding="utf-8") as constraints:
        constraints.write("another==1\n")
    assert "installing visavis" in machine.set_up().stdout


def test_missing_libraries_are_installed_and_named(machine: Machine):
    machine.has("ldconfig", "echo libGL.so.1")
    machine.has("apt-get")
    done = machine.set_up()
    assert done.returncode == 0, done.stderr
    assert "installing system packages: libglib2.0-0 libportaudio2\n" in done.stdout
    calls = machine.calls.read_text(encoding="utf-8")
    assert "install libglib2.0-0 libportaudio2" in calls


def test_a_sound_server_for_the_tests_is_installed_only_where_there_is_none(machine: Machine):
    machine.has("apt-get")
    os.remove(machine.bin / "pulseaudio")
    (machine.home / "libasound_module_pcm_pulse.so").unlink()
    said = machine.set_up().stdout
    assert "installing system packages: pulseaudio pulseaudio-utils libasound2-plugins\n" in said
    (machine.home / ".venv/setup.stamp").unlink()
    machine.has("pipewire")
    assert "installing system packages: libasound2-plugins\n" in machine.set_up().stdout


def failure(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_without_the_right_to_install_it_says_what_to_run(machine: Machine):
    machine.has("id", "echo 1000")
    machine.has("ldconfig", "echo libGL.so.1")
    machine.has("apt-get")
    said = failure(machine.set_up())
    assert "run 'apt-get install libglib2.0-0 libportaudio2' as root" in said
    assert "apt-get" not in machine.calls.read_text(encoding="utf-8")


def test_with_sudo_it_installs_by_sudo(machine: Machine):
    machine.has("id", "echo 1000")
    machine.has("ldconfig", "echo libGL.so.1")
    machine.has("sudo", '[ "$1" = -n ] || "$@"')
    machine.has("apt-get")
    assert machine.set_up().returncode == 0
    assert "sudo apt-get" in machine.calls.read_text(encoding="utf-8")


def test_without_apt_it_says_what_to_install_by_hand(machine: Machine):
    machine.has("ldconfig")
    assert "install by hand what Debian calls libgl1" in failure(machine.set_up())


def test_what_apt_or_pip_could_not_do_is_quoted(machine: Machine):
    machine.has("ldconfig", "echo libGL.so.1")
    machine.has("apt-get", "[ $2 = update ] || { echo 'E: Unable to locate package x'; exit 100; }")
    assert "E: Unable to locate package x" in failure(machine.set_up())
    machine.has("ldconfig", LIBRARIES)
    machine.has(
        "python3.11",
        PYTHON + 'if [ "$3" = install ]; then echo "ERROR: No matching distribution"; exit 1; fi',
    )
    assert "ERROR: No matching distribution" in failure(machine.set_up())


def test_without_a_python_that_fits_it_says_which_do(machine: Machine):
    os.remove(machine.bin / "python3.11")
    machine.has("python3", "exit 1")
    machine.has("apt-get")
    assert "Python 3.10, 3.11 or 3.12 is needed" in failure(machine.set_up())
