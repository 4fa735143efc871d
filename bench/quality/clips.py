"""Which clips are measured, of whom, and their frames with the faces in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from bench.quality import data
from bench.quality.judges import Floats, Pixels
from realtime.face.tracker import Tracker
from realtime.picture import from_av, to_rgb
from realtime.types import Frame

HELD_OUT = (18, 20, 23, 37, 39, 43, 48, 51, 57, 60, 62)
"""People whom nobody looks at while the edit is tuned; they say whether it suits a stranger."""

GRID = 1
"""The person of the GRID corpus, who is not in the table."""

TAUGHT = (1, 15, 18, 20, 36, 37)
"""People whom the generator for calls learnt from: who measures it leaves them out."""

WORDS = {"disgusted": "disgust", "surprised": "surprise"}
"""An actor's word for an emotion, where it is not ours."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of one person.

    Attributes:
        path: the file.
        person: the same number for the same person.
        acted: the emotion that an actor was asked for; None for who just speaks.
    """

    path: Path
    person: int
    acted: str | None = None

    @property
    def held_out(self) -> bool:
        """Tell whether this person is kept from tuning."""
        return self.person in HELD_OUT


@dataclass(frozen=True, slots=True)
class Take:
    """A decoded clip with the landmarks found in it.

    Attributes:
        frames: as a file run would see them.
        rgb: the same pictures, [H, W, 3].
        points: [478, 3] a frame; None where no face was found.
    """

    frames: Sequence[Frame]
    rgb: Sequence[Pixels]
    points: Sequence[Floats | None]

    def faces(self, stride: int = 1) -> list[tuple[Pixels, Floats]]:
        """Return picture and landmarks of every ``stride``-th frame in which there is a face."""
        both = list(zip(self.rgb, self.points, strict=True))[::stride]
        return [(rgb, points) for rgb, points in both if points is not None]


def table(text: str, folder: Path) -> list[Clip]:
    """Return the clips that the data folder's table names, in its order, where they exist."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    heads = [r for r in rows if "file" in r and "id" in r]
    if not heads:
        return []
    file, person = heads[0].index("file"), heads[0].index("id")
    return [
        Clip(folder / r[file], int(r[person]), acted_as(r[file]))
        for r in rows
        if len(r) == len(heads[0]) and r[person].isdigit() and (folder / r[file]).exists()
    ]


def acted_as(name: str) -> str | None:
    """Return the emotion that the name of a MEAD clip says."""
    found = re.search(r"mead_\w+?_[WM]\d+_([a-z]+)_level", name)
    return WORDS.get(found[1], found[1]) if found else None


def known() -> list[Clip]:
    """Return every clip of the data folder.

    Raises:
        DataMissing: there is no data folder.
    """
    listed = table(data.find("README.md").read_text("utf-8"), data.find("faces", "clips"))
    grid = sorted(data.root().joinpath("faces", "grid_s1").glob("*.mp4"))
    return [*(Clip(path, GRID) for path in grid[:1]), *listed]


def one_each(clips: Sequence[Clip], *, held_out: bool = False) -> list[Clip]:
    """Return the first clip of each person that is not acted (or is acted neutral)."""
    first: dict[int, Clip] = {}
    for clip in clips:
        if clip.acted in (None, "neutral") and clip.held_out == held_out:
            first.setdefault(clip.person, clip)
    return list(first.values())


def acted() -> list[Clip]:
    """Return the clips in which an actor shows an emotion."""
    return [clip for clip in known() if clip.acted is not None]


def in_folder(folder: Path) -> list[Clip]:
    """Return every video of a folder of one's own; each counts as a person of its own."""
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".mp4", ".mkv", ".webm", ".mov"))
    return [Clip(path, number) for number, path in enumerate(paths, 1)]


def decode(path: Path, seconds: float = float("inf")) -> Iterator[Frame]:
    """Yield the frames of the first ``seconds`` of a file."""
    container = av.open(str(path), mode="r")
    with container:
        stream = container.streams.video[0]
        for seq, picture in enumerate(container.decode(stream)):
            captured = round(float(picture.time or 0) * 1e9)
            if captured > seconds * 1e9:
                return
            yield from_av(picture, captured, seq)


def take(clip: Clip, seconds: float = float("inf")) -> Take:
    """Decode a clip and find its faces."""
    return tracked(list(decode(clip.path, seconds)))


def tracked(frames: Sequence[Frame]) -> Take:
    """Find the faces of ``frames`` with a tracker that nothing else uses."""
    mesh = Tracker()
    try:
        found = [mesh(frame) for frame in frames]
    finally:
        mesh.close()
    return Take(frames, [to_rgb(f) for f in frames], [f[0].points if f else None for f in found])
