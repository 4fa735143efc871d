"""``visavis serve`` as a process: the address it prints, and how it fails."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager

import pytest


@contextmanager
def serving(*arguments: str) -> Generator[tuple[subprocess.Popen[str], str], None, None]:
    """Yield the process and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def test_it_prints_the_address_that_opens_the_page_and_ends_on_ctrl_c() -> None:
    with serving("--port", "0") as (process, line):
        address = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        with urllib.request.urlopen(address, timeout=20) as response:
            assert "<title>visavis</title>" in response.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) in (0, 130)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "realtime", "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
    assert f"port {port} is in use" in done.stderr


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "realtime", "serve", f"--port={port}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "--port must be 0 to 65535" in done.stderr


def test_off_loopback_it_says_that_browsers_want_https() -> None:
    with serving("--host", "0.0.0.0", "--port", "0") as (process, line):
        assert "http://127.0.0.1:" in line
        assert process.stdout is not None
        assert "https" in process.stdout.readline()
