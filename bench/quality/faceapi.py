"""The expression network of face-api (MIT; npm package @vladmandic/face-api), rebuilt in torch.

Another network, another training set and colour instead of grey: a second opinion that an edit
tuned against the first judge cannot have learned to please. Its 330 kB of weights are fetched by

    npm pack @vladmandic/face-api && tar -xzf vladmandic-face-api-*.tgz package/model
    mv package/model/face_expression_model* out/judges/
"""

# ruff: noqa: TID253 - a module of networks; only who judges imports it

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

MEAN = (122.782, 117.001, 104.298)

ORDER = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""The order of the network's outputs."""


class Separable(nn.Module):
    """Depthwise 3x3 and pointwise, padded as TensorFlow's "same" pads even sizes."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.depth = nn.Conv2d(inside, inside, 3, stride, groups=inside, bias=False)
        self.point = nn.Conv2d(inside, outside, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, H / stride, W / stride]."""
        return self.point(self.depth(_same(x, self.stride)))


def _same(x: Tensor, stride: int) -> Tensor:
    first = 1 if stride == 1 else 0
    return functional.pad(x, (first, 1, first, 1))


class Dense(nn.Module):
    """Four convolutions, each fed the sum of those before; the first halves the picture."""

    def __init__(self, inside: int, outside: int, *, colour: bool = False) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(inside, outside, 3, 2) if colour else Separable(inside, outside, 2)
        self.conv1 = Separable(outside, outside)
        self.conv2 = Separable(outside, outside)
        self.conv3 = Separable(outside, outside)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, H / 2, W / 2]."""
        colour = isinstance(self.conv0, nn.Conv2d)
        total = torch.relu(self.conv0(_same(x, 2) if colour else x))
        given = total
        for conv in (self.conv1, self.conv2, self.conv3):
            total = total + conv(given)
            given = torch.relu(total)
        return given


class ExpressionNet(nn.Module):
    """[N, 3, 112, 112] RGB in 0..255 -> [N, 7] logits in the order of ``ORDER``."""

    def __init__(self) -> None:
        super().__init__()
        widths = (32, 64, 128, 256)
        self.dense = nn.ModuleList(
            [Dense(3, widths[0], colour=True)] + [Dense(a, b) for a, b in pairwise(widths)]
        )
        self.fc = nn.Linear(widths[-1], len(ORDER))
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of a batch."""
        x = (x - cast("Tensor", self.mean)) / 255
        for block in self.dense:
            x = block(x)
        return self.fc(x.mean((2, 3)))


def load(folder: Path) -> ExpressionNet:
    """Return the network with the weights in ``folder``, in evaluation mode, not trainable."""
    net = ExpressionNet().eval().requires_grad_(False)
    found = read(folder)
    state = dict(net.state_dict())
    for k in range(4):
        for conv in range(4):
            there, here = f"dense{k}/conv{conv}", f"dense.{k}.conv{conv}"
            if (k, conv) == (0, 0):
                state[f"{here}.weight"] = _kernel(found[f"{there}/filters"])
                state[f"{here}.bias"] = torch.from_numpy(found[f"{there}/bias"])
                continue
            state[f"{here}.depth.weight"] = _kernel(
                found[f"{there}/depthwise_filter"].transpose(0, 1, 3, 2)
            )
            state[f"{here}.point.weight"] = _kernel(found[f"{there}/pointwise_filter"])
            state[f"{here}.point.bias"] = torch.from_numpy(found[f"{there}/bias"])
    state["fc.weight"] = torch.from_numpy(found["fc/weights"].T.copy())
    state["fc.bias"] = torch.from_numpy(found["fc/bias"])
    net.load_state_dict(state)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _kernel(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(values.transpose(3, 2, 0, 1).copy())


def read(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a TensorFlow.js manifest, dequantised."""
    groups = cast(
        "list[dict[str, Any]]",
        json.loads((folder / "face_expression_model-weights_manifest.json").read_text("utf-8")),
    )
    raw = (folder / "face_expression_model.bin").read_bytes()
    out: dict[str, NDArray[np.float32]] = {}
    at = 0
    for weight in (w for group in groups for w in group["weights"]):
        shape = tuple(int(n) for n in weight["shape"])
        code = weight.get("quantization")
        kind = np.dtype(code["dtype"] if code else "float32")
        size = int(np.prod(shape))
        values = np.frombuffer(raw, kind, size, at).astype(np.float32).reshape(shape)
        at += size * kind.itemsize
        out[weight["name"]] = values * code["scale"] + code["min"] if code else values
    return {name: np.ascontiguousarray(v, np.float32) for name, v in out.items()}
