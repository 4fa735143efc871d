"""From a recipe to whoever learns by it, and to the text that tells one training from another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engines.wav2lip_emotion import store
from engines.wav2lip_emotion.expert_training import ExpertLearner
from engines.wav2lip_emotion.lateness import in_step, may_teach
from engines.wav2lip_emotion.live_training import LiveLearner
from engines.wav2lip_emotion.live_windows import lessons_of
from engines.wav2lip_emotion.objective import label, open_objective
from engines.wav2lip_emotion.paper_training import PaperLearner, Teachers, pairs_of
from engines.wav2lip_emotion.published import open_expert, weights_of
from engines.wav2lip_emotion.recipe import Recipe
from engines.wav2lip_emotion.training import Learner, Plan, TrainingError
from engines.wav2lip_emotion.windows import Clip, split

MAY_CHANGE = ("steps", "out", "prepared", "save_every", "check_every")
"""What may be another on going on: how long, and where things lie."""


def learner_of(recipe: Recipe, clips: Sequence[Clip]) -> Learner:
    """Return who learns from ``clips`` as the recipe has it.

    Raises:
        TrainingError: weights that it needs are absent, or no clip fits.
    """
    every = [in_step(clip) for clip in clips]
    learnt, kept = split(every, recipe.held_out, recipe.held_out_share)
    if recipe.stage == "expert":
        return ExpertLearner(
            [clip for clip in learnt if may_teach(clip)],
            [clip for clip in kept if may_teach(clip)],
            width=recipe.width,
            batch=recipe.batch,
            rate=recipe.rate,
            seed=recipe.seed,
            start=weights_of(Path(recipe.start), "expert") if recipe.start else None,
        )
    if recipe.stage == "paper":
        return _paper_learner(recipe, learnt, kept)
    return _live_learner(recipe, learnt, kept)


def _paper_learner(recipe: Recipe, learnt: Sequence[Clip], kept: Sequence[Clip]) -> PaperLearner:
    start = weights_of(Path(recipe.start), "generator") if recipe.start else None
    if recipe.weights.emotion > 0:
        label(recipe.destination)
    teachers = _teachers(recipe, objective=recipe.weights.emotion > 0)
    edited = read_clips(Path(recipe.edits)) if recipe.edits else []
    pairs, checks = pairs_of(recipe, learnt, edited), pairs_of(recipe, kept, edited)
    return PaperLearner(recipe, pairs, checks, teachers, start)


def _live_learner(recipe: Recipe, learnt: Sequence[Clip], kept: Sequence[Clip]) -> LiveLearner:
    teachers = _teachers(recipe, objective=bool(recipe.emotions))
    edited = read_clips(Path(recipe.edits))
    start = weights_of(Path(recipe.start), "live") if recipe.start else None
    taught, checked = lessons_of(learnt, edited), lessons_of(kept, edited)
    return LiveLearner(recipe, taught, checked, teachers, start)


def _teachers(recipe: Recipe, *, objective: bool) -> Teachers:
    if not recipe.expert:
        raise TrainingError("the generator needs a lip-sync expert: train one first (expert = ...)")
    if objective and not recipe.emotions:
        raise TrainingError("this variant needs the emotion objective's weights (emotions = ...)")
    judge = open_objective(Path(recipe.emotions)) if objective else None
    return Teachers(open_expert(Path(recipe.expert)), judge)


def plan_of(recipe: Recipe) -> Plan:
    """Return how long a recipe takes, and which training it is."""
    fixed = {key: value for key, value in asdict(recipe).items() if key not in MAY_CHANGE}
    identity = json.dumps(fixed, sort_keys=True)
    return Plan(recipe.steps, recipe.save_every, recipe.check_every, identity)


def read_clips(folder: Path) -> list[Clip]:
    """Return every prepared clip in which a network could see a face.

    Raises:
        TrainingError: there is none.
    """
    clips = [Clip(store.read(path)) for path in store.in_folder(folder)]
    seen = [clip for clip in clips if any(clip.prepared.jpegs)]
    if not seen:
        raise TrainingError(f"{folder} holds no prepared clip with a face in it")
    return seen
