"""Recordings as the networks see them: as they are, by telephone, in noise, and augmented."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.audio_emotion.augmentation import Recipe, augment
from engines.audio_emotion.calibration import Doubles
from engines.audio_emotion.conditions import CONDITIONS, in_condition
from engines.audio_emotion.contours import A_SECOND, contours
from engines.audio_emotion.corpora import Utterance
from engines.audio_emotion.estimate import Floats
from engines.audio_emotion.functionals import functionals
from engines.audio_emotion.speech import speech
from engines.audio_emotion.stretch import LONGEST, last_of, rows_of, stretch
from engines.audio_emotion.turn import PAD, spoken

Read = Callable[[Path], Floats]
"""Gives a file's sound: mono, -1 to 1, 16 kHz."""

Tell = Callable[[str, int, int], None]
"""Is told what is done, and how many of how many are."""


@dataclass(frozen=True, slots=True)
class Examples:
    """One version of every recording.

    Attributes:
        numbers: [n, COUNT] functionals of the whole.
        cut: [n, COUNT] of a random part, a second or more.
        spectrograms: [n, ``SPECTRA``, 128] half precision.
        lengths: [n] columns of them before they begin again.
    """

    numbers: Floats
    cut: Floats
    spectrograms: NDArray[np.float16]
    lengths: NDArray[np.int64]


def prepare(
    utterances: Sequence[Utterance], read: Read, folder: Path, making: Making, tell: Tell
) -> list[Examples]:
    """Return the versions of ``CONDITIONS`` and the augmented ones; kept in ``folder``.

    Args:
        utterances: whose recordings.
        read: gives their sound; other processes must be able to import it.
        folder: what is there already is not made again.
        making: how many, and how.
        tell: is told how far it is.
    """
    key = _key(utterances, making)
    total = len(CONDITIONS) + making.versions
    paths = [folder / f"{key}-{number}.npz" for number in range(total)]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(making.workers, get_context("spawn")) as pool:
            spans = _spans(pool, utterances, read, folder / f"{key}-spans.npy", tell)
            jobs = [
                pool.submit(_make, utterances, spans, read, making, n, paths[n]) for n in missing
            ]
            for done, job in enumerate(as_completed(jobs)):
                job.result()
                tell("augmenting", done + 1, len(jobs))
    return [_load(path) for path in paths]


@dataclass(frozen=True, slots=True)
class Making:
    """How examples are made.

    Attributes:
        versions: how many augmented ones of each recording.
        seed: of all chance.
        recipe: what is done to the sound.
        workers: processes that share the work.
    """

    versions: int
    seed: int
    recipe: Recipe
    workers: int = 1


def _key(utterances: Sequence[Utterance], making: Making) -> str:
    """Return a digest of what the examples are made of, this code included."""
    folder = Path(__file__).parents[1]
    modules = ("augmentation", "contours", "functionals", "pitch", "stretch", "turn")
    texts = [(folder / f"{module}.py").read_text(encoding="utf-8") for module in modules]
    names = [f"{u.corpus}/{u.path.name}" for u in utterances]
    text = "\0".join([*names, *texts, str(making.seed), str(making.recipe)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _spans(
    pool: ProcessPoolExecutor, utterances: Sequence[Utterance], read: Read, keep: Path, tell: Tell
) -> Doubles:
    """Return [n, 2]: from which to which share of each recording there is speech."""
    if keep.exists():
        return np.load(keep)
    found: list[tuple[float, float]] = []
    for span in pool.map(_span, [u.path for u in utterances], repeat(read), chunksize=8):
        found.append(span)
        tell("finding speech", len(found), len(utterances))
    part = keep.with_suffix(".part.npy")
    np.save(part, np.array(found))
    part.replace(keep)
    return np.array(found)


def _span(path: Path, read: Read) -> tuple[float, float]:
    sound = read(path)
    first, last = spoken(speech(sound)) or (0, len(sound))
    return first / max(1, len(sound)), last / max(1, len(sound))


def _make(
    utterances: Sequence[Utterance],
    spans: Doubles,
    read: Read,
    making: Making,
    number: int,
    path: Path,
) -> None:
    """Write one version of every recording."""
    sounds = [read(utterance.path) for utterance in utterances]
    made: list[tuple[Floats, Floats, Floats, int]] = []
    for index, sound in enumerate(sounds):
        random = np.random.default_rng([making.seed, number, index])
        altered = _altered(sound, number, random, making.recipe, sounds)
        span = (float(spans[index, 0]), float(spans[index, 1]))
        made.append(_example(altered, span, number, random))
    numbers, cut, spectrograms, lengths = map(np.array, zip(*made, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        numbers=numbers,
        cut=cut,
        spectrograms=spectrograms.astype(np.float16),
        lengths=lengths,
    )
    part.replace(path)


def _altered(
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
) -> tuple[Floats, Floats, Floats, int]:
    """Return what ``Examples`` holds of one recording."""
    whole = contours(sound)
    first, last = (int(share * len(sound)) for share in span)
    first, last = rows_of((first, last), PAD, len(whole))
    if number >= len(CONDITIONS):
        moved = random.integers(-int(100 * STRAY), int(100 * STRAY) + 1, 2)
        first, last = max(0, first + int(moved[0])), min(len(whole), last + int(moved[1]))
    inside = whole.part(first, last) if last - first > A_SECOND // 2 else whole
    given = stretch(inside)
    size = int(random.integers(min(70, len(inside)), min(len(inside), LONGEST) + 1))
    at = int(random.integers(0, len(inside) - size + 1))
    cut = functionals(inside.rows[at : at + size])
    return given.numbers, cut, given.spectrogram, len(last_of(inside).spectra)


def _load(path: Path) -> Examples:
    with np.load(path) as file:
        return Examples(**{name: file[name] for name in Examples.__slots__})
