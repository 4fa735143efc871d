"""TensorRT for RTX builds engines for people's GPUs on a machine that has none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast, get_args

import pytest

from engines import gpu
from engines.backends import tensorrt
from engines.cache import Cache
from engines.engine import BackendUnavailable, EngineError, Options, Precision, open_engine
from engines.landmarks.networks import SOURCES
from engines.landmarks.weights import FromWheel

pytest.importorskip("tensorrt_rtx", reason="pip install tensorrt-rtx-cu13")

# All of them: `visavis bench tensorrt`.
FEW = (
    ("face_detector", "fp16", "SM89"),
    ("face_mesh", "fp32", "SM86"),
    ("face_mesh_attention", "fp32", "SM75"),
    ("face_mesh_attention", "fp16", "SM120"),
)


def built(cache: Cache, name: str, precision: str, capability: str) -> Path:
    assert precision in get_args(Precision)
    options = Options(precision=cast("Precision", precision), cache=cache)
    onnx = FromWheel(name, cache).onnx(tensorrt.dialect(options))
    return tensorrt.fetch(SOURCES[name].spec, onnx, options, capability)


def is_sound(cache: Cache, name: str, precision: str, path: Path) -> None:
    """Compare what the engine as built takes and gives with what the network should."""
    note = cache.inspect(path).note
    assert note is not None
    assert note.about["told by"] == "the engine"
    spec = SOURCES[name].spec
    kinds = {"uint8": "uint8", "float32": "float"}
    for ports, said in ((spec.inputs, "inputs"), (spec.outputs, "outputs")):
        wanted = [f"{port.name} {kinds[port.dtype]} {list(port.shape)}" for port in ports]
        assert sorted(note.about[said].replace("], ", "];").split(";")) == sorted(wanted)
    kernels = {t: int(n) for n, t in map(str.split, note.about["kernels by type"].split(", "))}
    assert ("half" in kernels) == (precision == "fp16")
    assert note.size > 100_000


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_every_convolution_computes_in_the_precision_asked_for(cache: Cache, precision: Precision):
    """The engine's own kernels, as the builder lists them: pictures, weights and results."""
    options = Options(precision=precision, cache=cache)
    onnx = FromWheel("face_detector", cache).onnx(tensorrt.dialect(options))
    plan, built = tensorrt.inspect(SOURCES["face_detector"].spec, onnx, "SM89", options)
    assert len(plan) > 100_000
    kind = {"fp32": "float", "fp16": "half"}[precision]
    convolutions = [kernel for kernel in built.kernels if kernel.kind == "correlation"]
    assert len(convolutions) > 30
    for kernel in convolutions:
        weights = kernel.constants[0]
        assert (weights.dtype, len(weights.shape)) == (kind, 4)
        assert {port.dtype for port in (*kernel.inputs, *kernel.outputs)} == {kind}


@pytest.mark.parametrize(("name", "precision", "capability"), FEW)
def test_an_engine_is_built_without_a_gpu(cache: Cache, name: str, precision: str, capability: str):
    is_sound(cache, name, precision, built(cache, name, precision, capability))


def test_it_is_built_once_and_the_way_there_is_told(cache: Cache, tmp_path: Path):
    fresh, told = Cache(tmp_path), list[float]()
    options = Options(cache=fresh, progress=lambda _, share: told.append(share))
    onnx = FromWheel("face_detector", cache).onnx("native")
    spec = SOURCES["face_detector"].spec
    path = tensorrt.fetch(spec, onnx, options, "SM89")
    assert told
    assert all(0 <= share <= 1 for share in told)
    told.clear()
    assert tensorrt.fetch(spec, onnx, options, "SM89") == path
    assert told == []


def test_without_leave_to_build_it_says_what_to_do(cache: Cache, tmp_path: Path):
    onnx = FromWheel("face_detector", cache).onnx("native")
    options = Options(cache=Cache(tmp_path), build=False)
    with pytest.raises(BackendUnavailable, match="visavis engines build"):
        tensorrt.fetch(SOURCES["face_detector"].spec, onnx, options, "SM89")


def test_an_engine_that_was_cut_short_is_refused_and_built_anew(cache: Cache, tmp_path: Path):
    onnx = FromWheel("face_detector", cache).onnx("native")
    fresh, spec = Cache(tmp_path), SOURCES["face_detector"].spec
    path = tensorrt.fetch(spec, onnx, Options(cache=fresh), "SM89")
    whole = path.stat().st_size
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BackendUnavailable, match="not built"):
        tensorrt.fetch(spec, onnx, Options(cache=fresh, build=False), "SM89")
    assert tensorrt.fetch(spec, onnx, Options(cache=fresh), "SM89") == path
    assert path.stat().st_size > 0.9 * whole
    assert fresh.inspect(path).fault is None


@pytest.mark.parametrize(
    ("capability", "package"), [("SM89", "tensorrt-rtx-cu13"), ("SM90", "tensorrt-cu13")]
)
def test_where_it_is_not_installed_one_sentence_says_what_would_bring_it(
    monkeypatch: pytest.MonkeyPatch, capability: str, package: str
):
    for module in (tensorrt.RTX, tensorrt.FULL):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"pip install {package} for a GPU of {capability}"):
        tensorrt.library(capability)


def test_what_is_no_network_is_refused_with_tensorrts_own_reason(tmp_path: Path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x08nothing")
    options = Options(cache=Cache(tmp_path))
    with pytest.raises(BackendUnavailable, match="TensorRT cannot read the network"):
        tensorrt.fetch(SOURCES["face_detector"].spec, broken, options, "SM89")


@pytest.mark.skipif(gpu.find() is not None, reason="there is a GPU here")
def test_without_a_gpu_it_does_not_run_and_says_so(cache: Cache):
    spec = SOURCES["face_detector"].spec
    with pytest.raises(EngineError, match="tensorrt: there is no NVIDIA GPU here"):
        open_engine(spec, FromWheel("face_detector", cache), ["tensorrt"], Options(cache=cache))


@pytest.mark.gpu
@pytest.mark.parametrize("name", SOURCES)
def test_on_a_gpu_it_gives_the_same_numbers(cache: Cache, name: str):
    if gpu.find() is None:
        pytest.skip("there is no NVIDIA GPU here")
    from engines.networks import known
    from engines.survey import verify

    network = {name: known(cache)[name]}
    (verdict,) = verify(network, ["tensorrt"], Options(cache=cache))
    assert verdict.fault is None
