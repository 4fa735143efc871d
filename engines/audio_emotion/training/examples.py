"""Recordings as the networks see them: as they are, by telephone, in noise, and augmented."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion.augmentation import Recipe, augment
from engines.audio_emotion.conditions import CONDITIONS, in_condition
from engines.audio_emotion.contours import WIDTH, contours
from engines.audio_emotion.corpora import Utterance
from engines.audio_emotion.estimate import Floats
from engines.audio_emotion.functionals import functionals
from engines.audio_emotion.speech import speech
from engines.audio_emotion.stretch import LENGTH, LONGEST, rows_of, stretch
from engines.audio_emotion.turn import PAD, spoken
from kernels.reference import MelSpec, mel

Read = Callable[[Path], Floats]
"""Gives a file's sound: mono, -1 to 1, 16 kHz."""

Tell = Callable[[str, int, int], None]
"""Is told what is done, and how many of how many are."""

PAPER_SPEC = MelSpec(2048, 512, 128, 0, 8000)
"""The talking-head paper's spectrogram."""

PAPER_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Examples:
    """One version of every recording.

    Attributes:
        pictures: [n, ``LENGTH``, ``WIDTH``] half precision.
        lengths: [n] columns that are there.
        numbers: [n, COUNT] functionals of the whole.
        cut: [n, COUNT] of a random part, a second or more.
        paper: [n, ``PAPER_LENGTH``, 128] half precision, over and over.
    """

    pictures: NDArray[np.float16]
    lengths: NDArray[np.int64]
    numbers: Floats
    cut: Floats
    paper: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound, and from which to which share of it there is speech."""

    sound: Floats
    span: tuple[float, float]


def prepare(
    utterances: Sequence[Utterance],
    read: Read,
    folder: Path,
    versions: int,
    seed: int,
    tell: Tell,
    recipe: Recipe | None = None,
) -> list[Examples]:
    """Return the versions of ``CONDITIONS`` and ``versions`` augmented ones; kept in ``folder``."""
    recipe = recipe or Recipe()
    total = len(CONDITIONS) + versions
    paths = [folder / f"{_key(utterances, seed, recipe)}-{number}.npz" for number in range(total)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        recordings = [_recording(u, read) for u in _told(utterances, "reading", tell)]
        for number in missing:
            examples = _version(recordings, number, seed, recipe, tell)
            part = paths[number].with_suffix(".part.npz")
            np.savez(part, **{name: getattr(examples, name) for name in Examples.__slots__})
            part.replace(paths[number])
    return [_load(path) for path in paths]


def _key(utterances: Sequence[Utterance], seed: int, recipe: Recipe) -> str:
    """Return a digest of what the examples are made of, this code included."""
    folder = Path(__file__).parents[1]
    modules = ("augmentation", "contours", "functionals", "pitch", "stretch", "turn")
    texts = [(folder / f"{module}.py").read_text(encoding="utf-8") for module in modules]
    names = [f"{u.corpus}/{u.path.name}" for u in utterances]
    return hashlib.sha256("\0".join([*names, *texts, str(seed), str(recipe)]).encode()).hexdigest()[
        :12
    ]


def _told(items: Sequence[Utterance], what: str, tell: Tell) -> Sequence[Utterance]:
    tell(what, 0, len(items))
    return items


def _recording(utterance: Utterance, read: Read) -> Recording:
    sound = read(utterance.path)
    first, last = spoken(speech(sound)) or (0, len(sound))
    return Recording(sound, (first / max(1, len(sound)), last / max(1, len(sound))))


def _version(
    recordings: Sequence[Recording], number: int, seed: int, recipe: Recipe, tell: Tell
) -> Examples:
    others = [recording.sound for recording in recordings]
    made: list[tuple[Floats, ...]] = []
    for index, recording in enumerate(recordings):
        tell(f"version {number}", index, len(recordings))
        random = np.random.default_rng([seed, number, index])
        sound = altered(recording.sound, number, random, recipe, others)
        made.append(_example(sound, recording.span, number, random))
    pictures, heard, numbers, cut, paper = (np.stack(column) for column in zip(*made, strict=True))
    lengths = heard.sum(axis=1).astype(np.int64)
    half = np.float16
    return Examples(pictures.astype(half), lengths, numbers, cut, paper.astype(half))


def altered(
    sound: Floats,
    number: int,
    random: np.random.Generator,
    recipe: Recipe,
    others: Sequence[Floats],
) -> Floats:
    """Return one version of a sound; the first are those of ``CONDITIONS``."""
    if number >= len(CONDITIONS):
        return augment(sound, random, recipe, others)
    return in_condition(sound, CONDITIONS[number], random)


STRAY = 0.1
"""Seconds by which the edges of speech are moved in training: they are never found twice alike."""


def _example(
    sound: Floats, span: tuple[float, float], number: int, random: np.random.Generator
) -> tuple[Floats, ...]:
    rows = contours(sound)
    first, last = (int(share * len(sound)) for share in span)
    first, last = rows_of((first, last), PAD, len(rows))
    if number >= len(CONDITIONS):
        moved = random.integers(-int(100 * STRAY), int(100 * STRAY) + 1, 2)
        first, last = max(0, first + int(moved[0])), min(len(rows), last + int(moved[1]))
    inside = rows[first:last] if last - first > A_SECOND // 2 else rows
    given = stretch(inside)
    size = int(random.integers(min(70, len(inside)), min(len(inside), LONGEST) + 1))
    at = int(random.integers(0, len(inside) - size + 1))
    columns = mel(sound, PAPER_SPEC)[first * 160 // 512 : last * 160 // 512 + 1]
    columns = np.maximum(columns - np.quantile(columns, 0.95), -6) / 3 + 1
    paper = np.resize(columns, (PAPER_LENGTH, PAPER_SPEC.bands))
    return given.picture, given.heard, given.numbers, functionals(inside[at : at + size]), paper


A_SECOND = 100


def _load(path: Path) -> Examples:
    with np.load(path) as file:
        return Examples(**{name: file[name] for name in Examples.__slots__})


PICTURE = (LENGTH, WIDTH)
