"""Recording a call on the server: asked for by its page, fetched from there, refused where it may
not be."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection

from realtime.config import Config, RecordingSettings, ServerSettings
from realtime.recording.file import GuardedFile
from realtime.recording.log import edits_of
from realtime.server.secret import Secret
from realtime.types import Emotion
from tests.realtime.clips import sound_samples
from tests.realtime.recording.films import decoded
from tests.realtime.server.fakes import (
    EDITED,
    PLAIN,
    Browser,
    read_blocks,
    redness,
    threads,
    until,
)  # fmt: skip
from tests.realtime.server.serving import Message, controller, next_of, page, run, say, server


def config(folder: Path, allow: Literal["loopback", "always", "never"] = "loopback") -> Config:
    recording = RecordingSettings(allow=allow, folder=str(folder))
    return Config(server=ServerSettings(port=0), recording=recording)


@asynccontextmanager
async def calling(where: str) -> AsyncGenerator[tuple[ClientConnection, Browser], None]:
    """Yield a page's socket and browser once pictures come back."""
    browser = Browser()
    async with page(where) as socket:
        await next_of(socket, "edit")
        await say(socket, type="offer", sdp=await browser.offer())
        await browser.accept((await next_of(socket, "answer"))["sdp"])
        await until(lambda: len(browser.seen) > 5)
        yield socket, browser
    await browser.close()


async def recording(socket: ClientConnection, on: bool, *what: str) -> Message:
    """Ask for it, and return how it then stands."""
    await say(socket, type="record", on=on, what=list(what))
    return await next_of(socket, "recording", ("edit",))


def fetch(where: str, url: str) -> bytes:
    with urllib.request.urlopen(f"http://{where}{url}", timeout=10) as response:
        return bytes(response.read())


def test_a_call_is_recorded_as_it_came_as_it_was_shown_and_as_it_was_asked(tmp_path: Path) -> None:
    async def test() -> None:
        async with server(config(tmp_path)) as where, calling(where) as (socket, browser):
            begun = await recording(socket, True, "dry", "wet", "edit")
            assert (begun["on"], begun["files"]) == (True, [])
            count = len(browser.seen)
            await until(lambda: len(browser.seen) > count + 15)
            await say(socket, type="edit", emotion="happy")
            await until(lambda: len(browser.seen) > count + 40)
            assert (await next_of(socket, "telemetry", ("edit",)))["recording"]
            await say(socket, type="panic")
            await until(lambda: len(browser.seen) > count + 50)
            ended = await recording(socket, False)
            assert not ended["on"]
            assert "error" not in ended
            files = {str(f["name"]): str(f["url"]) for f in ended["files"]}
            for name, url in files.items():
                assert await asyncio.to_thread(fetch, where, url) == (tmp_path / name).read_bytes()
            with pytest.raises(urllib.error.HTTPError, match="404"):
                await asyncio.to_thread(fetch, where, f"/recordings/guess/{next(iter(files))}")
            assert len(files) == 3
        assert not threads()

    run(test)
    dry, wet, log = (next(tmp_path.glob(f"*{end}")) for end in ("dry.mp4", "wet.mp4", "jsonl"))
    came, shown = decoded(dry), decoded(wet)
    assert all(redness(picture) == pytest.approx(PLAIN, abs=6) for picture in came)
    assert max(redness(picture) for picture in shown) > EDITED - 10
    # One clock: the same picture has the same time in both.
    times = {read_blocks(p): float((p.pts or 0) * (p.time_base or 1)) for p in came[1:]}
    both = [(times[n], float((p.pts or 0) * (p.time_base or 1)))
            for p in shown[1:] if (n := read_blocks(p)) in times]  # fmt: skip
    assert len(both) > 20
    assert np.median([abs(a - b) for a, b in both]) < 0.001
    for path in (dry, wet):
        start, samples = sound_samples(path)
        heard = samples[24_000:48_000]
        tone = np.argmax(np.abs(np.fft.rfft(heard * np.hanning(len(heard))))) * 2
        assert start == pytest.approx(0, abs=0.03)
        assert tone == pytest.approx(440, abs=4)
    edits = [edit for _, edit in edits_of(log.read_text().splitlines())]
    assert [edit.emotion for edit in edits[:2]] == [None, Emotion.HAPPY]
    assert edits[-1].emotion is None
    kinds = [json.loads(line)["type"] for line in log.read_text().splitlines()]
    assert "panic" in kinds


def test_a_full_disk_ends_the_recording_and_not_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = GuardedFile.write

    def limited(self: GuardedFile, data: bytes) -> int:
        if self.written > 30_000:
            self.broken = True
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(GuardedFile, "write", limited)

    async def test() -> None:
        async with server(config(tmp_path)) as where, calling(where) as (socket, browser):
            await recording(socket, True, "wet")
            ended = await next_of(socket, "recording")
            assert not ended["on"]
            assert ended["error"] == "The recording ended early: the disk is full."
            count = len(browser.seen)
            await until(lambda: len(browser.seen) > count + 15)

    run(test)


def test_a_page_that_goes_leaves_its_recording_whole(tmp_path: Path) -> None:
    async def test() -> None:
        async with server(config(tmp_path)) as where:
            async with calling(where) as (socket, browser):
                await recording(socket, True, "wet")
                count = len(browser.seen)
                await until(lambda: len(browser.seen) > count + 20)
            await until(lambda: "filter" not in threads())
            await until(lambda: "recorder" not in {t.name for t in threading.enumerate()})

    run(test)
    assert len(decoded(next(tmp_path.glob("*.mp4")))) >= 10


@pytest.mark.parametrize(("allow", "token"), [("never", None), ("loopback", Secret("abc" * 12))])
def test_where_it_is_not_allowed_it_is_refused(
    tmp_path: Path, allow: Literal["loopback", "never"], token: Secret | None
) -> None:
    """Off loopback a recording needs the settings' word; a token alone is no such word."""

    async def test() -> None:
        whole = config(tmp_path, allow)
        if token is not None:
            whole = replace(whole, server=replace(whole.server, host="0.0.0.0"))
        from realtime.clock import SystemClock
        from realtime.server.archive import Archive
        from realtime.server.gate import Gate

        gate = Gate.of(whole, SystemClock())
        assert not Archive(whole.recording, local=gate.local, ticketed=str).allowed
        if token is None:
            async with server(whole) as where, calling(where) as (socket, _):
                refused = await recording(socket, True, "wet")
                assert not refused["on"]
                assert refused["error"] == "This server does not record."

    run(test)
    assert not list(tmp_path.iterdir())


def test_only_the_page_whose_face_it_is_may_begin(tmp_path: Path) -> None:
    async def test() -> None:
        async with server(config(tmp_path)) as where, calling(where), controller(where) as other:
            await next_of(other, "edit")
            await say(other, type="record", on=True, what=["wet"])
            error = await next_of(other, "error")
            assert error["message"] == "Only the page of the call may begin to record it."

    run(test)
    assert not list(tmp_path.iterdir())


def test_the_page_is_told_whether_it_may_record(tmp_path: Path) -> None:
    async def test() -> None:
        cases: tuple[tuple[Literal["never", "loopback"], bool], ...]
        cases = (("never", False), ("loopback", True))
        for allow, expected in cases:
            async with server(config(tmp_path, allow)) as where, page(where) as socket:
                hello = json.loads(await socket.recv())
                assert (hello["type"], hello["recording_allowed"]) == ("hello", expected)

    run(test)
