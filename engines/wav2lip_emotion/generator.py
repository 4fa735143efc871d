"""The paper's generator: a face, a pose and a piece of speech in, the face as it speaks out.

Wav2Lip's (Prajwal et al. 2020, section 4.1), which Wav2Lip-Emotion keeps as it is (section 3.1).
"""

# ruff: noqa: TID253 - a module of networks; only who trains or exports imports it

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from engines.wav2lip_emotion.layers import Conv, Deconv, keep, stage


class Generator(nn.Module):
    """Identity encoder, speech encoder, and a decoder that is fed both, with skips.

    Args:
        width: multiplies every number of channels; 1 is the published network (36 million
            parameters), a quarter of it fits a laptop.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()

        def w(channels: int) -> int:
            return max(4, round(channels * width))

        self.identity = nn.ModuleList(
            [
                nn.Sequential(Conv(6, w(16), 7, padding=3)),
                nn.Sequential(*stage(w(16), w(32), 2, 2)),
                nn.Sequential(*stage(w(32), w(64), 2, 3)),
                nn.Sequential(*stage(w(64), w(128), 2, 2)),
                nn.Sequential(*stage(w(128), w(256), 2, 2)),
                nn.Sequential(*stage(w(256), w(512), 2, 1)),
                nn.Sequential(Conv(w(512), w(512), padding=0), Conv(w(512), w(512), 1, padding=0)),
            ]
        )
        self.speech = speech_encoder(w)
        self.decoder = nn.ModuleList(
            [
                nn.Sequential(Conv(w(512), w(512), 1, padding=0)),
                nn.Sequential(Deconv(2 * w(512), w(512), 1, 0), *keep(w(512), 1)),
                nn.Sequential(Deconv(2 * w(512), w(512), 2, 1), *keep(w(512), 2)),
                nn.Sequential(Deconv(w(512) + w(256), w(384), 2, 1), *keep(w(384), 2)),
                nn.Sequential(Deconv(w(384) + w(128), w(256), 2, 1), *keep(w(256), 2)),
                nn.Sequential(Deconv(w(256) + w(64), w(128), 2, 1), *keep(w(128), 2)),
                nn.Sequential(Deconv(w(128) + w(32), w(64), 2, 1), *keep(w(64), 2)),
            ]
        )
        self.output = nn.Sequential(
            Conv(w(64) + w(16), w(32)), nn.Conv2d(w(32), 3, 1), nn.Sigmoid()
        )

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        """Draw N faces.

        Args:
            mel: [N, 1, 80, 16], of -4..4, the speech about each frame.
            faces: [N, 6, 96, 96] RGB of 0..1: the masked pose prior, then the reference.

        Returns:
            [N, 3, 96, 96] RGB of 0..1.
        """
        skips: list[Tensor] = []
        x = faces
        for encode in self.identity:
            x = encode(x)
            skips.append(x)
        x = self.speech(mel)
        for decode in self.decoder:
            x = torch.cat([decode(x), skips.pop()], 1)
        return self.output(x)


def speech_encoder(w: Callable[[int], int]) -> nn.Sequential:
    """Return [N, 1, 80, 16] -> [N, w(512), 1, 1]; the lip-sync expert hears with the same."""
    return nn.Sequential(
        *stage(1, w(32), 1, 2),
        *stage(w(32), w(64), (3, 1), 2),
        *stage(w(64), w(128), 3, 2),
        *stage(w(128), w(256), (3, 2), 1),
        Conv(w(256), w(512), padding=0),
        Conv(w(512), w(512), 1, padding=0),
    )
