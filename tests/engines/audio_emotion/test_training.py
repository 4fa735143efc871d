"""What is taught is exported as it is, and an interrupted course ends as one in one go."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import pytest
import torch
from torch import nn
from torch.nn import functional

from engines.audio_emotion.contours import contours
from engines.audio_emotion.estimate import Floats
from engines.audio_emotion.network import SPEC
from engines.audio_emotion.stretch import Stretch, stretch
from engines.audio_emotion.training.branches import (
    Members,
    NumbersBranch,
    PaperBranch,
)
from engines.audio_emotion.training.drawing import Batch
from engines.audio_emotion.training.export import export
from engines.audio_emotion.training.teaching import teach
from engines.engine import BACKENDS, EngineError, File, open_engine
from tests.engines.audio_emotion.voices import voice


@pytest.fixture(scope="module")
def members() -> Members:
    torch.manual_seed(0)
    scale = torch.randn(388), torch.rand(388) + 0.5
    numbers = [NumbersBranch(*scale), NumbersBranch(*scale)]
    made = Members(numbers, [PaperBranch()])
    for branch in (*made.numbers, *made.paper):
        for module in branch.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.get_buffer("running_mean").normal_()
                module.get_buffer("running_var").uniform_(0.5, 2)
        branch.eval()
    return made


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, members: Members) -> Path:
    path = tmp_path_factory.mktemp("export") / "network.onnx"
    path.write_bytes(export(members, (0.4, 0.6), {"taught": "nothing"}))
    return path


def test_the_file_is_sound_and_light(network: Path):
    model = onnx.load(str(network))
    onnx.checker.check_model(model, full_check=True)
    assert network.stat().st_size < 4 * 2**20
    count = sum(int(np.prod(t.dims)) for t in model.graph.initializer)
    assert count < 2_000_000


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seconds", [0.5, 1.7, 4.0])
def test_every_back_end_gives_what_was_taught(
    network: Path, members: Members, backend: str, seconds: float
):
    try:
        engine = open_engine(SPEC, File(network), [backend]).engine
    except EngineError as error:
        pytest.skip(str(error))
    given = stretch(contours(voice(seconds)))
    shown = {name: torch.from_numpy(getattr(given, name)[None]) for name in Stretch.__slots__}
    with torch.inference_mode():
        first, second = (
            branch.forward(branch.normal(shown["numbers"])) for branch in members.numbers
        )
        wanted = 0.2 * (first + second)
        wanted += 0.6 * members.paper[0].forward(shown["spectrogram"])
    got = engine({name: array.numpy() for name, array in shown.items()})
    np.testing.assert_allclose(got["logits"], cast("Floats", wanted.numpy()), atol=2e-4)
    engine.close()


def taught(keep: Path, stop: int | None = None, steps: int = 20) -> Floats:
    """Teach a small branch whether a number is above 0; stop it once, as Ctrl-C does."""

    def draw(random: np.random.Generator) -> Batch:
        given = torch.from_numpy(random.normal(0, 1, (16, 388)).astype(np.float32))
        truth = functional.one_hot((given[:, 0] > 0).long(), 7).float()
        return (given,), truth

    def tell(step: int) -> None:
        if step == stop:
            raise KeyboardInterrupt

    torch.manual_seed(1)
    branch = NumbersBranch(hidden=16)
    teach(branch, draw, steps, 1e-2, 1, keep, tell)
    branch.eval()
    return cast("Floats", branch.forward(torch.ones(1, 388)).detach().numpy())


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engines.audio_emotion.training.teaching.EVERY_STEPS", 5)


@pytest.mark.usefixtures("often")
def test_a_course_that_was_interrupted_ends_as_one_in_one_go(tmp_path: Path):
    whole = taught(tmp_path / "whole.pt")
    with pytest.raises(KeyboardInterrupt):
        taught(tmp_path / "parts.pt", stop=13)
    np.testing.assert_allclose(taught(tmp_path / "parts.pt"), whole, atol=1e-6)
    np.testing.assert_allclose(taught(tmp_path / "parts.pt"), whole, atol=1e-6)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("stop", [None, 13], ids=["ended", "interrupted"])
def test_a_longer_course_begins_anew(tmp_path: Path, stop: int | None):
    whole = taught(tmp_path / "whole.pt", steps=30)
    with suppress(KeyboardInterrupt):
        taught(tmp_path / "longer.pt", stop=stop)
    np.testing.assert_allclose(taught(tmp_path / "longer.pt", steps=30), whole, atol=1e-6)
