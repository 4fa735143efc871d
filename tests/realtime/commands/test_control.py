"""``visavis control`` against a real server: what it changes, what it prints, how it fails."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from realtime.__main__ import main
from realtime.server.secret import Secret
from tests.realtime.server.serving import next_of, page, run, server


def _ignored(number: int, action: object) -> None:
    """Take no signal handler."""


@pytest.fixture(autouse=True)
def beside_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command run in a thread, where Python takes no signal handlers."""
    monkeypatch.setattr("signal.signal", _ignored)


async def control(where: str, *words: str) -> int:
    return await asyncio.to_thread(main, ["control", "--url", f"ws://{where}", *words])


def in_call(test: Callable[[str, Any], Awaitable[None]]) -> None:
    """Run ``test`` with a server and the socket of a page that is connected."""

    async def within() -> None:
        async with server() as where, page(where) as screen:
            await next_of(screen, "bounds", passing=("edit",))
            await test(where, screen)

    run(within)


def test_an_edit_reaches_the_page_and_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    async def test(where: str, screen: Any) -> None:
        regions = ["--mouth", "0.5", "--freeze", "on"]
        words = ["--emotion", "sad", "--intensity", "0.7", "--ramp", "500", *regions]
        assert await control(where, *words) == 0
        edit = await next_of(screen, "edit")
        assert (edit["emotion"], edit["intensity"], edit["ramp_ms"]) == ("sad", 0.7, 500)
        assert capsys.readouterr().out == "sad, intensity 0.7, mouth 0.5, ramp 500 ms, frozen\n"
        assert await control(where, "--valence", "0.5", "--arousal", "-0.2") == 0
        assert (await next_of(screen, "edit"))["arousal"] == -0.2
        assert await control(where, "--coefficient", "jawOpen=0.4") == 0
        assert (await next_of(screen, "edit"))["coefficients"] == {"jawOpen": 0.4}
        assert await control(where, "--preset", "friendly", "--brows", "0.2") == 0
        while (edit := await next_of(screen, "edit"))["brows"] != 0.2:  # on top of the preset
            assert edit["emotion"] == "happy"
        assert edit["emotion"] == "happy"
        assert await control(where, "--panic") == 0
        assert (await next_of(screen, "edit"))["emotion"] is None
        assert await control(where, "--rest") == 0
        capsys.readouterr()
        assert await control(where, "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["show"]["frozen"]
        assert "friendly" in told["hello"]["presets"]

    in_call(test)


def test_the_list_names_what_session_takes(capsys: pytest.CaptureFixture[str]) -> None:
    async def test(where: str, _: Any) -> None:
        async with page(where) as second:
            hello = json.loads(await second.recv())
            assert await control(where, "--emotion", "fear") == 2
            assert "2 calls are running" in capsys.readouterr().err
            assert await control(where, "--list") == 0
            assert capsys.readouterr().out.splitlines()[1].startswith(hello["session"])
            assert await control(where, "--session", hello["session"], "--emotion", "fear") == 0
            await next_of(second, "bounds", passing=("edit",))
            assert (await next_of(second, "edit"))["emotion"] == "fear"

    in_call(test)


def test_watching_ends_with_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    async def test(where: str, screen: Any) -> None:
        watching = asyncio.create_task(control(where, "--watch", "--freeze", "off"))
        assert not (await next_of(screen, "show"))["frozen"]
        assert await control(where, "--emotion", "happy") == 0
        await screen.close()
        assert await watching == 0
        lines = capsys.readouterr().out.splitlines()
        assert [json.loads(line)["emotion"] for line in lines if line[0] == "{"] == ["happy"]

    in_call(test)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--preset", "friendli"], "did you mean 'friendly'"),
        (["--coefficient", "jawOpne=0.2"], "did you mean 'jawOpen'"),
        (["--valence", "0.2"], "--valence and --arousal go together"),
        (["--valence", "0.2", "--arousal", "0", "--emotion", "sad"], "not both"),
        (["--intensity", "7"], "not between -1 and 1.5"),
        (["--emotion", "hapy"], "is none of"),
        (["--coefficient", "jawOpen"], "not like jawOpen=0.4"),
        (["--url", "ftp://x"], "is not like http"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def test(where: str, _: Any) -> None:
        assert await control(where, *words) == 2
        error = capsys.readouterr().err
        assert says in error
        assert error.count("\n") == 1

    in_call(test)


def test_no_server_and_no_call_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for words in (["--emotion", "sad"], ["--list"]):
        assert main(["control", "--url", f"http://127.0.0.1:{port}/", *words]) == 5
        assert "visavis serve starts one" in capsys.readouterr().err

    async def test() -> None:
        async with server() as where:
            assert await control(where, "--emotion", "sad") == 5
            assert "No call is running" in capsys.readouterr().err

    run(test)


def test_the_token_comes_with_the_address_or_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = "a-token-of-some-length"

    async def test() -> None:
        async with server(token=Secret(token)) as where:
            assert await control(where, "--list") == 2
            assert await control(where, "--panic") == 2
            errors = capsys.readouterr().err
            assert errors.count("wants its token") == 2
            address = f"http://{where}/#token={token}"
            assert await asyncio.to_thread(main, ["control", "--url", address, "--list"]) == 0
            monkeypatch.setenv("VISAVIS_TOKEN", token)
            assert await control(where, "--list") == 0
            assert await control(where, "--token", "wrong-" + token, "--list") == 2

    run(test)


def test_the_voice_is_followed_from_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    async def test(where: str, screen: Any) -> None:
        words = ["--follow", "voice", "--calm", "--follow-strength", "0.6"]
        assert await control(where, *words, "--follow-map", "angry=calm") == 0
        told = await next_of(screen, "follow")
        assert (told["follow"], told["calm"], told["strength"]) == ("voice", True, 0.6)
        assert told["map"]["angry"] == "calm"
        assert "calm, follows the voice at 0.6" in capsys.readouterr().out
        assert await control(where, "--follow", "off", "--calm", "off") == 0
        assert (await next_of(screen, "follow"))["calm"] is False
        assert "voice" not in capsys.readouterr().out

    in_call(test)
