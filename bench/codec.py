"""``visavis bench codec``: which codec costs less for the same quality, as a call encodes pictures.

The moving portrait goes through the call's own encoders, held at one rate, and through aiortc's
decoders. Told are the time for each picture, the bits that were really spent, and how near what
comes out is to what went in, of luma: PSNR in decibels, and SSIM (Wang, Bovik, Sheikh and
Simoncelli, "Image quality assessment", 2004), of which 1 is the same. The first second, in which
the rate is found, does not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np

from bench.portrait import moving
from bench.report import Row, table, write_json
from realtime.clock import SystemClock
from realtime.picture import to_av
from realtime.server.bitrate import Bitrate
from realtime.types import Floats, Frame, Pixels

RATES = {(640, 480): (500_000, 1_000_000), (1280, 720): (1_200_000, 2_500_000)}
"""Bits a second by the size of the picture."""

NAMES = ("H264", "VP8")
FPS, FINDING = 30, 30
STAMP = 90_000 // FPS
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
"""What keeps SSIM steady where there is nothing to see."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One picture that was encoded and decoded.

    Attributes:
        spent: time to encode it, nanoseconds.
        worked: processor time of all cores meanwhile, nanoseconds.
        size: bytes of all its packets.
        psnr: of luma, decibels.
        ssim: of luma, at most 1.
    """

    spent: int
    worked: int
    size: int
    psnr: float
    ssim: float


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench codec", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--frames", type=int, default=300, metavar="N", help="pictures each")
    options = parser.parse_args(argv)
    rows: list[Row] = []
    for (width, height), rates in RATES.items():
        film = moving(width, height, max(FINDING + 1, options.frames))
        for bits in rates:
            for name in NAMES:
                found = code(name, film, bits)[FINDING:]
                rows.append(row(f"codec {name} {width}x{height} at {bits // 1000} kbit/s", found))
    print(table(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def row(name: str, coded: Sequence[Coded]) -> Row:
    """Return the figures of ``coded``."""
    return Row.of(
        f"{name}: encoding",
        [each.spent for each in coded],
        processor_ms=round(float(np.mean([each.worked for each in coded])) / 1e6, 2),
        kbit_s=round(float(np.mean([each.size for each in coded])) * 8 * FPS / 1000),
        psnr_db=round(float(np.mean([each.psnr for each in coded])), 2),
        psnr_lowest_db=round(min(each.psnr for each in coded), 2),
        ssim=round(float(np.mean([each.ssim for each in coded])), 4),
    )


def code(name: str, film: Sequence[Frame], bits: int) -> list[Coded]:
    """Return what the codec ``name`` makes of ``film`` at ``bits`` a second."""
    from aiortc.codecs import depayload, get_decoder
    from aiortc.jitterbuffer import JitterFrame
    from aiortc.rtcrtpparameters import RTCRtpCodecParameters

    from realtime.server.encoder import new_encoder

    encoder = new_encoder(name, Bitrate(bits), SystemClock())
    assert encoder is not None
    kind = RTCRtpCodecParameters(f"video/{name}", 90_000, payloadType=96)
    decoder = get_decoder(kind)
    found: list[Coded] = []
    for i, frame in enumerate(film):
        picture = to_av(frame)
        picture.pts, picture.time_base = i * STAMP, Fraction(1, 90_000)
        began, working = time.perf_counter_ns(), time.process_time_ns()
        payloads, _ = encoder.encode(picture)
        spent, worked = time.perf_counter_ns() - began, time.process_time_ns() - working
        data = b"".join(depayload(kind, payload) for payload in payloads)
        shown = decoder.decode(JitterFrame(data, i * STAMP))
        before = frame.planes[0]
        after = luma(cast("av.VideoFrame", shown[-1]))
        size = sum(map(len, payloads))
        found.append(Coded(spent, worked, size, psnr(before, after), ssim(before, after)))
    return found


def luma(picture: av.VideoFrame) -> Pixels:
    """Return the brightness of ``picture``, without the padding of its rows."""
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def psnr(before: Pixels, after: Pixels) -> float:
    """Return the peak signal-to-noise ratio, decibels; 100 for no noise at all."""
    noise = float(np.mean((before.astype(np.float32) - after.astype(np.float32)) ** 2))
    return min(100.0, 10 * float(np.log10(255**2 / max(noise, 1e-9))))


def ssim(before: Pixels, after: Pixels) -> float:
    """Return the mean structural similarity over Gaussian windows of 11 x 11."""
    a, b = before.astype(np.float32), after.astype(np.float32)
    mean_a, mean_b = _blurred(a), _blurred(b)
    spread_a, spread_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    together = _blurred(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + C1) * (2 * together + C2)
    return float(np.mean(top / ((mean_a**2 + mean_b**2 + C1) * (spread_a + spread_b + C2))))


def _blurred(image: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(image, (11, 11), 1.5), np.float32)
