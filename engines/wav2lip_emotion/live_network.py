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


GRID = 32
"""Cells across the fields, before they are drawn larger."""

HUE = 0.15
"""How much of a colour is kept beside its light: a face may flush, and turns green nowhere."""

SHADE = 0.1
"""Share of the greatest change of colour that is ever used: a shade, and no paint. At a quarter,
with which the shipped weights were taught, happy faces had a dark band around the mouth."""

HABIT = 3.0
"""How many times quicker an emotion's habits are learnt than all else."""


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
    """An hourglass from 128 pixels to fields of 32, which are softened and drawn at 128.

    Fields this broad can lift, pull, darken and light a face, and cannot draw the dust by which a
    frozen judge of emotion is so easily pleased.

    Args:
        width: multiplies every number of channels.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        a, b, c, d = (max(4, round(channels * width)) for channels in (16, 32, 48, 64))
        self.down = nn.ModuleList([Step(3, a, 2), Step(a, b, 2), Step(b, c, 2), Step(c, d, 2)])
        self.hear = nn.Sequential(
            Step(1, 16, 2), Step(16, 24, 2), Step(24, 32, 2), nn.Conv2d(32, 32, (10, 2))
        )
        self.mix = nn.Sequential(nn.Conv2d(32 + EDITS, CONDITION, 1), nn.ReLU())
        self.turn = nn.ModuleList([Turned(d), Turned(d), Turned(c), Turned(b)])
        self.up = nn.ModuleList([Step(d + c, c), Step(c + b, b)])
        # The square lies about the landmarks: where in it a pixel is says much.
        self.place = nn.Parameter(torch.zeros(1, d, 8, 8))
        nn.init.normal_(self.place, 0, 0.1)
        # What an emotion does to any face; the rest says what it does to this one.
        self.habit = nn.Conv2d(EDITS, 5 * GRID * GRID, 1, bias=False)
        nn.init.zeros_(self.habit.weight)
        self.head = nn.Conv2d(b, 5, 3, 1, 1)
        nn.init.zeros_(self.head.weight)  # at first it changes nothing
        nn.init.zeros_(cast("Tensor", self.head.bias))
        self.register_buffer("oval", oval(), persistent=False)

    def forward(self, face: Tensor, edit: Tensor, speech: Tensor) -> Fields:
        """Say what is to be done to N squares.

        Args:
            face: [N, 3, 128, 128] RGB of 0..1.
            edit: [N, 8, 1, 1] intensity of each of ``EMOTIONS``, of -1..1.5.
            speech: [N, 1, 80, 16], the sound up to now; see ``live.heard``.
        """
        skips: list[Tensor] = []
        x = face
        for step in self.down:
            x = step(x)
            skips.append(x)
        condition = self.mix(torch.cat([self.hear(speech), edit], 1))
        x = skips.pop() + self.place
        x = self.turn[1](self.turn[0](x, condition), condition)
        for step, turn in zip(self.up, list(self.turn)[2:], strict=True):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = turn(step(torch.cat([x, skips.pop()], 1)), condition)
        raw = self.head(x) + HABIT * self.habit(edit).reshape(-1, 5, GRID, GRID)
        # Where nothing is asked for, or an opposite, which is not taught, nothing happens.
        strength = torch.clamp(edit.amax(1, keepdim=True) / FAINT, 0.0, 1.0)
        shift, colour = torch.tanh(raw[:, :2]), torch.tanh(raw[:, 2:])
        light = colour.mean(1, keepdim=True)
        colour = light + HUE * (colour - light)
        return Fields(
            broad(soft(shift * (REACH * strength))),
            broad(colour * (SHADE * COLOUR * strength)),
            cast("Tensor", self.oval).expand(len(edit), -1, -1, -1),
        )


def oval(side: int = 128) -> Tensor:
    """Return [1, 1, side, side]: 1 on the face, which the square lies about, and 0 beyond.

    A mask that is learnt soon hides the first mistakes, and with them all that there is to learn.
    """
    along = (torch.arange(side) + 0.5) / side - 0.5
    far = ((along / 0.46)[None].abs() ** 3 + (along / 0.5)[:, None].abs() ** 3) ** (1 / 3)
    return ((1 - far) / 0.2).clamp(0, 1)[None, None]


def soft(x: Tensor) -> Tensor:
    """Return the means of three by three."""
    return functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def broad(x: Tensor) -> Tensor:
    """[N, C, 32, 32] -> [N, C, 128, 128], softened and drawn larger."""
    return functional.interpolate(soft(x), scale_factor=4.0, mode="bilinear", align_corners=False)


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
