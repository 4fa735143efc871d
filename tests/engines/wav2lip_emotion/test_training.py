"""Training: what a step sees, that losses fall, and that a broken run goes on as if it had not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.wav2lip_emotion import learners, losses, training, xception
from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.expert_training import ExpertLearner
from engines.wav2lip_emotion.expert_windows import Lineup, Voice, expert_batch
from engines.wav2lip_emotion.faces import Mask
from engines.wav2lip_emotion.lateness import in_step, lateness, may_teach
from engines.wav2lip_emotion.objective import EmotionObjective
from engines.wav2lip_emotion.paper_training import PaperLearner, Teachers, pairs_of
from engines.wav2lip_emotion.recipe import WEIGHTS, Recipe, Variant
from engines.wav2lip_emotion.training import State, TrainingError
from engines.wav2lip_emotion.windows import (
    Clip,
    Pair,
    column,
    paper_batch,
    split,
    window,
)
from tests.engines.wav2lip_emotion import acting


@pytest.fixture(scope="module", autouse=True)
def one_core():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def recipe(**changes: object) -> Recipe:
    plain = Recipe("paper", "out", "prepared", (), width=0.08, batch=2, rate=1e-3)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_sound_and_picture_of_a_window_are_of_the_same_moment():
    clip = acting.clip(1)
    assert column(25) == 80
    frames = range(2, len(clip.prepared) - 2)
    dark = [-float(clip.prepared.picture(k)[100:150].mean()) for k in frames]  # an open mouth
    strength = np.exp(clip.mel.max(1))
    loud = [float(strength[column(k) : column(k + 1)].mean()) for k in frames]
    late = [float(strength[column(k - 2) : column(k - 1)].mean()) for k in frames]
    assert np.corrcoef(dark, loud)[0, 1] > 0.8
    assert np.corrcoef(dark, late)[0, 1] < 0.6


def test_the_expert_compares_moments_of_one_clip_that_do_not_overlap():
    clips = [acting.clip(k) for k in range(3)]
    lineup = Lineup(clips, 4)
    for seed in range(5):
        clip, starts = lineup(np.random.default_rng(seed))
        assert clip in clips
        assert min(np.diff(sorted(starts))) >= 5
    batch = expert_batch(lineup, np.random.default_rng(0), 2)
    assert batch.mouths.shape == (2, 4, 15, 48, 96)
    assert batch.mel.shape == (2, 4, 1, 80, 16)
    again = expert_batch(lineup, np.random.default_rng(0), 2)
    np.testing.assert_array_equal(batch.mouths, again.mouths)
    assert len(Lineup(clips, 8)) == 0  # they are too short for so many


def test_another_voice_says_the_same():
    mel = acting.clip(1).speech(3)
    assert np.abs(Voice()(mel) - mel).max() < 1e-6
    voice = Voice(level=-0.5, tilt=0.2, pitch=1.1, room=-3.5)
    other = voice(mel)
    assert other.shape == mel.shape
    assert other.min() >= -3.5
    assert np.corrcoef(other.mean(0), mel.mean(0))[0, 1] > 0.9  # as loud at the same moments


def test_without_a_disguise_the_expert_sees_lower_halves_as_they_are():
    lineup = Lineup([acting.clip(1)], 2)
    clip, (start, _) = lineup(np.random.default_rng(0))
    batch = expert_batch(lineup, np.random.default_rng(0), 1, disguised=False)
    faces, _ = window(clip, start)
    wanted = faces[:, :, 48:].reshape(15, 48, 96)
    assert np.abs(batch.mouths[0, 0] - wanted).mean() < 0.01
    np.testing.assert_allclose(batch.mel[0, 0, 0], clip.speech(start), atol=1e-5)


@pytest.mark.parametrize("late", [-120, 0, 200])
def test_sound_that_is_late_is_put_in_step(late: int):
    clip = speaking(seconds=8)
    samples = late * 16
    sound = clip.prepared.sound
    moved = np.pad(sound, (samples, 0)) if samples >= 0 else sound[-samples:]
    found = lateness(Clip(replace(clip.prepared, sound=moved.astype(np.float32))))
    assert found.clear
    assert found.seconds * 1000 == pytest.approx(late, abs=40)
    back = in_step(Clip(replace(clip.prepared, sound=moved.astype(np.float32))))
    assert abs(lateness(back).seconds) < 0.04


def test_who_is_silent_says_nothing_about_lip_sync():
    clip = speaking(seconds=8)
    hiss = np.random.default_rng(0).normal(0, 0.01, len(clip.prepared.sound)).astype(np.float32)
    silent = Clip(replace(clip.prepared, sound=hiss))
    assert not lateness(silent).clear
    assert in_step(silent) is silent
    assert not may_teach(silent)
    assert may_teach(clip)


def speaking(seconds: int) -> Clip:
    """A clip whose lips are as far apart as it is loud."""
    clip = acting.clip(5, frames=25 * seconds)
    loud = np.array([-float(clip.prepared.picture(k)[100:150].mean()) for k in range(25 * seconds)])
    points = clip.prepared.points.copy()
    points[:, 14, 1] += 10 * (loud - loud.min()) / np.ptp(loud)
    return Clip(replace(clip.prepared, points=points))


@pytest.mark.parametrize("mask", ["half", "full"])
def test_the_generator_never_sees_what_it_has_to_draw(mask: Mask):
    pair = Pair(acting.clip(1), acting.clip(2, emotion="happy"))
    batch = paper_batch([pair], np.random.default_rng(0), 2, mask)
    assert batch.faces.shape == (2, 5, 6, 96, 96)
    prior, target = batch.faces[:, :, :3], batch.target
    covered = prior == 0
    assert not prior[:, :, :, 70, 40:56].any()  # the mouth
    assert (prior[:, :, :, 40, 30:66].any()) == (mask == "half")  # the eyes
    np.testing.assert_array_equal(prior[~covered], target[~covered])
    reference = batch.faces[:, :, 3:]
    assert abs(reference.mean() - target.mean()) > 0.01  # of another emotion


def test_losses_are_weighed_as_in_the_paper():
    assert WEIGHTS["both"] == replace(WEIGHTS["both"], likeness=0.8, sync=0.03, realism=0.07)
    assert (WEIGHTS["both"].emotion, WEIGHTS["emotion"].emotion) == (0.1, 0.3)
    assert (WEIGHTS["emotion"].likeness, WEIGHTS["l1"].emotion) == (0.6, 0.0)
    for weights in WEIGHTS.values():
        parts = (weights.likeness, weights.sync, weights.realism, weights.emotion)
        assert sum(parts) == pytest.approx(1)


def test_the_critics_gradient_is_held():
    layer = torch.nn.Linear(3, 1, bias=False)
    for norm, then in ((1e-5, 1e-2), (3.0, 3.0), (1e12, 1e10)):
        layer.weight.grad = torch.tensor([[norm, 0.0, 0.0]])
        assert losses.hold_gradient(layer.parameters()) == pytest.approx(norm)
        assert float((layer.weight.grad**2).sum()) ** 0.5 == pytest.approx(then)


def objective() -> EmotionObjective:
    torch.manual_seed(3)
    return EmotionObjective(xception.MiniXception())


def test_the_emotion_objective_pulls_a_picture_and_does_not_learn():
    judge = objective()
    judge.train()
    faces = torch.rand(2, 3, 96, 96, requires_grad=True)
    before = {name: value.clone() for name, value in judge.state_dict().items()}
    first = judge.loss(faces, "happy")
    first.backward()
    assert faces.grad is not None
    moved = faces - 2 * faces.grad / faces.grad.abs().max()
    assert judge.loss(moved.detach(), "happy") < first
    assert all(torch.equal(before[name], v) for name, v in judge.state_dict().items())
    with pytest.raises(TrainingError, match="does not know contempt"):
        judge.loss(faces, "contempt")


def expert(seed: int = 0) -> ExpertLearner:
    clips = [acting.clip(k) for k in range(4)]
    return ExpertLearner(clips[:3], clips[3:], width=0.08, batch=4, rate=2e-3, seed=seed)


def test_the_expert_learns_which_sound_belongs_to_which_mouth():
    learner = expert()
    seen = [learner.step(1) for _ in range(16)]  # the same windows again and again
    assert seen[-1]["loss"] < 0.5 * seen[0]["loss"]
    assert seen[-1]["told apart"] == seen[-1]["right"] == 1
    assert set(learner.check()) >= {"right", "told apart", "agreement in step"}


@pytest.mark.parametrize("variant", ["l1", "emotion", "both"])
def test_the_generator_learns_to_draw(variant: Variant):
    clips = [
        acting.clip(k, emotion=emotion, frames=18) for k, emotion in enumerate(("neutral", "happy"))
    ]
    plan = recipe(variant=variant, rate=4e-3, batch=1)
    pairs = pairs_of(plan, clips)
    assert [pair.target.about.emotion for pair in pairs] == [
        "neutral" if variant == "emotion" else "happy"
    ]
    teachers = Teachers(Expert(0.08), objective() if variant != "l1" else None)
    learner = PaperLearner(plan, pairs, pairs, teachers)
    seen = [learner.step(k) for k in range(8)]
    assert ("emotion" in seen[0]) == (variant != "l1")
    assert seen[-1]["likeness"] < 0.8 * seen[0]["likeness"]
    sheet = learner.sheet()
    assert sheet.shape == (4 * 96, 4 * 96, 3)
    assert set(learner.check()) >= {"likeness", "agreement"}


def test_pairs_are_missing_where_nobody_acts():
    with pytest.raises(TrainingError, match="no clip with sound shows neutral and"):
        PaperLearner(recipe(), [], [], Teachers(Expert(0.08), None))
    alone = [acting.clip(1, emotion=None)]
    assert pairs_of(recipe(), alone) == []
    assert len(pairs_of(recipe(source="happy"), alone)) == 1  # Wav2Lip's own training


def test_who_was_edited_is_a_target_where_nobody_acted():
    plain = acting.clip(1, emotion=None)
    about = replace(plain.about, emotion="happy", intensity=1.5)
    edited = Clip(replace(plain.prepared, about=about, sound=plain.prepared.sound[:0]))
    other = Clip(replace(edited.prepared, about=replace(about, emotion="sad")))
    over = Clip(replace(edited.prepared, about=replace(about, over="sad")))
    (pair,) = pairs_of(recipe(), [plain], [edited, other, over])
    assert pair.source is plain
    assert pair.target.about.emotion == "happy"
    assert min(pair.target.starts) == 10  # until then the edit fades in
    np.testing.assert_array_equal(pair.target.prepared.sound, plain.prepared.sound)
    (own,) = pairs_of(recipe(variant="emotion"), [plain], [edited])
    assert own.source is own.target is plain


def test_a_run_that_broke_off_ends_where_an_unbroken_one_does(tmp_path: Path):
    plan = learners.plan_of(recipe(stage="expert", steps=4, save_every=2, check_every=2))
    whole, broken = expert(), expert()
    training.train(whole, plan, tmp_path / "whole", lambda done, text: None)
    with pytest.raises(KeyboardInterrupt):
        training.train(broken, plan, tmp_path / "broken", stop_at(3))
    again = expert(seed=0)
    told: list[int] = []
    training.train(again, plan, tmp_path / "broken", lambda done, text: told.append(done))
    assert told == [3, 4]
    for ours, theirs in zip(whole.expert.parameters(), again.expert.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)
    assert rows(tmp_path / "whole") == rows(tmp_path / "broken")
    assert (tmp_path / "whole" / training.PLOT).stat().st_size > 1000


def stop_at(step: int):
    def told(done: int, text: str) -> None:
        if done == step:
            raise KeyboardInterrupt

    return told


def rows(folder: Path) -> list[str]:
    return (folder / training.LOG).read_text(encoding="utf-8").splitlines()


def test_another_recipe_does_not_go_on_with_these_weights(tmp_path: Path):
    first = learners.plan_of(recipe(stage="expert", steps=1))
    training.train(expert(), first, tmp_path, lambda done, text: None)
    longer = learners.plan_of(recipe(stage="expert", steps=1, out="elsewhere"))
    training.train(expert(), longer, tmp_path, lambda done, text: None)
    other = learners.plan_of(recipe(stage="expert", steps=2, seed=1))
    with pytest.raises(TrainingError, match="another recipe"):
        training.train(expert(), other, tmp_path, lambda done, text: None)


class Diverging:
    def step(self, number: int) -> Mapping[str, float]:
        return {"loss": float("nan")}

    def check(self) -> Mapping[str, float]:
        return {}

    def sheet(self) -> None: ...

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None: ...


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path):
    plan = learners.plan_of(recipe(steps=5))
    with pytest.raises(TrainingError, match="at step 0 a loss is no longer a number"):
        training.train(Diverging(), plan, tmp_path, lambda done, text: None)


def test_what_is_held_out_is_never_learnt_from():
    clips = [acting.clip(k, speaker=who, frames=6) for k in range(8) for who in ("ann", "bob")]
    learnt, kept = split(clips, ["bob"], 0.3)
    assert {clip.about.speaker for clip in learnt} == {"ann"}
    assert len(learnt) + len(kept) == len(clips)
    assert any(clip.about.speaker == "ann" for clip in kept)
    assert split(clips[::-1], ["bob"], 0.3)[0] == learnt[::-1]


def test_a_recipe_without_what_it_needs_is_refused():
    clips: list[Clip] = []
    with pytest.raises(TrainingError, match="needs a lip-sync expert"):
        learners.learner_of(recipe(), clips)
    with pytest.raises(TrainingError, match="needs the emotion objective's weights"):
        learners.learner_of(recipe(expert="e.pt"), clips)
    with pytest.raises(TrainingError, match="does not know contempt"):
        learners.learner_of(recipe(expert="e.pt", emotions="f.hdf5", destination="contempt"), clips)
