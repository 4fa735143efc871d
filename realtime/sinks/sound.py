"""The sound of a clip on its way to the new file: the same packets where that can hold them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet

from realtime.sinks.preroll import name_for, prerolls
from realtime.sources.timeline import Timeline

LOSSLESS_IN_FLAC = frozenset(
    ("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be")
)
"""Plain samples that FLAC gives back bit for bit."""

if TYPE_CHECKING:
    Sound = Packet[AudioStream]


@dataclass(frozen=True, slots=True)
class SoundRules:
    """What a kind of file does with sound.

    Attributes:
        carried: codecs whose packets it takes over as they are; None carries every codec.
        codec: what any other sound is encoded with.
        bit_rate: how richly, in bits a second.
        flac: plain samples become FLAC instead, which loses nothing.
        delays: sound before 0 is named as such in the header, and its packets start at 0.
    """

    carried: frozenset[str] | None
    codec: str
    bit_rate: int
    flac: bool = False
    delays: bool = False

    def choose(self, codec: str) -> str | None:
        """Return the codec to encode a track of ``codec`` with, or None to take it over."""
        if self.carried is None or codec in self.carried:
            return None
        return "flac" if self.flac and codec in LOSSLESS_IN_FLAC else self.codec


class Soundtrack:
    """Reads every sound track of a file and writes it beside the picture, no further than asked.

    Attributes:
        notes: what becomes of each track, in words.
        delays: seconds that the header must name, by the name that keeps their place.
    """

    def __init__(
        self, path: Path, out: OutputContainer, rules: SoundRules, origin: Fraction
    ) -> None:
        self.notes: list[str] = []
        self.delays: dict[str, Fraction] = {}
        self._prerolls = prerolls(path) if rules.delays else {}
        self._out = out
        self._origin = origin
        self._tracks: dict[int, Callable[[Sound], None]] = {}
        self._in = av.open(str(path), mode="r", metadata_errors="replace")
        for stream in self._in.streams.audio:
            self._add(stream, rules)
        self._packets = self._read()
        self._next = next(self._packets, None)

    def write_until(self, seconds: Fraction) -> None:
        """Write what sounds before ``seconds``."""
        while self._next is not None and self._time_of(self._next) < seconds:
            self._tracks[self._next.stream_index](self._next)
            self._next = next(self._packets, None)

    def finish(self) -> None:
        """Write all that is left."""
        while self._next is not None:
            self._tracks[self._next.stream_index](self._next)
            self._next = next(self._packets, None)
        for track in self._tracks.values():
            if isinstance(track, _Encoded):
                track.finish()

    def close(self) -> None:
        """Let go of the file; idempotent."""
        self._in.close()

    def _add(self, stream: AudioStream, rules: SoundRules) -> None:
        if not getattr(stream, "codec_context", None):
            self.notes.append("a sound track of an unknown codec is left out")
            return
        name = stream.codec_context.codec.canonical_name
        codec = rules.choose(name)
        if codec is None:
            preroll = self._prerolls.get(stream.index, Fraction(0))
            # Opus says in its own header what is not to be heard.
            if preroll and name != "opus":
                self.delays[name_for(stream)] = preroll
            else:
                preroll = Fraction(0)
            self._tracks[stream.index] = _Copied(stream, self._out, self._origin, preroll)
            self.notes.append(f"{name}, copied")
        else:
            bit_rate = None if codec == "flac" else rules.bit_rate
            self._tracks[stream.index] = _Encoded(stream, self._out, codec, bit_rate, self._origin)
            same = "samples unchanged" if codec == "flac" else "encoded anew"
            self.notes.append(f"{name}, {same} as {codec.removeprefix('lib')}")

    def _read(self) -> Iterator[Sound]:
        mine = [stream for stream in self._in.streams.audio if stream.index in self._tracks]
        if not mine:
            return
        for packet in self._in.demux(tuple(mine)):
            if packet.size:
                yield packet

    def _time_of(self, packet: Sound) -> Fraction:
        stamp = packet.dts if packet.dts is not None else packet.pts
        return Fraction(0) if stamp is None else stamp * packet.time_base - self._origin


class _Copied:
    """A track whose packets are taken over untouched."""

    def __init__(
        self, stream: AudioStream, out: OutputContainer, origin: Fraction, preroll: Fraction
    ) -> None:
        self._out = out
        self._stream = out.add_stream_from_template(stream)
        self._stream.metadata.update(_words(stream))
        if preroll:
            self._stream.metadata["title"] = name_for(stream)
        self._cut = bool(preroll)
        time_base = stream.time_base or Fraction(1)
        self._shift = round((origin - preroll) / time_base)
        # Of damaged stamps; a thousandth of a second is what every container can tell apart.
        self._timeline = Timeline(round(1 / time_base), math.ceil(Fraction(1, 1000) / time_base))

    def __call__(self, packet: Sound) -> None:
        if packet.pts is not None:
            packet.pts -= self._shift
            if self._cut and packet.pts < 0:  # older than what the decoder needs
                return
        dts = packet.pts if packet.dts is None else packet.dts - self._shift
        placed = self._timeline.place(dts, packet.duration or 1)
        if packet.pts is not None and dts is not None:
            packet.pts += placed - dts
        packet.dts = placed
        packet.stream = self._stream
        self._out.mux(packet)


class _Encoded:
    """A track that is decoded and encoded anew; it keeps the time of its first sample."""

    def __init__(
        self,
        stream: AudioStream,
        out: OutputContainer,
        codec: str,
        bit_rate: int | None,
        origin: Fraction,
    ) -> None:
        self._out = out
        rate = 48_000 if codec == "libopus" else stream.rate
        self._stream = cast(AudioStream, out.add_stream(codec, rate=rate))
        self._stream.codec_context.layout = "mono" if stream.channels == 1 else "stereo"
        if bit_rate is not None:
            self._stream.bit_rate = bit_rate
        self._stream.metadata.update(_words(stream))
        time_base = stream.time_base or Fraction(1)
        self._shift = round(origin / time_base)
        self._timeline = Timeline(round(1 / time_base))

    def __call__(self, packet: Sound) -> None:
        try:
            frames = packet.decode()
        except FFmpegError:  # a damaged packet; players skip it too
            return
        for frame in frames:
            stamp = None if frame.pts is None else frame.pts - self._shift
            lasts = Fraction(frame.samples, frame.sample_rate) / (frame.time_base or 1)
            frame.pts = self._timeline.place(stamp, max(1, round(lasts)))
            self._out.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._out.mux(self._stream.encode(None))


def _words(stream: AudioStream) -> dict[str, str]:
    """Return what a track says of itself that is worth keeping."""
    return {key: stream.metadata[key] for key in ("language", "title") if key in stream.metadata}
