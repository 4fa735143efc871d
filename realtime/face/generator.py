"""The generator's part of an edit: what the network says of each face, and how strongly it shows.

It works on the picture that the geometric edit has made, in the square about the landmarks of the
camera's. Its fields outlive the picture that they were made for by a fifth of a second, so that it
comes and goes softly whatever the deadline leaves time for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engines.landmarks.picture import Picture
from engines.placement import Placement
from engines.wav2lip_emotion.faces import Square, square_of
from engines.wav2lip_emotion.live import FAINT, SEEN, SIDE, Fields, LiveEditor, asked
from realtime.clock import MS, Deadline
from realtime.face import mesh
from realtime.face.emotion import mixture
from realtime.face.motion import Draft, Motion
from realtime.face.ramp import Glide
from realtime.stage import Meter
from realtime.types import Edit, Floats, Frame

FADE_NS = 200 * MS
"""How long the generator takes to come in or go, where the deadline decides it."""

NOTHING = FAINT / 10
"""What is asked for below this is nothing: the network is not asked."""

FRAME = 33 * MS
"""Time between live pictures: what all stages together take, or some would have to be dropped."""

MISSES = 3
"""Frames in a row without time for it after which it goes; before, its last fields stay."""

ROOM, MOST_ROOM = 15, 480
"""Frames in a row that must have room before the generator is tried again; each time that it fails
twice as many are waited for."""

PROVEN = 300
"""Frames in a row after which an earlier failure is forgotten."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """What is to be done to one face."""

    square: Square
    fields: Fields


@dataclass(frozen=True, slots=True)
class Strokes:
    """A frame, and what is to be done to its faces."""

    frame: Frame
    strokes: tuple[Stroke, ...]


class Asking:
    """Asks the network about each face of a draft that moves."""

    name = "generator"

    def __init__(self, editor: LiveEditor) -> None:
        self._editor = editor

    def __call__(self, draft: tuple[Draft, Floats], /) -> dict[int, Fields]:
        """Return its fields by the face's track; the draft comes with the edit as the network
        takes it, [8]."""
        drawn, asked = draft
        speech = drawn.frame.speech
        assert speech is not None
        picture = Picture(drawn.frame.planes, drawn.frame.full_range)
        return {
            motion.track: self._editor.fields_of(picture, _square(motion), asked, speech)
            for motion in drawn.motions
        }

    def reset(self) -> None:
        """Nothing is carried from frame to frame."""

    def close(self) -> None:
        """Close the engine; idempotent."""
        self._editor.close()


class Blending:
    """Applies fields to a frame; every pixel outside the squares stays bit for bit as it was."""

    name = "blend"

    def __init__(self, editor: LiveEditor) -> None:
        self._editor = editor

    def __call__(self, work: Strokes, /) -> Frame:
        """Return the frame with all of it done, or the very same where nothing is."""
        frame = work.frame
        planes = frame.planes
        for stroke in work.strokes:
            picture = Picture(planes, frame.full_range)
            planes = self._editor.applied(picture, stroke.square, stroke.fields)
        return frame if planes is frame.planes else frame.with_planes(planes)

    def reset(self) -> None:
        """Nothing is carried from frame to frame."""

    def close(self) -> None:
        """Nothing is held: the engine is the other stage's."""


class Generator:
    """What comes after the geometric edit while there is time for it.

    Args:
        editor: the network; closed with this.
        place: where it runs.
        still: for photographs: nothing is carried over, nothing fades.
    """

    def __init__(self, editor: LiveEditor, place: Placement, *, still: bool = False) -> None:
        self.place = place
        self.ask, self.blend = Asking(editor), Blending(editor)
        self._still = still
        self._may = Allowance()
        self.reset()

    def reset(self) -> None:
        """Forget faces and edits."""
        self._glide = Glide()
        self._kept: dict[int, Fields] = {}
        self._strength: float | None = None
        self._at = 0

    def close(self) -> None:
        """Close the engine; idempotent."""
        self.ask.close()

    def __call__(
        self, draft: Draft, meter: Meter, deadline: Deadline, *, hurry: bool = False
    ) -> tuple[Frame, bool]:
        """Return the frame as it is shown, and whether the network has seen it.

        Where its time would not suffice, or in a ``hurry``, the frame is the draft's, or shows what
        is left of the fields of an earlier one.
        """
        if self._still:
            self.reset()
        asked = self._glide(_asked(draft.edit), draft.now, draft.edit.ramp_ms)
        step, self._at = (draft.now - self._at) / FADE_NS, draft.now
        if draft.frame.speech is None or not draft.motions or float(asked.max()) <= NOTHING:
            self._kept = {}
            return draft.frame, False
        if not self._may(meter, deadline, self.ask.name, self.blend.name, hurry=hurry):
            return self._left_over(draft, meter, deadline, 0.0 if self._may.on else step)
        self._strength = 1.0 if self._strength is None else min(1.0, self._strength + step)
        self._kept = meter.time(self.ask, (draft, asked))
        return self._drawn(draft, meter), True

    def _left_over(
        self, draft: Draft, meter: Meter, deadline: Deadline, step: float
    ) -> tuple[Frame, bool]:
        """Show what the network said last, weaker by ``step``."""
        self._strength = max(0.0, (self._strength or 0.0) - step)
        if not self._strength:
            self._kept = {}
        if not (self._kept and meter.fits(deadline, self.blend.name)):
            return draft.frame, False
        return self._drawn(draft, meter), False

    def _drawn(self, draft: Draft, meter: Meter) -> Frame:
        strokes = tuple(
            self._stroke(motion, self._kept[motion.track], draft.edit)
            for motion in draft.motions
            if motion.track in self._kept
        )
        return meter.time(self.blend, Strokes(draft.frame, strokes))

    def _stroke(self, motion: Motion, fields: Fields, edit: Edit) -> Stroke:
        square = _square(motion)
        weight = (self._strength or 0.0) * motion.presence
        regions = _regions(motion, square, edit)
        return Stroke(square, fields.weakened(weight * regions))


class Allowance:
    """Decides whether the network may run: at once when it has to stop, slowly when it may again.

    A network that is slow now and then would otherwise come and go once a second.

    Attributes:
        on: whether it is there, though a frame now and then may be without time for it.
    """

    def __init__(self) -> None:
        self.on = True
        self._needed = ROOM
        self._count = self._missed = 0

    def __call__(self, meter: Meter, deadline: Deadline, *names: str, hurry: bool = False) -> bool:
        """Tell whether stages of these ``names`` may run before ``deadline``."""
        fits = not hurry and meter.fits(deadline, *names)
        if deadline.at is not None:
            fits = fits and sum(meter.last.values()) + meter.expect(*names) <= FRAME
        if not fits:
            self._miss()
            return False
        self._missed = 0
        self._count += 1
        if self.on:
            if self._count >= PROVEN:
                self._needed = ROOM
        elif self._count >= self._needed:
            self.on, self._count = True, 0
        return self.on

    def _miss(self) -> None:
        self._missed += 1
        if not self.on:
            self._count = 0
        elif self._missed >= MISSES:
            if self._count < PROVEN:
                self._needed = min(MOST_ROOM, 2 * self._needed)
            self.on, self._count = False, 0


@lru_cache(maxsize=64)
def _asked(edit: Edit) -> Floats:
    """Return [8] what an edit asks of the network, which knows no opposites."""
    return asked({emotion.value: max(0.0, amount) for emotion, amount in mixture(edit)})


def _square(motion: Motion) -> Square:
    return square_of(motion.points[: mesh.POINTS], SEEN)


_FOREHEAD, _CHIN = 10, 152
_HEIGHTS = (0.23, 0.28, 0.40, 0.46)
"""Where brows end and eyes begin, and eyes end and the rest begins, as shares of the way from
forehead to chin."""


def _regions(motion: Motion, square: Square, edit: Edit) -> Floats | float:
    """Return how strongly each cell of the square is edited, where not all are alike."""
    strengths = (edit.brows, edit.eyes, edit.mouth)
    if len(set(strengths)) == 1:
        return edit.brows
    top, bottom = square.inside(motion.points[[_FOREHEAD, _CHIN]], SIDE)
    down = bottom - top
    y, x = np.indices((SIDE, SIDE), np.float32)
    height = ((x - top[0]) * down[0] + (y - top[1]) * down[1]) / max(1.0, float(down @ down))
    levels = (edit.brows, edit.eyes, edit.eyes, edit.mouth)
    return np.interp(height, _HEIGHTS, levels).astype(np.float32)


def asks_nothing(edit: Edit) -> bool:
    """Tell whether an edit asks nothing of a generator."""
    return float(_asked(edit).max()) <= NOTHING
