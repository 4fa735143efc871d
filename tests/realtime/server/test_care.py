"""Freeze, panic, badge and mark as a page asks for them, in the pictures that come back."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import av
import numpy as np
from websockets.asyncio.client import ClientConnection

from realtime.config import Config, FilterSettings, ServerSettings
from realtime.mark import found_in
from realtime.picture import from_av
from tests.realtime.server.fakes import EDITED, PLAIN, Browser, read_blocks, redness, rows, until
from tests.realtime.server.serving import next_of, page, run, say, server

CONFIG = Config(server=ServerSettings(port=0))


@asynccontextmanager
async def edited(config: Config = CONFIG) -> AsyncGenerator[tuple[ClientConnection, Browser]]:
    """Yield a page's socket and browser once edited pictures come back."""
    browser = Browser()
    async with server(config) as where:
        async with page(where) as socket:
            await say(socket, type="edit", emotion="happy", ramp_ms=0)
            await say(socket, type="offer", sdp=await browser.offer())
            answer = await next_of(socket, "answer", ("edit",))
            await browser.accept(answer["sdp"])
            await until(lambda: len(browser.seen) > 30)
            yield socket, browser
        await browser.close()


def corner(picture: av.VideoFrame) -> float:
    """How far the place of the badge is from plain gray."""
    return float(np.quantile(rows(picture, 0)[-30:, -110:], 0.98)) - 128


def latest(browser: Browser) -> av.VideoFrame:
    return browser.seen[-1][1]


def test_a_badge_is_in_the_picture_until_the_page_switches_it_off() -> None:
    async def test() -> None:
        async with edited() as (socket, browser):
            assert corner(latest(browser)) > 50
            await say(socket, type="show", badge=False)
            await until(lambda: corner(latest(browser)) < 20)
            assert redness(latest(browser)) > EDITED - 10
            await say(socket, type="show", badge=True)
            await until(lambda: corner(latest(browser)) > 50)

    run(test)


def test_the_settings_switch_badge_and_mark_off_for_every_call() -> None:
    async def test() -> None:
        plain = replace(CONFIG, filter=FilterSettings(badge=False, mark=False))
        async with edited(plain) as (_, browser):
            assert corner(latest(browser)) < 20
            frames = [from_av(picture, 0, i) for i, (_, picture) in enumerate(browser.seen[5:])]
            assert not found_in(frames).sure

    run(test)


def test_a_mark_comes_through_the_calls_codec() -> None:
    async def test() -> None:
        async with edited() as (_, browser):
            frames = [from_av(picture, 0, i) for i, (_, picture) in enumerate(browser.seen[5:])]
            finding = found_in(frames)
            assert finding.sure
            assert finding.word == "happy"

    run(test)


def test_a_frozen_picture_stays_while_sound_and_pictures_go_on() -> None:
    async def test() -> None:
        async with edited() as (socket, browser):
            await say(socket, type="show", frozen=True)
            await next_of(socket, "show")
            count = len(browser.seen)
            await until(lambda: len(browser.seen) > count + 10)
            held, heard = read_blocks(latest(browser)), len(browser.heard)
            await until(lambda: len(browser.seen) > count + 30)
            assert {read_blocks(shot) for _, shot in browser.seen[count + 10 :]} == {held}
            assert len(browser.heard) > heard + 10
            await say(socket, type="show", frozen=False)
            await until(lambda: read_blocks(latest(browser)) > held + 20)

    run(test)


def test_a_panic_drops_the_edit_and_the_badge_at_once() -> None:
    async def test() -> None:
        async with edited() as (socket, browser):
            await say(socket, type="edit", ramp_ms=60_000)  # which panic does not wait for
            await say(socket, type="panic")
            await until(lambda: redness(latest(browser)) < PLAIN + 6, within=3)
            await until(lambda: corner(latest(browser)) < 20, within=1)
            await say(socket, type="edit", emotion="happy")
            await until(lambda: redness(latest(browser)) > EDITED - 10)

    run(test)
