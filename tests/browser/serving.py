"""``visavis serve`` as a person starts it, to be ended and begun again."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def served(port: int = 0, config: Path | None = None) -> Generator[str, None, None]:
    """Run a server in a process of its own; yield the address that it prints."""
    options = [] if config is None else ["--config", str(config)]
    command = [sys.executable, "-m", "realtime", "serve", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Open "), "the server did not start"
            yield line.split()[1]
        finally:
            process.terminate()
