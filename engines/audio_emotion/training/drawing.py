"""Drawing batches: emotions alike often, versions at random, parts and mixtures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engines.audio_emotion.estimate import EMOTIONS, Floats
from engines.audio_emotion.stretch import repeated
from engines.audio_emotion.training.branches import NumbersBranch
from engines.audio_emotion.training.examples import Examples
from engines.audio_emotion.training.plan import Plan

Random = np.random.Generator
Batch = tuple[tuple[Tensor, ...], Tensor]
"""The network's inputs, and the truth [N, 7] as shares."""

SHORTEST = 25
"""Columns of a part that is shown alone: 0.8 s."""


class Drawing:
    """Draws examples of those that ``often`` says.

    Args:
        versions: those to draw from, augmented or clean.
        truth: [n] emotions.
        often: [n] how often each is drawn; adds up to 1.
        plan: how much is smoothed, mixed and cut.
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
        return self._mixed(branch.normal(torch.from_numpy(np.stack(rows))), chosen, random)

    def spectrograms(self, random: Random) -> Batch:
        """Draw for the paper's encoder."""
        chosen, versions = self._choose(random, self._plan.batch[1])
        rows = [
            _again(self._versions[v], int(i), random, self._plan.cut)
            for i, v in zip(chosen, versions, strict=True)
        ]
        return self._mixed(torch.from_numpy(np.stack(rows)), chosen, random)

    def _choose(self, random: Random, count: int) -> tuple[NDArray[np.int64], list[int]]:
        chosen = random.choice(len(self._truth), count, p=self._often)
        return chosen, cast("list[int]", random.integers(0, len(self._versions), count).tolist())

    def _mixed(self, given: Tensor, chosen: NDArray[np.int64], random: Random) -> Batch:
        """Return examples mixed with one another, and so what is true of them."""
        truth = functional.one_hot(torch.from_numpy(self._truth[chosen]), len(EMOTIONS)).float()
        truth = truth * (1 - self._plan.smoothing) + self._plan.smoothing / len(EMOTIONS)
        share = float(random.beta(self._plan.mixing, self._plan.mixing))
        other = torch.from_numpy(random.permutation(len(chosen)))
        given = share * given + (1 - share) * given[other]
        return (given,), share * truth + (1 - share) * truth[other]


def _again(examples: Examples, index: int, random: Random, cut: float) -> Floats:
    """Return a spectrogram, or a part of it over and over."""
    columns = examples.spectrograms[index].astype(np.float32)
    length = int(examples.lengths[index])
    if random.random() >= cut or length <= SHORTEST:
        return columns
    size = int(random.integers(SHORTEST, length + 1))
    at = int(random.integers(0, length - size + 1))
    return repeated(columns[at : at + size])
