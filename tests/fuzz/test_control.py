"""Ten thousand messages that nobody should send, to a conversation that goes on regardless."""

from __future__ import annotations

import asyncio
import gc
import json
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from bench.fuzz.messages import messages
from realtime.bounds import Bounds, bounded
from realtime.clock import MS, ManualClock
from realtime.osc.orders import Orders
from realtime.osc.packets import OscText, PacketError, bundle, decode, encode
from realtime.presets import PRESETS
from realtime.server.calls import Call
from realtime.server.controls import Controls
from realtime.server.conversation import Conversation
from realtime.server.messages import MessageError, parse
from realtime.server.offer import OfferError
from realtime.server.replies import Hello
from realtime.server.talk import Talk
from realtime.server.telemetry import Telemetry
from realtime.types import Edit, Emotion, Show
from tests.realtime.server.offers import GOOD

COUNT = 10_000
GROWTH = 20_000_000
BOUNDS = Bounds(-0.5, 0.9, {Emotion.SAD: (0.0, 0.4)}, (Emotion.CONTEMPT,))


def _unheard(message: object) -> None:
    """Note nothing of what is told."""


class Face:
    """Obeys as a call does, and notes what it was told to show."""

    def __init__(self) -> None:
        self.edits: set[Edit] = set()
        self.show = Show()
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.closed = False
        self.panics = self.rests = 0
        self.recorder = SimpleNamespace(told=_unheard)

    @property
    def edit(self) -> Edit:
        return Edit()

    @edit.setter
    def edit(self, edit: Edit) -> None:
        self.edits.add(edit)

    def panic(self) -> None:
        self.panics += 1

    def take_rest(self) -> None:
        self.rests += 1

    async def answer(self, sdp: str) -> str:
        if sdp != GOOD:
            raise OfferError("The session description cannot be read.")
        return "v=0"

    def record(self, on: bool, what: tuple[str, ...]) -> None:
        assert set(what) <= {"wet", "dry", "edit"}

    def played(self, pictures: object, sounds: object) -> None:
        assert json.dumps([pictures, sounds]).isascii()

    def telemetry(self) -> Telemetry:
        return Telemetry(0, 0, None, {}, None, 0, 0, 0, 0)

    def end(self, reason: str) -> None:
        self.ended.set_result(reason)

    async def close(self) -> None:
        self.closed = True


class Socket:
    """Brings frame after frame, one every 20 ms of the session's clock, and reads the replies."""

    def __init__(self, frames: Iterator[dict[str, Any]], clock: ManualClock) -> None:
        self._frames = frames
        self._clock = clock
        self.replies: list[dict[str, Any]] = []
        self.complaints = 0

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        self._clock.advance(20 * MS)
        return next(self._frames, {"type": "websocket.disconnect", "code": 1000})

    async def send_text(self, text: str) -> None:
        assert text.isascii()
        reply = json.loads(text)
        self.complaints += reply["type"] == "error"
        self.replies = [*self.replies[-20:], reply]


def frames(count: int, seed: int) -> Iterator[dict[str, Any]]:
    for message in messages(count, seed):
        kind = "bytes" if isinstance(message, bytes) else "text"
        yield {"type": "websocket.receive", kind: message}


def refusal(message: str) -> str | None:
    """Return what is said against ``message``."""
    try:
        parse(message)
    except MessageError as error:
        return str(error)
    return None


def test_whatever_is_parsed_is_a_request_or_one_sentence() -> None:
    understood = 0
    for frame in frames(COUNT, seed=1):
        said = refusal(frame.get("text") or "")
        understood += said is None
        assert said is None or (said.endswith(".") and "\n" not in said and len(said) < 500)
    assert COUNT // 20 < understood < COUNT // 2, "some pass, most do not"


def memory() -> int:
    """Return the bytes that this process holds; elsewhere than on Linux nothing is measured."""
    gc.collect()
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0


def test_a_conversation_outlives_them_and_keeps_its_bounds() -> None:
    async def test() -> None:
        clock, faces = ManualClock(), list[Face]()
        presets = {**PRESETS, "wild": Edit(Emotion.SAD, 1.5, coefficients=(("jawOpen", 1.0),))}
        controls = Controls(Edit(), BOUNDS, presets)
        call = Call(1, Hello("1", "s", ("off",)), controls, 0)
        grown: list[int] = []

        def sent() -> Iterator[dict[str, Any]]:
            yield from frames(COUNT // 20, seed=2)
            yield {
                "type": "websocket.receive",
                "text": json.dumps({"type": "offer", "sdp": GOOD}),
            }
            grown.append(memory())
            yield from frames(COUNT, seed=3)
            grown.append(memory())
            yield {"type": "websocket.receive", "text": '{"type": "edit", "emotion": "happy"}'}
            yield {"type": "websocket.receive", "text": '{"type": "ping", "t": 77}'}

        async def new_peer() -> Any:
            faces.append(Face())
            return faces[-1]

        socket = Socket(sent(), clock)
        await Conversation(Talk(cast(Any, socket), clock), call, new_peer).run()
        assert {"type": "pong", "t": 77.0} in socket.replies
        assert controls.edit.emotion is Emotion.HAPPY
        assert socket.complaints > COUNT // 10
        assert grown[1] - grown[0] < GROWTH
        assert all(face.closed for face in faces)
        shown = {edit for face in faces for edit in face.edits}
        assert len(shown) > 20, "some were good and were obeyed"
        assert sum(face.panics for face in faces) > 20
        assert all(edit == bounded(edit, BOUNDS) for edit in shown)

    asyncio.run(test())


def test_osc_that_nobody_should_send_keeps_the_bounds_too() -> None:
    dice = random.Random(4)
    good = [
        OscText("/visavis/emotion", ("happy",)),
        OscText("/visavis/intensity", (0.5,)),
        OscText("/visavis/preset", ("bright",)),
        OscText("/VMC/Ext/Blend/Val", ("jawOpen", 0.5)),
        OscText("/VMC/Ext/Blend/Apply"),
    ]
    orders, controls, followed = Orders(), Controls(Edit(), BOUNDS, PRESETS), 0
    for _ in range(COUNT):
        data = bytearray(bundle([encode(message) for message in dice.sample(good, 3)]))
        for _ in range(dice.randrange(6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            for order in orders.read(decode(bytes(data[: dice.randrange(8, 2 * len(data))]))):
                controls.stream(order)
                followed += 1
        except (PacketError, MessageError):
            continue
        assert controls.edit == bounded(controls.edit, BOUNDS)
    assert followed > COUNT // 10
    assert orders.malformed > 0
