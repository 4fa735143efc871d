"""Ways of changing an emotion, to be compared: frames, an edit and sound in, frames out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.quality.judges import Floats, Pixels
from bench.quality.trial import through_filter
from engines.engine import AUTO, File, open_engine
from engines.landmarks.follow import open_tracker
from engines.wav2lip_emotion import live, paper
from engines.wav2lip_emotion.faces import SEEN, Mask, square_of
from engines.wav2lip_emotion.prepare import follow
from engines.wav2lip_emotion.signatures import COLUMNS
from engines.wav2lip_emotion.store import FPS
from engines.wav2lip_emotion.windows import column
from kernels.reference.mel import WAV2LIP, mel
from realtime.picture import from_rgb, to_rgb
from realtime.types import Edit, Emotion, Frame

Change = Callable[[Sequence[Frame], Edit, Floats, Sequence[Frame]], list[Frame]]
"""Frames, an edit, their sound (none of a silent clip) and frames of the face at rest (none where
that is not known) to the edited frames."""


@dataclass(frozen=True, slots=True)
class Way:
    """A row of the table.

    Attributes:
        name: of it.
        change: what it does.
        shows: the only emotion that it knows, and of neutral faces; None knows all.
        rested: it is shown the face at rest beforehand, where there are pictures of that.
        apart: what it does to people whom ``change`` learnt from, by number.
    """

    name: str
    change: Change
    shows: Emotion | None = None
    rested: bool = False
    apart: Mapping[int, Change] = field(default_factory=dict[int, Change])

    def to(self, person: int) -> Change:
        """Return what it does to a person, whom it has not learnt from."""
        return self.apart.get(person, self.change)

    def knowing_rest(self) -> Way:
        """Return the same way, shown the face at rest beforehand."""
        return replace(self, name=f"{self.name}, rest shown", rested=True)


def geometric(intensity: float = 1.0) -> Way:
    """Return the geometric edit, as a file run makes it, ``intensity`` times as strong as asked."""

    def change(
        frames: Sequence[Frame], edit: Edit, sound: Floats, rest: Sequence[Frame]
    ) -> list[Frame]:
        stronger = replace(edit, intensity=edit.intensity * intensity)
        return through_filter(frames, stronger, rest)[0]

    name = "geometric edit"
    return Way(name if intensity == 1 else f"{name} at {intensity:g}", change)


def live_generator(path: Path) -> Way:
    """Return the geometric edit with the generator for calls after it, whose ONNX file this is.

    As in a call, the square lies about the landmarks of the camera's picture.
    """
    editor = live.LiveEditor(open_engine(live.SPEC, File(path), AUTO).engine)

    def change(
        frames: Sequence[Frame], edit: Edit, sound: Floats, rest: Sequence[Frame]
    ) -> list[Frame]:
        heard = mel(sound, WAV2LIP)
        asked = live.asked({edit.emotion.value: edit.intensity} if edit.emotion else {})

        edited = iter([to_rgb(frame) for frame in through_filter(frames, edit, rest)[0]])

        def made(rgb: Pixels, points: Floats | None, seconds: float) -> Pixels:
            shown = next(edited)
            if points is None:
                return shown
            square = square_of(points, live.SEEN)
            fields = editor.fields(shown, square, asked, live.heard(heard, seconds))
            return editor.apply(shown, square, fields)

        return _each_face(frames, made)

    return Way("generator for calls", change)


def taught_by_actors(without: Mapping[int, Path]) -> Way:
    """Return the generator for calls as acted pairs taught it, each time without one person."""
    apart = {person: live_generator(path).change for person, path in without.items()}
    first = next(iter(apart.values()))
    return Way("generator taught by actors", first, apart=apart)


def paper_generator(path: Path, mask: Mask, variant: str, shows: Emotion) -> Way:
    """Return the paper's generator whose ONNX file this is; it knows one emotion alone."""
    editor = paper.PaperEditor(open_engine(paper.SPEC, File(path), AUTO).engine, mask)

    def change(
        frames: Sequence[Frame], edit: Edit, sound: Floats, rest: Sequence[Frame]
    ) -> list[Frame]:
        heard = mel(sound, WAV2LIP)

        def made(rgb: Pixels, points: Floats | None, seconds: float) -> Pixels:
            if points is None:
                return rgb
            first = column(max(0, round(seconds * FPS) - 1))
            speech = live.columns_up_to(
                first + COLUMNS - 1, 0, len(heard), lambda begin, end: heard[begin:end]
            )
            return editor(rgb, square_of(points, SEEN), points, speech)

        return _each_face(frames, made)

    return Way(f"paper's {variant}, {mask} mask", change, shows)


def _each_face(
    frames: Sequence[Frame], made: Callable[[Pixels, Floats | None, float], Pixels]
) -> list[Frame]:
    tracker = open_tracker()[0]
    try:
        pictures = [to_rgb(frame) for frame in frames]
        followed = follow(pictures, tracker)
    finally:
        tracker.close()
    out: list[Frame] = []
    for frame, rgb, points in zip(frames, pictures, followed.points, strict=True):
        seconds = (frame.captured - frames[0].captured) / 1e9
        shown = made(rgb, points, seconds)
        out.append(from_rgb(shown, captured=frame.captured, seq=frame.seq))
    return out
