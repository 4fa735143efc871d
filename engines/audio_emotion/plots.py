"""Pictures of the confusion between emotions and of the calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.scores import Scores


def draw(scores: Scores, title: str, path: Path) -> None:
    """Write a PNG: what was heard for each emotion, and how often the confident are right."""
    # Takes a second to import, and only who trains or evaluates wants it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure: Any = Figure(figsize=(11, 5), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    figure.suptitle(f"{title}: {scores.uar:.1%} unweighted average recall of {scores.count}")
    _confusion(left, scores)
    _calibration(right, scores)
    figure.savefig(str(path), dpi=100)


def _confusion(axes: Any, scores: Scores) -> None:
    rows = [i for i in range(len(EMOTIONS)) if scores.confusion[i].any()]
    table = scores.confusion[rows].astype(float)
    table /= table.sum(axis=1, keepdims=True)
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(EMOTIONS) + 1), [*EMOTIONS, "nothing"], rotation=45, ha="right")
    axes.set_yticks(range(len(rows)), [EMOTIONS[i] for i in rows])
    axes.set_xlabel("heard")
    axes.set_ylabel("meant")
    for (row, column), value in np.ndenumerate(table):
        colour = "white" if value > 0.5 else "black"
        axes.text(column, row, f"{value:.0%}", ha="center", va="center", color=colour, fontsize=8)


def _calibration(axes: Any, scores: Scores) -> None:
    share, confidence, accuracy = scores.reliability.T
    there = share > 0
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.bar(
        confidence[there], share[there], width=0.06, color="lightgrey", label="share of answers"
    )
    axes.plot(confidence[there], accuracy[there], marker="o", label="right")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence")
    axes.set_title(f"calibration error {scores.ece:.3f}")
    axes.legend()
