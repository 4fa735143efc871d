"""Trained networks become engines: of the generator for calls, of the paper's, of the expert."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engines.backends import tensorrt
from engines.cache import Cache
from engines.engine import File, Options, Precision, open_engine
from engines.half import halved
from engines.networks import known
from engines.spec import Spec
from engines.survey import pattern, verify
from engines.wav2lip_emotion import export, signatures
from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.live_network import LiveGenerator
from realtime.__main__ import main
from realtime.commands.errors import Exit

NARROW = {
    signatures.LIVE.name: LiveGenerator(0.25),
    signatures.PAPER.name: Generator(0.06),
    signatures.EXPERT.name: Expert(0.06),
}
"""As large as they are when trained in earnest, but with fewer channels."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("networks")
    paths: dict[str, Path] = {}
    for name, network in NARROW.items():
        torch.manual_seed(1)
        paths[name] = folder / f"{name}.onnx"
        paths[name].write_bytes(export.onnx_of(network.eval()))
    torch.set_num_threads(before)
    return paths


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def words(files: dict[str, Path]) -> list[str]:
    return [word for name, path in files.items() for word in ("--weights", f"{name}={path}")]


def test_the_expert_as_a_file_says_what_the_network_says(files: dict[str, Path]):
    for backend in ("onnxruntime", "openvino"):
        expert = NARROW[signatures.EXPERT.name]
        assert export.parity(expert, files[signatures.EXPERT.name], [backend]) < 1e-5


def test_back_ends_agree_on_each(files: dict[str, Path]):
    networks = {name: known(Cache(), files)[name] for name in files}
    verdicts = list(verify(networks, ["openvino"], Options(cache=Cache())))
    assert [verdict.network for verdict in verdicts] == list(files)
    assert [verdict.fault for verdict in verdicts] == [None] * 3


@pytest.mark.parametrize(
    ("spec", "precision"),
    [
        (signatures.LIVE, "fp32"),
        (signatures.LIVE, "fp16"),
        (signatures.PAPER, "fp16"),
        (signatures.EXPERT, "fp32"),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_an_engine_is_built_without_a_gpu(files: dict[str, Path], spec: Spec, precision: Precision):
    pytest.importorskip("tensorrt_rtx", reason="pip install tensorrt-rtx-cu13")
    options = Options(cache=Cache(), precision=precision)
    onnx = known(Cache(), files)[spec.name].weights.onnx(tensorrt.dialect(options))
    plan, built = tensorrt.inspect(spec, onnx, "SM89", options)
    assert len(plan) > 50_000
    for ports, tensors in ((built.inputs, spec.inputs), (built.outputs, spec.outputs)):
        assert sorted((p.name, p.dtype, p.shape) for p in ports) == sorted(
            (t.name, "float", t.shape) for t in tensors
        )
    convolutions = [kernel for kernel in built.kernels if kernel.kind == "correlation"]
    assert len(convolutions) > 10
    kind = {"fp32": "float", "fp16": "half"}[precision]
    assert {kernel.precision for kernel in convolutions} == {kind}


def test_of_16_bits_it_says_nearly_the_same(files: dict[str, Path]):
    """On a processor it is only stored so; on a GPU it is summed so too."""
    onnx_checker = pytest.importorskip("onnx.checker")
    for name, network in known(Cache(), files).items():
        if name in files:
            path = network.weights.onnx("half")
            onnx_checker.check_model(str(path), full_check=True)
            assert path.stat().st_size < 0.6 * files[name].stat().st_size
            given = pattern(network.spec)
            whole, half = (
                open_engine(network.spec, File(each), ["onnxruntime"]).engine(given)
                for each in (files[name], path)
            )
            for tensor in network.spec.outputs:
                np.testing.assert_allclose(half[tensor.name], whole[tensor.name], atol=3e-3)


def test_what_is_no_network_is_not_rewritten():
    with pytest.raises(ValueError, match="ONNX"):
        halved(b"PNG or so")


def test_the_command_lists_and_builds_what_it_is_given(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
):
    assert main(["engines", "build", "--backend", "onnxruntime", *words(files)]) == 0
    said = capsys.readouterr().out
    assert all(f"{name}: onnxruntime: onnxruntime 1." in said for name in files)


def test_a_network_of_no_known_name_is_wrong_usage(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
):
    path = files[signatures.LIVE.name]
    assert main(["engines", "list", "--weights", f"generator={path}"]) == Exit.USAGE
    assert "live_generator" in capsys.readouterr().err
    assert main(["engines", "list", "--weights", f"live_generator={path}x"]) == Exit.USAGE
    assert "there is no such file" in capsys.readouterr().err
