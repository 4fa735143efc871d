"""What a file source yields is what the file holds: every picture, untouched, at its time."""

from __future__ import annotations

import os
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from realtime.sources.file import FileSource, UnreadableFileError
from realtime.types import Frame
from tests.realtime.clips import Film, make, planes_of

FASTSTART = (("movflags", "+faststart"),)


def read(path: Path) -> tuple[list[Frame], FileSource]:
    with FileSource(path) as source:
        return list(source.frames()), source


def times(frames: list[Frame]) -> list[Fraction]:
    return [frame.pts * frame.time_base for frame in frames]


def test_every_picture_in_order_at_its_time(tmp_path: Path) -> None:
    film = Film(frames=30)
    frames, source = read(make(tmp_path / "a.mp4", film))
    assert times(frames) == [Fraction(i, 25) for i in range(30)]
    assert [frame.captured for frame in frames] == [i * 40_000_000 for i in range(30)]
    assert [frame.seq for frame in frames] == list(range(30))
    for i in (0, 13, 29):
        np.testing.assert_array_equal(frames[i].planes[0], planes_of(film, i)[0])
    assert (source.clip.frames, source.clip.rate, source.damaged) == (30, 25, 0)


def test_uneven_time_stamps_and_a_late_start_stay(tmp_path: Path) -> None:
    stamps = [700, 1212, 1213, 5000, 5512, 20_000]
    film = Film(frames=6, stamps=stamps, options=(("movie_timescale", "12800"),))
    frames, source = read(make(tmp_path / "a.mp4", film))
    assert [frame.pts for frame in frames] == stamps
    assert frames[0].captured == 0
    assert frames[-1].captured == (20_000 - 700) * 1_000_000_000 // 12_800
    assert source.restamped == 0


@pytest.mark.parametrize("stored", ["yuv420p", "yuv422p", "yuv444p", "gray", "bgr0"])
@pytest.mark.parametrize("size", [(64, 48), (63, 47)])
def test_pixels_of_every_layout_stay(tmp_path: Path, stored: str, size: tuple[int, int]) -> None:
    film = Film(frames=3, size=size, codec="ffv1", layout=stored, time_base=Fraction(1, 1000))
    frames, _ = read(make(tmp_path / "a.mkv", film))
    assert frames[0].format == ("rgb24" if stored == "bgr0" else stored)
    for i, frame in enumerate(frames):
        for got, want in zip(frame.planes, planes_of(film, i), strict=True):
            np.testing.assert_array_equal(got, want)


def test_full_range_is_told(tmp_path: Path) -> None:
    wide, _ = read(make(tmp_path / "wide.mp4", Film(full_range=True)))
    usual, _ = read(make(tmp_path / "usual.mp4"))
    assert (wide[0].full_range, usual[0].full_range) == (True, False)


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2), (-90, 3)])
def test_a_phone_clip_is_set_upright(tmp_path: Path, degrees: int, quarters: int) -> None:
    flat, _ = read(make(tmp_path / "flat.mp4", Film(frames=2)))
    frames, source = read(make(tmp_path / "held.mp4", Film(frames=2, degrees=degrees)))
    for before, after in zip(flat, frames, strict=True):
        for stored, shown in zip(before.planes, after.planes, strict=True):
            np.testing.assert_array_equal(np.rot90(stored, quarters), shown)
    assert source.turn.transpose == (abs(degrees) == 90)
    assert (frames[0].width, frames[0].height) == ((48, 64) if quarters % 2 else (64, 48))


def test_a_raw_stream_gets_its_time_from_its_rate(tmp_path: Path) -> None:
    frames, _ = read(make(tmp_path / "a.h264", Film(frames=9), format="h264"))
    assert times(frames) == [Fraction(i, 25) for i in range(9)]


def test_a_broadcast_starts_at_zero(tmp_path: Path) -> None:
    stamps = [900_000 + 3600 * i for i in range(9)]
    film = Film(frames=9, stamps=stamps, time_base=Fraction(1, 90_000))
    frames, source = read(make(tmp_path / "a.ts", film, format="mpegts"))
    assert source.clip.origin > 9
    assert times(frames) == [Fraction(i, 25) for i in range(9)]


def test_a_change_of_size_on_the_way_is_scaled_to_the_first(tmp_path: Path) -> None:
    small = make(tmp_path / "small.h264", Film(frames=4), format="h264").read_bytes()
    large = make(tmp_path / "large.h264", Film(frames=4, size=(96, 64)), format="h264").read_bytes()
    (tmp_path / "both.h264").write_bytes(small + large)
    frames, source = read(tmp_path / "both.h264")
    assert [(frame.width, frame.height) for frame in frames] == [(64, 48)] * 8
    assert source.resized == 4


@pytest.mark.parametrize(
    ("name", "contents", "sentence"),
    [
        ("absent.mp4", None, "there is no such file"),
        ("empty.mp4", b"", "is empty"),
        ("text.mp4", b"good morning\n" * 40, "is not a video or a photograph"),
        ("noise.mp4", bytes(range(256)) * 64, "is not a video or a photograph"),
    ],
)
def test_what_is_no_video_is_named_in_one_sentence(
    tmp_path: Path, name: str, contents: bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if contents is not None:
        path.write_bytes(contents)
    with pytest.raises(UnreadableFileError, match=sentence) as raised:
        FileSource(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_a_folder_and_a_song_are_no_video(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="is a folder"):
        FileSource(tmp_path)
    song = make(tmp_path / "both.mkv", Film(sound="aac", time_base=Fraction(1, 1000)))
    only = tmp_path / "song.mka"
    _keep_sound(song, only)
    with pytest.raises(UnreadableFileError, match="only sound"):
        FileSource(only)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_named_so(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4")
    path.chmod(0)
    with pytest.raises(UnreadableFileError, match="permission"):
        FileSource(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_file_cut_off_in_its_middle_is_an_error(tmp_path: Path, name: str) -> None:
    codec = "mpeg4" if name == "a.avi" else "libx264"
    base = {"a.mp4": Fraction(1, 12_800), "a.mkv": Fraction(1, 1000), "a.avi": Fraction(1, 25)}
    options = FASTSTART if name == "a.mp4" else ()
    film = Film(frames=75, size=(160, 120), codec=codec, time_base=base[name], options=options)
    whole = make(tmp_path / name, film)
    assert len(read(whole)[0]) == 75
    cut = tmp_path / f"cut-{name}"
    contents = whole.read_bytes()
    cut.write_bytes(contents[: len(contents) * 6 // 10])
    with pytest.raises(UnreadableFileError, match="cut off before its end"):
        read(cut)


def test_a_film_whose_index_never_came_is_an_error(tmp_path: Path) -> None:
    contents = make(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(contents[: len(contents) // 2])
    with pytest.raises(UnreadableFileError, match="is not a video or a photograph, or it is damag"):
        read(tmp_path / "cut.mp4")


def test_damage_in_the_middle_is_lived_with_and_counted(tmp_path: Path) -> None:
    contents = bytearray(make(tmp_path / "a.mp4", Film(frames=50, options=FASTSTART)).read_bytes())
    third = len(contents) // 3
    contents[third : third + 2000] = np.random.default_rng(0).bytes(2000)
    (tmp_path / "damaged.mp4").write_bytes(contents)
    frames, source = read(tmp_path / "damaged.mp4")
    assert source.damaged > 0
    assert 40 <= len(frames) <= 50


def test_closing_from_another_thread_ends_the_frames(tmp_path: Path) -> None:
    source = FileSource(make(tmp_path / "a.mp4", Film(frames=50)))
    seen: list[int] = []
    third = threading.Event()
    go_on = threading.Event()

    def watch() -> None:
        for frame in source.frames():
            seen.append(frame.seq)
            if len(seen) == 3:
                third.set()
                go_on.wait(10)

    thread = threading.Thread(target=watch)
    thread.start()
    assert third.wait(10)
    source.close()
    source.close()
    go_on.set()
    thread.join(10)
    assert not thread.is_alive()
    assert 3 <= len(seen) < 50


def _keep_sound(whole: Path, only: Path) -> None:
    from contextlib import closing

    import av

    with (
        closing(av.open(str(whole), mode="r")) as old,
        closing(av.open(str(only), mode="w", format="matroska")) as new,
    ):
        track = new.add_stream_from_template(old.streams.audio[0])
        for packet in old.demux(old.streams.audio[0]):
            if packet.size:
                packet.stream = track
                new.mux(packet)
