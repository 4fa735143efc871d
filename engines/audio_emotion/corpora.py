"""Finding recordings of acted emotions in a folder, by how each corpus names its files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engines.audio_emotion.estimate import EMOTIONS

SUFFIXES = frozenset({".wav", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".aac"})

LABELS = "labels.csv"
"""Where a folder has this, it is read rather than the names of the files."""


class CorpusError(Exception):
    """No recordings with known emotions are where they were said to be; the text says why."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording of one person who means, or plays, one emotion.

    Attributes:
        path: of the sound.
        corpus: its name, in small letters.
        speaker: unique among all corpora.
        emotion: one of ``EMOTIONS``.
    """

    path: Path
    corpus: str
    speaker: str
    emotion: str

    @property
    def index(self) -> int:
        """The emotion's place in ``EMOTIONS``."""
        return EMOTIONS.index(self.emotion)


WORDS: Mapping[str, str] = {
    **{emotion: emotion for emotion in EMOTIONS},
    "anger": "angry",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "fearful": "fear",
    "disgusted": "disgust",
    "surprised": "surprise",
}
"""What people call the seven. Calm, boredom and contempt are none of them."""


def find(folder: Path) -> list[Utterance]:
    """Return the utterances of RAVDESS, CREMA-D, EmoDB, MEAD, ESD or a labelled folder, by path.

    Raises:
        CorpusError: there are none.
    """
    if (folder / LABELS).is_file():
        return read_labels(folder / LABELS)
    if not folder.is_dir():
        raise CorpusError(f"{folder} is no folder")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    found = [utterance for path in files for utterance in _recognised(path, folder)]
    if not found:
        raise CorpusError(
            f"{folder}: no {LABELS}, and no file is named as RAVDESS, CREMA-D, EmoDB, MEAD or ESD "
            "name theirs"
        )
    return found


def read_labels(path: Path) -> list[Utterance]:
    """Return what a CSV with columns file, speaker and emotion lists; corpus is optional.

    Files are relative to the CSV or absolute. Rows of other emotions than the seven are left out.

    Raises:
        CorpusError: it cannot be read, lacks a column, or names a file that is not there.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{path} cannot be read ({error})") from error
    wanted = ("file", "speaker", "emotion")
    missing = [name for name in wanted if not rows or rows[0].get(name) is None]
    if missing:
        raise CorpusError(f"{path} lacks the columns {', '.join(missing)} or has no rows")
    found: list[Utterance] = []
    for row in rows:
        emotion = WORDS.get(row["emotion"].strip().lower())
        sound = path.parent / row["file"]
        if emotion is None:
            continue
        if not sound.is_file():
            raise CorpusError(f"{path} names {row['file']}, which is not there")
        found.append(Utterance(sound, row.get("corpus") or "csv", row["speaker"], emotion))
    if not found:
        raise CorpusError(f"{path} has no row with one of {', '.join(EMOTIONS)}")
    return found


def _recognised(path: Path, folder: Path) -> Iterator[Utterance]:
    for read in (_ravdess, _crema_d, _emodb, _esd, _mead):
        found = read(path, folder)
        if found is not None:
            corpus, speaker, word = found
            if word in WORDS:
                yield Utterance(path, corpus, f"{corpus}-{speaker}", WORDS[word])
            return


Found = tuple[str, str, str] | None

_RAVDESS = {"1": "neutral", "2": "calm", "3": "happy", "4": "sad", "5": "angry", "6": "fear",
            "7": "disgust", "8": "surprise"}  # fmt: skip


def _ravdess(path: Path, folder: Path) -> Found:
    """03-01-06-01-02-01-12: modality, speech or song, emotion, intensity, text, take, actor."""
    match = re.fullmatch(r"0[13]-(\d\d)-0([1-8])-\d\d-\d\d-\d\d-(\d\d)", path.stem)
    if not match:
        return None
    channel, emotion, actor = match.groups()
    return "ravdess", actor, _RAVDESS[emotion] if channel == "01" else "song"


_CREMA_D = {"ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral",
            "SAD": "sad"}  # fmt: skip


def _crema_d(path: Path, folder: Path) -> Found:
    """1001_DFA_ANG_XX: actor, sentence, emotion, level."""
    match = re.fullmatch(r"(\d{4})_[A-Z]{3}_([A-Z]{3})_[A-Z]{1,2}", path.stem)
    if not match or match[2] not in _CREMA_D:
        return None
    return "crema-d", match[1], _CREMA_D[match[2]]


_EMODB = {"W": "angry", "L": "boredom", "E": "disgust", "A": "fear", "F": "happy", "T": "sad",
          "N": "neutral"}  # fmt: skip


def _emodb(path: Path, folder: Path) -> Found:
    """03a01Fa: speaker, text, emotion by its German initial, take."""
    match = re.fullmatch(r"(\d\d)[ab]\d\d([WLEAFTN])[a-z]", path.stem)
    return ("emodb", match[1], _EMODB[match[2]]) if match else None


def _esd(path: Path, folder: Path) -> Found:
    """0011/Angry/[train/]0011_000351: speaker, emotion."""
    match = re.fullmatch(r"(\d{4})_\d{6}", path.stem)
    names = [part.lower() for part in path.relative_to(folder).parts[:-1]]
    words = [name for name in names if name in WORDS]
    return ("esd", match[1], words[-1]) if match and words else None


def _mead(path: Path, folder: Path) -> Found:
    """M003/audio/angry/level_1/001: actor, emotion, level."""
    match = re.search(r"(?:^|/)([MW]\d{3})/(?:audio/)?(\w+)/level_\d/\d+$",
                      path.with_suffix("").as_posix())  # fmt: skip
    return ("mead", match[1], match[2].lower()) if match else None
