"""A sound server of its own, with rooms made of nothing: PulseAudio's null sinks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.clock import SECOND
from realtime.sound.devices import refresh

RATE = 48_000

START_S = 10.0
"""How long the server may take to answer."""

AROUND = 30
"""Chunks on either side by which the time of a recorded sample is judged."""

AHEAD = 60_000_000
"""How far ahead of what is heard the speaker writes, nanoseconds."""

RAW = ("--raw", "--format=s16le", f"--rate={RATE}", "--channels=1")


def why_not() -> str:
    """Return why no server can be started here; "" where one can."""
    missing = [tool for tool in ("pulseaudio", "pactl", "pacat") if not shutil.which(tool)]
    if missing:
        return f"{', '.join(missing)} not installed (apt-get install pulseaudio libasound2-plugins)"
    if not any(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        return "ALSA cannot reach PulseAudio (apt-get install libasound2-plugins)"
    return ""


class Pulse:
    """A PulseAudio daemon in a folder of its own, with null sinks; this process uses it too."""

    def __init__(self, *sinks: str) -> None:
        self._sinks = sinks
        self._stack = ExitStack()
        self._modules: dict[str, str] = {}

    def __enter__(self) -> Pulse:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pulse-")))
            self._start(folder, stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def add(self, sink: str) -> None:
        """Make a null sink."""
        named = f"sink_name={sink}", f"sink_properties=device.description={sink}"
        self._modules[sink] = self._ask("load-module", "module-null-sink", *named).strip()

    def remove(self, sink: str) -> None:
        """Take a null sink away, as if it were unplugged."""
        self._ask("unload-module", self._modules.pop(sink))

    def speak(self, sink: str) -> Speaker:
        """Begin to play silence into ``sink``, until there is something to say."""
        speaker = Speaker(sink)
        self._stack.callback(speaker.close)
        return speaker

    def record(self, sink: str) -> Recording:
        """Begin to record what arrives at ``sink``, as any other program would."""
        recording = Recording(f"{sink}.monitor")
        self._stack.callback(recording.close)
        return recording

    def _start(self, folder: Path, stack: ExitStack) -> None:
        folder.chmod(0o700)
        socket = folder / "native"
        own = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "XDG_RUNTIME_DIR": str(folder),
        }
        stack.callback(_restore, {name: os.environ.get(name) for name in own})
        os.environ.update(own)
        protocol = f"load-module module-native-protocol-unix auth-anonymous=1 socket={socket}\n"
        (folder / "start.pa").write_text(protocol, encoding="utf-8")
        command = ("pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", "--log-level=error")
        with (folder / "log").open("w") as log:
            daemon = subprocess.Popen(
                (*command, "-F", str(folder / "start.pa")),
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(folder)},
            )
        stack.callback(refresh)  # PortAudio lets go of the server's device
        stack.callback(_end, daemon)
        deadline = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > deadline or daemon.poll() is not None:
                raise RuntimeError(f"no PulseAudio: {(folder / 'log').read_text()[-500:]}")
            time.sleep(0.05)
        for sink in self._sinks:
            self.add(sink)
        refresh()

    def _answers(self) -> bool:
        with suppress(subprocess.SubprocessError):
            self._ask("info")
            return True
        return False

    def _ask(self, *words: str) -> str:
        return subprocess.run(
            ("pactl", *words), capture_output=True, text=True, check=True, timeout=10
        ).stdout


class Speaker:
    """Plays into a sink without a pause, so that what it is told to say is heard soon."""

    def __init__(self, sink: str) -> None:
        self._said = np.zeros(0, np.int16)
        self._from = 0
        self._count = 0
        self._stop = threading.Event()
        self._process = subprocess.Popen(
            ("pacat", "--playback", *RAW, "--latency-msec=40", f"--device={sink}"),
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._write, name="speak", daemon=True)
        self._thread.start()

    def say(self, samples: NDArray[np.int16]) -> None:
        """Play ``samples`` [n] next."""
        self._from, self._said = self._count, samples

    def close(self) -> None:
        """Be silent; idempotent."""
        self._stop.set()
        self._thread.join(5)
        _end(self._process)

    def _write(self) -> None:
        assert self._process.stdin is not None
        start = time.monotonic_ns()
        with suppress(OSError), self._process.stdin as channel:  # the server went away
            while not self._stop.wait(0.01):
                due = (time.monotonic_ns() - start + AHEAD) * RATE // SECOND
                first = self._count - self._from
                block = np.zeros(max(0, due - self._count), np.int16)
                words = self._said[first : first + len(block)]
                block[: len(words)] = words
                channel.write(block.tobytes())
                channel.flush()
                self._count += len(block)


class Recording:
    """What a source gives, with the time at which each stretch of it arrived.

    A chunk may arrive late and never early, so a sample's time is that of the least late chunk
    around it.
    """

    def __init__(self, source: str) -> None:
        self._parts: list[bytes] = []
        self._ends: list[int] = []
        self._starts: list[int] = []
        self._process = subprocess.Popen(
            ("pacat", "--record", *RAW, "--latency-msec=10", f"--device={source}"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._read, name="record", daemon=True)
        self._thread.start()

    def samples(self) -> NDArray[np.int16]:
        """Return all that was recorded, [n]."""
        return np.frombuffer(b"".join(tuple(self._parts)), np.int16)

    def times(self, onsets: Sequence[int]) -> list[int]:
        """Return when on the monotonic clock samples ``onsets`` (nanoseconds of media) arrived."""
        return [self._time(onset) for onset in onsets]

    def close(self) -> None:
        """Stop; idempotent."""
        _end(self._process)
        self._thread.join(5)

    def _time(self, onset: int) -> int:
        at = bisect_left(self._ends, onset * RATE // SECOND)
        return onset + min(self._starts[max(0, at - AROUND) : at + AROUND])

    def _read(self) -> None:
        assert self._process.stdout is not None
        channel = self._process.stdout.fileno()
        count = 0
        while part := os.read(channel, 1 << 16):
            now = time.monotonic_ns()
            count += len(part) // 2
            self._parts.append(part)
            self._ends.append(count)
            self._starts.append(now - count * SECOND // RATE)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
    if process.poll() is None:
        process.kill()
        process.wait(5)
    if process.stdout is not None:
        process.stdout.close()


def _restore(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
