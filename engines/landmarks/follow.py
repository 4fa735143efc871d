"""Putting the tracker together: both its networks on the best back-end at hand."""

from __future__ import annotations

from collections.abc import Sequence

from engines.engine import AUTO, Options, open_engine
from engines.landmarks.networks import SOURCES
from engines.landmarks.tracker import LandmarkTracker
from engines.landmarks.weights import FromWheel
from engines.placement import Placement

DETECTOR, MESH = "face_detector", "face_mesh_attention"


def open_tracker(
    backends: Sequence[str] = AUTO, options: Options | None = None, most: int = 1
) -> tuple[LandmarkTracker, str]:
    """Return a tracker of up to ``most`` faces, and who runs its mesh.

    Raises:
        EngineError: no back-end can run the networks.
        SourceMissing: MediaPipe's wheel, where they come from, is absent or another.
    """
    options = options or Options()
    detect, mesh = (
        open_engine(SOURCES[name].spec, FromWheel(name, options.cache), backends, options)
        for name in (DETECTOR, MESH)
    )
    places = [
        Placement(opened.engine.spec.name, opened.engine.backend, opened.refused)
        for opened in (detect, mesh)
    ]
    tracker = LandmarkTracker(detect.engine, mesh.engine, most, places)
    return tracker, mesh.engine.backend
