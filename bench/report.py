"""What a measurement leaves behind: rows of figures and the machine that they hold for."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from realtime.machine import cores, cpu, gpus, memory_gib, output_of, version_of

Figure = float | int | str | bool | None
"""A value in a row beside the percentiles."""

PACKAGES = (
    "visavis",
    "numpy",
    "opencv-contrib-python",
    "mediapipe",
    "numba",
    "av",
    "aiortc",
    "onnxruntime",
    "openvino",
    "tensorrt-rtx-cu13",
    "torch",
)
"""Whose versions a figure may depend on."""

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report.

    Attributes:
        name: what was measured, with its conditions; the key that later runs are compared by.
        p50_ms: median, milliseconds; None for a row that measures no duration.
        p95_ms: 95th percentile, milliseconds.
        p99_ms: 99th percentile, milliseconds.
        extra: further figures by name, with the unit in the name.
    """

    name: str
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    extra: Mapping[str, Figure] = field(default_factory=dict[str, Figure])

    @classmethod
    def of(cls, name: str, durations: Sequence[int], **extra: Figure) -> Row:
        """Summarise ``durations`` in nanoseconds."""
        p50, p95, p99 = (percentile(durations, q) / 1e6 for q in (0.50, 0.95, 0.99))
        return cls(name, p50, p95, p99, {"count": len(durations), **extra})

    def as_json(self) -> dict[str, Figure]:
        """Return the row flat, without percentiles that it has not."""
        times = {"p50_ms": self.p50_ms, "p95_ms": self.p95_ms, "p99_ms": self.p99_ms}
        known = {key: round(ms, 3) for key, ms in times.items() if ms is not None}
        return {"name": self.name, **known, **self.extra}


def percentile(values: Sequence[int], q: float) -> int:
    """Return the smallest value that at least the share ``q`` of ``values`` does not exceed."""
    if not values:
        raise ValueError("no values to take a percentile of")
    rank = max(1, -(-len(values) * q // 1))
    return sorted(values)[int(rank) - 1]


def write_json(rows: Sequence[Row], path: Path | str) -> None:
    """Write ``{"machine": {...}, "rows": [...]}``; the file is whole or as it was."""
    path = Path(path)
    text = json.dumps({"machine": machine(), "rows": [row.as_json() for row in rows]}, indent=2)
    part = path.with_name(path.name + ".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def table(rows: Sequence[Row]) -> str:
    """Return ``rows`` as text for a terminal, one line each."""
    width = max((len(row.name) for row in rows), default=4)
    lines = [f"{'name':<{width}}  {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}"]
    for row in rows:
        times = " ".join(
            f"{'' if ms is None else format(ms, '.2f'):>8}"
            for ms in (row.p50_ms, row.p95_ms, row.p99_ms)
        )
        rest = "  ".join(f"{key} {_short(value)}" for key, value in row.extra.items())
        lines.append(f"{row.name:<{width}}  {times}  {rest}".rstrip())
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """Describe the machine that a figure was measured on; what cannot be told is None."""
    return {
        "cpu": cpu(),
        "cores": cores(),
        "memory_gib": memory_gib(),
        "os": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := version_of(name))},
        "gpus": list(gpus()),
        "commit": output_of("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
    }


def _short(value: Figure) -> str:
    return format(value, ".3g") if isinstance(value, float) else str(value)
