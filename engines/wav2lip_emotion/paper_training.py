"""Teaching the paper's generator: three variants, two masks (Magnusson et al. 2021, section 3)."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engines.wav2lip_emotion import corpora, losses
from engines.wav2lip_emotion.critic import Critic
from engines.wav2lip_emotion.expert import Expert, lower_halves
from engines.wav2lip_emotion.faces import Pixels
from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.live_windows import FADED_IN, Lesson, lessons_of
from engines.wav2lip_emotion.objective import EmotionObjective
from engines.wav2lip_emotion.recipe import Recipe
from engines.wav2lip_emotion.training import LAST, State, TrainingError, device, given, placed
from engines.wav2lip_emotion.windows import Clip, Pair, PaperBatch, paper_batch

CHECKED = 8
"""Windows in a check; the sheet shows the first four."""


@dataclass(frozen=True, slots=True)
class Teachers:
    """Who judges, and does not learn any more.

    Attributes:
        expert: of lip sync.
        objective: of emotion; None where its loss does not count.
    """

    expert: Expert
    objective: EmotionObjective | None


class PaperLearner:
    """Generator and critic, each with an Adam of its own.

    Args:
        recipe: variant, mask, weights of the losses, seed and so on.
        learnt: pairs to learn from.
        kept: pairs for checks.
        teachers: see there.
        start: weights of a generator to begin with.
    """

    def __init__(
        self,
        recipe: Recipe,
        learnt: Sequence[Pair],
        kept: Sequence[Pair],
        teachers: Teachers,
        start: State | None = None,
    ) -> None:
        if not learnt or not kept:
            raise TrainingError(_no_pairs(recipe))
        torch.manual_seed(recipe.seed)
        self._recipe, self._learnt, self._kept = recipe, learnt, kept
        self._expert = teachers.expert.eval().requires_grad_(False).to(device())
        self._objective = teachers.objective and teachers.objective.to(device())
        self.generator = placed(Generator(recipe.width))
        self._critic = placed(Critic(recipe.width))
        if start is not None:
            self.generator.load_state_dict(start["model"])
        self._draws = torch.optim.Adam(self.generator.parameters(), recipe.rate)
        self._judges = torch.optim.Adam(self._critic.parameters(), recipe.rate)

    def step(self, number: int) -> Mapping[str, float]:
        """Teach the generator, then the critic, on one batch."""
        rng = np.random.default_rng((self._recipe.seed, number))
        batch = paper_batch(self._learnt, rng, self._recipe.batch, self._recipe.mask)
        self.generator.train()
        target = given(batch.target)
        drawn = self._draw(batch)
        parts = self._losses(drawn, target, given(batch.mel))
        weights = self._recipe.weights
        total = (
            weights.likeness * parts["likeness"]
            + weights.sync * parts["sync"]
            + weights.realism * parts["realism"]
        )
        if "emotion" in parts:
            total = total + weights.emotion * parts["emotion"]
        self._draws.zero_grad()
        total.backward()
        self._draws.step()
        parts["critic"] = self._teach_critic(target.flatten(0, 1), drawn.detach().flatten(0, 1))
        return {"loss": total.item(), **{name: part.item() for name, part in parts.items()}}

    def _draw(self, batch: PaperBatch) -> Tensor:
        """Return [N, 5, 3, 96, 96]; the generator sees single pictures."""
        faces, speech = given(batch.faces), given(batch.speech)
        seen = faces.flatten(0, 1).contiguous(memory_format=LAST)
        return self.generator(speech.flatten(0, 1), seen).unflatten(0, (-1, 5))

    def _losses(self, drawn: Tensor, target: Tensor, mel: Tensor) -> dict[str, Tensor]:
        pictures = drawn.flatten(0, 1)
        parts = {
            "likeness": functional.l1_loss(drawn, target),
            "sync": losses.sync_loss(self._expert, mel, drawn),
            "realism": losses.realism_loss(self._critic(pictures)),
        }
        if self._objective is not None:
            parts["emotion"] = self._objective.loss(pictures, self._recipe.destination)
        return parts

    def _teach_critic(self, real: Tensor, drawn: Tensor) -> Tensor:
        self._judges.zero_grad()  # of what flowed through it to the generator too
        loss = losses.critic_loss(self._critic(real), self._critic(drawn))
        loss.backward()
        losses.hold_gradient(self._critic.parameters())
        self._judges.step()
        return loss

    def check(self) -> Mapping[str, float]:
        """Return likeness, lip sync and emotion on pairs that it never learns from."""
        batch, drawn = self._held_out()
        target, mel = given(batch.target), given(batch.mel)
        with torch.no_grad():
            found = {
                "likeness": functional.l1_loss(drawn, target).item(),
                "agreement": self._expert(mel, lower_halves(drawn)).mean().item(),
                "agreement of targets": self._expert(mel, lower_halves(target)).mean().item(),
            }
            if self._objective is not None:
                loss = self._objective.loss(drawn.flatten(0, 1), self._recipe.destination)
                found["emotion"] = 1 - loss.item()
        return found

    def sheet(self) -> Pixels:
        """Return reference, pose prior, drawn and target of four windows, a row each."""
        batch, drawn = self._held_out()
        faces = given(batch.faces)
        shown = (
            faces[:, 2, 3:],
            faces[:, 2, :3],
            drawn[:, 2],
            given(batch.target)[:, 2],
        )
        rows = torch.cat([torch.cat(list(s[:4].unbind(0)), 1) for s in shown], 2)
        picture = (rows.clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
        return cast("Pixels", picture.cpu().numpy())

    def _held_out(self) -> tuple[PaperBatch, Tensor]:
        batch = paper_batch(self._kept, np.random.default_rng(0), CHECKED, self._recipe.mask)
        self.generator.eval()
        with torch.no_grad():
            return batch, self._draw(batch)

    def state(self) -> State:
        """Return weights and optimisers."""
        return {
            "kind": "generator",
            "width": self._recipe.width,
            "mask": self._recipe.mask,
            "model": self.generator.state_dict(),
            "critic": self._critic.state_dict(),
            "draws": self._draws.state_dict(),
            "judges": self._judges.state_dict(),
        }

    def restore(self, state: State) -> None:
        """Go back to a state."""
        self.generator.load_state_dict(state["model"])
        self._critic.load_state_dict(state["critic"])
        self._draws.load_state_dict(state["draws"])
        self._judges.load_state_dict(state["judges"])


def pairs_of(recipe: Recipe, clips: Sequence[Clip], edited: Sequence[Clip] = ()) -> list[Pair]:
    """Return what the variant learns from.

    With one emotion as source and destination every clip is its own target, whatever it shows: so
    Wav2Lip is taught first. With the emotion objective alone so is every clip of the source. Where
    a clip of somebody who just speaks was edited to the destination, that is another target.
    """
    sound = [clip for clip in clips if clip.starts]
    if recipe.source == recipe.destination:
        return [Pair(clip, clip) for clip in sound]
    lessons = [
        lesson
        for lesson in lessons_of(sound, edited)
        if lesson.edited.about.emotion == recipe.destination and not lesson.edited.about.over
    ]
    if recipe.variant == "emotion":
        plain = {id(lesson.plain) for lesson in lessons}
        shown = [c for c in sound if c.about.emotion == recipe.source or id(c) in plain]
        return [Pair(clip, clip) for clip in shown]
    of = {clip.about: clip for clip in sound}
    both = corpora.pairs(of, recipe.source, recipe.destination)
    acted = [Pair(of[source], of[target]) for source, target in both]
    return acted + [Pair(lesson.plain, _faded_in(lesson)) for lesson in lessons]


def _faded_in(lesson: Lesson) -> Clip:
    """Return the edited clip from where the edit is whole, with the speaker's own sound."""
    edited = lesson.edited.prepared
    whole = (b"",) * FADED_IN + edited.jpegs[FADED_IN:]
    return Clip(replace(edited, jpegs=whole, sound=lesson.plain.prepared.sound))


def _no_pairs(recipe: Recipe) -> str:
    return (
        f"no clip with sound shows {recipe.source} and, by the same speaker with the same words, "
        f"{recipe.destination}; or none of them is held out"
    )
