"""Loss curves as a picture, drawn with OpenCV: one panel for each name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from engines.wav2lip_emotion.faces import Pixels

WIDTH, HEIGHT, COLUMNS = 420, 200, 3
LEFT, BOTTOM, TOP, RIGHT = 60, 24, 26, 12

FONT = cv2.FONT_HERSHEY_SIMPLEX
INK, GRID, LINE, FAINT = (40, 40, 40), (225, 225, 225), (30, 90, 190), (180, 205, 240)


@dataclass(frozen=True, slots=True)
class Series:
    """A curve.

    Attributes:
        name: what is measured.
        values: (step, value), steps rising.
    """

    name: str
    values: Sequence[tuple[int, float]]


def draw(series: Sequence[Series]) -> Pixels:
    """Return [H, W, 3]: the panels in rows of three."""
    panels = [_panel(each) for each in series if each.values]
    panels += [_blank() for _ in range(-len(panels) % COLUMNS or (COLUMNS if not panels else 0))]
    rows = [np.concatenate(panels[k : k + COLUMNS], 1) for k in range(0, len(panels), COLUMNS)]
    return np.concatenate(rows, 0)


def _panel(series: Series) -> Pixels:
    picture = _blank()
    steps = np.array([step for step, _ in series.values], np.float64)
    values = np.array([value for _, value in series.values], np.float64)
    smooth = _smoothed(values)
    low, high = float(np.percentile(values, 1)), float(np.percentile(values, 99))
    span = max(high - low, 1e-6 * max(1.0, abs(high)))
    low, span = low - 0.08 * span, 1.16 * span
    for share in (0.0, 0.5, 1.0):
        y = round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP))
        cv2.line(picture, (LEFT, y), (WIDTH - RIGHT, y), GRID, 1)
        _text(picture, f"{low + share * span:.3g}", (4, y + 4))
    across = (steps - steps[0]) / max(1.0, steps[-1] - steps[0])
    for curve, colour in ((values, FAINT), (smooth, LINE)):
        x = LEFT + across * (WIDTH - RIGHT - LEFT)
        y = HEIGHT - BOTTOM - np.clip((curve - low) / span, 0, 1) * (HEIGHT - BOTTOM - TOP)
        path = np.rint(np.stack([x, y], 1)).astype(np.int32)
        cv2.polylines(picture, [path], False, colour, 1, cv2.LINE_AA)
    _text(picture, f"{series.name}: {values[-1]:.4g}", (LEFT, 16))
    _text(picture, f"{int(steps[0])}", (LEFT, HEIGHT - 8))
    _text(picture, f"{int(steps[-1])}", (WIDTH - RIGHT - 50, HEIGHT - 8))
    return picture


def _smoothed(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]):
    reach = max(1, len(values) // 50)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - reach)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _blank() -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), 255, np.uint8)


def _text(picture: Pixels, text: str, at: tuple[int, int]) -> None:
    cv2.putText(picture, text, at, FONT, 0.4, INK, 1, cv2.LINE_AA)
