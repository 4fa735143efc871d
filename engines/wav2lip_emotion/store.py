"""A prepared clip as a file: squares of a face at 25 a second, its landmarks, and the sound."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.wav2lip_emotion.faces import Floats, Pixels

FPS = 25
RATE = 16_000

SUFFIX = ".clip.npz"

QUALITY = 95
"""JPEG's. Compression that a network could see would be learnt as part of faces."""


class StoreError(Exception):
    """A file is not a prepared clip."""


@dataclass(frozen=True, slots=True)
class About:
    """What a clip is of.

    Attributes:
        speaker: the same word for the same person.
        emotion: what an actor was asked for, in this project's words; None for who just speaks.
        level: how strongly, 1 the least; 0 where nobody said.
        sentence: the same word for the same words spoken, by one speaker.
        source: the file's name, for people.
        rights: what its licence allows, in a word or two, for the card.
        intensity: of the geometric edit that made it; 0 where a camera did.
        over: what the face already showed before that edit; nothing where it was the camera's.
        further: of the target of an edit: with what intensity the same edit was made once more, on
            what it had made, or that of the edit, where this is the face of an acted clip.
    """

    speaker: str
    emotion: str | None = None
    level: int = 0
    sentence: str = ""
    source: str = ""
    rights: str = ""
    intensity: float = 0.0
    over: str = ""
    further: float = 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clip.

    Attributes:
        about: what it is of.
        jpegs: each picture's square as a JPEG; of a picture without a face, nothing.
        points: [T, 478, 2] landmarks in the squares' pixels; zeros without a face.
        sound: [S] mono samples of -1..1, ``RATE`` a second, that begin with the first picture; none
            of a silent clip.
    """

    about: About
    jpegs: tuple[bytes, ...]
    points: Floats
    sound: Floats

    def __len__(self) -> int:
        return len(self.jpegs)

    def picture(self, k: int) -> Pixels:
        """Return [side, side, 3] RGB of one picture."""
        data = np.frombuffer(self.jpegs[k], np.uint8)
        bgr: Any = cv2.imdecode(data, cv2.IMREAD_COLOR)
        return cast("Pixels", cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


def to_jpeg(rgb: Pixels) -> bytes:
    """Return a square as it is kept."""
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise StoreError("a picture could not be compressed")
    return data.tobytes()


def write(path: Path, clip: Prepared) -> None:
    """Write a file that is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.rint(np.clip(clip.sound, -1, 1) * 32767).astype(np.int16)
    arrays: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(json.dumps(asdict(clip.about)).encode(), np.uint8),
        "ends": np.cumsum([len(data) for data in clip.jpegs], dtype=np.int64),
        "jpegs": np.frombuffer(b"".join(clip.jpegs), np.uint8),
        "points": clip.points.astype(np.float16),
        "sound": sound,
    }
    handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **cast("dict[str, Any]", arrays))
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def read(path: Path) -> Prepared:
    """Return a clip.

    Raises:
        StoreError: the file is not one.
    """
    try:
        with np.load(path) as held:
            raw = held["jpegs"].tobytes()
            ends = [0, *held["ends"].tolist()]
            jpegs = tuple(raw[a:b] for a, b in pairwise(ends))
            about = About(**json.loads(held["about"].tobytes()))
            points = held["points"].astype(np.float32)
            sound = held["sound"].astype(np.float32) / 32767
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is not a prepared clip ({error})") from error
    return Prepared(about, jpegs, points, sound)


def in_folder(folder: Path) -> list[Path]:
    """Return the prepared clips of a folder and its sub-folders, by name."""
    return sorted(folder.rglob(f"*{SUFFIX}"))
