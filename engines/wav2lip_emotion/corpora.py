"""Finding the clips of the corpora that researchers use, and what each shows, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engines.wav2lip_emotion.store import About

Kind = Literal["mead", "lrs2", "crema-d", "ravdess", "folder"]

VIDEOS = (".mp4", ".mkv", ".webm", ".mov", ".avi", ".flv", ".mpg")
SOUNDS = (".flac", ".wav", ".m4a", ".mp3")


@dataclass(frozen=True, slots=True)
class Recording:
    """A clip as its corpus has it.

    Attributes:
        video: the file with the pictures.
        sound: the file with the sound; the same one where it holds both.
        name: unique within its corpus, fit for a file's name.
        about: what its path says of it.
    """

    video: Path
    sound: Path
    name: str
    about: About


class NoClips(Exception):
    """A folder holds nothing of the corpus that it was said to be."""


def find(kind: Kind, folder: Path, *, speaker: str = "", rights: str = "") -> list[Recording]:
    """Return the clips of a corpus under ``folder``, by name.

    Args:
        kind: whose folders and names these are. ``folder`` is any videos at all: each file its own
            speaker, or each sub-folder one, or all one where ``speaker`` says so.
        folder: where the corpus lies.
        speaker: who is in every clip of a plain folder.
        rights: what the card will say of them.

    Raises:
        NoClips: there are none.
    """
    videos = sorted(p for p in folder.rglob("*") if p.suffix.lower() in VIDEOS)
    found = list(_READERS[kind](videos, folder))
    if not found:
        raise NoClips(f"{folder} holds no clip that is named as in {kind}")
    if speaker:
        found = [replace(r, about=replace(r.about, speaker=speaker)) for r in found]
    return [replace(r, about=replace(r.about, rights=rights)) for r in found]


def pairs(clips: Iterable[About], source: str, destination: str) -> Iterator[tuple[About, About]]:
    """Yield each clip of ``source`` emotion with those of ``destination`` of the same words.

    By the same speaker; of the destination, the strongest level that there is, as the paper does.
    """
    every = list(clips)
    for one in every:
        if one.emotion != source:
            continue
        others = [
            other
            for other in every
            if (other.speaker, other.sentence) == (one.speaker, one.sentence)
            and other.emotion == destination
        ]
        strongest = max((other.level for other in others), default=0)
        yield from ((one, other) for other in others if other.level == strongest)


MEAD = {
    "angry": "angry",
    "contempt": "contempt",
    "disgusted": "disgust",
    "fear": "fear",
    "happy": "happy",
    "neutral": "neutral",
    "sad": "sad",
    "surprised": "surprise",
}
"""MEAD's words for emotions, and this project's. RAVDESS and CREMA-D follow."""

RAVDESS = {
    "01": "neutral",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}

CREMA_D = {
    "ANG": "angry",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
CREMA_D_LEVELS = {"LO": 1, "MD": 2, "HI": 3, "XX": 0}


def _mead(videos: list[Path], folder: Path) -> Iterator[Recording]:
    """Read W009/video/front/happy/level_3/001.mp4, its sound in W009/audio/happy/level_3/001.m4a.

    And, as others hand it on, W009_front_happy_level3_001.mp4. Of the seven cameras only the front
    one: a face seen from the side has no square.
    """
    flat = re.compile(r"([MW]\d{3})_(?:front_)?([a-z]+)_level_?(\d)_(\d+)$")
    for path in videos:
        deep = path.relative_to(folder).with_suffix("").parts[-6:]
        sound = path
        if len(deep) == 6 and deep[1] == "video":
            if deep[2] != "front":
                continue
            speaker, emotion, level, sentence = deep[0], deep[3], deep[4][-1], deep[5]
            audio = path.parents[4] / "audio" / emotion / deep[4] / f"{sentence}.m4a"
            sound = audio if audio.exists() else path
        elif found := flat.search(path.stem):
            speaker, emotion, level, sentence = found.groups()
        else:
            continue
        if emotion in MEAD:
            about = About(speaker, MEAD[emotion], int(level), sentence, path.name)
            name = f"{speaker}_{emotion}_{level}_{sentence}"
            yield Recording(path, sound if sound != path else _beside(path), name, about)


def _lrs2(videos: list[Path], folder: Path) -> Iterator[Recording]:
    """Read main/5535415699068794046/00001.mp4; whose face it is nobody says, so the programme's."""
    for path in videos:
        programme = path.parent.name
        if programme.isdigit() and path.stem.isdigit():
            about = About(programme, None, 0, path.stem, f"{programme}/{path.name}")
            yield Recording(path, path, f"{programme}_{path.stem}", about)


def _crema_d(videos: list[Path], folder: Path) -> Iterator[Recording]:
    """Read VideoFlash/1001_DFA_ANG_XX.flv, its sound in AudioWAV beside it."""
    form = re.compile(r"(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{2})$")
    for path in videos:
        found = form.match(path.stem)
        if found is None or found[3] not in CREMA_D:
            continue
        speaker, sentence, emotion, level = found.groups()
        sound = path.parent.parent / "AudioWAV" / f"{path.stem}.wav"
        about = About(speaker, CREMA_D[emotion], CREMA_D_LEVELS.get(level, 0), sentence, path.name)
        yield Recording(path, sound if sound.exists() else path, path.stem, about)


def _ravdess(videos: list[Path], folder: Path) -> Iterator[Recording]:
    """Read Actor_01/01-01-03-02-01-01-01.mp4: picture and sound together, spoken and not sung."""
    for path in videos:
        parts = path.stem.split("-")
        if len(parts) != 7 or parts[:2] != ["01", "01"] or parts[2] not in RAVDESS:
            continue
        _, _, emotion, level, statement, take, actor = parts
        about = About(actor, RAVDESS[emotion], int(level), f"{statement}-{take}", path.name)
        yield Recording(path, path, path.stem, about)


def _folder(videos: list[Path], folder: Path) -> Iterator[Recording]:
    for path in videos:
        inside = path.relative_to(folder)
        speaker = inside.parts[0] if len(inside.parts) > 1 else path.stem
        name = "_".join(inside.with_suffix("").parts)
        about = About(speaker, None, 0, path.stem, path.name)
        yield Recording(path, _beside(path), name, about)


def _beside(path: Path) -> Path:
    """Return the sound file of the same name; without one, the video itself."""
    found = (path.with_suffix(suffix) for suffix in SOUNDS)
    return next((sound for sound in found if sound.exists()), path)


_READERS: dict[Kind, Callable[[list[Path], Path], Iterator[Recording]]] = {
    "mead": _mead,
    "lrs2": _lrs2,
    "crema-d": _crema_d,
    "ravdess": _ravdess,
    "folder": _folder,
}
