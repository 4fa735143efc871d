"""``visavis file`` as its user meets it: files in, files out, one line and a code when it fails."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn, cast

import av
import numpy as np
import pytest
from PIL import Image

from realtime.__main__ import main
from realtime.commands.errors import Exit
from realtime.sources.file import FileSource
from realtime.types import Emotion, Frame, Pixels
from tests.realtime.clips import Film, make, make_of, planes_of, sound_packets
from tests.realtime.commands.stand_in import PATCH, WHITE, StandIn

MATROSKA = Fraction(1, 1000)
DATA = Path(os.environ.get("VISAVIS_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr("realtime.commands.file.build_filter", stand_in)
    return stand_in


def frames_of(path: Path) -> list[Frame]:
    with FileSource(path) as source:
        return list(source.frames())


def whitened(pixels: Pixels) -> Pixels:
    pixels = pixels.copy()
    pixels[PATCH] = WHITE
    return pixels


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run(*words: str | Path) -> int:
    return main(["file", *map(str, words)])


def test_every_frame_is_filtered_and_nothing_else_changes(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    film = Film(frames=30, sound="aac")
    old, new = make(tmp_path / "a.mp4", film), tmp_path / "b.mkv"
    assert run(old, new) == 0
    before, after = frames_of(old), frames_of(new)
    assert [f.pts * f.time_base for f in after] == [Fraction(i, 25) for i in range(30)]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(whitened(a.planes[0]), b.planes[0])
        np.testing.assert_array_equal(a.planes[1], b.planes[1])
    assert [x for _, x in sound_packets(old)] == [x for _, x in sound_packets(new)]
    assert left(tmp_path) == ["a.mp4", "b.mkv"]
    assert capsys.readouterr() == ("", "")
    assert stand_in.render.closes == 1
    assert {edit.emotion for edit in stand_in.edits} == {Emotion.HAPPY}
    assert {edit.intensity for edit in stand_in.edits} == {1.0}


def test_the_report_says_what_was_done(tmp_path: Path, stand_in: StandIn) -> None:
    stand_in.faces = lambda seq: (0, 1, 1, 2)[seq % 4]
    old = make(tmp_path / "a.mp4", Film(frames=20, sound="aac"))
    words = ("--emotion", "sad", "--intensity", "0.5", "--faces", "all", "--mouth", "0.25")
    assert run(old, tmp_path / "b.webm", *words, "--report", tmp_path / "r.json") == 0
    report: dict[str, Any] = json.loads((tmp_path / "r.json").read_text())
    assert (report["input"], report["output"]) == (str(old), str(tmp_path / "b.webm"))
    assert report["edit"]["emotion"] == "sad"
    assert (report["edit"]["intensity"], report["edit"]["mouth"]) == (0.5, 0.25)
    assert (report["frames_in"], report["frames_out"], report["frames_without_face"]) == (20, 20, 5)
    assert report["frames_by_faces"] == {"0": 5, "1": 10, "2": 5}
    assert report["rungs"] == {"geometric": 20}
    assert report["faces"] == stand_in.settings[0][0].faces == "all"
    assert set(report["stages"]) == {"landmarks", "animate", "render"}
    assert set(report["stages"]["render"]) == {"p50_ms", "p95_ms"}
    assert (report["duration_s"], report["rate"], report["size"]) == (0.8, 25, [64, 48])
    assert report["sound"] == ["aac, encoded anew as opus"]
    assert report["warnings"] == []


def test_a_clip_without_a_face_is_written_whole_with_one_line(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.faces = lambda seq: 0
    old, new = make(tmp_path / "a.mp4"), tmp_path / "b.mkv"
    assert run(old, new) == 0
    said = capsys.readouterr().err
    assert said == f"visavis: {old}: no face was found in it, so nothing was changed\n"
    for a, b in zip(frames_of(old), frames_of(new), strict=True):
        np.testing.assert_array_equal(a.planes[0], b.planes[0])


def test_what_cannot_stay_as_it_was_is_told(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = Film(4, (63, 48), "ffv1", "yuv420p10le", time_base=MATROSKA)
    assert run(make(tmp_path / "a.mkv", deep), tmp_path / "b.mp4") == 0
    said = capsys.readouterr().err.splitlines()
    assert any("even sizes: 63x48" in line for line in said)
    assert any("10 bits a colour are rounded to 8" in line for line in said)


def interrupt(frame: Frame) -> None:
    if frame.seq == 5:
        raise KeyboardInterrupt


def fail(frame: Frame) -> None:
    if frame.seq == 5:
        raise RuntimeError("a bug")


@pytest.mark.parametrize(
    ("before", "code", "line"), [(interrupt, 130, "interrupted"), (fail, 1, "a bug")]
)
@pytest.mark.parametrize("ending", ["mp4", "webm", "mkv"])
def test_whatever_stops_it_leaves_no_half_file(
    tmp_path: Path,
    stand_in: StandIn,
    capsys: pytest.CaptureFixture[str],
    before: Callable[[Frame], None],
    code: int,
    line: str,
    ending: str,
) -> None:
    stand_in.before = before
    new = tmp_path / f"b.{ending}"
    new.write_bytes(b"of yesterday")
    assert run(make(tmp_path / "a.mp4", Film(frames=30, sound="aac")), new) == code
    assert line in capsys.readouterr().err
    assert left(tmp_path) == ["a.mp4", new.name]
    assert new.read_bytes() == b"of yesterday"


def test_a_cut_off_clip_leaves_nothing(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    film = Film(frames=75, size=(160, 120), options=(("movflags", "+faststart"),))
    contents = make(tmp_path / "a.mp4", film).read_bytes()
    (tmp_path / "a.mp4").write_bytes(contents[: len(contents) * 6 // 10])
    assert run(tmp_path / "a.mp4", tmp_path / "b.mp4", "--report", tmp_path / "r.json") == 3
    said = capsys.readouterr().err
    assert said == f"visavis: {tmp_path / 'a.mp4'}: the file is cut off before its end\n"
    assert left(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("absent.mp4", "b.mp4", 3, "absent.mp4: there is no such file"),
        ("text.mp4", "b.mp4", 3, "text.mp4: is not a video or a photograph"),
        ("broken.png", "b.png", 3, "broken.png: the photograph is damaged"),
        (".", "b.mp4", 3, "is a folder"),
        ("a.mp4", "absent/b.mp4", 4, "there is no folder"),
        ("a.png", "absent/b.png", 4, "there is no folder"),
        ("a.mp4", "folder.mp4", 4, "is a folder"),
        ("a.png", "folder.png", 4, "is a folder"),
        ("a.mp4", "b.png", 2, "of a video, OUT must end in one of .mp4, .webm, .mkv"),
        ("a.mp4", "b", 2, "of a video, OUT must end in one of .mp4, .webm, .mkv"),
        ("a.png", "b.mp4", 2, "of a photograph, OUT must end in one of .png, .jpg, .jpeg, .webp"),
        ("a.mp4", "a.mp4", 2, "IN and OUT are the same file"),
        ("a.mp4", "link.mp4", 2, "IN and OUT are the same file"),
        ("a.png", "./a.png", 2, "IN and OUT are the same file"),
    ],
)
def test_wrong_files_end_in_one_line_and_a_code(
    tmp_path: Path,
    stand_in: StandIn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    code: int,
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("a.mp4"))
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save("a.png")
    Path("text.mp4").write_text("good morning\n" * 40)
    Path("broken.png").write_bytes(Path("a.png").read_bytes()[:60])
    Path("folder.mp4").mkdir()
    Path("folder.png").mkdir()
    Path("link.mp4").symlink_to("a.mp4")
    before = left(tmp_path)
    assert run(old, new) == code
    said = capsys.readouterr().err
    assert line in said
    assert said.startswith("visavis: ")
    assert said.count("\n") == 1
    assert left(tmp_path) == before
    assert stand_in.edits == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--emotion", "bored"), "bored"),
        (("--intensity", "2"), "2 is not between -1 and 1.5"),
        (("--intensity", "much"), "'much' is not a number"),
        (("--valence", "0.5"), "--valence and --arousal go together"),
        (("--valence", "0.5", "--arousal", "1", "--emotion", "sad"), "not both"),
        (("--brows", "1.5"), "1.5 is not between 0 and 1"),
        (("--faces", "some"), "some"),
        (("--report", "a.mp4"), "IN and --report are the same file"),
        (("--report", "b.mp4"), "OUT and --report are the same file"),
    ],
)
def test_wrong_options_are_named(
    tmp_path: Path,
    stand_in: StandIn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("a.mp4"))
    assert run("a.mp4", "b.mp4", *words) == 2
    assert line in capsys.readouterr().err
    assert left(tmp_path) == ["a.mp4"]


def test_a_point_of_valence_and_arousal_takes_the_place_of_an_emotion(
    tmp_path: Path, stand_in: StandIn
) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=2))
    assert run(old, tmp_path / "b.mp4", "--valence", "-0.5", "--arousal", "0.25") == 0
    edit = stand_in.edits[0]
    assert (edit.emotion, edit.affect, edit.intensity) == (None, (-0.5, 0.25), 1.0)


def test_settings_choose_the_edit_and_bounds_hold_it(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = make(tmp_path / "a.mp4", Film(frames=2)), tmp_path / "b.mp4"
    settings = tmp_path / "visavis.toml"
    settings.write_text(
        '[edit]\nemotion = "sad"\nintensity = 0.9\n[bounds]\nhighest = 0.5\nforbidden = ["fear"]\n'
    )
    assert run(old, new, "--config", settings) == 0
    assert (stand_in.edits[-1].emotion, stand_in.edits[-1].intensity) == (Emotion.SAD, 0.5)
    assert "the settings hold intensity 0.9 to 0.5" in capsys.readouterr().err
    assert run(old, new, "--config", settings, "--emotion", "fear") == 0
    assert stand_in.edits[-1].emotion is None
    assert "fear is forbidden by the settings" in capsys.readouterr().err


def test_the_mark_tells_programs_what_was_done(tmp_path: Path, stand_in: StandIn) -> None:
    old, new = make(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    assert run(old, new, "--emotion", "angry", "--intensity", "0.7") == 0
    with closing(av.open(str(new), mode="r")) as made:
        comment = made.metadata["comment"]
    assert comment.startswith("Edited by visavis {")
    assert json.loads(comment[comment.index("{") :])["intensity"] == 0.7


def test_without_a_mark_the_file_says_nothing(tmp_path: Path, stand_in: StandIn) -> None:
    old, new = make(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    assert run(old, new, "--no-mark") == 0
    assert b"visavis" not in new.read_bytes()


def test_a_badge_is_drawn_only_where_it_is_asked_for(tmp_path: Path, stand_in: StandIn) -> None:
    old = make(tmp_path / "a.mkv", Film(frames=2, size=(320, 240), codec="ffv1"))
    assert run(old, tmp_path / "b.mkv") == 0
    assert run(old, tmp_path / "c.mkv", "--badge") == 0
    corner = (slice(-30, None), slice(-120, None))
    before, plain, labelled = (
        frames_of(tmp_path / f"{name}.mkv")[0].planes[0][corner] for name in "abc"
    )
    np.testing.assert_array_equal(before, plain)
    assert (labelled.astype(int) - before).max() > 50


@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
def test_a_photograph_in_gives_a_photograph_out(
    tmp_path: Path, stand_in: StandIn, ending: str
) -> None:
    pixels = np.stack(planes_of(Film(layout="yuv444p"), 3), -1)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Leica"  # held upright; the maker of the camera
    Image.fromarray(np.rot90(pixels)).save(tmp_path / "a.png", exif=exif)
    new = tmp_path / f"b.{ending}"
    assert run(tmp_path / "a.png", new, "--emotion", "sad", "--report", tmp_path / "r.json") == 0
    with closing(Image.open(new)) as image:
        made, tags = np.asarray(image.convert("RGB")), image.getexif()
        words = str(image.info.get("Comment", "")) + str(tags.get_ifd(0x8769).get(0x9286))
    assert made.shape == pixels.shape
    error = np.abs(made.astype(int) - whitened(pixels)).max(axis=-1)
    assert error.max() == 0 if ending == "png" else error.mean() < 12
    assert (tags.get(0x0112, 1), tags.get(0x010F)) == (1, "Leica")
    assert '"emotion": "sad"' in words
    assert stand_in.settings[0][1]  # nothing is carried from frame to frame
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["kind"], report["frames_in"], report["frames_out"]) == ("photograph", 1, 1)


def test_a_photograph_keeps_what_shines_through(tmp_path: Path, stand_in: StandIn) -> None:
    pixels = np.full((48, 64, 4), 90, np.uint8)
    pixels[:24, :, 3] = 17
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert run(tmp_path / "a.png", tmp_path / "b.png") == 0
    with closing(Image.open(tmp_path / "b.png")) as image:
        made = np.asarray(image)
    np.testing.assert_array_equal(made[..., 3], pixels[..., 3])
    np.testing.assert_array_equal(made[..., :3], whitened(pixels[..., :3]))


def test_a_gray_photograph_stays_gray(tmp_path: Path, stand_in: StandIn) -> None:
    pixels = planes_of(Film(), 2)[0]
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert run(tmp_path / "a.png", tmp_path / "b.png") == 0
    with closing(Image.open(tmp_path / "b.png")) as image:
        assert image.mode == "L"
        np.testing.assert_array_equal(np.asarray(image), whitened(pixels))


def test_a_photograph_that_cannot_be_written_leaves_nothing(
    tmp_path: Path,
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(tmp_path / "a.png")

    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert run(tmp_path / "a.png", tmp_path / "b.png") == 4
    assert "No space left" in capsys.readouterr().err
    assert left(tmp_path) == ["a.png"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_shows_the_way_and_the_time_left(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert run(make(tmp_path / "a.mp4", Film(frames=25)), tmp_path / "b.mp4") == 0
    shown = terminal.getvalue()
    assert "a.mp4" in shown
    assert "25/25" in shown
    assert "0:00:00" in shown


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face that moves a little, in front of what must not change."""
    from skimage.data import astronaut

    photograph = cast("Pixels", astronaut())
    cuts = [np.ascontiguousarray(photograph[:256, 80 + i : 368 + i]) for i in range(16)]
    return make_of(tmp_path_factory.mktemp("portrait") / "a.mkv", cuts)


def test_a_real_face_changes_and_its_background_does_not(portrait: Path, tmp_path: Path) -> None:
    new, second = tmp_path / "b.mkv", tmp_path / "c.mkv"
    report = tmp_path / "r.json"
    assert run(portrait, new, "--emotion", "surprise", "--report", report) == 0
    assert run(portrait, second, "--emotion", "surprise") == 0
    assert json.loads(report.read_text())["frames_by_faces"] == {"1": 16}
    before, after, twice = frames_of(portrait), frames_of(new), frames_of(second)
    changed = np.zeros(before[0].planes[0].shape, bool)
    for a, b, c in zip(before, after, twice, strict=True):
        for once, again in zip(b.planes, c.planes, strict=True):
            np.testing.assert_array_equal(once, again)
        changed |= a.planes[0] != b.planes[0]
    rows, columns = np.nonzero(changed)
    # The face lies about (145, 105) and is some 80 pixels wide and 110 high.
    assert changed.sum() > 500
    assert rows.min() > 30
    assert rows.max() < 200
    assert columns.min() > 60
    assert columns.max() < 230


@pytest.mark.data
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_real_clip_keeps_its_frames_its_times_and_its_sound(tmp_path: Path, ending: str) -> None:
    old = DATA / "faces" / "clips" / "videoretalking_1.mp4"
    if not old.exists():
        pytest.skip(f"no real clips here ({old}); VISAVIS_DATA names their folder")
    new = tmp_path / f"b.{ending}"
    assert run(old, new) == 0
    grain = 0 if ending == "mp4" else Fraction(1, 1000)
    before, after = frames_of(old), frames_of(new)
    for a, b in zip(before, after, strict=True):
        assert abs(a.pts * a.time_base - b.pts * b.time_base) <= grain
        if ending == "mkv":
            np.testing.assert_array_equal(a.planes[0][:40], b.planes[0][:40])
    heard, kept = sound_packets(old), sound_packets(new)
    assert [x for _, x in heard] == [x for _, x in kept]
    assert max(abs(a - b) for (a, _), (b, _) in zip(heard, kept, strict=True)) <= grain


@pytest.mark.parametrize("kind", ["photograph", "clip"])
def test_a_resting_face_is_shown_to_the_filter_first(
    tmp_path: Path, stand_in: StandIn, kind: str
) -> None:
    rest = tmp_path / "rest.png"
    if kind == "photograph":
        Image.new("RGB", (64, 48), "grey").save(rest)
    else:
        rest = make(tmp_path / "rest.mp4", Film(frames=100))
    old, new = make(tmp_path / "a.mp4", Film(frames=10)), tmp_path / "b.mkv"
    assert run(old, new, "--rest", rest) == 0
    assert len(frames_of(new)) == 10
    assert len(stand_in.edits) == 10
    assert stand_in.rests == {"photograph": 3, "clip": 51}[kind]  # two seconds of 25


def test_a_photograph_too_knows_how_its_person_looks_at_rest(
    tmp_path: Path, stand_in: StandIn
) -> None:
    for name in ("rest.png", "a.png"):
        Image.new("RGB", (64, 48), "grey").save(tmp_path / name)
    assert run(tmp_path / "a.png", tmp_path / "b.png", "--rest", tmp_path / "rest.png") == 0
    assert stand_in.rests == 3


def test_a_resting_face_that_is_none_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, rest = make(tmp_path / "a.mp4", Film(frames=10)), tmp_path / "b.mkv", tmp_path / "r"
    assert run(old, new, "--rest", rest) == Exit.UNREADABLE
    rest.write_bytes(b"no picture")
    assert run(old, new, "--rest", rest) == Exit.UNREADABLE
    assert capsys.readouterr().err.count("\n") == 2
    stand_in.faces = lambda seq: 0
    Image.new("RGB", (64, 48), "grey").save(tmp_path / "rest.png")
    assert run(old, new, "--rest", tmp_path / "rest.png") == Exit.UNREADABLE
    assert capsys.readouterr().err.endswith("rest.png: there is no face in it\n")
    assert left(tmp_path) == ["a.mp4", "r", "rest.png"]
    assert stand_in.render.closes == 1
