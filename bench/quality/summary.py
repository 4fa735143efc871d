"""The table that a quality run prints, and its rows for the JSON report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.quality.measures import Effect
from bench.report import Figure, Row

BARS = {"happy": 0.88, "surprise": 0.87, "sad": 0.79, "angry": 0.34, "disgust": 0.32, "fear": 0.22}
"""Share of frames in which the emotion wins on acted recordings; an edit should do as well."""

ACTED: dict[str, dict[str, float]] = {
    "fer": {
        "happy": 0.79, "surprise": 0.94, "sad": 0.57, "angry": 0.68, "disgust": 0.21, "fear": 0.42,
    },
    "ferwide": {
        "happy": 0.90, "surprise": 0.62, "sad": 0.44, "angry": 0.62, "disgust": 0.06, "fear": 0.36,
    },
    "faceapi": {
        "happy": 0.70, "surprise": 1.00, "sad": 0.39, "angry": 0.26, "disgust": 0.84, "fear": 0.26,
    },
    "units": {
        "happy": 0.94, "surprise": 1.00, "sad": 0.76, "angry": 0.88, "disgust": 0.40, "fear": 0.69,
    },
}  # fmt: skip
"""The same by each of our judges on two actors of MEAD (``bench quality --acted``)."""


def row(name: str, effects: Sequence[Effect]) -> Row:
    """Return one emotion's figures over all faces."""
    extra: dict[str, Figure] = {"faces": len(effects), "frames": sum(e.frames for e in effects)}
    judges = list(effects[0].wins)
    extra["wins_acted"] = _acted(name.split()[-1], judges)
    for judge in judges:
        for k, when in enumerate(("before", "after")):
            extra[f"wins_{when}_{judge}"] = _mean([e.wins[judge][k] for e in effects])
        extra[f"rise_{judge}"] = _mean([_rise(e, judge) for e in effects])
        extra[f"faces_risen_{judge}"] = sum(_rise(e, judge) > 0 for e in effects)
    if judges:
        extra["wins_before"] = _mean([share(e, 0) for e in effects])
        extra["wins_after"] = _mean([share(e, 1) for e in effects])
        extra["faces_risen"] = sum(_risen(e) for e in effects)
    spoken = [e.lips for e in effects if e.lips is not None]
    closed = sum(e.closed for e in effects)
    extra |= {
        "identity": _mean([e.identity for e in effects]),
        "lip_correlation": _mean(spoken) if spoken else None,
        "lip_correlation_worst": round(min(spoken), 4) if spoken else None,
        "closures": closed,
        "closures_kept": round(sum(e.kept for e in effects) / closed, 4) if closed else None,
        "jitter": _mean([e.jitter for e in effects]),
        "jitter_worst": round(max(e.jitter for e in effects), 3),
        "background_identical": round(min(e.background for e in effects), 6),
        "corners_up": _mean([e.smile for e in effects]),
        "frames_lost": sum(e.lost for e in effects),
    }
    return Row.of(name, [ns for e in effects for ns in e.spent], **extra)


def share(effect: Effect, when: int) -> float:
    """Return the win share, before (0) or after (1), averaged over the judges."""
    return float(np.mean([wins[when] for wins in effect.wins.values()]))


def heading(judges: Sequence[str]) -> str:
    """Return the table's first line."""
    columns = " ".join(f"{'wins ' + judge:>14} {'risen':>6}" for judge in judges)
    return (
        f"{'emotion':<9} {columns} {'wins mean':>14} {'acted':>5} {'bar':>4} {'risen':>6} "
        f"{'ident':>6} {'lips (worst)':>12} {'closed':>10} {'jitter (worst)':>14} {'backgr':>7} "
        f"{'corners':>7} {'p50 ms':>6}"
    )


def line(emotion: str, judges: Sequence[str], effects: Sequence[Effect]) -> str:
    """Return one emotion's line: means over faces."""
    faces = len(effects)
    columns = " ".join(_opinion(judge, effects) for judge in judges)
    mean = f"{'':>14} {'':>5} {'':>4} {'':>6}"
    if effects[0].wins:
        was, now = (float(np.mean([share(e, k) for e in effects])) for k in (0, 1))
        bar = f"{BARS[emotion]:.2f}" if emotion in BARS else ""
        acted = _acted(emotion, judges)
        said = f"{acted:.2f}" if acted is not None else ""
        risen = f"{sum(_risen(e) for e in effects)}/{faces}"
        mean = f"{f'{was:.2f} -> {now:.2f}':>14} {said:>5} {bar:>4} {risen:>6}"
    spoken = [e.lips for e in effects if e.lips is not None]
    lips = f"{np.mean(spoken):.3f} ({min(spoken):.2f})" if spoken else "-"
    closed = sum(e.closed for e in effects)
    kept = f"{sum(e.kept for e in effects) / closed:.3f}/{closed}" if closed else "-"
    shaking = [e.jitter for e in effects]
    return (
        f"{emotion:<9} {columns} {mean} {np.mean([e.identity for e in effects]):>6.3f} "
        f"{lips:>12} {kept:>10} {f'{np.mean(shaking):.2f} ({max(shaking):.2f})':>14} "
        f"{min(e.background for e in effects):>7.4f} "
        f"{np.mean([e.smile for e in effects]):>+7.3f} "
        f"{np.median([ns for e in effects for ns in e.spent]) / 1e6:>6.1f}"
    )


def detail(effect: Effect) -> str:
    """Return one face's line, indented: what to look at when a mean disappoints."""
    opinions = "  ".join(
        f"{judge} {effect.likely[judge][0]:.2f}->{effect.likely[judge][1]:.2f} (wins {wins[1]:.2f})"
        for judge, wins in effect.wins.items()
    )
    lips = "-" if effect.lips is None else f"{effect.lips:.3f}"
    return (
        f"    person {effect.person:>2}  {opinions}  id {effect.identity:.2f}  lips {lips}  "
        f"kept {effect.kept}/{effect.closed}  jitter {effect.jitter:.2f}  "
        f"corners {effect.smile:+.3f}  lost {effect.lost}"
    )


def _acted(emotion: str, judges: Sequence[str]) -> float | None:
    known = [ACTED[j][emotion] for j in judges if emotion in ACTED.get(j, {})]
    return float(np.mean(known)) if known else None


def _opinion(judge: str, effects: Sequence[Effect]) -> str:
    if not effects[0].wins:
        return f"{'':>14} {'':>6}"
    was, now = (float(np.mean([e.wins[judge][k] for e in effects])) for k in (0, 1))
    risen = f"{sum(_rise(e, judge) > 0 for e in effects)}/{len(effects)}"
    return f"{f'{was:.2f} -> {now:.2f}':>14} {risen:>6}"


def _rise(effect: Effect, judge: str) -> float:
    was, now = effect.likely[judge]
    return now - was


def _risen(effect: Effect) -> bool:
    """Tell whether the emotion grew likelier by the mean of the judges."""
    return float(np.mean([_rise(effect, judge) for judge in effect.likely])) > 0


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)
