"""The rows of the paper's table: of each way over all changes, and over one change of emotion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from bench.quality import change, frechet
from bench.quality.judges import Floats
from bench.quality.lip_sync import Sync
from bench.quality.ways import Way
from bench.report import Figure
from realtime.types import Emotion

TAUGHT = "fer"
"""The judge that the generators learnt from."""

SPEAKS = "neutral"
"""What counts as shown by who just speaks, and what the paper's generators begin with here."""


@dataclass(slots=True)
class Tally:
    """What a way did to clips, a number for each; means go into the table.

    What it made of emotions is noted by judge, and what all judges but the teacher say by change.
    Judges who see the acted change go the wrong way are noted apart, as ``contrary``.
    """

    emotion: dict[str, list[float | None]] = field(default_factory=dict[str, list[float | None]])
    changes: dict[str, list[float | None]] = field(default_factory=dict[str, list[float | None]])
    contrary: dict[str, list[float | None]] = field(default_factory=dict[str, list[float | None]])
    valence: list[float | None] = field(default_factory=list[float | None])
    arousal: list[float | None] = field(default_factory=list[float | None])
    identity: list[float | None] = field(default_factory=list[float | None])
    sharpness: list[float | None] = field(default_factory=list[float | None])
    flicker: list[float | None] = field(default_factory=list[float | None])
    sync: dict[str, list[float | None]] = field(default_factory=dict[str, list[float | None]])
    real: list[Floats] = field(default_factory=list[Floats])
    made: list[Floats] = field(default_factory=list[Floats])

    def figures(self) -> dict[str, Figure]:
        """Return the table's row."""
        fid = None
        if len(self.real) > 1:
            fid = frechet.distance(np.concatenate(self.real), np.concatenate(self.made))
        return {
            "delta_emotion": _rounded(_mean_of_changes(self.changes)),
            "delta_emotion_with_contrary": _rounded(_mean_of_changes(self.changes, self.contrary)),
            **{f"delta_emotion_{j}": _rounded(change.mean(v)) for j, v in self.emotion.items()},
            **{f"delta_emotion_{c}": _rounded(change.mean(v)) for c, v in self.changes.items()},
            "delta_valence": _rounded(change.mean(self.valence)),
            "delta_arousal": _rounded(change.mean(self.arousal)),
            **{name: _rounded(value) for name, value in self._lip_sync()},
            "frechet": _rounded(fid),
            "identity": _rounded(change.mean(self.identity)),
            "sharpness_ratio": _rounded(change.mean(self.sharpness)),
            "flicker_ratio": _rounded(change.mean(self.flicker)),
        }

    def synced(self, expert: str, before: Sync, after: Sync) -> None:
        """Note how far apart an expert finds lips and sound; its figures begin with ``expert``."""
        for name, value in (
            ("lse_d", after.distance),
            ("lse_d_before", before.distance),
            ("lse_c", after.confidence),
            ("lse_c_before", before.confidence),
        ):
            self.sync.setdefault(expert + name, []).append(value)

    def _lip_sync(self) -> Iterator[tuple[str, float | None]]:
        for name, values in self.sync.items():
            yield name, change.mean(values)
            if name.endswith("lse_d_before"):
                after = name.removesuffix("_before")
                found, was = change.mean(self.sync[after]), change.mean(values)
                yield f"{after}_ratio", found / was if found and was else None

    def extend(self, other: Tally) -> None:
        """Take in what was noted of more clips."""
        for each in fields(self):
            mine, more = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, list):
                mine.extend(more)
                continue
            for key, shares in more.items():
                mine.setdefault(key, []).extend(shares)

    def judged(self, judge: str, way: str, share: float | None, *, contrary: bool) -> None:
        """Note the share of a change of emotion, ``sad_to_happy``, that a judge sees."""
        told = None if contrary else share
        self.emotion.setdefault(judge, []).append(told)
        if judge == TAUGHT:
            return
        self.changes.setdefault(way, []).append(told)
        if contrary:
            self.contrary.setdefault(way, []).append(share)


class Table:
    """Rows of ways that know every emotion, over all; and of all ways, over what one knows alone.

    So each of the paper's generators, which know one change of emotion, stands beside what the
    others make of the same clips.
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        self._over_all = {way.name: Tally() for way in ways if way.shows is None}
        known = dict.fromkeys(way.shows for way in ways if way.shows is not None)
        self._over_one = {
            (emotion, way.name): Tally()
            for emotion in known
            for way in ways
            if way.shows in (None, emotion)
        }

    def rows_of(self, way: Way, source: str | None, emotion: Emotion) -> list[Tally]:
        """Return where a way's change from one emotion to another counts; maybe nowhere."""
        found = [self._over_all[way.name]] if way.name in self._over_all else []
        if (source or SPEAKS) == SPEAKS and (emotion, way.name) in self._over_one:
            found.append(self._over_one[emotion, way.name])
        return found

    def rows(self) -> Iterator[tuple[str, Tally]]:
        """Yield names and rows."""
        yield from self._over_all.items()
        for (emotion, name), tally in self._over_one.items():
            yield f"{SPEAKS} to {emotion.value}: {name}", tally


def _mean_of_changes(*shares: Mapping[str, list[float | None]]) -> float | None:
    """Return the mean over changes of emotion, each of which counts once."""
    names = {name for each in shares for name in each}
    return change.mean([change.mean([s for e in shares for s in e.get(n, [])]) for n in names])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
