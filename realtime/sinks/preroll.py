"""Sound that is there to be decoded but not heard, and how Matroska is told of it.

Most codecs need a packet or two before the first sample that counts; MP4 gives these times before
0. Matroska has the field CodecDelay for it, but FFmpeg's writer fills it for its own encoders
alone, not for packets that are taken over. So the track is given a name as long as the field, and
the field takes the name's place in the finished file.
"""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream

LONGEST = Fraction(1, 10)
"""Seconds before 0 that a decoder may need; what is older was cut away by an edit."""
ENOUGH = 400
"""Packets to look at in search of one that is heard, at most."""
HEAD = 1 << 20
"""Bytes at the start of a Matroska file in which its tracks are described."""

_NAME = b"\x53\x6e\x88"
_CODEC_DELAY = b"\x56\xaa\x88"


def prerolls(path: Path) -> dict[int, Fraction]:
    """Return, by index, how many seconds before 0 each sound track that does so starts."""
    starts: dict[int, Fraction] = {}
    with closing(av.open(str(path), mode="r", metadata_errors="replace")) as container:
        waiting = {stream.index for stream in container.streams.audio}
        for looked, packet in enumerate(container.demux(container.streams.audio)):
            if not waiting or looked > ENOUGH:
                break
            if packet.pts is None:
                continue
            time = packet.pts * packet.time_base
            if time >= 0:
                waiting.discard(packet.stream_index)
            elif time > -LONGEST:
                starts.setdefault(packet.stream_index, -time)
    return starts


def name_for(stream: AudioStream) -> str:
    """Return the name that keeps the place of the field for ``stream``; 8 letters long."""
    return f"roll{stream.index % 10_000:04d}"


def write_delays(path: Path, delays: dict[str, Fraction]) -> None:
    """Put each delay, in seconds by the name that keeps its place, into the file's header."""
    with path.open("r+b") as file:
        head = file.read(HEAD)
        for name, delay in delays.items():
            at = head.find(_NAME + name.encode())
            if at < 0:
                raise ValueError(f"{path} has no track named {name}")
            file.seek(at)
            file.write(_CODEC_DELAY + round(delay * 1_000_000_000).to_bytes(8, "big"))
