"""Secrets are read from where they belong, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime.clock import SystemClock
from realtime.config import Config, ConfigError, ServerSettings
from realtime.server.access import token_for
from realtime.server.gate import Gate
from realtime.server.secret import Secret, new_token, read_secret

WORD = "correct-horse-battery"


def test_a_secret_does_not_show_itself_in_a_print_or_a_setting() -> None:
    secret = Secret(WORD)
    gate = Gate.of(Config(), SystemClock(), secret)
    for text in (repr(secret), str(secret), f"{secret}", repr(gate), repr(vars(gate.access))):
        assert WORD not in text
    assert secret.matches(WORD)
    assert not secret.matches(WORD[:-1])
    assert not secret.matches("\ud800")


def test_a_new_token_is_different_each_time_and_fits_a_subprotocol() -> None:
    tokens = {new_token().reveal() for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(t) >= 32 and t.replace("-", "").replace("_", "").isalnum() for t in tokens)


def test_the_file_wins_over_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{WORD}\nnot this\n")
    environment = {"V": "from-the-environment"}
    found = [read_secret("s", f, "V", environment) for f in (str(file), None)]
    assert [s and s.reveal() for s in found] == [WORD, "from-the-environment"]
    assert read_secret("s", None, "V", {}) is None


@pytest.mark.parametrize("text", ["", "short", "has a space in the middle", "ümlaut-ümlaut-ümlaut"])
def test_what_can_be_guessed_or_does_not_fit_is_refused_without_being_shown(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_secret("server.token_file", str(file), "V", {})
    assert "server.token_file" in str(caught.value)
    assert not text or text not in str(caught.value)


def test_a_token_that_no_browser_could_send_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("base64/padding/is/no/good==")
    with pytest.raises(ConfigError, match="letters, digits"):
        token_for(ServerSettings(token_file=str(file)), exposed=True)


def test_a_token_is_made_only_where_others_can_call() -> None:
    assert token_for(ServerSettings(), exposed=False) is None
    assert token_for(ServerSettings(), exposed=True) is not None
