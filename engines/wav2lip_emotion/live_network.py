"""Our generator for calls: it says how to change the camera's pixels, and draws none itself.

The paper's draws 96 pixels of a face, one network for each pair of emotions. This one serves every
emotion at any intensity, and its output keeps the camera's resolution: a field of shifts, a change
of colour and a mask, that are applied to the picture as it is. What it cannot make by moving -
teeth, a fold, a shade - it adds as colour. There is no memory from picture to picture.
"""

# ruff: noqa: TID253 - a module of networks; only who trains or exports imports it

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.wav2lip_emotion.live import COLOUR, EDITS, FAINT, REACH

CONDITION = 64
"""Numbers that stand for the edit and the sound, for each stage of the decoder."""


class Fields(NamedTuple):
    """What is to be done to a square.

    Attributes:
        shift: [N, 2, S, S] right and down, in sides of the square: a pixel at p shows what was at
            p + shift.
        colour: [N, 3, S, S] added to RGB of 0..1.
        mask: [N, 1, S, S] of 0..1, how much of the changed picture shows.
    """

    shift: Tensor
    colour: Tensor
    mask: Tensor


class Step(nn.Module):
    """Convolution, norm, rectifier."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, stride, 1)
        self.norm = nn.BatchNorm2d(outside)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, H / stride, W / stride]."""
        return functional.relu(self.norm(self.conv(x)))


class Turned(nn.Module):
    """A residual step whose channels the condition makes louder, softer or shifts (FiLM)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)
        self.norm = nn.BatchNorm2d(channels)
        self.gain = nn.Conv2d(CONDITION, channels, 1)
        self.bias = nn.Conv2d(CONDITION, channels, 1)
        for linear in (self.gain, self.bias):
            nn.init.normal_(linear.weight, 0, 0.05)
            nn.init.zeros_(cast("Tensor", linear.bias))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """[N, C, H, W] and [N, 64, 1, 1] -> [N, C, H, W]."""
        y = self.norm(self.conv(x))
        return functional.relu(x + y + y * self.gain(condition) + self.bias(condition))


class LiveGenerator(nn.Module):
    """An hourglass of 128 pixels with skips.

    Args:
        width: multiplies every number of channels.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        a, b, c, d = (max(4, round(channels * width)) for channels in (12, 24, 48, 72))
        self.down = nn.ModuleList([Step(3, a, 2), Step(a, b, 2), Step(b, c, 2), Step(c, d, 2)])
        self.hear = nn.Sequential(
            Step(1, 16, 2), Step(16, 24, 2), Step(24, 32, 2), nn.Conv2d(32, 32, (10, 2))
        )
        self.mix = nn.Sequential(nn.Conv2d(32 + EDITS, CONDITION, 1), nn.ReLU())
        self.turn = nn.ModuleList([Turned(d), Turned(d), Turned(c), Turned(b), Turned(a)])
        self.up = nn.ModuleList([Step(d + c, c), Step(c + b, b), Step(b + a, a), Step(a + 3, a)])
        self.head = nn.Conv2d(a, 6, 3, 1, 1)
        # At first it changes nothing, but what it would change would be seen.
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(cast("Tensor", self.head.bias))
        nn.init.constant_(cast("Tensor", self.head.bias)[5:], 2.0)

    def forward(self, face: Tensor, edit: Tensor, speech: Tensor) -> Fields:
        """Say what is to be done to N squares.

        Args:
            face: [N, 3, 128, 128] RGB of 0..1.
            edit: [N, 8, 1, 1] intensity of each of ``EMOTIONS``, of -1..1.5.
            speech: [N, 1, 80, 16], the sound up to now; see ``live.heard``.
        """
        skips = [face]
        x = face
        for step in self.down:
            x = step(x)
            skips.append(x)
        condition = self.mix(torch.cat([self.hear(speech), edit], 1))
        x = self.turn[0](skips.pop(), condition)
        x = self.turn[1](x, condition)
        for step, turn in zip(self.up, [*list(self.turn)[2:], None], strict=True):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = step(torch.cat([x, skips.pop()], 1))
            x = turn(x, condition) if turn is not None else x
        raw = self.head(x)
        # Where nothing is asked for, or an opposite, which is not taught, nothing happens.
        strength = torch.clamp(edit.amax(1, keepdim=True) / FAINT, 0.0, 1.0)
        shift, colour, mask = torch.split(raw, [2, 3, 1], 1)
        return Fields(
            torch.tanh(shift) * REACH * strength,
            torch.tanh(colour) * COLOUR * strength,
            torch.sigmoid(mask),
        )


def apply(picture: Tensor, fields: Fields) -> Tensor:
    """Return [N, 3, S, S] RGB changed by fields of the same size; for training.

    For calls ``live.apply`` does it at the camera's resolution.
    """
    side = picture.shape[-1]
    along = (torch.arange(side, dtype=picture.dtype) + 0.5) * (2 / side) - 1
    down, right = torch.meshgrid(along, along, indexing="ij")
    grid = torch.stack([right, down], -1) + 2 * fields.shift.permute(0, 2, 3, 1)
    moved = functional.grid_sample(
        picture, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return picture + fields.mask * (moved + fields.colour - picture)
