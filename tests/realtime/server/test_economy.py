"""The cheaper ways say and sound the same as aiortc's own."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import cast

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection, clock, codecs, rtcdtlstransport, rtcrtpsender
from aiortc.codecs.opus import OpusDecoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack

from realtime.server.economy import (
    MonoOpus,
    audio_level,
    be_frugal,
    milliseconds,
    ntp_time,
)
from realtime.server.sound_coding import DECODED, ENABLED, ENCODER, TRACK, AtOnce

RATE, BLOCK = 48_000, 960
OPUS = RTCRtpCodecParameters("audio/opus", RATE, 2, payloadType=96)


def tone(number: int, loud: float = 9000.0, layout: str = "mono") -> av.AudioFrame:
    at = np.arange(number * BLOCK, (number + 1) * BLOCK)
    samples = (loud * np.sin(2 * np.pi * 440 * at / RATE)).astype(np.int16)
    if layout == "stereo":
        samples = np.stack([samples, samples // 4], axis=1).reshape(-1)
    frame = av.AudioFrame.from_ndarray(samples[None, :], "s16", layout)
    frame.sample_rate, frame.pts, frame.time_base = RATE, number * BLOCK, Fraction(1, RATE)
    return frame


def coded(count: int, layout: str = "mono") -> list[tuple[bytes, int]]:
    encoder = MonoOpus()
    packets: list[tuple[bytes, int]] = []
    for number in range(count):
        parts, stamp = encoder.encode(tone(number, layout=layout))
        packets += [(part, stamp) for part in parts]
    return packets


@pytest.mark.parametrize(
    ("loud", "level"), [(0.0, -127), (300.0, -44), (9000.0, -14), (32_767.0, -3)]
)
def test_the_level_is_the_power_of_the_samples_below_full_scale(loud: float, level: int) -> None:
    assert audio_level(tone(0, loud)) == level


def test_the_time_is_what_aiortc_makes_of_the_date() -> None:
    now = datetime.now(timezone.utc)
    ntp, ms = ntp_time(), milliseconds()
    assert clock.datetime_from_ntp(ntp) - now < timedelta(seconds=1)
    assert abs(clock.datetime_to_ntp(now) - ntp) < 1 << 32
    assert clock.NTP_EPOCH + timedelta(milliseconds=ms) - now < timedelta(seconds=1)


def test_one_channel_is_heard_on_both_and_two_stay_two() -> None:
    for layout, share in (("mono", 1.0), ("stereo", 0.25)):
        decoder = OpusDecoder()
        heard = [
            cast("av.AudioFrame", frame).to_ndarray()[0].reshape(-1, 2)
            for packet, stamp in coded(30, layout)
            for frame in decoder.decode(JitterFrame(packet, stamp))
        ]
        left, right = np.abs(np.concatenate(heard)[BLOCK * 5 :]).max(axis=0)
        assert left == pytest.approx(9000, rel=0.2)
        assert right == pytest.approx(9000 * share, rel=0.2)
    assert [stamp for _, stamp in coded(4)] == [0, BLOCK, 2 * BLOCK, 3 * BLOCK]


def test_sound_is_there_without_a_thread_and_a_broken_packet_costs_only_itself() -> None:
    async def test() -> None:
        track = RemoteStreamTrack("audio")
        line = AtOnce(track)
        for packet, stamp in coded(3):
            line.put((OPUS, JitterFrame(packet, stamp)))
            line.put((OPUS, JitterFrame(b"\xff", stamp)))
        stamps = [(await asyncio.wait_for(track.recv(), 1)).pts for _ in range(3)]
        assert stamps == [0, BLOCK, 2 * BLOCK]
        line.put(None)
        assert line.get_nowait() is None, "the thread hears of the end"

    asyncio.run(test())


def test_the_names_of_aiortc_that_are_used_are_still_there() -> None:
    async def test() -> None:
        assert DECODED in vars(RemoteStreamTrack("audio"))
        peer = RTCPeerConnection()
        sender = vars(peer.addTrack(RemoteStreamTrack("audio")))
        assert {TRACK, ENCODER, ENABLED} <= set(sender)
        await peer.close()

    asyncio.run(test())
    for name in ("H264Decoder", "Vp8Decoder", "OpusEncoder"):
        assert name in codecs.get_decoder.__globals__
    be_frugal()
    assert isinstance(codecs.get_encoder(OPUS), MonoOpus)
    for kind in ("video/H264", "video/VP8"):
        decoder = codecs.get_decoder(RTCRtpCodecParameters(kind, 90_000, payloadType=97))
        assert decoder.codec.thread_count == 1  # type: ignore[attr-defined]
    assert rtcrtpsender.rtp.compute_audio_level_dbov is audio_level
    assert rtcrtpsender.clock.current_ntp_time is ntp_time
    assert rtcdtlstransport.clock.current_ms is milliseconds
