"""The critic of visual quality: is this picture of a face real?

Wav2Lip's sees the lower half of a face. Wav2Lip-Emotion's sees all of it, for emotion is not in the
mouth alone, and has residual connections (Magnusson et al. 2021, section 3.3).
"""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from torch import Tensor, nn

from engines.wav2lip_emotion.layers import PlainConv


class Critic(nn.Module):
    """Seven stages down to one number.

    Args:
        width: multiplies every number of channels; 1 is the paper's.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()

        def w(channels: int) -> int:
            return max(4, round(channels * width))

        self.stages = nn.Sequential(
            PlainConv(3, w(32), 7, 1, 3),
            *_halving(w(32), w(64), 5),
            *_halving(w(64), w(128), 5),
            *_halving(w(128), w(256), 5),
            *_halving(w(256), w(512), 3),
            *_halving(w(512), w(512), 3),
            PlainConv(w(512), w(512), 3, 1, 0),
            PlainConv(w(512), w(512), 1, 1, 0),
        )
        self.verdict = nn.Conv2d(w(512), 1, 1)

    def forward(self, faces: Tensor) -> Tensor:
        """[N, 3, 96, 96] RGB of 0..1 -> [N] logits: above 0 is real."""
        return self.verdict(self.stages(faces)).flatten()


def _halving(inside: int, outside: int, kernel: int) -> tuple[PlainConv, PlainConv]:
    return (
        PlainConv(inside, outside, kernel, 2, kernel // 2),
        PlainConv(outside, outside, kernel, 1, kernel // 2, residual=True),
    )
