"""Other faces out of few: what a lesson's pictures are put through, so that no face is learnt.

A handful of people is taught. Bent, turned, lit and tinted anew each time, they are many more, and
what is learnt of them has to hold for somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.wav2lip_emotion.faces import KEPT, KEPT_SIDE, Floats, Pixels
from engines.wav2lip_emotion.windows import Random

KNOTS = 5
"""Of the bending, across the picture."""


@dataclass(frozen=True, slots=True)
class Disguise:
    """A change that all pictures of a window share.

    Attributes:
        flip: left for right.
        turn: [2, 2] rotation, size and stretch of the square.
        right: the square's shift, in its sides.
        down: the same.
        bend: [5, 5, 2] shifts of the face's parts, in sides.
        tint: [3, 3] of RGB.
        gamma: of the light.
        slant: [2] how much lighter it is to the right and below, of 1.
        blur: standard deviation in pixels; 0 is none.
        grain: standard deviation of noise, of 1.
    """

    flip: bool
    turn: NDArray[np.float64]
    right: float
    down: float
    bend: Floats
    tint: Floats
    gamma: float
    slant: tuple[float, float]
    blur: float
    grain: float

    @staticmethod
    def draw(rng: Random, *, may_flip: bool = True) -> Disguise:
        """Draw one; ``may_flip`` not where left and right mean something."""
        angle, size = np.radians(rng.normal(0, 5)), np.exp(rng.normal(0, 0.06))
        stretch = np.exp(rng.normal(0, 0.06))
        turn = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float64
        )
        tint = np.diag(rng.uniform(0.75, 1.2) * np.exp(rng.normal(0, 0.08, 3)))
        return Disguise(
            flip=may_flip and bool(rng.random() < 0.5),
            turn=np.asarray(turn @ np.diag([size * stretch, size / stretch]), np.float64),
            right=float(rng.normal(0, 0.02)),
            down=float(rng.normal(0, 0.02)),
            bend=rng.normal(0, 0.018, (KNOTS, KNOTS, 2)).astype(np.float32),
            tint=(tint @ (np.eye(3) + rng.normal(0, 0.05, (3, 3)))).astype(np.float32),
            gamma=float(np.exp(rng.normal(0, 0.25))),
            slant=cast("tuple[float, float]", tuple(rng.normal(0, 0.12, 2).tolist())),
            blur=float(rng.uniform(0.3, 1.0)) if rng.random() < 0.3 else 0.0,
            grain=float(rng.uniform(0, 0.015)),
        )

    @staticmethod
    def none() -> Disguise:
        """Return one that changes nothing."""
        still = np.zeros((KNOTS, KNOTS, 2), np.float32)
        tint = np.eye(3, dtype=np.float32)
        return Disguise(False, np.eye(2), 0.0, 0.0, still, tint, 1.0, (0.0, 0.0), 0.0, 0.0)

    def places(self, side: int, faces: float) -> Floats:
        """Return [side, side, 2]: where in the kept square each pixel is taken from."""
        along = (np.arange(side) + 0.5) / side - 0.5
        there = np.stack(np.meshgrid(along, along), -1)
        if self.flip:
            there[..., 0] *= -1
        bend: Any = cv2.resize(self.bend, (side, side), interpolation=cv2.INTER_CUBIC)
        there = there @ self.turn.T + bend + (self.right, self.down)
        return (there * (KEPT_SIDE * faces / KEPT) + (KEPT_SIDE - 1) / 2).astype(np.float32)

    def picture(self, kept: Pixels, places: Floats, noise: Floats) -> Floats:
        """Return [3, H, W] of 0..1 of a kept square at ``places``; ``noise`` is [H, W, 3]."""
        x, y = (np.ascontiguousarray(places[..., k]) for k in (0, 1))
        cut: Any = cv2.remap(kept, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        levels = np.power(np.arange(256, dtype=np.float32) / 255, np.float32(self.gamma))
        light = levels[cut] @ self.tint.T
        down, right = (np.linspace(-1, 1, n, dtype=np.float32) for n in light.shape[:2])
        light *= 1 + self.slant[0] * right[None, :, None] + self.slant[1] * down[:, None, None]
        if self.blur > 0:
            light = cast("Floats", cv2.GaussianBlur(light, (0, 0), self.blur))
        light += np.float32(self.grain) * noise
        return np.ascontiguousarray(np.clip(light, 0, 1).transpose(2, 0, 1))


def moved(points: Floats, places: Floats) -> Floats:
    """Return where points [n, 2] of the kept square went: in pixels of the disguised one.

    To the nearest pixel: that is how finely anything is asked about them.
    """
    side = len(places)
    far = ((places[None] - points[:, None, None]) ** 2).sum(-1).reshape(len(points), -1)
    nearest = far.argmin(1)
    return np.stack([nearest % side, nearest // side], 1).astype(np.float32)
