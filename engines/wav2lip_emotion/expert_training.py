"""Teaching the lip-sync expert, before anything learns from it."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.wav2lip_emotion.expert import Expert, agreement_loss
from engines.wav2lip_emotion.expert_windows import (
    MOMENTS,
    SHAPES,
    ExpertBatch,
    Lineup,
    expert_batch,
)
from engines.wav2lip_emotion.training import State, TrainingError, device, given
from engines.wav2lip_emotion.windows import Clip

CHECKED = 48
"""Clips in a check, of ``MOMENTS`` each."""

TEMPERATURE = 0.07
"""Of the cosines: how much the most alike of the wrong answers counts above the others."""


class ExpertLearner:
    """Adam on which of a clip's moments a mouth and a sound are of, and on the cosine itself.

    The cosine's binary cross-entropy is Prajwal et al. 2020, section 3.2, with which a few speakers
    taught little: one wrong answer a window is a weak hint. So each mouth picks its sound out of
    eight of the same clip, and each sound its mouth.

    Args:
        learnt: clips to learn from.
        kept: clips for checks.
        width: of the network.
        batch: windows a step, ``MOMENTS`` of each clip as far as they go.
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
        moments = min(MOMENTS, batch)
        self._learnt, self._kept = Lineup(learnt, moments), Lineup(kept, moments)
        if not len(self._learnt) or not len(self._kept):
            raise TrainingError("the expert needs clips with faces and sound, and some held out")
        torch.manual_seed(seed)
        self.width = width
        self.expert = Expert(width).to(device())
        if start is not None:
            self.expert.load_state_dict(start["model"])
        self._shapes = nn.ModuleList(
            [nn.Linear(self.expert.numbers, SHAPES), nn.Linear(self.expert.numbers, SHAPES)]
        ).to(device())
        learning = [*self.expert.parameters(), *self._shapes.parameters()]
        self._optimiser = torch.optim.Adam(learning, rate)
        self._clips, self._seed = batch // moments, seed

    def step(self, number: int) -> Mapping[str, float]:
        """Learn from one batch."""
        rng = np.random.default_rng((self._seed, number))
        batch = expert_batch(self._learnt, rng, self._clips)
        self.expert.train()
        seen, heard = self._described(batch)
        agreement = seen @ heard.transpose(1, 2)
        contrast, cosine = contrast_loss(agreement), cosine_loss(agreement)
        lips = self._lips_loss(seen, heard, given(batch.lips))
        loss = contrast + cosine + lips
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        parts = {"loss": loss, "contrast": contrast, "cosine": cosine, "lips": lips}
        return {**{name: part.item() for name, part in parts.items()}, **answers(agreement)}

    def check(self) -> Mapping[str, float]:
        """Return losses and shares of right answers on clips that it never learns from."""
        batch = expert_batch(self._kept, np.random.default_rng(0), CHECKED, disguised=False)
        self.expert.eval()
        with torch.no_grad():
            seen, heard = self._described(batch)
        agreement = seen @ heard.transpose(1, 2)
        yes, no = in_step(agreement), out_of_step(agreement)
        return {
            "contrast": contrast_loss(agreement).item(),
            "cosine": cosine_loss(agreement).item(),
            **answers(agreement),
            "agreement in step": yes.mean().item(),
            "agreement out of step": no.mean().item(),
        }

    def _described(self, batch: ExpertBatch) -> tuple[Tensor, Tensor]:
        """Return [C, K, D] of mouths and of sounds; what they say of each other is the product."""
        mouths, mel = given(batch.mouths), given(batch.mel)
        clips, moments = mouths.shape[:2]
        seen = self.expert.see(mouths.flatten(0, 1)).reshape(clips, moments, -1)
        heard = self.expert.hear(mel.flatten(0, 1)).reshape(clips, moments, -1)
        return seen, heard

    def _lips_loss(self, seen: Tensor, heard: Tensor, lips: Tensor) -> Tensor:
        """Return how badly a mouth's and a sound's descriptions tell the lips' shape.

        It is what both have in common, and landmarks say it for nothing: without this hint a
        thousand steps go by before either network looks for it.
        """
        loud = self.expert.numbers**0.5  # each number about 1
        told = [tell(each * loud) for tell, each in zip(self._shapes, (seen, heard), strict=True)]
        return torch.stack([functional.smooth_l1_loss(each, lips) for each in told]).sum()

    def sheet(self) -> None:
        """Return nothing: an expert draws no picture."""

    def state(self) -> State:
        """Return weights and optimiser."""
        return {
            "kind": "expert",
            "width": self.width,
            "model": self.expert.state_dict(),
            "shapes": self._shapes.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.expert.load_state_dict(state["model"])
        self._shapes.load_state_dict(state["shapes"])
        self._optimiser.load_state_dict(state["optimiser"])


def in_step(agreement: Tensor) -> Tensor:
    """[C, K, K] -> [C K], of each mouth with its own sound."""
    return agreement.diagonal(dim1=1, dim2=2).flatten()


def out_of_step(agreement: Tensor) -> Tensor:
    """[C, K, K] -> [C K], of each mouth with the sound of one other moment."""
    return agreement.roll(1, 2).diagonal(dim1=1, dim2=2).flatten()


def contrast_loss(agreement: Tensor) -> Tensor:
    """Return how far mouths are from picking their sound of all moments, and sounds their mouth."""
    scaled = agreement / TEMPERATURE
    right = torch.arange(scaled.shape[-1], device=scaled.device).repeat(len(scaled))
    by_mouth = functional.cross_entropy(scaled.flatten(0, 1), right)
    by_sound = functional.cross_entropy(scaled.transpose(1, 2).flatten(0, 1), right)
    return (by_mouth + by_sound) / 2


def cosine_loss(agreement: Tensor) -> Tensor:
    """Return the cosine's cross-entropy, right answers counting as much as all the wrong ones."""
    own = torch.eye(agreement.shape[-1], device=agreement.device, dtype=torch.bool)
    right, wrong = agreement[:, own], agreement[:, ~own]
    of_right = agreement_loss(right, torch.ones_like(right))
    return (of_right + agreement_loss(wrong, torch.zeros_like(wrong))) / 2


def answers(agreement: Tensor) -> dict[str, float]:
    """Return shares: ``right``, a mouth and a sound in step or not by the cosine's half; ``told
    apart``, one mouth's own sound from another; ``found``, its own sound of all moments.
    """
    yes, no = in_step(agreement), out_of_step(agreement)
    first = torch.arange(agreement.shape[-1], device=agreement.device)
    return {
        "right": torch.cat([yes > 0.5, no < 0.5]).float().mean().item(),
        "told apart": (yes > no).float().mean().item(),
        "found": (agreement.argmax(2) == first).float().mean().item(),
    }
