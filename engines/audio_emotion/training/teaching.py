"""One branch's lessons: gradients, a moving average of the weights, and places to go on from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from engines.audio_emotion.training.drawing import Batch, Random

EVERY_STEPS = 250
"""Between two places that an interrupted course goes on from."""

DECAY = 0.998
"""Of the moving average: the weights that are kept are those of the last thousand steps."""


def teach(
    branch: nn.Module,
    draw: Callable[[Random], Batch],
    steps: int,
    rate: float,
    seed: int,
    keep: Path,
    tell: Callable[[int], None],
) -> None:
    """Teach ``branch`` in place; go on from ``keep`` where it is there, and leave the end there.

    What a course of another length left is no place to go on from: the rate fell otherwise.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(branch.parameters(), rate, weight_decay=0.03)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    average = {name: value.detach().clone() for name, value in branch.state_dict().items()}
    start = 0
    place: dict[str, Any] = torch.load(keep, weights_only=False) if keep.exists() else {}
    if place.get("steps") == steps:
        if place["step"] == steps:
            branch.load_state_dict(place["average"])
            return
        branch.load_state_dict(place["branch"])
        optimiser.load_state_dict(place["optimiser"])
        schedule.load_state_dict(place["schedule"])
        average, start = place["average"], place["step"]
        random.bit_generator.state = place["random"]
        torch.set_rng_state(place["torch"])
    branch.train()
    for step in range(start, steps):
        _lesson(branch, draw(random), optimiser)
        schedule.step()
        _follow(average, branch, min(DECAY, (step + 1) / (step + 20)))
        tell(step + 1)
        if (step + 1) % EVERY_STEPS == 0 or step + 1 == steps:
            state = {
                "step": step + 1,
                "steps": steps,
                "branch": branch.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "average": average,
                "random": random.bit_generator.state,
                "torch": torch.get_rng_state(),
            }
            part = keep.with_suffix(".part")
            end = {"step": steps, "steps": steps, "average": average}
            torch.save(end if step + 1 == steps else state, part)
            part.replace(keep)
    branch.load_state_dict(average)


def _lesson(branch: nn.Module, batch: Batch, optimiser: torch.optim.Optimizer) -> None:
    inputs, truth = batch
    loss = -(branch(*inputs).log_softmax(1) * truth).sum(1).mean()
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(branch.parameters(), 2.0)
    optimiser.step()


def _follow(average: dict[str, Any], branch: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for name, value in branch.state_dict().items():
            if value.dtype.is_floating_point:
                average[name].mul_(decay).add_(value, alpha=1 - decay)
            else:
                average[name] = value.clone()
