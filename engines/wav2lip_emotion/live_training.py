"""Teaching the generator for calls: geometric edits are its targets, and judges pull it further."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engines.wav2lip_emotion import live, losses
from engines.wav2lip_emotion.expert import lower_halves
from engines.wav2lip_emotion.faces import SEEN, Pixels
from engines.wav2lip_emotion.live_network import Fields, LiveGenerator, apply
from engines.wav2lip_emotion.live_windows import Lesson, LiveBatch, live_batch
from engines.wav2lip_emotion.paper_training import Teachers
from engines.wav2lip_emotion.recipe import LIVE_WEIGHTS, Recipe
from engines.wav2lip_emotion.training import State, TrainingError, device, given
from engines.wav2lip_emotion.windows import FRAMES, SIDE
from engines.wav2lip_emotion.xception import LABELS

CHECKED = 8
"""Windows in a check; the sheet shows the first six."""


class LiveLearner:
    """Adam on likeness to the edits, lip sync, emotion, smooth fields and a calm picture.

    Args:
        recipe: seed, batch and so on.
        learnt: lessons to learn from.
        kept: lessons for checks.
        teachers: who judges.
    """

    def __init__(
        self,
        recipe: Recipe,
        learnt: Sequence[Lesson],
        kept: Sequence[Lesson],
        teachers: Teachers,
    ) -> None:
        if not learnt or not kept:
            raise TrainingError("there are no edited clips to learn from, or none held out")
        torch.manual_seed(recipe.seed)
        self._recipe, self._learnt, self._kept = recipe, learnt, kept
        self._expert = teachers.expert.eval().requires_grad_(False).to(device())
        self._objective = teachers.objective and teachers.objective.to(device())
        self.generator = LiveGenerator(recipe.width).to(device())
        self._draws = torch.optim.Adam(self.generator.parameters(), recipe.rate)

    def step(self, number: int) -> Mapping[str, float]:
        """Learn from one batch."""
        rng = np.random.default_rng((self._recipe.seed, number))
        batch = live_batch(self._learnt, rng, self._recipe.batch)
        self.generator.train()
        parts = self._losses(batch, *self._edited(batch))
        weights = {name: getattr(LIVE_WEIGHTS, name) for name in parts}
        total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        self._draws.zero_grad()
        total.backward()
        self._draws.step()
        return {"loss": total.item(), **{name: part.item() for name, part in parts.items()}}

    def _edited(self, batch: LiveBatch) -> tuple[Fields, Tensor]:
        face = given(batch.face)
        edit, speech = given(batch.edit), given(batch.speech)
        fields: Fields = self.generator(face, edit, speech)
        return fields, apply(face, fields)

    def _losses(self, batch: LiveBatch, fields: Fields, made: Tensor) -> dict[str, Tensor]:
        target = given(batch.target)
        seen = _as_judged(made)
        parts = {
            "likeness": functional.l1_loss(made, target),
            "detail": functional.l1_loss(_slopes(made), _slopes(target)),
            "sync": losses.sync_loss(self._expert, given(batch.mel), _windows(seen)),
            "smooth": _slopes(fields.shift).square().mean() * live.SIDE**2,
            "calm": functional.l1_loss(_changes(made), _changes(target)),
        }
        if self._objective is not None:
            parts["emotion"] = self._emotion(batch, seen)
        return parts

    def _emotion(self, batch: LiveBatch, seen: Tensor) -> Tensor:
        """Return 1 - p(asked for), of what the classifier knows; faint edits pull less."""
        assert self._objective is not None
        p = cast("Tensor", self._objective(seen))
        named = [e for e in batch.emotions for _ in range(FRAMES)]
        known = given(np.array([e in LABELS for e in named], np.float32))
        label = given(np.array([LABELS.index(e) if e in LABELS else 0 for e in named]))
        strength = given(batch.edit).flatten(1).amax(1).clamp(max=1.0)
        pull = known * strength * (1 - p.gather(1, label[:, None])[:, 0])
        return pull.sum() / known.sum().clamp(min=1.0)

    def check(self) -> Mapping[str, float]:
        """Return what it reaches on lessons that it never learns from, and what the edits do."""
        batch, made = self._held_out()
        target, mel = given(batch.target), given(batch.mel)
        face = given(batch.face)
        found = {
            "likeness": functional.l1_loss(made, target).item(),
            "likeness of doing nothing": functional.l1_loss(face, target).item(),
        }
        with torch.no_grad():
            for name, pictures in (("", made), (" of targets", target)):
                seen = _as_judged(pictures)
                mouths = lower_halves(_windows(seen))
                found[f"agreement{name}"] = self._expert(mel, mouths).mean().item()
                if self._objective is not None:
                    found[f"emotion{name}"] = 1 - self._emotion(batch, seen).item()
        return found

    def sheet(self) -> Pixels:
        """Return six faces, below what is made of them, below the geometric edits."""
        batch, made = self._held_out()
        face, target = given(batch.face), given(batch.target)
        rows = [torch.cat(list(each[2::FRAMES][:6].unbind(0)), 2) for each in (face, made, target)]
        picture = (torch.cat(rows, 1).clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
        return cast("Pixels", picture.contiguous().cpu().numpy())

    def _held_out(self) -> tuple[LiveBatch, Tensor]:
        batch = live_batch(self._kept, np.random.default_rng(0), CHECKED, jitter=False)
        self.generator.eval()
        with torch.no_grad():
            return batch, self._edited(batch)[1]

    def state(self) -> State:
        """Return weights and optimiser."""
        return {
            "kind": "live",
            "width": self._recipe.width,
            "model": self.generator.state_dict(),
            "draws": self._draws.state_dict(),
        }

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.generator.load_state_dict(state["model"])
        self._draws.load_state_dict(state["draws"])


def _as_judged(pictures: Tensor) -> Tensor:
    """[M, 3, 128, 128] -> [M, 3, 96, 96]: the square that expert and objective know."""
    side = pictures.shape[-1]
    margin = round(side * (1 - SEEN / live.SEEN) / 2)
    inner = pictures[:, :, margin : side - margin, margin : side - margin]
    return functional.interpolate(inner, (SIDE, SIDE), mode="bilinear", antialias=True)


def _slopes(x: Tensor) -> Tensor:
    """Return differences to the right and down, one after the other."""
    right, down = x[..., :, 1:] - x[..., :, :-1], x[..., 1:, :] - x[..., :-1, :]
    return torch.cat([right.flatten(1), down.flatten(1)], 1)


def _changes(x: Tensor) -> Tensor:
    """[5 N, ...] -> [N, 4, ...] from each picture of a window to the next."""
    windows = _windows(x)
    return windows[:, 1:] - windows[:, :-1]


def _windows(x: Tensor) -> Tensor:
    """[5 N, ...] -> [N, 5, ...]."""
    return x.reshape(-1, FRAMES, *x.shape[1:])
