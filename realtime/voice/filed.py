"""A face in a file that follows the voice in the same file: as live, but the same each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from engines.audio_emotion.estimate import EVERY, RATE
from realtime.clock import SECOND
from realtime.types import Edit, Floats, Frame
from realtime.voice.account import follow_words, reading_words
from realtime.voice.drive import Driven, drive, edited
from realtime.voice.follow import Guide
from realtime.voice.hearing import AnyEstimator, Hearing
from realtime.voice.reading import Reading

Words = dict[str, object]


class FiledVoice:
    """Says what the face is to show in each picture, from what was heard until then.

    Args:
        estimator: what makes something of the sound; it stays its owner's.
        speech: mono pieces at 16 kHz, one after another from time ``begin`` on.
        begin: seconds, on the clock that the pictures' time stamps count from ``origin``.
        origin: what the file's own clock says where the time stamps say 0, in seconds.
    """

    def __init__(
        self,
        estimator: AnyEstimator,
        speech: Iterator[Floats],
        guide: Guide,
        begin: Fraction = Fraction(0),
        origin: Fraction = Fraction(0),
    ) -> None:
        self._origin = origin
        self._guide = guide
        self._readings = _readings(Hearing(estimator, int(begin * SECOND)), speech)
        self._next = next(self._readings, None)
        self._driven = Driven()
        self._rows: list[Words] = []
        self._times: Counter[str] = Counter()

    def __call__(self, frame: Frame, chosen: Edit) -> Edit:
        """Return the edit for ``frame`` where ``chosen`` was asked for."""
        now = int((frame.pts * frame.time_base + self._origin) * SECOND)
        self._listen_until(now)
        return edited(chosen, self._driven, self._guide, now)

    def account(self) -> Words:
        """Return what was heard when, and what was shown for it, for the report."""
        while self._next is not None:
            self._take(self._next)
        return {
            "settings": follow_words(self._guide.follow),
            "every_s": EVERY / RATE,
            "hears": dict(sorted(self._times.items())),
            "estimates": self._rows,
        }

    def _listen_until(self, now: int) -> None:
        while self._next is not None and self._next.at <= now:
            self._take(self._next)

    def _take(self, reading: Reading) -> None:
        self._driven = drive(self._driven, reading, self._guide)
        words = reading_words(reading, self._driven.aim)
        self._rows.append({"t_s": round(reading.at / SECOND, 3), **words})
        self._times[reading.hears.value] += 1
        self._next = next(self._readings, None)


def _readings(hearing: Hearing[object], speech: Iterator[Floats]) -> Iterator[Reading]:
    for piece in speech:
        yield from hearing(piece)
