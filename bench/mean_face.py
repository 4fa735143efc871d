"""Make ``realtime/face/mesh.npz``: the mean face, who mirrors whom, and the triangles between.

    python -m bench.mean_face CLIP [CLIP ...]

The file in the repository was made from a weekly address of a US president (public domain), a
sentence of speaker s1 of the GRID corpus (CC BY 4.0) and scikit-image's astronaut (public
domain): a mean of 478 points, nothing of any picture. More clips make a better mean; every
coefficient of the basis is authored against it, so look at ``bench quality`` after a change.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.spatial import Delaunay

from realtime.face import mesh
from realtime.face.pose import find_head
from realtime.face.tracker import Tracker
from realtime.sources.file import FileSource

CLOSEST = 40
"""Frames of each clip that count: those with the mouth most nearly closed."""

ROUNDS = 8

Points = NDArray[np.float64]


def main(clips: list[str]) -> int:
    """Read the clips and write the file."""
    people = [_calmest(Path(clip)) for clip in clips]
    face, mirror = mean_face(people)
    flat = face[:, :2].astype(np.float32)
    around = np.concatenate([flat, mesh.ring(flat)])
    triangles = Delaunay(around).simplices.astype(np.int32)
    out = Path(mesh.__file__).with_name("mesh.npz")
    np.savez_compressed(
        out, canonical=face.astype(np.float32), mirror=mirror.astype(np.int32), triangles=triangles
    )
    print(f"{out}: {len(clips)} people, {len(triangles)} triangles")
    return 0


def mean_face(people: list[Points]) -> tuple[Points, NDArray[np.int64]]:
    """Align [N, 478, 3] of each person, average, make symmetric; eyes one apart, half-way at 0.

    Returns the face and, for each point, the one that stands opposite.
    """
    face = _upright(people[0][0])
    mirror = np.arange(mesh.POINTS, dtype=np.int64)
    for _ in range(ROUNDS):
        sightings = [
            np.mean([find_head(p, face.astype(np.float32)).to_canonical(p) for p in person], axis=0)
            for person in people
        ]
        face = np.mean(sightings, axis=0)
        flipped = face * (-1, 1, 1)
        cost = np.linalg.norm(face[:, None] - flipped[None], axis=2)
        assignment: Any = optimize
        mirror = np.asarray(assignment.linear_sum_assignment(cost)[1], np.int64)
        face = (face + flipped[mirror]) / 2
        right, left = face[[33, 133]].mean(axis=0), face[[263, 362]].mean(axis=0)
        face = (face - (right + left) / 2) / np.linalg.norm(right - left)
    return face, mirror


def _upright(points: Points) -> Points:
    """Turn one sighting so that the eyes lie level and the chin below the forehead."""
    x = points[263] - points[33]
    x /= np.linalg.norm(x)
    y = points[152] - points[10]
    y -= (y @ x) * x
    y /= np.linalg.norm(y)
    return (points - points[168]) @ np.stack([x, y, np.cross(x, y)], axis=1)


def _calmest(clip: Path) -> Points:
    tracker = Tracker()
    found: list[Any] = [tracker(frame) for frame in FileSource(clip).frames()]
    tracker.close()
    points = np.stack([faces[0].points for faces in found if faces]).astype(np.float64)
    eyes = np.linalg.norm(points[:, 33] - points[:, 263], axis=1)
    gap = np.linalg.norm(points[:, 13] - points[:, 14], axis=1) / eyes
    return points[np.argsort(gap)[:CLOSEST]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
