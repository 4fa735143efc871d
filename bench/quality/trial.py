"""One clip through the filter, emotion by emotion, and what each did to the face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from bench.quality import measures
from bench.quality.clips import Clip, Take, take, tracked
from bench.quality.judges import LABELS, Floats, Identity, Judge, Pixels
from bench.quality.measures import Effect
from realtime.build import build_filter
from realtime.clock import Deadline, ManualClock
from realtime.config import FilterSettings
from realtime.filter import shown_rest
from realtime.types import Edit, Emotion, Frame

Face = tuple[Pixels, Floats]

Filtering = Callable[[Sequence[Frame], Edit], tuple[list[Frame], list[int]]]
"""Frames and an edit -> the edited frames and the nanoseconds that each took."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Who judges, and how.

    Attributes:
        judges: of the expression.
        identity: whose face it is.
        stride: judge every n-th frame (the filter and the landmarks run on all).
        filtering: what is measured.
    """

    judges: Sequence[Judge]
    identity: Identity
    stride: int
    filtering: Filtering


@dataclass(frozen=True, slots=True)
class Before:
    """A clip and what is known of it before any edit: each judge's [N, 7], identities [N, 128]."""

    clip: Clip
    take: Take
    opinions: dict[str, Floats]
    identities: Floats
    shown: tuple[int, ...]


def through_filter(
    frames: Sequence[Frame], edit: Edit, rest: Sequence[Frame] = ()
) -> tuple[list[Frame], list[int]]:
    """Run the filter as a file run does: no deadline, the clock at each frame's time.

    ``rest`` shows the same face at rest, and is shown to the filter beforehand.
    """
    clock = ManualClock()
    made: list[Frame] = []
    spent: list[int] = []
    with ExitStack() as stack:
        filtering = build_filter(FilterSettings(), clock)
        stack.callback(filtering.close)
        shown_rest(filtering, rest)
        filtering.reset()
        for frame in frames:
            clock.advance(max(0, frame.captured - clock.now()))
            start = perf_counter_ns()
            out = filtering(frame, edit, Deadline(None))
            spent.append(perf_counter_ns() - start)
            made.append(out.frame if out else frame)
    return made, spent


def look(clip: Clip, bench: Bench, seconds: float) -> Before | None:
    """Decode and judge a clip; None where too few of its frames show a face."""
    taken = take(clip, seconds)
    shown = tuple(i for i, p in enumerate(taken.points) if p is not None)[:: bench.stride]
    if len(shown) < 3:
        return None
    faces = _faces(taken, shown)
    opinions = {judge.name: judge.batch(faces) for judge in bench.judges}
    return Before(clip, taken, opinions, bench.identity.batch(faces), shown)


def try_out(before: Before, emotion: Emotion, edit: Edit, bench: Bench) -> tuple[Effect, Take]:
    """Edit a clip and compare it with what it was."""
    made, spent = bench.filtering(before.take.frames, edit)
    after = tracked(made)
    still = [i for i in before.shown if after.points[i] is not None]
    rows = [before.shown.index(i) for i in still]
    faces = _faces(after, still)
    wins: dict[str, tuple[float, float]] = {}
    likely: dict[str, tuple[float, float]] = {}
    if emotion.value in LABELS:
        label = LABELS.index(emotion.value)
        for judge in bench.judges:
            was, now = before.opinions[judge.name][rows], judge.batch(faces)
            wins[judge.name] = measures.win_share(was, label), measures.win_share(now, label)
            likely[judge.name] = float(was[:, label].mean()), float(now[:, label].mean())
    pairs = [
        (a, b)
        for a, b in zip(before.take.points, after.points, strict=True)
        if a is not None and b is not None
    ]
    was, now = (np.stack([pair[k] for pair in pairs]) for k in (0, 1))
    lips = measures.aperture(was), measures.aperture(now)
    closed, kept = measures.closures(*lips)
    background = [
        measures.untouched(before.take.frames[i], made[i], before.take.points[i]) for i in still
    ]
    effect = Effect(
        person=before.clip.person,
        frames=len(pairs),
        wins=wins,
        likely=likely,
        identity=measures.cosine(before.identities[rows], bench.identity.batch(faces)),
        lips=measures.correlation(*lips),
        closed=closed,
        kept=kept,
        jitter=measures.jitter(now) / measures.jitter(was),
        background=min(background),
        smile=float((measures.smile(now) - measures.smile(was)).mean()),
        lost=sum(a is not None for a in before.take.points) - len(pairs),
        spent=tuple(spent),
    )
    return effect, after


def _faces(taken: Take, which: Sequence[int]) -> list[Face]:
    both = ((taken.rgb[i], taken.points[i]) for i in which)
    return [(rgb, points) for rgb, points in both if points is not None]


def unfiltered(frames: Sequence[Frame], edit: Edit) -> tuple[list[Frame], list[int]]:
    """Do nothing: what the measures say of a face that nobody touched."""
    del edit
    return list(frames), [0] * len(frames)
