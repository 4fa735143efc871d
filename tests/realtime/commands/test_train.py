"""``visavis train wav2lip-emotion`` from clips to weights, and published weights imported."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.wav2lip_emotion import store
from realtime.__main__ import main
from realtime.commands.errors import Exit
from tests import portrait
from tests.realtime.clips import make_of

torch = pytest.importorskip("torch")

RECIPE = """
stage = "expert"
out = "{0}/out"
prepared = "{0}/prepared"
width = 0.06
batch = 2
steps = {1}
save_every = 2
check_every = 2
held_out_share = 0.5

[[corpora]]
kind = "folder"
folder = "{0}/clips"
speaker = "collins"
rights = "public domain"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    (folder / "clips").mkdir()
    shut, wide = portrait.act(lips=0.0), portrait.act(lips=1.0)
    for name in ("ah", "oh", "eh", "uh"):
        make_of(folder / "clips" / f"{name}.mkv", [shut, wide] * 12)
        say(folder / "clips" / f"{name}.wav", 24 / store.FPS)
    (folder / "clips" / "broken.mp4").write_bytes(b"no clip")
    return folder


def say(path: Path, seconds: float) -> None:
    tone = 9000 * np.sin(np.arange(round(seconds * store.RATE)) / 9)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, store.RATE, 0, "NONE", ""))
        file.writeframes(tone.astype("<i2").tobytes())


def recipe(folder: Path, steps: int = 2, extra: str = "") -> str:
    path = folder / "recipe.toml"
    path.write_text(extra + RECIPE.format(folder, steps), encoding="utf-8")
    return str(path)


def test_clips_are_prepared_once_and_trained_on(folder: Path, capsys: pytest.CaptureFixture[str]):
    words = ["train", "wav2lip-emotion", "--config", recipe(folder), "--workers", "1"]
    assert main([*words, "--prepare"]) == Exit.FINE
    said = capsys.readouterr()
    assert "4 of 5 clips are prepared" in said.out
    assert "broken.mp4" in said.err
    clips = store.in_folder(folder / "prepared")
    clip = store.read(clips[0])
    assert clip.about.speaker == "collins"
    assert all(clip.jpegs)
    assert len(clip.sound) / store.RATE == pytest.approx(len(clip) / store.FPS, abs=0.1)
    before = [path.stat().st_mtime_ns for path in clips]
    assert main(words) == Exit.FINE
    assert [path.stat().st_mtime_ns for path in clips] == before
    for name in ("checkpoint.pt", "losses.csv", "losses.png"):
        assert (folder / "out" / name).exists()


def test_a_recipe_that_cannot_be_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]):
    wrong = recipe(folder, extra='masc = "half"\n')
    assert main(["train", "wav2lip-emotion", "--config", wrong]) == Exit.USAGE
    assert "unknown key 'masc' (did you mean 'mask'?)" in capsys.readouterr().err
    absent = str(folder / "absent.toml")
    assert main(["train", "wav2lip-emotion", "--config", absent]) == Exit.USAGE
    assert "absent.toml" in capsys.readouterr().err
    assert main(["train", "no-such"]) == Exit.USAGE


def test_published_weights_are_imported_with_their_licence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from tests.engines.wav2lip_emotion.test_published import published_expert

    path = tmp_path / "lipsync_expert.pth"
    torch.save({"state_dict": published_expert()}, path)
    assert main(["engines", "import", "wav2lip", str(path)]) == Exit.FINE
    said = capsys.readouterr().out
    assert "Wav2Lip's expert, 30 layers, 15.8 million numbers" in said
    assert "research" in said
    assert (tmp_path / "lipsync_expert.visavis.pt").exists()
    assert main(["engines", "import", str(path)]) == Exit.USAGE
    assert main(["engines", "list", "wav2lip"]) == Exit.USAGE
    assert main(["engines", "import", "wav2lip", str(tmp_path / "none.pth")]) == Exit.UNREADABLE


def test_the_filter_edits_the_same_moments_of_the_same_face(folder: Path, tmp_path: Path):
    from realtime.commands.train_wav2lip_emotion import read_recipe
    from realtime.commands.wav2lip_clips import prepare_all, tasks_of
    from realtime.commands.wav2lip_edits import teach_all, tuitions_of

    text = f'edits = "{tmp_path}"\nedited = 1\nedits_each = 2\nedits_over = 1\n'
    plan = read_recipe(Path(recipe(folder, extra=text)))
    tasks = tasks_of(plan)
    prepare_all(tasks, 1, lambda done: None)
    drawn = replace(plan, stage="paper", destination="sad")
    ((lesson,),) = [tuition.lessons for tuition in tuitions_of(drawn, tasks)]
    assert (lesson.emotion, lesson.intensity, lesson.last) == ("sad", 1.5, lesson.path)
    (tuition,) = tuitions_of(plan, tasks)
    assert teach_all([tuition], 1, lambda done: None) == []
    assert tuitions_of(plan, tasks) == []
    plain = store.read(tuition.task.path)
    made = [store.read(path) for path in store.in_folder(tmp_path)]
    (over,) = [clip for clip in made if clip.about.over]
    assert (over.about.over, over.about.emotion) == ("happy", "neutral")
    edited = [clip for clip in made if not clip.about.over and not clip.about.further]
    further = {c.about.emotion: c for c in made if c.about.further}
    assert {clip.about.emotion for clip in edited} == further.keys()
    assert len(edited) == 2
    for clip in edited:
        more = further[clip.about.emotion]
        assert more.about.further == 0.5 * clip.about.intensity
        one, two = (np.abs(c.picture(11).astype(int) - plain.picture(11)) for c in (clip, more))
        assert two.mean() > one.mean()
        assert clip.about.intensity in (0.5, 1.0, 1.5)
        assert clip.about.source == plain.about.source
        np.testing.assert_array_equal(clip.points, plain.points)
        change = np.abs(clip.picture(11).astype(int) - plain.picture(11))
        assert change.mean() > 0.2  # at half strength some are faint
        assert change[:8].mean() < 0.5 * change.mean()  # the hair stays as it is


def test_who_acted_an_emotion_shows_what_its_edit_should_become(tmp_path: Path):
    from realtime.commands.train_wav2lip_emotion import read_recipe
    from realtime.commands.wav2lip_clips import prepare_all, tasks_of
    from realtime.commands.wav2lip_edits import teach_all, tuitions_of

    (tmp_path / "clips").mkdir()
    plain, sad = (
        portrait.act(lips=1.0),
        portrait.act({"browDown": 1.2}, lips=1.0),
    )
    for name, rgb in (("neutral_level1", plain), ("sad_level1", plain), ("sad_level3", sad)):
        make_of(tmp_path / "clips" / f"W001_front_{name}_001.mkv", [rgb] * 24)
    text = recipe(tmp_path, extra=f'edits = "{tmp_path}/edits"\nedits_each = 3\n')
    Path(text).write_text(
        Path(text).read_text().replace('"expert"', '"live"').replace('"folder"', '"mead"')
    )
    plan = read_recipe(Path(text))
    tasks = tasks_of(plan)
    prepare_all(tasks, 1, lambda done: None)
    (of_neutral,) = [
        t for t in tuitions_of(plan, tasks) if t.task.recording.about.emotion == "neutral"
    ]
    (lesson,) = of_neutral.lessons
    assert (lesson.emotion, lesson.acted) == ("sad", tmp_path / "clips" / _STRONGEST)
    assert teach_all([of_neutral], 1, lambda done: None) == []

    edited, target = store.read(lesson.path), store.read(lesson.further)
    assert target.about.further == edited.about.intensity == 1.0
    strongest = next(t for t in tasks if t.recording.video.name == _STRONGEST)
    acted, was = store.read(strongest.path), store.read(of_neutral.task.path)

    def brows(clip: store.Prepared) -> float:
        """Return how high they stand above the eyes, in pixels."""
        (face,) = portrait.look(clip.picture(20))
        points = face.points
        return float(points[[33, 263], 1].mean() - points[[105, 334, 55, 285], 1].mean())

    way = brows(acted) - brows(was)
    assert way < -2
    assert brows(target) - brows(was) < 0.4 * way < 0 < brows(edited) - brows(was)


_STRONGEST = "W001_front_sad_level3_001.mkv"
