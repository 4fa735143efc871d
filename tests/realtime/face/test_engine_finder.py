"""The engine sees what MediaPipe sees, and says why where it cannot be used."""

from __future__ import annotations

import importlib.util
import logging
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from realtime.build import build_filter, find_faces
from realtime.clock import Deadline, ManualClock
from realtime.config import FilterSettings
from realtime.face.engine_finder import EngineFinder
from realtime.face.finder import TrackerError
from realtime.face.mediapipe_finder import MediapipeFinder
from realtime.face.tracker import Tracker
from realtime.types import Edit, Emotion, Landmarks, PixelFormat, Pixels
from tests import portrait


def watched(tracker: Tracker, film: list[Pixels], layout: PixelFormat) -> list[Landmarks]:
    with closing(tracker):
        seen = [tracker(portrait.frame(rgb, i, layout)) for i, rgb in enumerate(film)]
    return [face for faces in seen for face in faces]


@pytest.mark.parametrize("layout", ["yuv420p", "yuv444p", "rgb24"])
def test_points_score_and_glasses_are_those_of_mediapipe(layout: PixelFormat):
    film = [portrait.move(portrait.photograph(), right=4 * i, roll=2 * i) for i in range(6)]
    one = watched(Tracker(finder=EngineFinder(backends=["onnxruntime"])), film, layout)
    other = watched(Tracker(finder=MediapipeFinder()), film, layout)
    assert len(one) == len(other) == len(film)
    for ours, theirs in zip(one, other, strict=True):
        apart = np.linalg.norm(ours.points[:, :2] - theirs.points[:, :2], axis=1)
        eyes = np.linalg.norm(theirs.points[33, :2] - theirs.points[263, :2])
        assert apart.mean() < 0.005 * eyes
        assert ours.score == pytest.approx(theirs.score, abs=0.05)
        assert ours.glasses == pytest.approx(theirs.glasses, abs=0.1)
        assert (ours.track, ours.captured) == (theirs.track, theirs.captured)


@pytest.mark.parametrize("edge", ["left", "bottom"])
def test_a_face_at_the_edge_of_the_picture_is_still_looked_at(edge: str):
    shift = {"left": {"right": -190.0}, "bottom": {"down": 160.0}}[edge]
    rgb = portrait.move(portrait.photograph(), **shift)
    finder = EngineFinder(backends=["onnxruntime"])
    for face in watched(Tracker(finder=finder), [rgb] * 3, "yuv420p"):
        assert 0 <= face.score <= 1


def test_the_whole_filter_runs_on_it():
    settings = FilterSettings(landmarks="engine")
    with closing(build_filter(settings, ManualClock())) as filter:
        shown = filter(portrait.frame(portrait.photograph()), Edit(Emotion.HAPPY), Deadline(None))
    assert shown is not None
    assert len(shown.faces) == 1
    detector, mesh = filter.places
    assert (detector.network, mesh.network) == ("face_detector", "face_mesh_attention")
    assert mesh.runs_on
    assert "on CPU" not in mesh.runs_on or "tensorrt" in mesh.refused


def nothing(name: str) -> None:
    return None


def test_without_the_networks_auto_takes_mediapipe_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(TrackerError, match=r"engine cannot be used: .*pip install"):
        find_faces(FilterSettings(landmarks="engine"), still=False)
    with caplog.at_level(logging.WARNING):
        finder = find_faces(FilterSettings(landmarks="auto"), still=False)
    finder.close()
    assert isinstance(finder, MediapipeFinder)
    assert "MediaPipe's own mesh is used" in caplog.text
    (place,) = finder.places
    assert (place.runs_on or "").startswith("MediaPipe")
    assert "pip install" in place.refused["engine"]
