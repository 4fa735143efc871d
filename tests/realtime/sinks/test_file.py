"""The new file has the pictures that were sent and the sound of the old one, or it is not there."""

from __future__ import annotations

import itertools
import subprocess
import sys
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from realtime.sinks.file import FileSink, UnwritableFileError
from realtime.sources.file import FileSource
from realtime.types import Filtered, Frame, Rung
from tests.realtime.clips import Film, make, sound_packets, sound_samples

MARK = 'visavis {"emotion": "happy"}'
MATROSKA = Fraction(1, 1000)


def copy(old: Path, new: Path) -> FileSink:
    with FileSource(old) as source, FileSink(new, source.clip, MARK) as sink:
        for frame in source.frames():
            sink.send(Filtered(frame, Rung.GEOMETRIC))
        sink.finish(source.last_duration)
        return sink


def frames_of(path: Path) -> list[Frame]:
    with FileSource(path) as source:
        return list(source.frames())


def times(frames: list[Frame]) -> list[Fraction]:
    return [frame.pts * frame.time_base for frame in frames]


def difference(old: list[Frame], new: list[Frame]) -> float:
    """Return the mean error of luma, in steps of 255."""
    pairs = zip(old, new, strict=True)
    return float(np.mean([np.abs(a.planes[0].astype(int) - b.planes[0]).mean() for a, b in pairs]))


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "yuv444p", "gray", "bgr0"])
@pytest.mark.parametrize("size", [(64, 48), (63, 47)])
@pytest.mark.parametrize("full_range", [False, True])
def test_mkv_keeps_every_bit(
    tmp_path: Path, layout: str, size: tuple[int, int], full_range: bool
) -> None:
    film = Film(4, size, "ffv1", layout, time_base=MATROSKA, full_range=full_range)
    old = make(tmp_path / "a.mkv", film)
    copy(old, tmp_path / "b.mkv")
    before, after = frames_of(old), frames_of(tmp_path / "b.mkv")
    assert times(before) == times(after)
    for a, b in zip(before, after, strict=True):
        assert (a.format, a.full_range) == (b.format, b.full_range)
        for p, q in zip(a.planes, b.planes, strict=True):
            np.testing.assert_array_equal(p, q)


@pytest.mark.parametrize("ending", ["mp4", "webm"])
@pytest.mark.parametrize("layout", ["yuv420p", "yuv444p", "gray", "bgr0"])
def test_mp4_and_webm_look_the_same(tmp_path: Path, ending: str, layout: str) -> None:
    film = Film(8, (128, 96), "ffv1", layout, time_base=MATROSKA)
    new = tmp_path / f"b.{ending}"
    copy(make(tmp_path / "a.mkv", film), new)
    looks = Film(8, (128, 96), "ffv1", "yuv420p", time_base=MATROSKA)
    made, plain = frames_of(new), frames_of(make(tmp_path / "plain.mkv", looks))
    assert {frame.format for frame in made} == {"yuv420p"}
    assert len(made) == 8
    if layout in ("yuv420p", "yuv444p", "gray"):
        assert difference(plain, made) < 6
    if layout == "gray":
        assert max(np.abs(frame.planes[1].astype(int) - 128).max() for frame in made) <= 3


@pytest.mark.parametrize(("ending", "grain"), [("mp4", 0), ("webm", 0.0005), ("mkv", 0.0005)])
def test_uneven_time_stamps_stay(tmp_path: Path, ending: str, grain: float) -> None:
    stamps = [700, 1212, 1300, 5000, 5512, 20_000]
    film = Film(frames=6, stamps=stamps, options=(("movie_timescale", "12800"),))
    old = make(tmp_path / "a.mp4", film)
    copy(old, tmp_path / f"b.{ending}")
    before, after = times(frames_of(old)), times(frames_of(tmp_path / f"b.{ending}"))
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= grain


def test_the_last_picture_stays_as_long_as_it_did(tmp_path: Path) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=3, stamps=[0, 512, 1024]))
    with FileSource(old) as source, FileSink(tmp_path / "b.mp4", source.clip, MARK) as sink:
        for frame in source.frames():
            sink.send(Filtered(frame, Rung.GEOMETRIC))
        sink.finish(last_duration=25_600)
    with closing(av.open(str(tmp_path / "b.mp4"), mode="r")) as made:
        stream = made.streams.video[0]
        assert (stream.duration or 0) * (stream.time_base or 0) == Fraction(1024 + 25_600, 12_800)


@pytest.mark.parametrize(
    ("ending", "size", "noted"),
    [("mp4", (64, 48), True), ("webm", (63, 47), False), ("mkv", (63, 47), False)],
)
def test_odd_sizes(tmp_path: Path, ending: str, size: tuple[int, int], noted: bool) -> None:
    old = make(tmp_path / "a.mkv", Film(4, (63, 47), "ffv1", time_base=MATROSKA))
    sink = copy(old, tmp_path / f"b.{ending}")
    before, after = frames_of(old), frames_of(tmp_path / f"b.{ending}")
    assert (after[0].width, after[0].height) == size
    assert any("63x47" in note for note in sink.notes) == noted
    shown = [frame.with_planes((frame.planes[0][:47, :63],)) for frame in after]
    assert difference(before, shown) < 6


def test_a_turned_clip_is_written_upright_and_not_turned_again(tmp_path: Path) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=3, degrees=90))
    copy(old, tmp_path / "b.mkv")
    with FileSource(tmp_path / "b.mkv") as source:
        after = list(source.frames())
        assert not source.turn.transpose
    assert (after[0].width, after[0].height) == (48, 64)
    np.testing.assert_array_equal(after[2].planes[0], frames_of(old)[2].planes[0])


@pytest.mark.parametrize(("degrees", "aspect"), [(0, Fraction(4, 3)), (90, Fraction(3, 4))])
def test_pixels_that_are_not_square_keep_their_shape(
    tmp_path: Path, degrees: int, aspect: Fraction
) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=3, degrees=degrees, aspect=Fraction(4, 3)))
    assert copy(old, tmp_path / "b.mp4").notes == []
    with FileSource(tmp_path / "b.mp4") as source:
        assert source.clip.aspect == aspect
    for ending in ("webm", "mkv"):
        assert "not square (4:3)" in copy(old, tmp_path / f"b.{ending}").notes[0]


def test_time_stamps_of_television_are_exact(tmp_path: Path) -> None:
    film = Film(frames=40, codec="mpeg4", time_base=Fraction(1001, 30_000), stamps=range(40))
    old = make(tmp_path / "a.avi", film)
    copy(old, tmp_path / "b.mp4")
    assert times(frames_of(tmp_path / "b.mp4")) == [Fraction(i * 1001, 30_000) for i in range(40)]


@pytest.mark.parametrize(("ending", "grain"), [("mp4", 0), ("mkv", Fraction(1, 1000))])
def test_sound_is_taken_over_packet_by_packet(tmp_path: Path, ending: str, grain: Fraction) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=50, sound="aac"))
    sink = copy(old, tmp_path / f"b.{ending}")
    before, after = sound_packets(old), sound_packets(tmp_path / f"b.{ending}")
    assert [contents for _, contents in before] == [contents for _, contents in after]
    assert before[0][0] < 0  # AAC starts with a packet that is not heard
    assert max(abs(a - b) for (a, _), (b, _) in zip(before, after, strict=True)) <= grain
    (start_a, heard_a), (start_b, heard_b) = (
        sound_samples(old),
        sound_samples(tmp_path / f"b.{ending}"),
    )
    assert (start_a, start_b) == (0, 0)
    np.testing.assert_array_equal(heard_a, heard_b)
    assert sink.sound == ["aac, copied"]


def test_opus_goes_from_webm_to_webm_untouched(tmp_path: Path) -> None:
    film = Film(25, codec="libvpx", time_base=MATROSKA, sound="libopus")
    old = make(tmp_path / "a.webm", film)
    copy(old, tmp_path / "b.webm")
    assert sound_packets(old) == sound_packets(tmp_path / "b.webm")


def test_plain_samples_become_flac_in_mp4_bit_for_bit(tmp_path: Path) -> None:
    film = Film(25, codec="ffv1", time_base=MATROSKA, sound="pcm_s16le")
    old = make(tmp_path / "a.mkv", film)
    sink = copy(old, tmp_path / "b.mp4")
    before, after = sound_samples(old), sound_samples(tmp_path / "b.mp4")
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1][: len(before[1])])
    assert sink.sound == ["pcm_s16le, samples unchanged as flac"]


def test_sound_that_webm_cannot_hold_is_encoded_anew_in_step(tmp_path: Path) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=50, sound="aac"))
    sink = copy(old, tmp_path / "b.webm")
    assert sink.sound == ["aac, encoded anew as opus"]
    start, heard = sound_samples(old)
    new_start, new_heard = sound_samples(tmp_path / "b.webm")
    at = np.arange(0.15, 1.5, 1 / 48_000)  # both are at 48 kHz; compared on one time line
    first = np.interp(at, start + np.arange(len(heard)) / 48_000, heard)
    second = np.interp(at, new_start + np.arange(len(new_heard)) / 48_000, new_heard)
    lags = range(-480, 481, 8)
    alike = [np.corrcoef(first[500:-500], np.roll(second, lag)[500:-500])[0, 1] for lag in lags]
    assert abs(lags[int(np.argmax(alike))]) <= 48  # a millisecond
    assert max(alike) > 0.9


def test_sound_that_outlasts_the_picture_is_kept(tmp_path: Path) -> None:
    film = Film(frames=50, sound="aac", stamps=[i * 100 for i in range(50)])
    old = make(tmp_path / "a.mp4", film)
    copy(old, tmp_path / "b.mp4")
    assert sound_packets(old) == sound_packets(tmp_path / "b.mp4")
    assert times(frames_of(tmp_path / "b.mp4"))[-1] < 0.4 < sound_packets(old)[-1][0]


@pytest.mark.parametrize("ending", ["mp4", "webm", "mkv"])
def test_two_recordings_joined_end_to_end_play_one_after_the_other(
    tmp_path: Path, ending: str
) -> None:
    film = Film(frames=50, time_base=Fraction(1, 90_000), sound="aac")
    one = make(tmp_path / "one.ts", film, format="mpegts").read_bytes()
    (tmp_path / "both.ts").write_bytes(one + one)
    copy(tmp_path / "both.ts", tmp_path / f"b.{ending}")
    pictures = times(frames_of(tmp_path / f"b.{ending}"))
    assert len(pictures) == 100
    steps = [b - a for a, b in itertools.pairwise(pictures)]
    assert max(steps) <= Fraction(41, 1000)
    sounds = sound_packets(tmp_path / f"b.{ending}")
    assert abs(sounds[-1][0] - pictures[-1]) < 0.2


@pytest.mark.parametrize("ending", ["mp4", "webm", "mkv"])
def test_the_mark_and_the_title_are_in_the_file(tmp_path: Path, ending: str) -> None:
    copy(make(tmp_path / "a.mp4", Film(title="Our garden")), tmp_path / f"b.{ending}")
    with closing(av.open(str(tmp_path / f"b.{ending}"), mode="r")) as made:
        words = {key.lower(): value for key, value in made.metadata.items()}
    assert words["title"] == "Our garden"
    assert words["comment"] == MARK


def test_a_film_can_be_played_while_it_loads(tmp_path: Path) -> None:
    copy(make(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    contents = (tmp_path / "b.mp4").read_bytes()
    assert contents.index(b"moov") < contents.index(b"mdat")


def test_the_same_clip_twice_gives_the_same_file(tmp_path: Path) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=40, size=(160, 120), sound="aac"))
    for ending in ("mp4", "webm", "mkv"):
        for name in ("b", "c"):
            copy(old, tmp_path / f"{name}.{ending}")
        first, second = (frames_of(tmp_path / f"{name}.{ending}") for name in ("b", "c"))
        assert difference(first, second) == 0


def test_without_finish_nothing_is_left_and_the_old_file_stays(tmp_path: Path) -> None:
    old = make(tmp_path / "a.mp4", Film(sound="aac"))
    new = tmp_path / "out" / "b.mp4"
    new.parent.mkdir()
    new.write_bytes(b"before")
    with FileSource(old) as source, FileSink(new, source.clip, MARK) as sink:
        for frame in source.frames():
            sink.send(Filtered(frame, Rung.GEOMETRIC))
    sink.close()
    assert [path.name for path in new.parent.iterdir()] == ["b.mp4"]
    assert new.read_bytes() == b"before"


def test_what_cannot_be_written_is_named_in_one_sentence(tmp_path: Path) -> None:
    with FileSource(make(tmp_path / "a.mp4")) as source:
        (tmp_path / "folder.mp4").mkdir()
        for name, sentence in (
            ("folder.mp4", "is a folder"),
            ("absent/b.mp4", "there is no folder"),
            ("b.mov", "its ending is none of .mp4, .webm, .mkv"),
        ):
            with pytest.raises(UnwritableFileError, match=sentence):
                FileSink(tmp_path / name, source.clip, MARK)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "folder.mp4"]


LIMITED = """
import resource, sys
from pathlib import Path
from tests.realtime.sinks.test_file import copy
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    old = make(tmp_path / "a.mp4", Film(frames=60, size=(320, 240)))
    new = tmp_path / "out" / f"b.{ending}"
    new.parent.mkdir()
    words = [sys.executable, "-c", LIMITED, str(old), str(new)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("UnwritableFileError"), done
    assert list(new.parent.iterdir()) == []
