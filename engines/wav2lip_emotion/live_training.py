"""Teaching the generator for calls: it gets edited faces, and judges pull them further."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engines.wav2lip_emotion import live
from engines.wav2lip_emotion.expert import lower_halves
from engines.wav2lip_emotion.faces import SEEN, Pixels
from engines.wav2lip_emotion.live_network import Fields, LiveGenerator, apply
from engines.wav2lip_emotion.live_windows import Lesson, LiveBatch, Timetable, live_batch
from engines.wav2lip_emotion.objective import looked_at
from engines.wav2lip_emotion.paper_training import Teachers
from engines.wav2lip_emotion.pull import Pull
from engines.wav2lip_emotion.recipe import LIVE_WEIGHTS, Recipe
from engines.wav2lip_emotion.signatures import FRAMES, SIDE
from engines.wav2lip_emotion.training import LAST, State, TrainingError, device, given, placed
from engines.wav2lip_emotion.xception import LABELS

CHECKED = 12
"""Windows in a check; the sheet shows the first ten."""

MILD = 0.05
"""A change of colour up to which its square counts. What is little is nearly free, or nothing
would ever begin."""

HALF = live.SIDE // 2
"""Pixels across faces that only the classifier looks at, who sees no more itself."""

STEEPEST = 1.0
"""The longest gradient."""

WINDOW_EVERY = 8
"""Steps between two with windows of five pictures, by which lip sync and calm are judged. Others
see as many pictures of as many moments, of which there is more to learn."""


class LiveLearner:
    """Adam on a stronger edit's likeness, emotion, lip sync, smooth fields and a calm picture.

    Args:
        recipe: seed, batch and so on.
        learnt: lessons to learn from.
        kept: lessons for checks.
        teachers: who judges.
        start: weights to begin with.
    """

    def __init__(
        self,
        recipe: Recipe,
        learnt: Sequence[Lesson],
        kept: Sequence[Lesson],
        teachers: Teachers,
        start: State | None = None,
    ) -> None:
        if not learnt or not kept:
            raise TrainingError("there are no edited clips to learn from, or none held out")
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._learnt, self._kept = Timetable(learnt), Timetable(kept)
        self._expert = teachers.expert.eval().requires_grad_(False).to(device())
        self._pull = teachers.objective and Pull(teachers.objective.classifier).to(device())
        self.generator = placed(LiveGenerator(recipe.width))
        if start is not None:
            self.generator.load_state_dict(start["model"])
        self._draws = torch.optim.Adam(self.generator.parameters(), recipe.rate)

    def step(self, number: int) -> Mapping[str, float]:
        """Learn from one batch: of single pictures, and now and then of windows."""
        rng = np.random.default_rng((self._recipe.seed, number))
        torch.manual_seed(self._recipe.seed + number)
        frames = FRAMES if number % WINDOW_EVERY == 0 else 1
        side = live.SIDE if frames == FRAMES else HALF
        size = max(1, self._recipe.batch // frames)
        batch = live_batch(self._learnt, rng, size, frames=frames)
        for group in self._draws.param_groups:
            group["lr"] = self._recipe.rate * _slowed(number / self._recipe.steps)
        self.generator.train()
        parts = self._losses(batch, *self._edited(batch, side))
        weights = {name: getattr(LIVE_WEIGHTS, name) for name in parts}
        total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        self._draws.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.generator.parameters(), STEEPEST)
        self._draws.step()
        return {"loss": total.item(), **{name: part.item() for name, part in parts.items()}}

    def _edited(self, batch: LiveBatch, side: int = live.SIDE) -> tuple[Fields, Tensor]:
        """Return fields of ``side``, and what they make of the faces at that size."""
        face = given(batch.face)
        edit, speech = given(batch.edit), given(batch.speech)
        fields: Fields = self.generator(face.contiguous(memory_format=LAST), edit, speech)
        fields = Fields(*(_pooled(field, side) for field in fields))
        return fields, apply(_pooled(face, side), fields)

    def _losses(self, batch: LiveBatch, fields: Fields, made: Tensor) -> dict[str, Tensor]:
        side, frames = made.shape[-1], len(made) // len(batch.emotions)
        face, further = (_pooled(given(each), side) for each in (batch.face, batch.further))
        # What is dear must become less, not the mask, which all else needs too.
        shade = fields.mask.detach() * fields.colour
        parts = {
            "likeness": functional.huber_loss(made, further, delta=MILD) / MILD,
            "detail": functional.huber_loss(_slopes(made), _slopes(further), delta=MILD) / MILD,
            "smooth": _slopes(fields.shift).square().mean() * side**2,
            "shade": _slopes(shade).square().mean() * side**2,
            "tint": (shade - shade.mean(1, keepdim=True)).square().mean() / MILD,
            "lips": _parted(fields, given(batch.lips)),
        }
        if self._pull is not None:
            named = tuple(e for e in batch.emotions for _ in range(frames))
            parts["emotion"] = self._pull(made, given(batch.edit), named)
        if frames == FRAMES:
            parts["sync"] = self._sync(batch, made)
            parts["calm"] = _changes(made - face).abs().mean()
        return parts

    def _sync(self, batch: LiveBatch, made: Tensor) -> Tensor:
        """Return by how much less the mouths say what is heard than before."""
        heard, mel = given(batch.heard), given(batch.mel)
        with torch.no_grad():
            before = self._expert(mel, lower_halves(_windows(_as_judged(given(batch.face)))))
        after = self._expert(mel, lower_halves(_windows(_as_judged(made))))
        return (heard * functional.relu(before - after)).sum() / heard.sum().clamp(min=1.0)

    def check(self) -> Mapping[str, float]:
        """Return what it reaches on lessons that it never learns from, and what the edits do."""
        batch, made = self._held_out()
        face, further = given(batch.face), given(batch.further)
        mel, heard = given(batch.mel), given(batch.heard)
        shown = (("", made), (" of the edit", face), (" of the edit further", further))
        found = {"change": functional.l1_loss(made, face).item()}
        found["change of the edit further"] = functional.l1_loss(further, face).item()
        with torch.no_grad():
            for name, pictures in shown:
                agreement = self._expert(mel, lower_halves(_windows(_as_judged(pictures))))
                mean = (heard * agreement).sum() / heard.sum().clamp(min=1.0)
                found[f"agreement{name}"] = mean.item()
                if self._pull is not None:
                    found[f"emotion{name}"] = self._told(batch, pictures)
        return found

    def _told(self, batch: LiveBatch, pictures: Tensor) -> float:
        """Return the mean probability of what was asked for, at one look."""
        assert self._pull is not None
        p = torch.softmax(self._pull.classifier(looked_at(pictures, live.SEEN)), 1)
        named = [e for e in batch.emotions for _ in range(FRAMES)]
        told = [p[k, LABELS.index(e)].item() for k, e in enumerate(named) if e in LABELS]
        return float(np.mean(told)) if told else 0.0

    def sheet(self) -> Pixels:
        """Return edited faces, below what is made of them, below what that added, times four."""
        batch, made = self._held_out()
        face = given(batch.face)
        added = 0.5 + 4 * (made - face)
        rows = [torch.cat(list(each[2::FRAMES][:10].unbind(0)), 2) for each in (face, made, added)]
        picture = (torch.cat(rows, 1).clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
        return cast("Pixels", picture.contiguous().cpu().numpy())

    def _held_out(self) -> tuple[LiveBatch, Tensor]:
        batch = live_batch(self._kept, np.random.default_rng(0), CHECKED, disguised=False)
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


def _pooled(x: Tensor, side: int) -> Tensor:
    """[N, C, S, S] -> [N, C, side, side]."""
    return x if x.shape[-1] == side else functional.avg_pool2d(x, x.shape[-1] // side)


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


def _parted(fields: Fields, lips: Tensor) -> Tensor:
    """Return how much further apart, or closer, the inner lips come: squares of sides.

    A shift says where a pixel is taken from, so where it differs from lip to lip the gap does.
    """
    at = (lips + 0.5) * (2 / live.SIDE) - 1
    down = functional.grid_sample(
        fields.mask * fields.shift[:, 1:], at[:, :, None], align_corners=False
    )[:, 0, :, 0]
    return (down[:, 0::2] - down[:, 1::2]).square().mean() * live.SIDE**2


def _slowed(done: float) -> float:
    """Return the share of the rate at a share of the steps: a cosine down to a twentieth."""
    return 0.05 + 0.95 * 0.5 * (1 + float(np.cos(np.pi * min(1.0, done))))
