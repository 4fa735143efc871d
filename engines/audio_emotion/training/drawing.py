"""Drawing batches: emotions alike often, versions at random, parts, noise, masks and mixtures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engines.audio_emotion.estimate import EMOTIONS, Floats
from engines.audio_emotion.functionals import BANDS
from engines.audio_emotion.stretch import LENGTH
from engines.audio_emotion.training.branches import NumbersBranch
from engines.audio_emotion.training.examples import Examples
from engines.audio_emotion.training.plan import Plan

Random = np.random.Generator
Batch = tuple[tuple[Tensor, ...], Tensor]
"""The network's inputs, and the truth [N, 7] as shares."""

SHORTEST = 40
"""Columns of a part that is shown alone: 0.8 s."""


class Drawing:
    """Draws examples of those that ``often`` says.

    Args:
        versions: those to draw from, augmented or clean.
        truth: [n] emotions.
        often: [n] how often each is drawn; adds up to 1.
        plan: how much is smoothed, mixed, cut and hidden.
    """

    def __init__(
        self,
        versions: Sequence[Examples],
        truth: NDArray[np.int64],
        often: NDArray[np.float64],
        plan: Plan,
    ) -> None:
        self._versions = versions
        self._truth = truth
        self._often = often
        self._plan = plan

    def numbers(self, branch: NumbersBranch, random: Random) -> Batch:
        """Draw for a branch that hears by functionals."""
        chosen, versions = self._choose(random, self._plan.batch[0])
        cut = random.random(len(chosen)) < self._plan.cut
        rows = [
            (self._versions[v].cut if c else self._versions[v].numbers)[i]
            for i, v, c in zip(chosen, versions, cut, strict=True)
        ]
        given = branch.normal(torch.from_numpy(np.stack(rows)))
        truth = self._truths(chosen)
        share, other = self._mixture(random, len(chosen))
        given = share * given + (1 - share) * given[other]
        return (given,), share * truth + (1 - share) * truth[other]

    def pictures(self, random: Random) -> Batch:
        """Draw for a branch that hears by contours."""
        chosen, versions = self._choose(random, self._plan.batch[1])
        shown = [
            _part(self._versions[v], int(i), random, self._plan.cut)
            for i, v in zip(chosen, versions, strict=True)
        ]
        picture = torch.from_numpy(np.stack([p for p, _ in shown]))
        heard = torch.from_numpy(np.stack([h for _, h in shown]))
        picture = _disturbed(picture, heard, random, self._plan.noise)
        truth = self._truths(chosen)
        if random.random() < 0.5:
            return (picture, heard), truth
        share, other = self._mixture(random, len(chosen))
        share = max(share, 1 - share)
        both = (heard * heard[other])[:, :, None] > 0
        picture = torch.where(both, share * picture + (1 - share) * picture[other], picture)
        return (picture, heard), share * truth + (1 - share) * truth[other]

    def papers(self, random: Random) -> Batch:
        """Draw for the paper's encoder."""
        chosen, versions = self._choose(random, self._plan.batch[1])
        rows = [self._versions[v].paper[i] for i, v in zip(chosen, versions, strict=True)]
        given = torch.from_numpy(np.stack(rows).astype(np.float32))
        truth = self._truths(chosen)
        share, other = self._mixture(random, len(chosen))
        given = share * given + (1 - share) * given[other]
        return (given,), share * truth + (1 - share) * truth[other]

    def _choose(self, random: Random, count: int) -> tuple[NDArray[np.int64], list[int]]:
        chosen = random.choice(len(self._truth), count, p=self._often)
        return chosen, cast("list[int]", random.integers(0, len(self._versions), count).tolist())

    def _truths(self, chosen: NDArray[np.int64]) -> Tensor:
        truth = functional.one_hot(torch.from_numpy(self._truth[chosen]), len(EMOTIONS)).float()
        return truth * (1 - self._plan.smoothing) + self._plan.smoothing / len(EMOTIONS)

    def _mixture(self, random: Random, count: int) -> tuple[float, Tensor]:
        share = float(random.beta(self._plan.mixing, self._plan.mixing))
        return share, torch.from_numpy(random.permutation(count))


def _part(
    examples: Examples, index: int, random: Random, cut: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a picture, or a part of it, levelled anew, and where it is."""
    length = int(examples.lengths[index])
    size = length
    if random.random() < cut and length > SHORTEST:
        size = int(random.integers(SHORTEST, length + 1))
    at = int(random.integers(0, length - size + 1))
    picture = np.zeros(examples.pictures.shape[1:], np.float32)
    picture[:size] = examples.pictures[index, at : at + size]
    if size < length:
        bands = picture[:size, :BANDS]
        strength = cast("Floats", 10**bands)
        picture[:size, :BANDS] -= np.quantile(np.log10(strength.mean(axis=1) + 1e-9), 0.9)
    heard = np.zeros(LENGTH, np.float32)
    heard[:size] = 1
    return picture, heard


def _disturbed(picture: Tensor, heard: Tensor, random: Random, noise: float) -> Tensor:
    """Return pictures by other microphones, in other noise, with stripes hidden.

    The stripes are those of D. Park et al., SpecAugment, 2019.
    """
    count = len(picture)
    bands = picture[:, :, :BANDS] + _curves(count, 6, 0.25, random)[:, None]
    floor = -0.3 - 3.0 * torch.from_numpy(random.random((count, 1, 1)).astype(np.float32))
    grain = torch.from_numpy(random.normal(0, 0.12, bands.shape).astype(np.float32))
    level = floor + _curves(count, 4, 0.5, random)[:, None] + grain
    noisy = torch.log10(torch.pow(10.0, bands) + torch.pow(10.0, level))
    on = torch.from_numpy(random.random(count) < noise)[:, None, None]
    out = torch.cat([torch.where(on, noisy, bands), picture[:, :, BANDS:]], 2)
    out[:, :, BANDS] += torch.from_numpy(random.normal(0, 0.08, (count, 1)).astype(np.float32))
    for index in range(count):
        if random.random() < 0.4:
            width = int(random.integers(2, 10))
            at = int(random.integers(0, BANDS - width))
            out[index, :, at : at + width] = out[index, :, at : at + width].mean()
        if random.random() < 0.4:
            width = int(random.integers(3, 16))
            at = int(random.integers(0, max(1, int(heard[index].sum()) - width)))
            out[index, at : at + width, :BANDS] = -4
            out[index, at : at + width, BANDS + 1] = 0.1
    return out * heard[:, :, None]


def _curves(count: int, corners: int, spread: float, random: Random) -> Tensor:
    """Return [count, BANDS]: random curves through so many corners."""
    drawn = torch.from_numpy(random.normal(0, spread, (count, 1, corners)).astype(np.float32))
    return functional.interpolate(drawn, BANDS, mode="linear", align_corners=True)[:, 0]
