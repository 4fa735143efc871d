"""Following faces from picture to picture by our own engines, as MediaPipe's face mesh does.

The detector runs when nothing is followed and at times that the caller names; each face followed
costs one run of the mesh, in the square where it last was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.engine import Engine
from engines.landmarks import detector
from engines.landmarks.picture import Picture
from engines.landmarks.region import Floats, Region, around_points, overlap, whole
from engines.placement import Placement

LEAST_PRESENCE = 0.5
"""Below this the mesh says that it sees no face, and the face is lost."""

SAME_FACE = 0.5
"""A detection that shares more than this with a followed face is that face."""

MESH_SIZE = 192

SIDE = 64
"""Of the picture that is looked at before there is one."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in one picture.

    Attributes:
        points: [468 or 478, 3] in pixels: x right, y down, z away from the camera. The middle of
            the first pixel is at 0.
        score: how sure the mesh is that this is a face, 0 to 1.
    """

    points: Floats
    score: float


class LandmarkTracker:
    """Follows up to ``most`` faces; not for more than one thread or stream of pictures.

    Args:
        detect: the engine of ``face_detector``.
        mesh: the engine of ``face_mesh`` or ``face_mesh_attention``.
        most: how many faces are followed at once.
        places: where the two run, for reports.
    """

    def __init__(
        self, detect: Engine, mesh: Engine, most: int = 1, places: Sequence[Placement] = ()
    ) -> None:
        self._detect, self._mesh = detect, mesh
        self.places = tuple(places)
        self._most = most
        self._regions: list[Region] = []
        self._scene = np.empty((1, detector.SIZE, detector.SIZE, 3), np.uint8)
        self._face = np.empty((1, MESH_SIZE, MESH_SIZE, 3), np.uint8)

    def step(self, picture: Picture, *, look_around: bool = False) -> list[Sighting]:
        """Return the faces in the next picture of a stream.

        Args:
            picture: what to look at.
            look_around: search the whole picture for further faces, not only where they were.
        """
        known = self._regions
        if not known or (look_around and len(known) < self._most):
            known = self._search(picture, known)
        found = self._follow(picture, known)
        if not found and self._regions:  # all lost in this picture: they may be somewhere else
            found = self._follow(picture, self._search(picture, []))
        self._regions = [region for _, region in found]
        return [sighting for sighting, _ in found]

    def warm_up(self) -> None:
        """Take every step once on an empty picture: what is done only at first is done then."""
        luma, chroma = np.zeros((SIDE, SIDE), np.uint8), np.zeros((SIDE // 2, SIDE // 2), np.uint8)
        picture = Picture((luma, chroma, chroma))
        self._search(picture, [])
        self._look(picture, whole(SIDE, SIDE))

    def reset(self) -> None:
        """Forget where faces were."""
        self._regions = []

    def close(self) -> None:
        """Close both engines; idempotent."""
        self.reset()
        self._detect.close()
        self._mesh.close()

    def _follow(self, picture: Picture, regions: list[Region]) -> list[tuple[Sighting, Region]]:
        found: list[tuple[Sighting, Region]] = []
        for region in regions:
            seen = self._look(picture, region) if region.is_sound() else None
            if seen is None:
                continue
            points, score = seen
            there = around_points(points)
            # Two squares that slid onto one face would stay there for good.
            if there.is_sound() and all(overlap(there, other) <= SAME_FACE for _, other in found):
                found.append((Sighting(points - HALF, score), there))
        return found

    def _search(self, picture: Picture, known: list[Region]) -> list[Region]:
        """Return the squares of ``known`` faces and of those that the detector adds."""
        seen = whole(picture.width, picture.height)
        picture.crop(seen, detector.SIZE, self._scene[0], black_outside=True)
        out = self._detect({"image": self._scene})
        found = detector.decode(out["boxes"][0], out["scores"][0, :, 0], seen)
        regions = list(known)
        for detection in found:
            if all(overlap(detection.region, region) <= SAME_FACE for region in regions):
                regions.append(detection.region)
        return regions[: self._most]

    def _look(self, picture: Picture, region: Region) -> tuple[Floats, float] | None:
        """Return the points as MediaPipe counts, and the presence; None where no face is seen."""
        picture.crop(region, MESH_SIZE, self._face[0])
        out = self._mesh({"image": self._face})
        score = float(out["presence"][0, 0])
        if not score > LEAST_PRESENCE:
            return None
        return _in_picture(out["points"][0], region), score


HALF = np.array([0.5, 0.5, 0.0], np.float32)
"""From MediaPipe's corner of a pixel to our middle of it."""


def _in_picture(points: Floats, region: Region) -> Floats:
    """Return points of the crop in the picture; depth is scaled as width is."""
    matrix = region.matrix(MESH_SIZE)
    turn = np.zeros((3, 3), np.float32)
    turn[:2, :2] = matrix[:, :2].T
    turn[2, 2] = region.side / MESH_SIZE
    shift = np.array([matrix[0, 2], matrix[1, 2], 0.0], np.float32)
    return points @ turn + shift
