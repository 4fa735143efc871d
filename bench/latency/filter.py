"""``visavis bench latency``: the filter alone, frame in to frame out, without a codec.

A moving portrait, whose rest was told, goes through the filter that calls and files use, every
emotion in turn at full intensity, as fast as it goes and on one thread of ours: with landmarks by
our own engine, where it runs, and by MediaPipe. With ``--generator`` the network comes after the
edit, fed with noise in place of a voice. MediaPipe's face mesh alone, on the same pictures in the
same run, is the measure of the machine.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.portrait import again, moving
from bench.report import Row, table, write_json
from realtime.build import build_filter
from realtime.clock import Deadline
from realtime.commands.generator_options import add_generator_options, generating
from realtime.config import FilterSettings, Landmarker
from realtime.face.finder import TrackerError
from realtime.types import Edit, Emotion, Frame

FINDERS: tuple[Landmarker, ...] = ("engine", "mediapipe")
SIZES = ((640, 480), (1280, 720))
ROUND = 90
"""Different pictures; shown round and round."""

WARM_UP = 60
"""Frames before the first that counts: compilation, caches, and the face's rest."""

AT_REST = range(30, 50)
"""Those that are said to show it: a rest that was told costs more than one that is learned."""


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench latency", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--sizes", nargs="+", type=_size, default=SIZES, metavar="WxH")
    parser.add_argument("--frames", type=int, default=150, help="frames of each emotion")
    parser.add_argument("--landmarks", nargs="+", choices=FINDERS, default=FINDERS,
                        help="what finds the face, a run each")  # fmt: skip
    add_generator_options(parser)
    options = parser.parse_args(argv)
    settings = generating(options, FilterSettings(generator="geometric"))
    rows: list[Row] = []
    for width, height in options.sizes:
        size = f"{width}x{height}"
        frames = moving(width, height, ROUND)
        for finder in options.landmarks:
            chosen = replace(settings, landmarks=finder)
            rows += filter_rows(size, frames, options.frames, chosen)
        rows.append(mesh_row(size, frames, options.frames))
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) % 4 == int(height) % 4 == 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not WxH in multiples of 4, as 640x480")
    return int(width), int(height)


def filter_rows(
    size: str, frames: Sequence[Frame], count: int, settings: FilterSettings
) -> list[Row]:
    """Return the whole filter's row, then one for each of its stages; none where it cannot run."""
    edits = [Edit(emotion, intensity=1.0) for emotion in Emotion]
    whole: list[int] = []
    spent: dict[str, list[int]] = defaultdict(list)
    seen = 0
    noise = np.random.default_rng(0).uniform(-4, 4, (ROUND, 80, 16)).astype(np.float32)
    try:
        filter = build_filter(settings)
    except TrackerError as error:
        print(f"landmarks by {settings.landmarks} are left out: {error}")
        return []
    try:
        for seq in range(WARM_UP + count * len(edits)):
            edit = edits[max(0, seq - WARM_UP) // count]
            frame = again(frames[seq % len(frames)], seq)
            if seq in AT_REST:
                frame = replace(frame, at_rest=True)
            if settings.generator != "geometric":
                frame = replace(frame, speech=noise[seq % len(noise)])
            start = time.perf_counter_ns()
            out = filter(frame, edit, Deadline(None))
            took = time.perf_counter_ns() - start
            if seq < WARM_UP or out is None:
                continue
            whole.append(took)
            seen += bool(out.faces)
            for stage, ns in out.spent.items():
                spent[stage].append(ns)
    finally:
        filter.close()
    generator = settings.generator != "geometric"
    name = f"filter {size}, {settings.landmarks}{' and generator' if generator else ''}"
    stages = [Row.of(f"{name}: {stage}", ns) for stage, ns in spent.items()]
    return [Row.of(name, whole, with_face=round(seen / len(whole), 3)), *stages]


def mesh_row(size: str, frames: Sequence[Frame], count: int) -> Row:
    """Return the row of MediaPipe's face mesh with irises alone, on RGB that is ready made."""
    import mediapipe as mp

    pictures = [cv2.cvtColor(np.vstack(_i420(f)), cv2.COLOR_YUV2RGB_I420) for f in frames]
    solutions: Any = mp.solutions  # pyright: ignore[reportUnknownVariableType, reportAttributeAccessIssue]
    times: list[int] = []
    with solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True) as mesh:
        for seq in range(WARM_UP + count):
            start = time.perf_counter_ns()
            mesh.process(pictures[seq % len(pictures)])
            times.append(time.perf_counter_ns() - start)
    return Row.of(f"face mesh alone {size}", times[WARM_UP:])


def _i420(frame: Frame) -> list[Any]:
    luma, *chroma = frame.planes
    return [luma, *(plane.reshape(-1, frame.width) for plane in chroma)]
