"""The calls that run: how many may, by what name each is found, and what each is made of."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import count

from realtime.build import live_speech
from realtime.clock import MS, Clock
from realtime.config import Config
from realtime.filter import Filter
from realtime.heap import give_back
from realtime.logs import CALL
from realtime.osc.settings import OscPorts
from realtime.presets import all_presets
from realtime.server.archive import Archive
from realtime.server.controls import Controls
from realtime.server.ice import IceServers
from realtime.server.limits import TimeLimit
from realtime.server.messages import MessageError
from realtime.server.peer import Peer
from realtime.server.replies import Hello, error_message, recording_message
from realtime.server.spare import Spare
from realtime.server.turnstile import Turnstile
from realtime.types import Show
from realtime.voice.share import OpenVoice, SharedVoice, no_voice

logger = logging.getLogger(__name__)

TIDY_EVERY = 60.0
"""Seconds after which memory that is free goes back to the system."""

REFILL_AFTER = 5.0
"""Seconds into a call before the filter for the next one is built: the first picture goes first."""


class CallError(Exception):
    """There is no such call, or no room for one more; the text is a sentence for whoever asked.

    Attributes:
        code: the same for a program.
    """

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class Call:
    """One place that is taken: by a page, or by whoever sends picture and sound without one.

    Attributes:
        number: counts calls since the start; for logs and figures.
        hello: what each socket of this call is told first; its session id is a secret.
        controls: what is to be shown.
        peer: picture and sound, once they come.
        began: when the place was taken.
        ended: set when it is free again.
    """

    def __init__(
        self, number: int, hello: Hello, controls: Controls, began: int, minutes: float = 0.0
    ) -> None:
        self.number = number
        self._minutes = minutes
        self._limit: TimeLimit | None = None
        self._log = ExitStack()
        self.hello = hello
        self.controls = controls
        self.began = began
        self.peer: Peer | None = None
        self.ended = asyncio.Event()

    def lead(self, peer: Peer) -> None:
        """Let ``peer`` obey the controls from now on, and everybody hear of its recordings."""
        self.peer = peer
        self.controls.lead(peer)
        self.free()
        peer.recorder.on_change = lambda told: self.controls.tell(recording_message(told))
        self._log.enter_context(self.controls.following(peer.recorder.told))
        self._limit = TimeLimit(self._minutes, self._warn, peer.end)

    def free(self) -> None:
        """Let the time run no further, and note nothing more."""
        self._log.close()
        if self._limit is not None:
            self._limit.cancel()

    def _warn(self, sentence: str) -> None:
        self.controls.tell(error_message(sentence, code="time"))


class Calls:
    """Takes in calls up to a number, each with a filter of its own."""

    def __init__(
        self,
        config: Config,
        build_filter: Callable[[], Filter],
        clock: Clock,
        ice: IceServers,
        archive: Archive,
        osc: OscPorts | None = None,
        open_voice: OpenVoice = no_voice,
    ) -> None:
        self._voice = SharedVoice(open_voice)
        self._config = config
        self._osc = osc
        self._archive = archive
        self._ice = ice
        self._spare = Spare(build_filter)
        self._clock = clock
        self._numbers = count(1)
        self.turnstile = Turnstile(clock)
        self._running: dict[str, Call] = {}
        self._presets = all_presets(config.presets)
        self.unheard = 0
        self.begun = 0
        self.refused = 0

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncGenerator[None, None]:
        """Warm up the first filter, and listen to OSC; let go of the last spare one."""
        self._spare.prepare()
        loop = asyncio.get_running_loop()
        tidying = loop.create_task(_tidy())
        if self._osc is not None:
            self._osc.obeyed_by(partial(loop.call_soon_threadsafe, self.stream))
        try:
            yield
        finally:
            tidying.cancel()
            if self._osc is not None:
                await asyncio.to_thread(self._osc.close)
            await asyncio.to_thread(self._spare.close)
            await asyncio.to_thread(self._voice.close)

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._running.values()))

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[Call, None]:
        """Hold a place for one call until the end of the block.

        Raises:
            CallError: all are taken.
        """
        limit = self._config.server.sessions
        if len(self._running) >= limit:
            self.refused += 1
            sentence = f"All places ({limit}) are taken; try again when another call has ended."
            raise CallError(sentence, "busy")
        self.begun += 1
        call = self._new_call()
        self._running[call.hello.session] = call
        mark = CALL.set(call.number)
        try:
            yield call
        finally:
            CALL.reset(mark)
            del self._running[call.hello.session]
            call.free()
            call.ended.set()
            if len(self._running) == limit - 1:
                self._refill()

    def find(self, session: str | None) -> Call:
        """Return the call of that session; None stands for the only one.

        Raises:
            CallError: there is none, or which one is not clear.
        """
        if session is not None:
            if session not in self._running:
                raise CallError("There is no such session; it may have ended.", "no-session")
            return self._running[session]
        if not self._running:
            raise CallError("No call is running.", "no-session")
        if len(self._running) > 1:
            sentence = f"{len(self._running)} calls are running; say which session is meant."
            raise CallError(sentence, "which-session")
        return next(iter(self._running.values()))

    def stream(self, order: Mapping[str, object]) -> None:
        """Follow what came by OSC, which names no session: only while just one call runs."""
        try:
            self.find(None).controls.stream(order)
        except CallError:
            self.unheard += 1
        except MessageError as error:
            logger.debug("an OSC message was not followed: %s", error)

    def heard_by_osc(self) -> Mapping[str, int] | None:
        """Return what became of OSC's messages; None where nothing listens to them."""
        listener = None if self._osc is None else self._osc.listener
        return None if listener is None else {**listener.counts(), "without a call": self.unheard}

    async def new_peer(self) -> Peer:
        """Return what answers an offer, in its turn, with the filter that was kept warm."""
        await self.turnstile.turn()
        asyncio.get_running_loop().call_later(REFILL_AFTER, self._refill)
        budget = round(self._config.filter.budget_ms * MS)
        ice, archive = self._ice.issue(), self._archive
        sinks = [] if self._osc is None else self._osc.performers(lambda: len(self._running) == 1)
        peer = Peer(
            self._spare.take,
            self._clock,
            budget=budget,
            ice=ice,
            archive=archive,
            sinks=sinks,
            open_voice=self._voice.take,
        )
        peer.limit_pictures(self._config.server.max_pixels)
        if (speech := live_speech(self._config.filter, self._clock)) is not None:
            peer.listen(speech)
        return peer

    def _refill(self) -> None:
        """Build a filter for the next call, unless there is no place for one: it is a process."""
        if len(self._running) < self._config.server.sessions:
            self._spare.prepare()

    def _new_call(self) -> Call:
        presets, allowed = tuple(self._presets), self._archive.allowed
        hello = Hello(_version(), secrets.token_urlsafe(16), presets, allowed)
        config = self._config
        controls = Controls(config.edit, config.bounds, self._presets, config.voice)
        controls.show = Show(badge=self._config.filter.badge, mark=self._config.filter.mark)
        minutes = self._config.server.session_minutes
        return Call(next(self._numbers), hello, controls, self._clock.now(), minutes)


async def _tidy() -> None:
    """Give back what a busy moment took, again and again."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        await asyncio.to_thread(give_back)


def _version() -> str:
    try:
        return version("visavis")
    except PackageNotFoundError:
        return "unknown"
