"""A small chart as SVG: lines over whole numbers, readable on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 140, 36, 48
COLOURS = ("#3b7dd8", "#d8663b", "#2f9e6e", "#8e5bd0")
GREY = "#888888"

STEPS = (1, 2, 2.5, 5, 10)
"""Round distances between two lines of the grid, times a power of ten."""


def lines(
    title: str, across: str, up: str, x: Sequence[int], series: Mapping[str, Sequence[float]]
) -> str:
    """Return the chart of ``series`` over ``x``, one value each; the axis of values begins at 0."""
    step = _step(max(max(values) for values in series.values()))
    top = step
    while top < max(max(values) for values in series.values()):
        top += step

    def place(column: float, value: float) -> tuple[float, float]:
        span = max(1, x[-1] - x[0])
        return (
            LEFT + (column - x[0]) / span * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM),
        )

    drawn = [_text(LEFT, 20, title, anchor="start", size=14)]
    for k in range(round(top / step) + 1):
        _, y = place(x[0], k * step)
        drawn.append(
            f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GREY}"'
            ' stroke-width="0.5" stroke-opacity="0.5"/>'
        )
        drawn.append(_text(LEFT - 8, y + 4, f"{k * step:g}", anchor="end"))
    drawn += [_text(place(c, 0)[0], HEIGHT - BOTTOM + 18, str(c)) for c in x]
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, across))
    drawn.append(_text(LEFT - 8, 20, up, anchor="end"))
    for (name, values), colour in zip(series.items(), COLOURS, strict=False):
        points = [place(c, v) for c, v in zip(x, values, strict=True)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        end_x, end_y = points[-1]
        drawn.append(_text(end_x + 10, end_y + 4, name, anchor="start", colour=colour))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(title)}"'
        ' font-family="sans-serif" font-size="12">\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _step(most: float) -> float:
    """Return a round distance that divides 0 to ``most`` into about five."""
    power = 10.0
    while power * 10 < most / 5:
        power *= 10
    while power > most / 5:
        power /= 10
    return next(s * power for s in STEPS if s * power >= most / 5)


def _text(
    x: float, y: float, text: str, *, anchor: str = "middle", size: int = 12, colour: str = GREY
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f' fill="{colour}">{escape(text)}</text>'
    )
