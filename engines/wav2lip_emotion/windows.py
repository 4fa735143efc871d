"""What one step of training looks at: windows of five pictures with the sound that goes with them.

Everything is drawn with a generator that the caller seeds, so the same step draws the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from engines.wav2lip_emotion.faces import (
    KEPT,
    KEPT_SIDE,
    SEEN,
    Floats,
    Mask,
    Pixels,
    Square,
    hidden,
)
from engines.wav2lip_emotion.signatures import COLUMNS, FRAMES, SIDE
from engines.wav2lip_emotion.store import FPS, About, Prepared
from kernels.reference.mel import WAV2LIP, mel

PER_SECOND = WAV2LIP.rate // WAV2LIP.hop

Random = np.random.Generator


@dataclass(frozen=True)
class Clip:
    """A prepared clip with what is worked out of it once."""

    prepared: Prepared

    @property
    def about(self) -> About:
        """What it is of."""
        return self.prepared.about

    @cached_property
    def mel(self) -> Floats:
        """[columns, 80], 80 a second, of -4..4."""
        return mel(self.prepared.sound, WAV2LIP)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where five pictures in a row have a face, and their sound is whole."""
        seen = [bool(data) for data in self.prepared.jpegs]
        heard = len(self.prepared.sound) // WAV2LIP.hop
        return tuple(
            k
            for k in range(1, len(seen) - FRAMES + 1)
            if all(seen[k : k + FRAMES]) and column(k + FRAMES - 2) + COLUMNS <= heard
        )

    def speech(self, frame: int) -> Floats:
        """[80, 16]: the sound from picture ``frame`` on; it lasts as long as five pictures."""
        first = column(frame)
        return np.ascontiguousarray(self.mel[first : first + COLUMNS].T)


def column(frame: int) -> int:
    """Return the column of the spectrogram that stands for a picture's time, as Wav2Lip counts."""
    return frame * PER_SECOND // FPS


@dataclass(frozen=True, slots=True)
class Jitter:
    """A small change that a window's pictures share: another camera, not another face.

    Attributes:
        flip: left for right.
        scale: of the square's side.
        right: the square's shift, in its sides.
        down: the same.
        gain: of the light.
    """

    flip: bool = False
    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    gain: float = 1.0

    @staticmethod
    def draw(rng: Random) -> Jitter:
        """Draw one."""
        scale, right, down = 1 + 0.06 * rng.uniform(-1, 1), *(0.03 * rng.uniform(-1, 1, 2))
        return Jitter(bool(rng.random() < 0.5), scale, right, down, rng.uniform(0.8, 1.2))


STILL = Jitter()


def look(
    clip: Clip, frame: int, jitter: Jitter = STILL, side: int = SIDE, faces: float = SEEN
) -> tuple[Pixels, Floats]:
    """Return a face as a network sees it, and its landmarks there.

    Args:
        clip: of whom.
        frame: which picture.
        jitter: how it is changed.
        side: pixels across.
        faces: faces across.

    Returns:
        [side, side, 3] RGB, and [478, 2] in its pixels.
    """
    across = KEPT_SIDE * faces / KEPT
    middle = (KEPT_SIDE - 1) / 2
    x, y = middle + jitter.right * across, middle + jitter.down * across
    square = Square(x, y, across * jitter.scale)
    picture = square.cut(clip.prepared.picture(frame), side)
    points = square.inside(clip.prepared.points[frame], side)
    if jitter.flip:
        picture = picture[:, ::-1]
        points = np.stack([side - 1 - points[:, 0], points[:, 1]], 1)
    if jitter.gain != 1:
        picture = cv2.convertScaleAbs(np.ascontiguousarray(picture), alpha=jitter.gain)
    return np.ascontiguousarray(picture, np.uint8), points


def window(clip: Clip, start: int, jitter: Jitter = STILL) -> tuple[Floats, list[Floats]]:
    """Return five faces, [5, 3, 96, 96] of 0..1, and the landmarks of each."""
    seen = [look(clip, k, jitter) for k in range(start, start + FRAMES)]
    pictures = np.stack([picture for picture, _ in seen]).astype(np.float32) / 255
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)), [points for _, points in seen]


@dataclass(frozen=True, slots=True)
class Pair:
    """A clip in the emotion of the reference, and the same words in the one to show."""

    source: Clip
    target: Clip


@dataclass(frozen=True, slots=True)
class PaperBatch:
    """What the paper's generator learns from.

    Attributes:
        faces: [N, 5, 6, 96, 96]: the target with the mask in it, then the reference.
        speech: [N, 5, 1, 80, 16], the sound about each picture.
        mel: [N, 1, 80, 16], the sound of all five, for the expert.
        target: [N, 5, 3, 96, 96].
    """

    faces: Floats
    speech: Floats
    mel: Floats
    target: Floats


def paper_batch(pairs: Sequence[Pair], rng: Random, size: int, mask: Mask) -> PaperBatch:
    """Draw windows of targets, and as reference another moment of the source.

    Every speaker comes equally often, or whoever has most clips would be all that is learnt.
    """
    of: dict[str, list[Pair]] = {}
    for pair in pairs:
        of.setdefault(pair.source.about.speaker, []).append(pair)
    people = list(of.values())
    rows: list[tuple[Floats, Floats, Floats, Floats]] = []
    for _ in range(size):
        own = people[int(rng.integers(len(people)))]
        pair = own[int(rng.integers(len(own)))]
        start = pair.target.starts[int(rng.integers(len(pair.target.starts)))]
        free = [k for k in pair.source.starts if pair.source is not pair.target or k != start]
        other = free[int(rng.integers(len(free)))] if free else pair.source.starts[0]
        target, points = window(pair.target, start)
        reference, _ = window(pair.source, other)
        prior = np.stack(
            [np.where(hidden(p, SIDE, mask), 0, t) for t, p in zip(target, points, strict=True)]
        ).astype(np.float32)
        faces = np.concatenate([prior, reference], 1)
        speech = [pair.target.speech(k - 1)[None] for k in range(start, start + FRAMES)]
        rows.append((faces, np.stack(speech), pair.target.speech(start)[None], target))
    return PaperBatch(*(np.stack(column) for column in zip(*rows, strict=True)))


def split(
    clips: Sequence[Clip], held_out: Sequence[str], share: float
) -> tuple[list[Clip], list[Clip]]:
    """Return the clips to learn from, and those kept for checks; by name, so always the same."""
    kept = [
        clip.about.speaker in held_out
        or zlib.crc32(clip.about.source.encode()) % 1000 < 1000 * share
        for clip in clips
    ]
    learnt = [clip for clip, out in zip(clips, kept, strict=True) if not out]
    return learnt, [clip for clip, out in zip(clips, kept, strict=True) if out]
