"""The mark is found where it is, after the codecs of a call, and nowhere else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import av
import cv2
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from realtime.mark import ROWS, WORDS, Average, find, found_in, marked, word_of
from realtime.picture import convert, from_av, from_rgb, to_av
from realtime.types import Edit, Emotion, Frame, PixelFormat
from tests.portrait import move, noisy, photograph

LIVE = {
    "libvpx": {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0", "qmin": "2",
               "qmax": "56"},
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"},
}  # fmt: skip

SPOKEN = {"libvpx": "vp8", "libx264": "h264"}


def film(width: int, height: int, count: int) -> list[Frame]:
    """A head that sways in front of a camera's noise."""
    face = photograph()
    ratio = max(width / face.shape[1], height / face.shape[0])
    frames: list[Frame] = []
    for i in range(count):
        moved = noisy(move(face, right=6 * np.sin(i / 5), down=2 * np.sin(i / 3)), i)
        wide = cv2.resize(moved, None, fx=ratio, fy=ratio)[:height, :width]
        frames.append(convert(from_rgb(np.ascontiguousarray(wide, np.uint8), pts=i), "yuv420p"))
    return frames


def through(codec: str, frames: list[Frame], bit_rate: int) -> list[Frame]:
    """Return the pictures as they are seen at the other end of a call."""
    coder = cast("VideoCodecContext", av.CodecContext.create(codec, "w"))
    coder.width, coder.height, coder.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
    coder.time_base, coder.framerate = Fraction(1, 30), Fraction(30)
    coder.bit_rate = bit_rate
    rate = {name: str(bit_rate) for name in ("minrate", "maxrate", "bufsize")}
    coder.options = LIVE[codec] | rate
    packets: list[Any] = []
    for i, frame in enumerate(frames):
        picture = to_av(frame)
        picture.pts, picture.time_base = i, Fraction(1, 30)
        packets += coder.encode(picture)
    packets += coder.encode(None)
    assert sum(p.size for p in packets) * 8 * 30 / len(frames) < 1.5 * bit_rate
    decoder = cast("VideoCodecContext", av.CodecContext.create(SPOKEN[codec], "r"))
    shown = [picture for packet in packets for picture in decoder.decode(packet)]
    shown += decoder.decode(None)
    return [from_av(picture, 0, i) for i, picture in enumerate(shown)]


@pytest.mark.parametrize(
    ("codec", "size", "bit_rate"),
    [("libvpx", (1280, 720), 1_000_000), ("libx264", (640, 480), 500_000)],
)
def test_it_survives_a_call_and_is_not_found_without(
    codec: str, size: tuple[int, int], bit_rate: int
) -> None:
    clean = film(*size, 30)
    bare = found_in(through(codec, clean, bit_rate))
    seen = found_in(through(codec, [marked(frame, "sad") for frame in clean], bit_rate))
    assert not bare.sure
    assert seen.sure
    assert seen.word == "sad"


def test_no_eye_sees_it() -> None:
    (frame,) = film(640, 480, 1)
    difference = marked(frame, "happy").planes[0].astype(int) - frame.planes[0]
    assert set(np.unique(difference)) == {-1, 0, 1}
    assert abs(difference.mean()) < 0.05


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_read_back(word: str) -> None:
    frames = [marked(frame, word) for frame in film(640, 480, 2)]
    assert found_in(frames).word == word


def test_size_layout_and_mirror_do_not_matter() -> None:
    (frame,) = film(1280, 720, 1)
    layouts: tuple[PixelFormat, ...] = ("yuv444p", "rgb24")
    for layout in layouts:
        assert found_in([marked(convert(frame, layout), "fear")]).word == "fear"
    light = marked(frame, "fear").planes[0]
    for seen in (cv2.resize(light, (854, 480), interpolation=cv2.INTER_AREA), light[:, ::-1]):
        gray = Frame((np.ascontiguousarray(seen, np.uint8),), "gray", 0, 0, Fraction(1), 0)
        finding = found_in([gray])
        assert finding.sure
        assert finding.word == "fear"


def test_chance_is_never_sure() -> None:
    rng = np.random.default_rng(5)
    scores = [find(rng.normal(120, 4, (ROWS, 80)).astype(np.float32)).score for _ in range(60)]
    assert max(scores) < 4


def test_flat_and_empty_pictures_hold_nothing() -> None:
    assert not found_in([]).sure
    assert not find(np.full((ROWS, 80), 16, np.float32)).sure
    assert Average().cells().shape == (ROWS, 80)


def test_the_pattern_never_changes() -> None:
    """Marks that were made yesterday must still be found: this pins the pattern itself."""
    dark = Frame((np.full((ROWS * 4, 80 * 4), 100, np.uint8),), "gray", 0, 0, Fraction(1), 0)
    cells = marked(dark, "neutral").planes[0][2::4, 2::4].astype(int) - 100
    assert cells[0, :16].tolist() == PINNED


PINNED = [1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, -1, -1, -1, 1, -1]


def test_the_word_is_the_edits() -> None:
    assert word_of(Edit(Emotion.SAD)) == "sad"
    assert word_of(Edit(affect=(0.1, 0.2))) == "expression"
