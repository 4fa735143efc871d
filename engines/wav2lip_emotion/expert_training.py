"""Teaching the lip-sync expert, before anything learns from it."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engines.wav2lip_emotion.expert import Expert, agreement_loss
from engines.wav2lip_emotion.training import State, TrainingError, device, given
from engines.wav2lip_emotion.windows import Clip, ExpertBatch, expert_batch

CHECKED = 128
"""Windows in a check."""


class ExpertLearner:
    """Adam on binary cross-entropy of the cosine (Prajwal et al. 2020, section 3.2).

    Args:
        learnt: clips to learn from.
        kept: clips for checks.
        width: of the network.
        batch: windows a step.
        rate: Adam's.
        seed: of weights and batches.
        start: weights to begin with.
    """

    def __init__(
        self,
        learnt: Sequence[Clip],
        kept: Sequence[Clip],
        *,
        width: float,
        batch: int,
        rate: float,
        seed: int,
        start: State | None = None,
    ) -> None:
        self._learnt = [clip for clip in learnt if len(clip.starts) > 1]
        self._kept = [clip for clip in kept if len(clip.starts) > 1]
        if not self._learnt or not self._kept:
            raise TrainingError("the expert needs clips with faces and sound, and some held out")
        torch.manual_seed(seed)
        self.width = width
        self.expert = Expert(width).to(device())
        if start is not None:
            self.expert.load_state_dict(start["model"])
        self._optimiser = torch.optim.Adam(self.expert.parameters(), rate)
        self._batch, self._seed = batch, seed

    def step(self, number: int) -> Mapping[str, float]:
        """Learn from one batch."""
        rng = np.random.default_rng((self._seed, number))
        mouths, mel, together = _tensors(expert_batch(self._learnt, rng, self._batch))
        self.expert.train()
        agreement = self.expert(mel, mouths)
        loss = agreement_loss(agreement, together)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        right = ((agreement > 0.5) == (together > 0.5)).float().mean()
        return {"loss": loss.item(), "right": right.item()}

    def check(self) -> Mapping[str, float]:
        """Return loss and share of right answers on clips that it never learns from."""
        rng = np.random.default_rng(0)
        batch = expert_batch(self._kept, rng, CHECKED, jitter=False)
        mouths, mel, together = _tensors(batch)
        self.expert.eval()
        with torch.no_grad():
            agreement = self.expert(mel, mouths)
        right = ((agreement > 0.5) == (together > 0.5)).float().mean()
        yes, no = agreement[together > 0.5].mean(), agreement[together < 0.5].mean()
        return {
            "loss": agreement_loss(agreement, together).item(),
            "right": right.item(),
            "agreement in step": yes.item(),
            "agreement out of step": no.item(),
        }

    def sheet(self) -> None:
        """Return nothing: an expert draws no picture."""

    def state(self) -> State:
        """Return weights and optimiser."""
        return {
            "kind": "expert",
            "width": self.width,
            "model": self.expert.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.expert.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])


def _tensors(batch: ExpertBatch) -> tuple[Tensor, Tensor, Tensor]:
    return given(batch.mouths), given(batch.mel), given(batch.together)
