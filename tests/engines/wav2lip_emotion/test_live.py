"""The generator for calls: what it may hear and touch, and that its file is the network."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.engine import EngineError, File, open_engine
from engines.wav2lip_emotion import export, learners, live, training
from engines.wav2lip_emotion.disguise import Disguise, moved
from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.faces import KEPT, KEPT_SIDE, Square, square_of
from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.live import Fields, LiveEditor, edit_vector, heard
from engines.wav2lip_emotion.live_network import Fields as Tensors
from engines.wav2lip_emotion.live_network import LiveGenerator, apply
from engines.wav2lip_emotion.live_training import LiveLearner
from engines.wav2lip_emotion.live_windows import Lesson, Timetable, lessons_of, live_batch
from engines.wav2lip_emotion.objective import EmotionObjective
from engines.wav2lip_emotion.paper_training import Teachers
from engines.wav2lip_emotion.pull import Pull
from engines.wav2lip_emotion.recipe import Recipe
from engines.wav2lip_emotion.training import TrainingError
from engines.wav2lip_emotion.windows import Clip
from engines.wav2lip_emotion.xception import MiniXception
from kernels.cpu.mel import MelRing
from kernels.reference.mel import WAV2LIP, mel
from tests import portrait
from tests.engines.wav2lip_emotion import acting


@pytest.fixture(scope="module", autouse=True)
def one_core():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def loud(network: torch.nn.Module) -> None:
    """Give a network norms and a head as training would: none of them is a one or a zero."""
    torch.manual_seed(1)
    for name, value in network.named_buffers():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            value.normal_(0, 0.1)
    if isinstance(network, LiveGenerator):
        torch.nn.init.normal_(network.head.weight, 0, 0.2)
    network.eval()


@pytest.fixture(scope="module")
def network() -> LiveGenerator:
    net = LiveGenerator(0.25)
    loud(net)
    return net


@pytest.fixture
def editor(network: LiveGenerator, tmp_path: Path):
    path = tmp_path / "live.onnx"
    path.write_bytes(export.live_onnx(network))
    made = LiveEditor(open_engine(live.SPEC, File(path), ["onnxruntime"]).engine)
    yield made
    made.close()


def test_sound_after_the_look_ahead_is_not_heard():
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 0.1, 32_000).astype(np.float32)
    changed = sound.copy()
    now = 1.0
    known = round((now + live.LOOK_AHEAD_MS / 1000) * WAV2LIP.rate)
    changed[known:] = rng.normal(0, 0.5, 32_000 - known)
    before, after = heard(mel(sound, WAV2LIP), now), heard(mel(changed, WAV2LIP), now)
    np.testing.assert_array_equal(before, after)
    assert before.shape == (80, 16)
    late = heard(mel(sound, WAV2LIP), now + 0.1), heard(mel(changed, WAV2LIP), now + 0.1)
    assert np.abs(late[0] - late[1]).max() > 0.1


def test_a_call_hears_in_time_what_training_heard():
    sound = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    whole = mel(sound, WAV2LIP)
    ring = MelRing(WAV2LIP)
    for frame in range(5, 20):
        seconds = frame / 25
        there = sound[: round((seconds + live.LOOK_AHEAD_MS / 1000) * WAV2LIP.rate)]
        ring = MelRing(WAV2LIP)
        ring.push(there)
        last = live.last_column(seconds)
        assert ring.made > last  # it is there by then
        window = ring.window(last - 15, 16).T
        np.testing.assert_allclose(window, heard(whole, seconds), atol=1e-3)


def test_before_the_first_sound_there_is_silence():
    columns = np.ones((200, 80), np.float32)
    assert (heard(columns, 0.0)[:, :14] == -4).all()
    assert (heard(columns, 1.0) == 1).all()
    assert (heard(columns, 9.0) == -4).all()


def test_nothing_asked_for_is_nothing_done(network: LiveGenerator):
    face, speech = torch.rand(2, 3, 128, 128), torch.randn(2, 1, 80, 16)
    quiet, strong = torch.zeros(2, 8, 1, 1), torch.zeros(2, 8, 1, 1)
    strong[:, 1] = 1
    with torch.no_grad():
        none, some = network(face, quiet, speech), network(face, strong, speech)
        half = network(face, strong * live.FAINT / 2, speech)
    assert not none.shift.any()
    assert not none.colour.any()
    torch.testing.assert_close(apply(face, none), face, atol=1e-5, rtol=0)
    assert some.shift.abs().max() > 10 * 1e-3
    assert some.shift.abs().max() <= live.REACH
    assert 0 < half.shift.abs().max() < some.shift.abs().max()
    with torch.no_grad():
        opposite = network(face, -strong, speech)  # is not taught
    assert not opposite.shift.any()
    assert not opposite.colour.any()


def test_what_was_never_taught_changes_nothing():
    untaught = LiveGenerator(0.25).eval()
    face, speech, edit = (
        torch.rand(1, 3, 128, 128),
        torch.randn(1, 1, 80, 16),
        torch.ones(1, 8, 1, 1),
    )
    with torch.no_grad():
        fields = untaught(face, edit, speech)
    torch.testing.assert_close(apply(face, fields), face, atol=1e-5, rtol=0)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_the_files_are_the_networks(network: LiveGenerator, backend: str, tmp_path: Path):
    paper = Generator(0.06)
    loud(paper)
    for net, data in ((network, export.live_onnx(network)), (paper, export.paper_onnx(paper))):
        path = tmp_path / "network.onnx"
        path.write_bytes(data)
        assert export.parity(net, path, [backend]) < 1e-4


def test_a_file_of_other_weights_is_noticed(network: LiveGenerator, tmp_path: Path):
    other = LiveGenerator(0.25)
    loud(other)
    torch.nn.init.normal_(other.head.weight, 0, 0.5)
    path = tmp_path / "network.onnx"
    path.write_bytes(export.live_onnx(other))
    with pytest.raises(EngineError, match="is off by"):
        export.parity(network, path, ["onnxruntime"])


def test_only_the_square_is_touched_and_at_full_resolution(editor: LiveEditor):
    rgb, points = portrait.photograph(), portrait.found().points
    square = square_of(points, live.SEEN)
    fields = editor.fields(rgb, square, edit_vector({"happy": 1.0}), np.zeros((80, 16), np.float32))
    out = editor.apply(rgb, square, fields)
    changed = (out != rgb).any(2)
    rows, columns = np.nonzero(changed)
    assert changed.mean() > 0.05
    assert np.abs(rows - square.y).max() <= square.side / 2 + 2
    assert np.abs(columns - square.x).max() <= square.side / 2 + 2
    difference = np.abs(out.astype(int) - rgb).max(2)
    assert difference.max() > 20
    edge = difference[[rows.min(), rows.max()]].max(), difference[:, columns.min()].max()
    assert max(edge) <= 4  # no frame is seen around the face
    same = editor.apply(rgb, square, replace(fields, mask=np.zeros((128, 128), np.float32)))
    np.testing.assert_array_equal(same, rgb)


def test_a_call_applies_fields_as_training_did(editor: LiveEditor):
    side = live.SIDE
    wave = np.sin(np.arange(side) / 20).astype(np.float32)
    shift = 0.03 * np.stack(
        [np.broadcast_to(wave, (side, side)), np.broadcast_to(wave[:, None], (side, side))]
    )
    colour = np.full((3, side, side), 0.1, np.float32)
    mask = np.ones((side, side), np.float32)
    fields = Fields(shift.astype(np.float32), colour, mask)
    square = Square((side - 1) / 2, (side - 1) / 2, side)
    rgb = square_of(portrait.found().points, live.SEEN).cut(portrait.photograph(), side)
    ours = editor.apply(rgb, square, fields).astype(int)
    picture = torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255
    parts = (
        torch.from_numpy(np.array(each)).reshape(1, -1, side, side)
        for each in (fields.shift, colour, mask)
    )
    made = apply(picture, Tensors(*parts))[0].permute(1, 2, 0) * 255
    theirs = np.asarray(made.clamp(0, 255), np.float32)
    inner = slice(24, side - 24)
    assert np.abs(ours - theirs)[inner, inner].mean() < 2
    assert np.abs(ours - rgb.astype(int))[inner, inner].mean() > 10


def test_a_face_at_the_edge_of_the_picture_is_no_trouble(editor: LiveEditor):
    rgb = portrait.photograph()
    for x, y, side in ((0, 0, 200), (639, 479, 300), (-500, 0, 100), (320, 240, 2000)):
        square = Square(x, y, side)
        fields = editor.fields(
            rgb, square, edit_vector({"sad": 1.0}), np.zeros((80, 16), np.float32)
        )
        assert editor.apply(rgb, square, fields).shape == rgb.shape


def test_the_weights_that_come_along_shade_a_face_and_paint_none():
    path = live.known_weights()
    assert path is not None
    editor = LiveEditor(open_engine(live.SPEC, File(path), ["onnxruntime"]).engine)
    rgb, square = portrait.photograph(), square_of(portrait.found().points, live.SEEN)
    for emotion in ("happy", "sad", "angry"):
        fields = editor.fields(rgb, square, edit_vector({emotion: 1.0}), live.silence())
        assert 0.002 < np.abs(fields.shift).max() < 0.06
        assert 0.005 < np.abs(fields.colour).max() <= 0.051
        out = editor.apply(rgb, square, fields)
        assert 1 < np.abs(out.astype(int) - rgb)[out != rgb].mean() < 25
    none = editor.fields(rgb, square, edit_vector({}), live.silence())
    assert not none.shift.any()
    assert not none.colour.any()
    editor.close()


def test_an_emotion_nobody_knows_is_refused():
    assert edit_vector({"happy": 0.5, "sad": -0.2})[[1, 2]].tolist() == pytest.approx([0.5, -0.2])
    with pytest.raises(KeyError):
        edit_vector({"hungry": 1.0})


def edited(clip: Clip, emotion: str, intensity: float, further: float = 0.0) -> Clip:
    other = acting.clip(0, emotion="happy", frames=len(clip.prepared)).prepared
    about = replace(clip.about, emotion=emotion, intensity=intensity, further=further)
    return Clip(
        replace(clip.prepared, about=about, jpegs=other.jpegs if further else clip.prepared.jpegs)
    )


def lessons() -> list[Lesson]:
    plain = [acting.clip(0, frames=24, emotion=None)]
    edits = [
        edited(plain[0], e, 1.0, further) for e in ("happy", "contempt") for further in (0, 0.5)
    ]
    return lessons_of(plain, edits)


def test_a_lesson_is_an_edited_clip_with_what_is_further():
    plain = [acting.clip(k, frames=24, emotion=None) for k in range(2)]
    clips = [
        edited(plain[1], "sad", 1.5),
        edited(plain[1], "sad", 1.5, 0.75),
        edited(plain[0], "fear", 1),
    ]
    found = {str(lesson.edited.about.emotion): lesson for lesson in lessons_of(plain, clips)}
    assert found["sad"].plain is plain[1]
    assert found["sad"].further is clips[1]
    assert found["sad"].edit[2] == 1.5
    assert found["fear"].further is clips[2]  # nobody edited it further
    batch = live_batch(Timetable(list(found.values())), np.random.default_rng(0), 2)
    assert batch.face.shape == (10, 3, 128, 128)
    assert batch.speech.shape == (10, 1, 80, 16)
    assert min(found["sad"].starts) >= 10  # the filter fades in


def test_people_and_emotions_are_drawn_evenly():
    plain = [acting.clip(k, frames=24, emotion=None, speaker=s) for k, s in enumerate("aaaaab")]
    clips = [edited(clip, e, 1) for clip in plain for e in ("sad", "happy")]
    draw, rng = Timetable(lessons_of(plain, clips)), np.random.default_rng(0)
    drawn = Counter(
        (d.edited.about.speaker, d.edited.about.emotion) for d in (draw(rng) for _ in range(400))
    )
    assert len(drawn) == 4
    assert min(drawn.values()) > 70


def test_a_disguise_moves_lips_with_the_mouth():
    clip = acting.clip(0, frames=1, emotion=None).prepared
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((live.SIDE, live.SIDE, 3), np.float32)
    for _ in range(5):
        change = Disguise.draw(rng)
        places = change.places(live.SIDE, live.SEEN)
        points = clip.points[0][[13, 14, 61, 291, 33, 263]]
        there = moved(points, places).astype(int)
        np.testing.assert_allclose(places[there[:, 1], there[:, 0]], points, atol=1.0)
        assert change.picture(clip.picture(0), places, noise).shape == (3, live.SIDE, live.SIDE)
    still = Disguise.none()
    places = still.places(live.SIDE, live.SEEN)
    same = still.picture(clip.picture(0), places, noise).transpose(1, 2, 0) * 255
    square = Square((KEPT_SIDE - 1) / 2, (KEPT_SIDE - 1) / 2, KEPT_SIDE * live.SEEN / KEPT)
    assert np.abs(same - square.cut(clip.picture(0), live.SIDE)).mean() < 1


def test_the_pull_grows_with_what_is_missing_and_stops_at_enough():
    class Sure(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            light = x.mean((1, 2, 3))
            return torch.stack([light * 0] * 3 + [8 * light] + [light * 0] * 3, 1)

    pull = Pull(Sure())
    edit = torch.zeros(2, 8, 1, 1)
    edit[:, 1] = 1
    torch.manual_seed(0)
    dark, bright = (torch.full((2, 3, 128, 128), v) for v in (0.2, 0.95))
    far, near = (pull(x, edit, ("happy", "happy")).item() for x in (dark, bright))
    assert far > 1
    assert near == pytest.approx(0, abs=0.05)
    assert pull(dark, edit / 2, ("happy", "happy")).item() < far
    assert pull(dark, edit, ("contempt", "contempt")).item() == 0


def test_the_generator_for_calls_learns_and_goes_on_and_is_exported(tmp_path: Path):
    recipe = Recipe("live", "o", "p", (), width=0.3, batch=2, rate=4e-3, steps=60, save_every=6)
    torch.manual_seed(2)
    teachers = Teachers(Expert(0.08), EmotionObjective(MiniXception()))
    unpulled = replace(teachers, objective=None)
    learner = LiveLearner(replace(recipe, batch=1, rate=2e-3), lessons(), lessons(), unpulled)
    seen = [learner.step(0) for _ in range(24)]
    assert seen[-1]["likeness"] < 0.9 * seen[0]["likeness"]
    learner = LiveLearner(recipe, lessons(), lessons(), teachers)
    seen = [learner.step(0) for _ in range(2)]
    wanted = {"detail", "sync", "smooth", "shade", "tint", "lips", "calm", "emotion"}
    assert wanted < seen[0].keys()
    assert "sync" not in learner.step(1)
    assert learner.sheet().shape == (3 * 128, 10 * 128, 3)
    assert {"change", "emotion", "emotion of the edit"} < learner.check().keys()
    path = tmp_path / training.CHECKPOINT
    training.save({"state": learner.state()}, path)
    assert export.write(path, tmp_path / "generator.onnx") < 1e-3
    again = LiveLearner(recipe, lessons(), lessons(), teachers, learner.state())
    assert again.check()["change"] == pytest.approx(learner.check()["change"], rel=1e-3)
    training.save({"state": {"kind": "critic"}}, path)
    with pytest.raises(TrainingError, match="holds no generator"):
        export.write(path, tmp_path / "generator.onnx")


def test_without_edited_clips_nothing_is_learnt(tmp_path: Path):
    recipe = Recipe("live", "o", "p", (), edits=str(tmp_path), expert="e.pt")
    with pytest.raises(TrainingError, match=r"e\.pt cannot be read"):
        learners.learner_of(recipe, [])
    with pytest.raises(TrainingError, match="no edited clips"):
        LiveLearner(recipe, [], [], Teachers(Expert(0.08), None))


def test_calls_do_not_ask_for_neutral_and_lessons_do():
    assert not live.asked({"neutral": 1.0}).any()
    assert (
        live.asked({"happy": 0.5, "neutral": 0.5}).tolist() == edit_vector({"happy": 0.5}).tolist()
    )
    assert edit_vector({"neutral": 1.0}).any()
