"""The server under attack: ``visavis serve`` as a person starts it, and what it holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.memory import owned, tree


@dataclass(frozen=True, slots=True)
class Holding:
    """What a server and all its processes hold at one moment.

    Attributes:
        mib: memory that is theirs alone.
        handles: open files and sockets.
        processes: how many they are.
    """

    mib: float
    handles: int
    processes: int


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Attributes:
        address: of its page.
        pid: of its first process.
        log: what it writes to standard error.
    """

    address: str
    pid: int
    log: Path

    def holding(self) -> Holding:
        """Return what it holds now."""
        pids = tree(self.pid)
        return Holding(owned(self.pid), sum(map(_handles, pids)), len(pids))

    def traces(self) -> Counter[str]:
        """Return the errors that it did not expect: the last line of each trace, and how often."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        parts = text.split("Traceback (most recent call last):\n")[1:]
        return Counter(_last_line(part) for part in parts)


@contextmanager
def serving(folder: Path) -> Generator[Server, None, None]:
    """Run the server; what it logs and records goes into ``folder``."""
    settings, log = folder / "settings.toml", folder / "server.log"
    lines = ("[filter]", "badge = false", "mark = false", "[recording]")  # they cover the numbers
    settings.write_text("\n".join((*lines, f"folder = {str(folder / 'recordings')!r}\n")), "utf-8")
    command = [sys.executable, "-m", "realtime", "--config", str(settings), "serve", "--port", "0"]
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+/", process.stdout.readline())
            if not found:
                raise RuntimeError(f"the server did not start: {log.read_text('utf-8')}")
            yield Server(found[0], process.pid, log)
        finally:
            process.terminate()


def _last_line(trace: str) -> str:
    """Return the first line that is not indented: what was raised."""
    return next((line for line in trace.splitlines() if line[:1].strip()), "nothing told")


def _handles(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:  # it ended in between
        return 0
