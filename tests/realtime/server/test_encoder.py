"""Encoders that follow: no key frame when the rate changes, no crash at odd sizes."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Decoder, h264_depayload
from aiortc.codecs.vpx import Vp8Decoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame

from bench.portrait import portrait
from realtime.clock import ManualClock
from realtime.server.bitrate import Bitrate, S
from realtime.server.encoder import FollowingH264, FollowingVp8, best_h264, worth_a_key_frame

FPS = 30


def pictures(count: int, width: int = 320, height: int = 240) -> list[av.VideoFrame]:
    """A face that drifts, with grain as a camera has."""
    face = np.asarray(portrait(), np.uint8)
    random = np.random.default_rng(0)
    made: list[av.VideoFrame] = []
    for i in range(count):
        part = np.roll(face, 2 * i, axis=1)[:height, :width].astype(np.int16)
        part = np.pad(part, ((0, height - len(part)), (0, width - part.shape[1]), (0, 0)), "edge")
        grain = random.integers(-4, 5, (height, width, 1), dtype=np.int16)
        rgb = np.clip(part + grain, 0, 255).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = i * 90_000 // FPS, Fraction(1, 90_000)
        made.append(frame)
    return made


def is_key(encoder: Encoder, payloads: list[bytes]) -> bool:
    if isinstance(encoder, FollowingVp8):
        return not vp8_depayload(payloads[0])[0] & 1
    whole = b"".join(h264_depayload(p) for p in payloads)
    return any(whole[at + 4] & 0x1F == 5 for at in range(len(whole) - 4)
               if whole[at : at + 4] == b"\0\0\0\1")  # fmt: skip


def test_h264_follows_the_target_both_ways_without_a_key_frame() -> None:
    rate, clock = Bitrate(), ManualClock()
    encoder = FollowingH264(rate, clock)
    sizes: list[int] = []
    keys: list[int] = []
    for i, picture in enumerate(pictures(150, 640, 480)):
        rate.estimate({50: 400_000, 100: 1_200_000}.get(i, rate.target))
        clock.advance(S // FPS)
        payloads, _ = encoder.encode(picture)
        sizes.append(sum(map(len, payloads)))
        if is_key(encoder, payloads):
            keys.append(i)
    assert keys == [0]
    spent = [8 * FPS * np.mean(sizes[end - 20 : end]) for end in (50, 100, 150)]
    assert spent == pytest.approx([1_500_000, 400_000, 1_200_000], rel=0.2)


def test_a_slower_camera_gets_the_same_bits_a_second() -> None:
    encoder = FollowingH264(Bitrate(800_000), ManualClock())
    sizes: list[int] = []
    for i, picture in enumerate(pictures(80, 640, 480)):
        picture.pts = i * 6000  # 15 a second
        sizes.append(sum(map(len, encoder.encode(picture)[0])))
    assert 8 * 15 * np.mean(sizes[-20:]) == pytest.approx(800_000, rel=0.25)


@pytest.mark.parametrize(("size", "most"), [((640, 480), 1_843_200), ((320, 240), 800_000)])
def test_a_fast_connection_is_not_filled_for_its_own_sake(size: tuple[int, int], most: int) -> None:
    encoder = FollowingH264(Bitrate(4_000_000), ManualClock())
    sizes = [sum(map(len, encoder.encode(picture)[0])) for picture in pictures(80, *size)]
    assert 8 * FPS * np.mean(sizes[-30:]) == pytest.approx(most, rel=0.15)


@pytest.mark.parametrize("kind", [FollowingH264, FollowingVp8])
def test_any_size_is_sent_and_a_key_frame_comes_when_asked_for(
    kind: type[FollowingH264 | FollowingVp8],
) -> None:
    encoder = kind(Bitrate(), ManualClock())
    decode = (H264Decoder if kind is FollowingH264 else Vp8Decoder)().decode
    depayload = h264_depayload if kind is FollowingH264 else vp8_depayload
    shown: list[tuple[int, int]] = []
    for width, height in ((641, 479), (641, 479), (320, 240), (17, 33), (640, 480)):
        (picture,) = pictures(1, width, height)
        payloads, _ = encoder.encode(picture, force_keyframe=True)
        assert is_key(encoder, payloads)
        data = b"".join(map(depayload, payloads))
        for found in decode(JitterFrame(data, 0)):
            assert isinstance(found, av.VideoFrame)
            shown.append((found.width, found.height))
    assert shown == [(640, 478), (640, 478), (320, 240), (16, 32), (640, 480)]


def test_vp8_begins_anew_only_for_what_is_worth_a_key_frame() -> None:
    assert worth_a_key_frame(1_000_000, 600_000, S)
    assert not worth_a_key_frame(1_000_000, 600_000, S // 10)
    assert not worth_a_key_frame(1_000_000, 900_000, 60 * S)
    assert not worth_a_key_frame(1_000_000, 2_000_000, S)
    assert worth_a_key_frame(1_000_000, 2_000_000, 11 * S)


def test_an_encoder_is_found_whatever_the_machine_has() -> None:
    assert best_h264() in ("libx264", "h264_nvenc")
