"""``visavis serve`` as anybody starts it, measured from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.memory import tree, used

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Attributes:
        address: of its page.
        pid: of its first process.
        started: when that was started, seconds on the monotonic clock.
    """

    address: str
    pid: int
    started: float

    def memory(self) -> float:
        """Return the MiB that it takes with all its processes; what they share counts once."""
        return used(self.pid)

    def busy(self) -> float:
        """Return the processor's seconds that its processes of now have taken so far."""
        return sum(_seconds(pid) for pid in tree(self.pid))


@contextmanager
def serving(sessions: int, landmarks: str) -> Generator[Server, None, None]:
    """Run a server for so many calls, with that way to find landmarks ("" is its default)."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "settings.toml")
        lines = ["[server]", f"sessions = {sessions}"]
        if landmarks:
            lines += ["[filter]", f'landmarks = "{landmarks}"']
        settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = [
            sys.executable,
            "-m",
            "realtime",
            "--config",
            str(settings),
            "serve",
            "--port",
            "0",
        ]
        started = time.monotonic()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                told = process.stdout.readline().split()
                if "Open" not in told:
                    raise RuntimeError("the server did not start")
                yield Server(told[told.index("Open") + 1], process.pid, started)
            finally:
                process.terminate()


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # it ended in between
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS
