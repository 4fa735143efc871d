"""``visavis bench kernels``: each fused operation beside those that one would use instead.

OpenCV's, PyAV's and numpy's ways run in turns with ours, on one core, on pictures of a portrait
that moves: each run meets a picture that is not in the cache any more, as in a call.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2

from bench.kernels.colours import crops, to_yuv
from bench.kernels.contest import OURS, REFERENCE, Contest, held
from bench.kernels.faces import drapes, enlargements, flushes, moves, rasters, relights, warps
from bench.kernels.seams import blends
from bench.kernels.sounds import spectrograms
from bench.portrait import moving
from bench.report import Row, table, write_json
from realtime.types import Frame

SIZES = ((640, 480), (1280, 720))

PICTURES = 30


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench kernels", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="with this in their name")
    parser.add_argument("--count", type=int, default=300, help="runs of each")
    parser.add_argument("--quick", action="store_true", help="640x480 alone")
    options = parser.parse_args(argv)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        rows = [
            row
            for contest in contests(SIZES[:1] if options.quick else SIZES)
            if not options.only or any(name in contest.name for name in options.only)
            for row in held(contest, options.count)
        ]
    finally:
        cv2.setNumThreads(threads)
    print(table(rows))
    print(verdict(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def contests(sizes: Sequence[tuple[int, int]]) -> Iterator[Contest]:
    """Yield every operation, made ready when it is its turn."""
    for width, height in sizes:
        frames: list[Frame] = moving(width, height, PICTURES)
        for make in (crops, to_yuv, warps, relights, flushes, blends):
            yield from make(frames, f"{width}x{height}")
    for make in (rasters, drapes, enlargements, moves, spectrograms):
        yield from make()


def verdict(rows: Sequence[Row]) -> str:
    """Say in a line for each operation what the quickest of the other ways takes."""
    lines: list[str] = []
    for row in (r for r in rows if r.name.endswith(f"| {OURS}")):
        what = row.name.partition(" | ")[0]
        others = [
            r
            for r in rows
            if r.name.startswith(f"{what} | ") and not r.name.endswith((OURS, REFERENCE))
        ]
        best = min(others, key=lambda r: r.p50_ms or 0.0, default=None)
        if best is not None and row.p50_ms and best.p50_ms:
            who = best.name.partition(" | ")[2]
            lines.append(f"{what}: {row.p50_ms / best.p50_ms:.2f} of the time of {who}")
    return "\n".join(lines)
