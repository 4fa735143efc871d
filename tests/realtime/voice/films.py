"""Small films in which somebody speaks."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from realtime.types import Floats

FPS = 25
RATE = 48_000


def spoken(path: Path, sound: Floats | None, *, late: float = 0.0, seconds: float = 0.0) -> Path:
    """Write grey pictures beside mono ``sound`` [n] at 48 kHz, which begins ``late``."""
    with closing(av.open(str(path), mode="w")) as out:
        pictures = out.add_stream("ffv1", rate=FPS)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        voices = None
        if sound is not None:
            voices = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
            whole = (np.clip(sound, -1, 1) * 32_767).astype(np.int16)
            for at in range(0, len(whole), RATE // 10):
                block = av.AudioFrame.from_ndarray(whole[None, at : at + RATE // 10], "s16", "mono")
                block.sample_rate, block.time_base = RATE, Fraction(1, RATE)
                block.pts = at + round(late * RATE)
                out.mux(voices.encode(block))
        length = seconds or (0 if sound is None else len(sound) / RATE + late)
        for i in range(round(length * FPS)):
            picture = av.VideoFrame.from_ndarray(np.full((72, 64), 128, np.uint8), "yuv420p")
            picture.pts, picture.time_base = i, Fraction(1, FPS)
            out.mux(pictures.encode(picture))
        out.mux(pictures.encode(None))
        if voices is not None:
            out.mux(voices.encode(None))
    return path
