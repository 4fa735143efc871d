"""What a start waits for: no process loads what it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numba", "mediapipe", "matplotlib", "sounddevice", "onnxruntime", "openvino", "torch")


def loaded(program: str) -> set[str]:
    """Return which of the heavy packages are there after ``program``, in a process of its own."""
    tell = f"\nimport sys; print(*(set({HEAVY!r}) & set(sys.modules)))"
    words = [sys.executable, "-c", program + tell]
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return set(out.splitlines()[-1].split())


def test_the_server_leaves_faces_to_its_filters_processes():
    names = "realtime.build, realtime.server.app, realtime.server.serving"
    assert loaded(f"import {names}") == set()


def test_of_mediapipe_only_what_faces_need_is_loaded_and_the_rest_is_there_when_asked_for():
    lean = "from realtime.face.mediapipe_finder import load\nmesh = load().mesh\n"
    assert loaded(lean) == {"mediapipe"}
    rest = """
import mediapipe
assert mediapipe.solutions.face_mesh.FaceMesh is mesh
assert mediapipe.solutions.drawing_utils.draw_landmarks
assert mediapipe.Image
"""
    assert loaded(lean + rest) >= {"mediapipe", "matplotlib"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork")
def test_filters_processes_are_forked_from_one_that_was_begun_early():
    program = """
from multiprocessing import forkserver
from realtime.isolation.process import FilterProcess, begin_early
from tests.realtime.isolation.filters import Brighter
begin_early("json")
early = forkserver._forkserver._forkserver_pid
process = FilterProcess(Brighter, preload="json")
assert process.ready(30)
assert open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()[1] == str(early)
process.close()
print("forked")
"""
    words = [sys.executable, "-c", program]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "forked\n"
