"""``visavis bench engines``: our landmark engine beside MediaPipe's face mesh, on real faces.

Both follow the face through the same frames. How far their points are apart is told as a share of
the distance between the outer corners of the eyes, as MediaPipe sees them; the time of both in
turns, a block of frames each, so that both meet the same machine. Ours starts from the camera's
planes, MediaPipe's from RGB that is ready made; what making that takes is told apart.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.quality.clips import GRID, Clip, decode, known
from bench.quality.data import DataMissing
from bench.report import Row, percentile, table, write_json
from engines.engine import BACKENDS, EngineError, Options
from engines.landmarks.follow import open_tracker
from engines.landmarks.picture import Picture
from engines.landmarks.tracker import LandmarkTracker
from realtime.picture import to_rgb
from realtime.types import Frame

Floats = NDArray[np.float32]
T = TypeVar("T")

OUTER_EYES = (33, 263)

BLOCK = 15
"""Frames that one of the two works on before it is the other's turn."""

MEAN_BAR, P99_BAR, TIME_BAR = 0.5, 2.0, 0.6
"""Per cent of the distance between the eyes, twice; our time as a share of MediaPipe's."""

ALL = "all clips"


@dataclass(slots=True)
class Comparison:
    """What was seen of one clip.

    Attributes:
        apart: distance of each point in each frame where both see a face, per cent.
        ours_ns: our time a frame, from planes.
        theirs_ns: MediaPipe's, from RGB.
        rgb_ns: what making RGB takes.
        only_we: frames in which we see a face and MediaPipe does not.
        only_they: the other way round.
    """

    apart: list[Floats] = field(default_factory=list[Floats])
    ours_ns: list[int] = field(default_factory=list[int])
    theirs_ns: list[int] = field(default_factory=list[int])
    rgb_ns: list[int] = field(default_factory=list[int])
    only_we: int = 0
    only_they: int = 0

    def add(self, other: Comparison) -> None:
        """Take in another clip's."""
        for name in ("apart", "ours_ns", "theirs_ns", "rgb_ns"):
            getattr(self, name).extend(getattr(other, name))
        self.only_we += other.only_we
        self.only_they += other.only_they

    def row(self, name: str) -> Row:
        """Return the figures; the times are ours."""
        apart = np.concatenate(self.apart) if self.apart else np.full(1, np.nan, np.float32)
        p50 = {
            "ours": percentile(self.ours_ns, 0.5),
            "theirs": percentile(self.theirs_ns, 0.5),
            "rgb": percentile(self.rgb_ns, 0.5),
        }
        return Row.of(
            name,
            self.ours_ns,
            mean_percent=round(float(apart.mean()), 4),
            p99_percent=round(float(np.quantile(apart, 0.99)), 4),
            mediapipe_p50_ms=round(p50["theirs"] / 1e6, 3),
            mediapipe_p95_ms=round(percentile(self.theirs_ns, 0.95) / 1e6, 3),
            rgb_p50_ms=round(p50["rgb"] / 1e6, 3),
            share_of_mediapipe=round(p50["ours"] / p50["theirs"], 3),
            only_we=self.only_we,
            only_mediapipe=self.only_they,
        )


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench engines", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument(
        "--backend", nargs="+", choices=BACKENDS, default=["openvino", "onnxruntime"]
    )
    parser.add_argument("--precision", choices=("fp32", "fp16", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1, help="cores for one run of a network")
    parser.add_argument(
        "--clips", nargs="+", metavar="NAME", help="only those with this in their name"
    )
    parser.add_argument("--frames", type=int, default=150, help="of each clip, at most")
    options = parser.parse_args(argv)
    try:
        clips = [
            c for c in known() if not options.clips or any(n in c.path.name for n in options.clips)
        ]
    except DataMissing as error:
        print(f"skipped: {error}")
        return 0
    rows: list[Row] = []
    for backend in options.backend:
        rows += list(_rows(backend, clips, options))
    print(table(rows))
    print(verdict(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def verdict(rows: Sequence[Row]) -> str:
    """Say which of the bars each back-end reaches."""
    lines: list[str] = []
    for row in (r for r in rows if r.name.startswith(ALL)):
        worst = [r for r in rows if r.name.endswith(row.name.removeprefix(ALL))]
        mean, p99 = (
            max(float(str(r.extra[key])) for r in worst) for key in ("mean_percent", "p99_percent")
        )
        share = float(str(row.extra["share_of_mediapipe"]))
        lines.append(
            f"{row.name}: worst clip's mean {mean:.3f} % (bar {MEAN_BAR}), p99 {p99:.3f} % (bar "
            f"{P99_BAR}); {share:.2f} of MediaPipe's time (bar {TIME_BAR})"
        )
    return "\n".join(lines)


def _rows(backend: str, clips: Sequence[Clip], options: argparse.Namespace) -> Iterator[Row]:
    settings = Options(threads=options.threads, precision=options.precision)
    try:
        tracker, name = open_tracker([backend], settings)
    except EngineError as error:
        print(f"{backend} is left out: {error}")
        return
    tracker.warm_up()
    whole = Comparison()
    for clip in clips:
        tracker.reset()
        frames = list(itertools.islice(decode(clip.path), options.frames))
        seen = compare(tracker, frames)
        whole.add(seen)
        person = "grid" if clip.person == GRID else clip.path.stem
        yield seen.row(f"{person} | {name}")
    yield whole.row(f"{ALL} | {name}")


def compare(tracker: LandmarkTracker, frames: Sequence[Frame]) -> Comparison:
    """Follow the face with both, in turns."""
    out = Comparison()
    with mediapipe_mesh() as mesh:
        for start in range(0, len(frames), BLOCK):
            block = frames[start : start + BLOCK]
            pictures = [_timed(out.rgb_ns, to_rgb, frame) for frame in block]
            theirs = [_timed(out.theirs_ns, points_of, mesh, picture) for picture in pictures]
            ours = [_timed(out.ours_ns, _look, tracker, frame) for frame in block]
            for a, b in zip(ours, theirs, strict=True):
                out.only_we += a is not None and b is None
                out.only_they += b is not None and a is None
                if a is not None and b is not None:
                    out.apart.append(apart(a, b))
    return out


def apart(ours: Floats, theirs: Floats) -> Floats:
    """Return the distance of each point in the picture's plane, per cent of that of the eyes."""
    eyes = theirs[list(OUTER_EYES), :2]
    scale = 100 / float(np.linalg.norm(eyes[0] - eyes[1]))
    return (np.linalg.norm(ours[:, :2] - theirs[:, :2], axis=1) * scale).astype(np.float32)


def mediapipe_mesh() -> Any:
    """Return MediaPipe's own face mesh, of one face with irises."""
    os.environ.setdefault("GLOG_minloglevel", "2")  # its C++ side is talkative
    from mediapipe.python.solutions import face_mesh

    return face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True)


def points_of(mesh: Any, rgb: NDArray[np.uint8]) -> Floats | None:
    """Return [478, 3] in pixels, the middle of the first at 0, as an array: nobody can use less."""
    found = mesh.process(rgb).multi_face_landmarks
    if not found:
        return None
    height, width = rgb.shape[:2]
    points = np.array([(p.x, p.y, p.z) for p in found[0].landmark], np.float32)
    return points * np.array([width, height, width], np.float32) - np.array(
        [0.5, 0.5, 0], np.float32
    )


def _look(tracker: LandmarkTracker, frame: Frame) -> Floats | None:
    found = tracker.step(Picture(frame.planes, frame.full_range))
    return found[0].points if found else None


def _timed(into: list[int], work: Callable[..., T], *arguments: Any) -> T:
    start = time.perf_counter_ns()
    done = work(*arguments)
    into.append(time.perf_counter_ns() - start)
    return done
