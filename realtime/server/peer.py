"""One call: a browser's picture and sound in, the filtered picture and its sound out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from realtime.box import Ripening
from realtime.clock import Clock
from realtime.filter import Filter
from realtime.server.archive import Archive
from realtime.server.bitrate import Bitrate
from realtime.server.call_recorder import CallRecorder
from realtime.server.capture import Kind
from realtime.server.ice import IceServer
from realtime.server.inbound import Media, Pictures, drain
from realtime.server.messages import Stream
from realtime.server.negotiation import give_answer, hang_up, take_offer
from realtime.server.offer import OfferError
from realtime.server.outbound import Audience, Held, PictureTrack, TrackSink
from realtime.server.sound import BLOCK, Sounds, SoundTrack
from realtime.server.telemetry import Gauges, Telemetry
from realtime.server.throughput import Throughput, carried
from realtime.server.timing import Timing
from realtime.server.webrtc import (
    BROKEN,
    MediaStreamTrack,
    RTCRtpSender,
    add_live_track,
    connection,
    hasten,
)
from realtime.server.worker import Worker
from realtime.session import Sink
from realtime.types import Edit, Filtered, Floats, Frame, Show
from realtime.voice.account import reading_words
from realtime.voice.drive import Aim
from realtime.voice.follow import Guide
from realtime.voice.live import LiveVoice
from realtime.voice.reading import Reading
from realtime.voice.share import OpenVoice, no_voice

if TYPE_CHECKING:
    from realtime.voice.speech import LiveSpeech

__all__ = ["OfferError", "Peer"]

logger = logging.getLogger(__name__)


class Peer:
    """Answers one offer and then runs until either side closes.

    Belongs to the event loop. ``ended`` gets the reason, a sentence for the person at the page,
    or "" when the browser hung up.
    """

    def __init__(
        self,
        take_filter: Callable[[], Filter],
        clock: Clock,
        *,
        budget: int,
        ice: Sequence[IceServer] = (),
        archive: Archive | None = None,
        sinks: Sequence[Sink] = (),
        open_voice: OpenVoice = no_voice,
    ) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._connection = connection(ice)
        self._bitrate = Bitrate()
        self._throughput = Throughput()
        self._connection.on("connectionstatechange", self._follow)
        self._connection.on("track", self._receive)
        self._connection.on(BROKEN, self._break)
        self._gauges = Gauges(clock.now())
        self._timing = timing = Timing(clock)
        self._speech: LiveSpeech | None = None
        self._box = Ripening[Frame](self._wait, spare=1)
        self.recorder = CallRecorder(archive, clock)
        self._pictures = Pictures(self._box, timing.stamps["video"], self.recorder.came)
        self._voice = LiveVoice(open_voice, clock, self._note_aim)
        self._sounds = Sounds(timing.stamps["audio"], self._hear)
        self._out = self._picture_track()
        self._sound_out = SoundTrack(clock, self._sounds.tape, timing.playout, timing.start)
        self._audience = Audience()
        self._audience.join(self._out)
        self._returns = True
        sink = TrackSink(self._loop, self._audience, self._count_filtered)
        sinks = [sink, self.recorder, *sinks]
        self._worker = Worker(
            self._box, take_filter, sinks, budget, self._on_worker_end, self._voice
        )
        self._worker_done = asyncio.Event()
        self._drains: list[asyncio.Task[None]] = []
        self._closing: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[str] = self._loop.create_future()

    @property
    def edit(self) -> Edit:
        """What the face is to show, from the next picture on."""
        return self._worker.edit

    @edit.setter
    def edit(self, edit: Edit) -> None:
        self._worker.edit = edit

    @property
    def show(self) -> Show:
        """How the picture is shown, from the next one on."""
        return self._worker.show

    @show.setter
    def show(self, show: Show) -> None:
        self._worker.show = show

    @property
    def guide(self) -> Guide:
        """What holds for a face that follows the voice."""
        return self._voice.guide

    @guide.setter
    def guide(self, guide: Guide) -> None:
        self._voice.guide = guide

    def listen(self, speech: LiveSpeech) -> None:
        """Bring ``speech`` the sound for a generator: pictures wait for theirs from now on."""
        self._speech = self._worker.hear = speech
        speech.heard = self._box.nudge

    def limit_pictures(self, pixels: int) -> None:
        """Scale what comes larger than so many pixels down to them."""
        self._pictures.most = pixels

    def panic(self) -> None:
        """Drop the edit at once; it stays dropped until another is given."""
        self._worker.panic()
        self.recorder.panicked()

    def take_rest(self) -> None:
        """Take the largest face of the next pictures for how it looks at rest."""
        self._worker.take_rest()

    def record(self, on: bool, what: tuple[Stream, ...]) -> None:
        """Begin or end a recording; the recorder's ``on_change`` hears how that goes."""
        if on:
            tracks = self._connection.getTransceivers()
            self.recorder.begin(what, sound=any(t.kind == "audio" for t in tracks))
        else:
            self.recorder.end()

    def played(
        self, pictures: Sequence[Sequence[float]], sounds: Sequence[Sequence[float]]
    ) -> None:
        """Take in what the page shows and plays: RTP stamps, and milliseconds on its clock."""
        self._timing.played(pictures, sounds)

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer. The filter starts once whoever offered is really there.

        Raises:
            OfferError: the offer is broken, or has no picture, or more than one.
        """
        kinds = await take_offer(self._connection, sdp)
        hasten(self._connection, self._timing.reported, self._clock)
        sender = add_live_track(self._connection, self._out)
        self._timing.follow("video", sender, lambda: self._out.last)
        if "audio" in kinds:
            sender = add_live_track(self._connection, self._sound_out)
            self._timing.follow("audio", sender, lambda: self._sound_out.last)
        else:
            self._timing.start.came("audio", self._clock.now())  # there is none to wait for
        answer = await give_answer(self._connection, self._bitrate, self._clock)
        if not any(t.currentDirection == "sendrecv" for t in self._connection.getTransceivers()):
            self._audience.leave(self._out)  # they only send; whoever wants to see it watches
            self._returns = False
        return answer

    def telemetry(self) -> Telemetry:
        """Return the latest reading."""
        now = self._clock.now()
        playout, follower = self._timing.playout, self._sound_out.follower
        reading = self._voice.reading
        kbps = self._throughput.kbps(carried(self._connection, now))
        return Telemetry(
            fps_in=self._gauges.received.per_second(now),
            fps_out=self._gauges.sent.per_second(now),
            fps_filtered=self._gauges.filtered.per_second(now),
            watchers=len(self._audience) - self._returns,
            age=self._gauges.age.percentiles(),
            stages=self._worker.percentiles(),
            rung=self._gauges.rung,
            faces=self._gauges.faces,
            dropped=self._box.dropped + self._out.dropped + self._worker.unshown,
            silences=follower.underruns + self._sounds.missing // BLOCK,
            lost_sound=-(-(self._sounds.tape.overflowed + follower.skipped) // BLOCK),
            av_offset=playout.offset,
            playout_delay=playout.picture,
            kbps_in=kbps and kbps[0],
            kbps_out=kbps and kbps[1],
            loss=self._bitrate.loss,
            worker=self._worker.state,
            restarts=self._worker.restarts,
            places=tuple(self._worker.places),
            starved=self._gauges.starved(now),
            recording=self.recorder.on,
            voice=reading and reading_words(reading, self._voice.aim),
        )

    @property
    def connected(self) -> bool:
        """Whether pictures can come."""
        return self._connection.connectionState == "connected"

    def watched(self) -> tuple[PictureTrack, SoundTrack]:
        """Return tracks for one who watches: what is sent back, in the same step."""
        timing = self._timing
        track = self._picture_track()
        self._audience.join(track)
        sound = SoundTrack(self._clock, self._sounds.tape, timing.playout, timing.start)
        return track, sound

    def _picture_track(self) -> PictureTrack:
        """Return a track of the finished pictures; the first that gets them is counted."""

        def sent(held: Held) -> None:
            if track is self._audience.first:
                self._count_sent(held)

        playout = self._timing.playout
        track = PictureTrack(self._clock, lambda: playout.picture, self._may_show, sent)
        return track

    def report_to(self, sender: RTCRtpSender, track: PictureTrack | SoundTrack) -> None:
        """Let the reports to one who watches tell when what ``track`` gives was captured."""
        kind: Kind = "video" if isinstance(track, PictureTrack) else "audio"
        self._timing.report(kind, sender, lambda: track.last)

    def unwatched(self, track: PictureTrack) -> None:
        """Send nothing more to a track of one who watched."""
        self._audience.leave(track)

    def end(self, reason: str) -> None:
        """Let whoever waits for the end know that it has come, and why."""
        self._end(reason)

    async def close(self) -> None:
        """Release everything: sockets, tasks, the worker and its filter; idempotent."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._connection.remove_all_listeners()
        self._out.stop()
        self._sound_out.stop()
        await hang_up(self._connection)
        for task in self._drains:
            task.cancel()
        await asyncio.gather(*self._drains, return_exceptions=True)
        self._worker.close()
        await asyncio.to_thread(self._voice.close)
        if self._worker.running:
            await self._worker_done.wait()
            self._worker.join()
        await self.recorder.finish()
        self._end("")

    def _receive(self, track: MediaStreamTrack) -> None:
        take = self._take_picture if track.kind == "video" else self._take_sound
        task = asyncio.create_task(drain(track, take))
        task.add_done_callback(self._on_drained)
        self._drains.append(task)

    def _take_picture(self, picture: Media) -> None:
        self._gauges.received.tick(self._clock.now())
        self._pictures.take(picture)

    def _take_sound(self, sound: Media) -> None:
        self._timing.start.came("audio", self._clock.now())
        self._sounds.take(sound)

    def _hear(self, samples: Floats, captured: int) -> None:
        self.recorder.heard(samples, captured)
        self._voice.hear(samples)
        if self._speech is not None:
            self._speech.hear(samples, captured)

    def _wait(self, frame: Frame) -> float:
        return 0.0 if self._speech is None else self._speech.wait(frame)

    def _note_aim(self, aim: Aim | None, reading: Reading) -> None:
        """Let a recording know what the voice makes of the face; on the listener's thread."""
        self.recorder.driven(reading_words(reading, aim))

    def _on_drained(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the browser's media could not be taken in", exc_info=error)
            self._end("The picture or sound from the browser could not be read.")

    def _count_filtered(self, filtered: Filtered) -> None:
        now = self._clock.now()
        self._gauges.note(filtered)
        self._gauges.filtered.tick(now)
        self._timing.start.came("video", now)
        self._timing.playout.picture_took(now - filtered.frame.captured, now)

    def _may_show(self) -> bool:
        return self._timing.start.open(self._clock.now())

    def _count_sent(self, held: Held) -> None:
        now = self._clock.now()
        self._gauges.sent.tick(now)
        self._gauges.age.add(now - held.filmed)

    def _follow(self) -> None:
        match self._connection.connectionState:
            case "connected":
                self._worker.start()  # not before: an offer costs nothing, a filter a good deal
            case "failed":
                self._break()
            case "closed":
                self._end("")
            case _:
                return

    def _break(self) -> None:
        self._end("The connection for picture and sound failed.")

    def _on_worker_end(self, error: Exception | None) -> None:
        self._loop.call_soon_threadsafe(self._finish_worker, error)

    def _finish_worker(self, error: Exception | None) -> None:
        self._worker_done.set()
        if error is not None:
            self._end("The filter stopped because of an error; the server's log says which.")

    def _end(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_result(reason)
