"""``python -m bench.call.host KIND PORT``: the other side of a measured call, in its own process.

``visavis`` is the server as it is. ``stall:STAGE`` is the same with one stage of the filter held up
for 100 ms each time that it runs. ``late:MS`` hands each picture on so much later, as a filter does
that has many in its pipe; ``late:MS@S`` only from the S-th second of pictures on. ``together``
sends picture and sound in one media stream. ``generator:F.onnx`` has that generator after the edit.
``echo`` is plain aiortc that sends back what it gets, as its examples do: what a call costs without
us.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from realtime.build import build_filter, kept, settled
from realtime.clock import Clock, SystemClock
from realtime.config import Config, FilterSettings, ServerSettings
from realtime.filter import EmotionFilter
from realtime.stage import Meter, Stage
from realtime.types import Filtered

STALL = 0.1
"""Seconds."""

A = TypeVar("A")
B = TypeVar("B")


class StallingMeter(Meter):
    """Times stages as ever; the one named is held up before it begins."""

    def __init__(self, clock: Clock, stalled: str) -> None:
        super().__init__(clock)
        self._stalled = stalled

    def time(self, stage: Stage[A, B], x: A) -> B:
        """Run ``stage`` on ``x``, late if it is the one."""
        return super().time(_Late(stage) if stage.name == self._stalled else stage, x)


class _Late(Generic[A, B]):
    """A stage behind a wait that leaves the processor to others, as a device's queue would."""

    def __init__(self, stage: Stage[A, B]) -> None:
        self._stage = stage

    @property
    def name(self) -> str:
        """The name of the stage behind."""
        return self._stage.name

    def __call__(self, x: A, /) -> B:
        """Wait, then do the step."""
        time.sleep(STALL)
        return self._stage(x)

    def reset(self) -> None:
        """Let the stage behind forget the past."""
        self._stage.reset()

    def close(self) -> None:
        """Close the stage behind."""
        self._stage.close()


def stalling_filter(settings: FilterSettings, stalled: str) -> EmotionFilter:
    """Return the filter with one slow stage."""
    built = build_filter(settings)
    if stalled:
        built.meter = StallingMeter(SystemClock(), stalled)
    return built


@dataclass(frozen=True, slots=True)
class Host:
    """A host that runs.

    Attributes:
        address: of its page.
        pid: of its first process.
    """

    address: str
    pid: int


@contextmanager
def hosted(kind: str, port: int = 0) -> Generator[Host, None, None]:
    """Run a host in another process, on ``port`` or a free one."""
    command = [sys.executable, "-m", "bench.call.host", kind, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError(f"the host of {kind!r} did not start")
            yield Host(address, process.pid)
        finally:
            process.terminate()


@contextmanager
def hosting(kind: str) -> Generator[str, None, None]:
    """Run a host in another process; yield the address of its page."""
    with hosted(kind) as host:
        yield host.address


def delay_pictures(delay: str) -> None:
    """Let every call's pictures come out of the filter later."""
    from realtime.server import peer
    from realtime.server.outbound import Held, TrackSink

    milliseconds, _, since = delay.partition("@")

    class LateSink(TrackSink):
        """Hands pictures on late."""

        first: float | None = None

        def deliver(self, filtered: Filtered, held: Held) -> None:
            """Wait, then give the picture to the track."""
            now = self._loop.time()
            self.first = self.first or now
            late = now - self.first >= float(since or 0)
            pause = float(milliseconds) / 1000 if late else 0.0
            self._loop.call_later(pause, super().deliver, filtered, held)

    peer.TrackSink = LateSink  # pyright: ignore[reportPrivateImportUsage]


def send_together() -> None:
    """Let every call's tracks come in one media stream, which a browser keeps in step by itself."""
    from realtime.server import peer
    from realtime.server.webrtc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender

    def add(connection: RTCPeerConnection, track: MediaStreamTrack) -> RTCRtpSender:
        sender = connection.addTrack(track)
        sender._stream_id = "visavis"  # pyright: ignore[reportPrivateUsage]
        return sender

    peer.add_live_track = add  # pyright: ignore[reportPrivateImportUsage]


def main(kind: str, port: int) -> None:
    """Print the address of the page and serve until terminated."""
    from starlette.routing import WebSocketRoute

    from realtime.server.app import create_app
    from realtime.server.serving import listen, new_server

    config = Config(server=replace(ServerSettings(), port=port))
    if kind.startswith("generator:"):
        weights = kind.removeprefix("generator:")
        config = replace(config, filter=settled(FilterSettings(generator_weights=weights)))
    clock = SystemClock()
    stalled = kind.removeprefix("stall:") if kind.startswith("stall:") else ""
    if kind == "together":
        send_together()
    if kind.startswith("late:"):
        delay_pictures(kind.removeprefix("late:"))
    build = partial(kept, partial(stalling_filter, config.filter, stalled), clock)
    app = create_app(config, build, clock)
    if kind == "echo":
        app.routes.insert(0, WebSocketRoute("/call", echo))
    with listen(config.server) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
        new_server(app).run(sockets=[listener])


async def echo(socket: object) -> None:
    """Answer the page's offer with its own tracks."""
    from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
    from starlette.websockets import WebSocket, WebSocketDisconnect

    assert isinstance(socket, WebSocket)
    await socket.accept()
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))

    def send_back(track: MediaStreamTrack) -> None:
        peer.addTrack(track)

    peer.on("track", send_back)
    try:
        while True:
            message = json.loads(await socket.receive_text())
            if message["type"] != "offer":
                continue
            await peer.setRemoteDescription(RTCSessionDescription(message["sdp"], "offer"))
            await peer.setLocalDescription(await peer.createAnswer())
            answer = {"type": "answer", "sdp": peer.localDescription.sdp}
            await socket.send_text(json.dumps(answer))
    except WebSocketDisconnect:
        await peer.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
