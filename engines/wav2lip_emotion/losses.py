"""What the paper's generator is pulled by, and how the critic's gradient is held."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.wav2lip_emotion.expert import Expert, agreement_loss, lower_halves
from engines.wav2lip_emotion.recipe import GRADIENT_NORM


def sync_loss(expert: Expert, mel: Tensor, drawn: Tensor) -> Tensor:
    """Return how far [N, 5, 3, 96, 96] drawn mouths are from saying [N, 1, 80, 16]."""
    agreement = expert(mel, lower_halves(drawn))
    return agreement_loss(agreement, torch.ones_like(agreement))


def realism_loss(verdicts: Tensor) -> Tensor:
    """Return how far the critic's logits [N] are from taking drawn pictures for real."""
    return functional.softplus(-verdicts).mean()


def critic_loss(real: Tensor, drawn: Tensor) -> Tensor:
    """Return how far the critic's logits are from telling real pictures and drawn ones apart."""
    return functional.softplus(-real).mean() + functional.softplus(drawn).mean()


def hold_gradient(parameters: Iterable[nn.Parameter]) -> float:
    """Scale gradients so that their norm lies within ``GRADIENT_NORM``; return what it was.

    A critic that is always right has none left, and one that is suddenly wrong has too much.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = sum(float((g * g).sum()) for g in gradients) ** 0.5
    low, high = GRADIENT_NORM
    scale = min(max(norm, low), high) / max(norm, 1e-12)
    if scale != 1 and norm > 0:
        for gradient in gradients:
            gradient.mul_(scale)
    return norm
