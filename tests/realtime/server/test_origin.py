from __future__ import annotations

import pytest

from realtime.server.origin import is_loopback, refusal


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_loopback_has_several_names(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["", "0.0.0.0", "192.168.1.4", "localhost.example.org", "::"])
def test_everything_else_is_not_loopback(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize(
    ("host", "origin", "local", "let_in"),
    [
        ("localhost:8080", "http://localhost:8080", True, True),
        ("[::1]:8080", "http://[::1]:8080", True, True),
        ("127.0.0.1:8080", None, True, True),
        ("localhost:8080", "http://localhost:3000", True, False),
        ("localhost:8080", "http://127.0.0.1:8080", True, False),
        ("localhost:8080", "null", True, False),
        ("localhost:8080", "", True, False),
        ("evil.example:8080", "http://evil.example:8080", True, False),
        ("", None, True, False),
        ("call.example", "https://call.example", False, True),
        ("call.example", "https://evil.example", False, False),
    ],
)
def test_only_the_servers_own_page_is_let_in(
    host: str, origin: str | None, local: bool, let_in: bool
) -> None:
    assert (refusal(host, origin, local=local) is None) == let_in
