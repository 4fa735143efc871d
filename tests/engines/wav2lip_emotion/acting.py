"""Prepared clips of nobody: a drawn face whose mouth opens as loud as the sound is."""

from __future__ import annotations

import cv2
import numpy as np

from engines.wav2lip_emotion.faces import KEPT, KEPT_SIDE, Floats
from engines.wav2lip_emotion.store import FPS, RATE, About, Prepared, to_jpeg
from engines.wav2lip_emotion.windows import Clip
from realtime.face.mesh import canonical

SKIN = {"neutral": (205, 170, 150), "happy": (215, 160, 120)}


def points() -> Floats:
    """[478, 2] a mean face in the kept square's pixels."""
    flat = canonical()[:, :2].astype(np.float32)
    low, high = flat.min(0), flat.max(0)
    scale = KEPT_SIDE / KEPT / float((high - low).max())
    return ((flat - (low + high) / 2) * scale + (KEPT_SIDE - 1) / 2).astype(np.float32)


def clip(
    seed: int = 0,
    *,
    frames: int = 30,
    emotion: str | None = "neutral",
    sentence: str = "one",
    speaker: str = "ann",
) -> Clip:
    """A clip of some syllables; in ``happy`` the mouth is wide and the skin warm."""
    rng = np.random.default_rng(seed)
    loud = np.clip(np.repeat(rng.choice([0.0, 0.3, 1.0], frames // 3 + 1), 3)[:frames], 0, 1)
    t = np.arange(frames * RATE // FPS) / RATE
    tone = np.sin(2 * np.pi * 180 * t) + 0.5 * np.sin(2 * np.pi * 1300 * t)
    envelope = np.interp(t * FPS, np.arange(frames) + 0.5, loud)
    shown = [to_jpeg(_face(opening, emotion or "neutral", rng)) for opening in loud]
    about = About(speaker, emotion, 1, sentence, f"{speaker}-{emotion}-{sentence}-{seed}.mp4")
    where = np.repeat(points()[None], frames, 0)
    sound = (0.3 * envelope * tone).astype(np.float32)
    return Clip(Prepared(about, tuple(shown), where, sound))


def _face(opening: float, emotion: str, rng: np.random.Generator):
    picture = np.full((KEPT_SIDE, KEPT_SIDE, 3), 60, np.uint8)
    face = points()
    hull = cv2.convexHull(np.rint(face).astype(np.int32))
    cv2.fillConvexPoly(picture, hull, SKIN[emotion])
    for eye in (33, 133), (362, 263):
        middle = tuple(int(v) for v in face[list(eye)].mean(0))
        cv2.circle(picture, middle, 5, (40, 40, 60), -1, cv2.LINE_AA)
    mouth = tuple(int(v) for v in face[[13, 14]].mean(0))
    wide = 20 if emotion == "happy" else 13
    cv2.ellipse(picture, mouth, (wide, 2 + int(12 * opening)), 0, 0, 360, (110, 30, 40), -1)
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
