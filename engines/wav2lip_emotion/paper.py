"""The paper's generator at work: it draws 96 pixels of a face, which go back where they were."""

from __future__ import annotations

import cv2
import numpy as np

from engines.engine import Engine
from engines.wav2lip_emotion import signatures
from engines.wav2lip_emotion.faces import Floats, Mask, Pixels, Square, hidden
from engines.wav2lip_emotion.signatures import BANDS, COLUMNS, SIDE
from kernels import cpu

SPEC = signatures.PAPER

SOFT = 3
"""Pixels of 96 over which what was drawn fades into the camera's picture."""

LEVELS = 4
"""Octaves of the blend."""


class PaperEditor:
    """Runs the generator on pictures, each its own reference; not for more than one thread.

    Args:
        engine: of ``SPEC``.
        mask: what it was trained with.
    """

    def __init__(self, engine: Engine, mask: Mask) -> None:
        self._engine = engine
        self._mask: Mask = mask
        self._scratch = cpu.Scratch()

    def __call__(self, picture: Pixels, square: Square, points: Floats, speech: Floats) -> Pixels:
        """Return [H, W, 3] RGB with the face drawn anew.

        Args:
            picture: [H, W, 3] RGB.
            square: around the face, ``SEEN`` faces wide.
            points: [478, 2 or 3] landmarks in the picture.
            speech: [80, 16], the sound about the picture.
        """
        seen = square.cut(picture, SIDE)
        covered = hidden(square.inside(points, SIDE), SIDE, self._mask)
        reference = (seen.astype(np.float32) / 255).transpose(2, 0, 1)
        prior = np.where(covered, np.float32(0), reference)
        faces = np.concatenate([prior, reference])[None]
        mel = speech.reshape(1, 1, BANDS, COLUMNS)
        out = self._engine({"mel": np.ascontiguousarray(mel), "faces": faces})["drawn"][0]
        drawn = np.rint(np.clip(out, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
        soft = cv2.GaussianBlur(covered.astype(np.float32), (0, 0), SOFT)
        return self._back(picture, square, drawn, np.asarray(soft, np.float32) * _border())

    def _back(self, picture: Pixels, square: Square, drawn: Pixels, mask: Floats) -> Pixels:
        size = (picture.shape[1], picture.shape[0])
        matrix = square.matrix(SIDE)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        above = cv2.warpAffine(drawn, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        where = cv2.warpAffine(mask, matrix, size, flags=flags)
        weight = np.asarray(where, np.float32)
        return cpu.blend(
            picture, np.asarray(above, np.uint8), weight, LEVELS, scratch=self._scratch
        )

    def close(self) -> None:
        """Close the engine; idempotent."""
        self._engine.close()


def _border() -> Floats:
    """Return [96, 96]: 0 at the edge of the square, where nothing may be seen of it."""
    ramp = np.clip(np.minimum(np.arange(SIDE), np.arange(SIDE)[::-1]) / (2 * SOFT), 0, 1)
    return np.minimum(ramp[:, None], ramp[None]).astype(np.float32)
