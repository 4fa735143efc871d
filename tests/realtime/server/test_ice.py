"""What a call is told of STUN and TURN."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from realtime.config import ConfigError, IceSettings
from realtime.server.ice import IceServers
from realtime.server.secret import Secret

SHARED = "shared-with-the-turn-server"
SERVERS = ("stun:stun.example", "turn:turn.example:3478?transport=udp")


def test_turn_credentials_are_those_that_coturn_expects_and_run_out() -> None:
    servers = IceServers(IceSettings(servers=SERVERS, minutes=10), Secret(SHARED), lambda: 1_000)
    stun, turn = servers.issue()
    assert stun.as_message() == {"urls": "stun:stun.example"}
    assert turn.username == "1600:visavis"
    expected = hmac.digest(SHARED.encode(), b"1600:visavis", hashlib.sha1)
    assert turn.as_message()["credential"] == base64.b64encode(expected).decode()
    assert turn.as_link().startswith('<turn:turn.example:3478?transport=udp>; rel="ice-server"; us')


def test_neither_secret_nor_credential_is_printed() -> None:
    servers = IceServers(IceSettings(servers=SERVERS), Secret(SHARED), lambda: 1_000)
    _, turn = servers.issue()
    assert turn.credential is not None
    shown = repr(servers.issue()) + repr(vars(servers))
    assert SHARED not in shown
    assert turn.credential not in shown


@pytest.mark.parametrize("url", ["turn.example", "http://turn.example", "turn:", "stun:a b"])
def test_an_address_that_cannot_be_is_named(url: str) -> None:
    with pytest.raises(ConfigError, match=r"ice\.servers: "):
        IceServers.of(IceSettings(servers=(url,)))


def test_turn_without_its_secret_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VISAVIS_TURN_SECRET"):
        IceServers.of(IceSettings(servers=SERVERS))
    file = tmp_path / "secret"
    file.write_text(SHARED)
    servers = IceServers.of(IceSettings(servers=SERVERS, secret_file=str(file)))
    assert servers.issue()[1].credential
