"""MediaPipe's networks become ONNX in each of the dialects, or one sentence says why not."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import onnx
import pytest

from engines.cache import Cache
from engines.engine import Options, open_engine
from engines.landmarks.networks import SOURCES, SourceMissing
from engines.landmarks.weights import FromWheel
from engines.spec import Array, Dialect
from engines.survey import pattern

DIALECTS: tuple[Dialect, ...] = ("native", "plain", "half")


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_is_sound_onnx_and_needs_no_other_operators(cache: Cache, name: str, dialect: Dialect):
    path = FromWheel(name, cache).onnx(dialect)
    onnx.checker.check_model(str(path), full_check=True)
    kinds = {node.op_type for node in onnx.load(str(path)).graph.node}
    assert ("PRelu" in kinds) == (dialect != "plain" and name != "face_detector")
    assert ("GridSample" in kinds) == (dialect != "plain" and name == "face_mesh_attention")
    assert "Pad" not in kinds


@pytest.mark.parametrize("name", SOURCES)
def test_the_dialects_say_the_same(cache: Cache, name: str):
    source = SOURCES[name]
    given = pattern(source.spec)
    found: dict[str, Mapping[str, Array]] = {}
    for backend in ("onnxruntime", "torch"):  # one reads plain, the other native
        engine = open_engine(source.spec, FromWheel(name, cache), [backend]).engine
        found[backend] = engine(given)
    for tensor in source.spec.outputs:
        one, other = (found[backend][tensor.name] for backend in found)
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_half_precision_moves_a_point_by_less_than_a_fifth_of_a_pixel(cache: Cache):
    """On the back-ends at hand it is only stored so; on a GPU it is summed so too."""
    source = SOURCES["face_mesh_attention"]
    whole = open_engine(source.spec, FromWheel(source.spec.name, cache), ["openvino"]).engine
    path = FromWheel(source.spec.name, cache).onnx("half")
    from engines.engine import File

    half = open_engine(source.spec, File(path), ["onnxruntime"], Options()).engine
    given = pattern(source.spec)
    apart = np.abs(whole(given)["points"] - half(given)["points"])[..., :2]
    assert float(apart.mean()) < 0.2


def _nothing(name: str) -> None:
    return None


def test_without_mediapipe_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", _nothing)
    with pytest.raises(SourceMissing, match=r"pip install mediapipe==0\.10\.21"):
        SOURCES["face_mesh"].read()


def test_another_mediapipe_is_told_apart_from_the_one_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    spec = ModuleSpec("mediapipe", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]

    def found(name: str) -> ModuleSpec:
        return spec

    monkeypatch.setattr(importlib.util, "find_spec", found)
    with pytest.raises(SourceMissing, match=r"carries no face_landmark\.tflite.*0\.10\.21"):
        SOURCES["face_mesh"].read()
    changed = tmp_path / SOURCES["face_mesh"].path
    changed.parent.mkdir(parents=True)
    changed.write_bytes(b"something else")
    with pytest.raises(SourceMissing, match=r"another face_landmark\.tflite.*0\.10\.21"):
        SOURCES["face_mesh"].read()


def test_a_changed_source_is_another_file_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    weights = FromWheel("face_detector", Cache(tmp_path))
    before = weights.onnx("native")
    monkeypatch.setitem(SOURCES, "face_detector", replace(SOURCES["face_detector"], digest="0"))
    with pytest.raises(SourceMissing):
        weights.onnx("native")
    assert before.exists()
