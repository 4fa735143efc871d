"""``visavis serve`` as a process: the address it prints, and how it fails."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets import Origin, Subprotocol
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage


@contextmanager
def serving(
    *arguments: str, **environment: str
) -> Generator[tuple[subprocess.Popen[str], str], None, None]:
    """Yield the process and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
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


def refused(*arguments: str, **environment: str) -> str:
    """Return the one line with which the command ends."""
    done = subprocess.run(
        [sys.executable, "-m", "realtime", "serve", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_off_loopback_it_wants_tls_and_says_how_to_get_it() -> None:
    line = refused("--host", "0.0.0.0")
    assert "--self-signed" in line
    assert "--tls-cert" in line


def test_half_a_certificate_or_two_are_wrong_usage() -> None:
    assert "come together" in refused("--tls-cert", "cert.pem")
    assert "is given already" in refused("--tls-cert", "c", "--tls-key", "k", "--self-signed")


def test_a_token_that_can_be_guessed_is_refused() -> None:
    assert "VISAVIS_TOKEN needs 16" in refused(VISAVIS_TOKEN="1234")


def test_off_loopback_it_speaks_tls_wants_the_token_and_logs_none(tmp_path: Path) -> None:
    arguments = ("--host", "0.0.0.0", "--self-signed", "--port", "0", "-vv")
    with serving(*arguments, XDG_STATE_HOME=str(tmp_path)) as (process, line):
        found = re.search(r"https://([^:]+):(\d+)/#token=(\S+)", line)
        assert found, line
        port, token = int(found[2]), found[3]
        assert process.stdout is not None
        shown = process.stdout.readline()
        trust = ssl.create_default_context(cafile=str(tmp_path / "visavis" / "cert.pem"))
        asyncio.run(asyncio.wait_for(knock(port, token, trust, shown), 30))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert token not in errors


async def knock(port: int, token: str, trust: ssl.SSLContext, shown: str) -> None:
    """Call as a browser would: with the token, with a wrong one, with none, and without TLS."""
    url, origin = f"wss://localhost:{port}/call", Origin(f"https://localhost:{port}")

    def protocols(token: str) -> list[Subprotocol]:
        return [Subprotocol("visavis.1"), Subprotocol(f"visavis.token.{token}")]

    async with connect(url, ssl=trust, origin=origin, subprotocols=protocols(token)) as socket:
        assert socket.subprotocol == "visavis.1"
        assert json.loads(await socket.recv())["type"] != "error"
        certificate = socket.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert hashlib.sha256(certificate).digest().hex(":").upper() in shown
    for given in ([*protocols("wrong" * 5)], [Subprotocol("visavis.1")]):
        async with connect(url, ssl=trust, origin=origin, subprotocols=given) as socket:
            error = json.loads(await socket.recv())
            assert (error["code"], error["final"]) == ("token", True)
    with pytest.raises((OSError, InvalidMessage)):
        async with connect(f"ws://localhost:{port}/call"):
            pass
