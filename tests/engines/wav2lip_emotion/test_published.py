"""Published checkpoints: each layer finds its place, and the network then draws what theirs did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.published import (
    convert,
    import_file,
    open_expert,
    weights_of,
)
from engines.wav2lip_emotion.training import TrainingError

Layer = tuple[str, int, int, int, tuple[int, int], int, bool]
"""Name, channels in and out, kernel, stride, padding, residual."""

State = dict[str, Tensor]


def layer(name: str, a: int, b: int, k: int = 3, s: int | tuple[int, int] = 1, p: int = 1) -> Layer:
    stride = s if isinstance(s, tuple) else (s, s)
    return name, a, b, k, stride, p, a == b and k == 3 and stride == (1, 1) and p == 1


SPEECH = [
    (1, 32), (32, 32), (32, 32), (32, 64, 3, (3, 1)), (64, 64), (64, 64), (64, 128, 3, 3),
    (128, 128), (128, 128), (128, 256, 3, (3, 2)), (256, 256), (256, 512, 3, 1, 0),
    (512, 512, 1, 1, 0),
]  # fmt: skip
SIGHT = [
    (15, 32, 7, 1, 3), (32, 64, 5, (1, 2), 1), (64, 64), (64, 64), (64, 128, 3, 2), (128, 128),
    (128, 128), (128, 128), (128, 256, 3, 2), (256, 256), (256, 256), (256, 512, 3, 2), (512, 512),
    (512, 512), (512, 512, 3, 2), (512, 512, 3, 1, 0), (512, 512, 1, 1, 0),
]  # fmt: skip
IDENTITY = [
    [(6, 16, 7, 1, 3)],
    [(16, 32, 3, 2), (32, 32), (32, 32)],
    [(32, 64, 3, 2), (64, 64), (64, 64), (64, 64)],
    [(64, 128, 3, 2), (128, 128), (128, 128)],
    [(128, 256, 3, 2), (256, 256), (256, 256)],
    [(256, 512, 3, 2), (512, 512)],
    [(512, 512, 3, 1, 0), (512, 512, 1, 1, 0)],
]
DECODER = [(512, 512, 0), (1024, 512, 1), (1024, 512, 2), (768, 384, 2), (512, 256, 2),
           (320, 128, 2), (160, 64, 2)]  # fmt: skip
"""Channels in and out of each block's first layer, and how many residual ones follow."""


def fill(state: State, name: str, inside: int, outside: int, kernel: int, *, norm: bool = True):
    """Put random weights of one published layer into a state dictionary."""
    scale = (2 / (inside * kernel * kernel)) ** 0.5
    first = f"{name}.conv_block.0" if norm else name
    state[f"{first}.weight"] = torch.randn(outside, inside, kernel, kernel) * scale
    state[f"{first}.bias"] = torch.randn(outside) * 0.1
    if norm:
        state[f"{name}.conv_block.1.weight"] = torch.rand(outside) * 0.5 + 0.5
        state[f"{name}.conv_block.1.bias"] = torch.randn(outside) * 0.1
        state[f"{name}.conv_block.1.running_mean"] = torch.randn(outside) * 0.1
        state[f"{name}.conv_block.1.running_var"] = torch.rand(outside) + 0.5
        state[f"{name}.conv_block.1.num_batches_tracked"] = torch.tensor(7)


def names(prefix: str, plan: Sequence[Sequence[object]]) -> list[Layer]:
    return [layer(f"{prefix}.{i}", *each) for i, each in enumerate(plan)]  # type: ignore[arg-type]


def published_generator() -> State:
    torch.manual_seed(0)
    state: State = {}
    for i, plan in enumerate(IDENTITY):
        for name, a, b, k, *_ in names(f"face_encoder_blocks.{i}", plan):
            fill(state, name, a, b, k)
    for name, a, b, k, *_ in names("audio_encoder", SPEECH):
        fill(state, name, a, b, k)
    for i, (a, b, more) in enumerate(DECODER):
        fill(state, f"face_decoder_blocks.{i}.0", a, b, 3 if i else 1)
        if i:  # a transposed kernel has its inputs first
            key = f"face_decoder_blocks.{i}.0.conv_block.0.weight"
            state[key] = state[key].transpose(0, 1).contiguous()
        for j in range(more):
            fill(state, f"face_decoder_blocks.{i}.{j + 1}", b, b, 3)
    fill(state, "output_block.0", 80, 32, 3)
    fill(state, "output_block.1", 32, 3, 1, norm=False)
    return state


def published_expert() -> State:
    torch.manual_seed(1)
    state: State = {}
    for prefix, plan in (("face_encoder", SIGHT), ("audio_encoder", SPEECH)):
        for name, a, b, k, *_ in names(prefix, plan):
            fill(state, name, a, b, k)
    return state


def normed(state: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    mean, var, weight, bias = (
        state[f"{name}.conv_block.1.{part}"]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    return functional.batch_norm(x, mean, var, weight, bias)


def convolve(state: Mapping[str, Tensor], one: Layer, x: Tensor) -> Tensor:
    name, _, _, _, stride, padding, residual = one
    first = f"{name}.conv_block.0"
    y = functional.conv2d(x, state[f"{first}.weight"], state[f"{first}.bias"], stride, padding)
    y = normed(state, name, y)
    return torch.relu(y + x if residual else y)


def chain(state: Mapping[str, Tensor], plan: Sequence[Layer], x: Tensor) -> Tensor:
    for one in plan:
        x = convolve(state, one, x)
    return x


def draw_as_published(state: Mapping[str, Tensor], mel: Tensor, faces: Tensor) -> Tensor:
    """Wav2Lip's forward pass, written down anew from the paper's figure and the layers' sizes."""
    skips: list[Tensor] = []
    for i, plan in enumerate(IDENTITY):
        faces = chain(state, names(f"face_encoder_blocks.{i}", plan), faces)
        skips.append(faces)
    x = chain(state, names("audio_encoder", SPEECH), mel)
    for i, (a, b, more) in enumerate(DECODER):
        name = f"face_decoder_blocks.{i}"
        if i == 0:
            x = convolve(state, layer(f"{name}.0", a, b, 1, 1, 0), x)
        else:
            weight, bias = (state[f"{name}.0.conv_block.0.{p}"] for p in ("weight", "bias"))
            s, p, out = (1, 0, 0) if i == 1 else (2, 1, 1)
            x = functional.conv_transpose2d(x, weight, bias, s, p, out)
            x = torch.relu(normed(state, f"{name}.0", x))
        x = chain(state, [layer(f"{name}.{j + 1}", b, b) for j in range(more)], x)
        x = torch.cat([x, skips.pop()], 1)
    x = convolve(state, layer("output_block.0", 80, 32), x)
    last = functional.conv2d(x, state["output_block.1.weight"], state["output_block.1.bias"])
    return torch.sigmoid(last)


def blue_first(rgb: Tensor) -> Tensor:
    return rgb.reshape(len(rgb), -1, 3, *rgb.shape[2:])[:, :, [2, 1, 0]].reshape(rgb.shape)


@pytest.fixture(scope="module")
def theirs() -> State:
    return published_generator()


def test_the_generator_draws_what_the_published_one_does_red_first(theirs: State):
    found = convert({f"module.{name}": value for name, value in theirs.items()})
    assert (found.kind, found.layers) == ("generator", 51)
    generator = Generator().eval()
    assert sum(p.numel() for p in generator.parameters()) == 36_298_035  # as Wav2Lip tells
    generator.load_state_dict(dict(found.model))
    mel, faces = torch.randn(1, 1, 80, 16), torch.rand(1, 6, 96, 96)
    with torch.no_grad():
        drawn = generator(mel, faces)
        published = blue_first(draw_as_published(theirs, mel, blue_first(faces)))
    assert drawn.std() > 0.01
    torch.testing.assert_close(drawn, published, rtol=1e-3, atol=1e-4)


def test_the_expert_agrees_as_the_published_one_does(tmp_path: Path):
    theirs = published_expert()
    torch.save({"state_dict": theirs, "optimizer": None, "global_step": 5}, tmp_path / "theirs.pth")
    found = import_file(tmp_path / "theirs.pth", tmp_path / "ours.pt")
    assert (found.kind, found.layers) == ("expert", 30)
    expert = open_expert(tmp_path / "ours.pt")
    mel, mouths = torch.randn(2, 1, 80, 16), torch.rand(2, 15, 48, 96)
    with torch.no_grad():
        seen = chain(theirs, names("face_encoder", SIGHT), blue_first(mouths)).flatten(1)
        heard = chain(theirs, names("audio_encoder", SPEECH), mel).flatten(1)
        agreement = expert(mel, mouths)
    torch.testing.assert_close(agreement, functional.cosine_similarity(seen, heard))
    assert "research" in str(weights_of(tmp_path / "ours.pt", "expert")["licence"])
    with pytest.raises(TrainingError, match="holds expert, not the generator"):
        weights_of(tmp_path / "ours.pt", "generator")


def changed(state: State, **changes: Tensor | None) -> State:
    out = dict(state)
    for name, value in changes.items():
        key = name.replace("__", ".")
        if value is None:
            del out[key]
        else:
            out[key] = value
    return out


def test_what_does_not_fit_is_named(theirs: State, tmp_path: Path):
    bias = "output_block__1__bias"
    with pytest.raises(TrainingError, match=r"lacks the layer output\.1\.bias"):
        convert(changed(theirs, **{bias: None}))
    with pytest.raises(TrainingError, match=r"output\.1\.bias is \[4\] and not \[3\]"):
        convert(changed(theirs, **{bias: torch.zeros(4)}))
    with pytest.raises(TrainingError, match=r"has a layer speech\.99\.conv\.weight"):
        convert(changed(theirs, audio_encoder__99__conv_block__0__weight=torch.zeros(1)))
    with pytest.raises(TrainingError, match="sees half a face"):
        convert({"binary_pred.0.weight": torch.zeros(1)})
    with pytest.raises(TrainingError, match="neither Wav2Lip's generator nor"):
        convert({"conv1.weight": torch.zeros(1)})
    (tmp_path / "picture.pth").write_bytes(b"not weights")
    with pytest.raises(TrainingError, match=r"picture\.pth cannot be read as weights"):
        import_file(tmp_path / "picture.pth", tmp_path / "ours.pt")


def test_a_file_that_would_run_code_is_refused(tmp_path: Path):
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "ran"),)  # type: ignore[return-value]

    torch.save({"state_dict": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(TrainingError, match="cannot be read as weights"):
        import_file(tmp_path / "trap.pth", tmp_path / "ours.pt")
    assert not (tmp_path / "ran").exists()
