"""The lip-sync expert: do these five mouths say what is heard?

Wav2Lip's (Prajwal et al. 2020, section 3.2): SyncNet in colour, deeper, with residual connections,
and trained by binary cross-entropy on the cosine of what it sees and what it hears. Both end in a
rectifier, so the cosine is 0 to 1.
"""

# ruff: noqa: TID253 - a module of networks; only who trains or measures imports it

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.wav2lip_emotion.generator import speech_encoder
from engines.wav2lip_emotion.layers import Conv, keep, stage
from engines.wav2lip_emotion.signatures import FRAMES


class Expert(nn.Module):
    """Two encoders into one space.

    Args:
        width: multiplies every number of channels; 1 is the published network.

    Attributes:
        numbers: in each of its descriptions, D below.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()

        def w(channels: int) -> int:
            return max(4, round(channels * width))

        self.sight = nn.Sequential(
            Conv(3 * FRAMES, w(32), 7, padding=3),
            Conv(w(32), w(64), 5, (1, 2)),
            *keep(w(64), 2),
            *stage(w(64), w(128), 2, 3),
            *stage(w(128), w(256), 2, 2),
            *stage(w(256), w(512), 2, 2),
            Conv(w(512), w(512), stride=2),
            Conv(w(512), w(512), padding=0),
            Conv(w(512), w(512), 1, padding=0),
        )
        self.hearing = speech_encoder(w)
        self.numbers = w(512)

    def see(self, mouths: Tensor) -> Tensor:
        """[N, 15, 48, 96], RGB of 0..1 of five lower halves -> [N, D] of length one."""
        return functional.normalize(self.sight(mouths).flatten(1), dim=1)

    def hear(self, mel: Tensor) -> Tensor:
        """[N, 1, 80, 16] -> [N, D] of length one."""
        return functional.normalize(self.hearing(mel).flatten(1), dim=1)

    def forward(self, mel: Tensor, mouths: Tensor) -> Tensor:
        """Return [N]: how well they go together, 0 to 1."""
        return (self.hear(mel) * self.see(mouths)).sum(1)


def lower_halves(faces: Tensor) -> Tensor:
    """[N, 5, 3, 96, 96] -> [N, 15, 48, 96], what the expert sees of five faces."""
    return faces[:, :, :, faces.shape[3] // 2 :].flatten(1, 2)


def agreement_loss(agreement: Tensor, together: Tensor) -> Tensor:
    """Binary cross-entropy of [N] cosines with [N] of 1 (in step) and 0 (not).

    A rounding error above 1 would be an infinite loss.
    """
    bound = torch.finfo(agreement.dtype).eps
    return functional.binary_cross_entropy(agreement.clamp(bound, 1 - bound), together)
