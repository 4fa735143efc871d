"""The networks as PyTorch modules: two kinds of branches, which are taught apart."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.functionals import COUNT

CLASSES = len(EMOTIONS)

LIMIT = 4.0
"""Standard deviations at which a number is cut off: what is stranger says no more."""


class NumbersBranch(nn.Module):
    """Hears by functionals alone: three layers over a few hundred numbers.

    Args:
        mean: [COUNT] of the numbers in training.
        spread: [COUNT] their standard deviation.
        hidden: width of the first layer; the second has half.
    """

    def __init__(
        self, mean: Tensor | None = None, spread: Tensor | None = None, hidden: int = 256
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(COUNT) if mean is None else mean)
        self.register_buffer("spread", torch.ones(COUNT) if spread is None else spread)
        self.layers = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(COUNT, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(hidden, hidden // 2, bias=False),
            nn.BatchNorm1d(hidden // 2),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(hidden // 2, CLASSES),
        )

    def normal(self, numbers: Tensor) -> Tensor:
        """Return [N, COUNT] numbers as the layers want them."""
        mean, spread = self.get_buffer("mean"), self.get_buffer("spread")
        return ((numbers - mean) / spread).clamp(-LIMIT, LIMIT)

    def forward(self, numbers: Tensor) -> Tensor:
        """Return logits [N, 7] for numbers that are ``normal`` already."""
        return self.layers(numbers)


def _block(
    inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int]
) -> nn.Module:
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class PaperBranch(nn.Module):
    """Hears by the paper's encoder: six 2-D convolutions over the log-mel spectrogram of 128 bands.

    The talking-head paper gives a window of 2048, a hop of 512, 128 bands, six layers and a
    probability for each emotion; channels and strides are ours.
    """

    def __init__(self) -> None:
        super().__init__()
        widths = (1, 16, 32, 64, 64, 128, 128)
        strides = ((2, 2), (1, 2), (2, 2), (1, 2), (2, 2), (1, 2))
        self.layers = nn.Sequential(
            *(_block(widths[i], widths[i + 1], (3, 3), stride) for i, stride in enumerate(strides))
        )
        self.head = nn.Sequential(nn.Dropout(0.4), nn.Linear(128, CLASSES))

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Return logits [N, 7] for [N, T, 128]."""
        return self.head(self.layers(spectrogram[:, None]).mean((2, 3)))


KINDS = ("numbers", "paper")
"""Of branches; wherever there is one thing of each kind, they come in this order."""

Shares = tuple[float, float]
"""What each kind's mean logits count, the temperature included."""


@dataclass(frozen=True, slots=True)
class Members:
    """The branches of one network.

    Attributes:
        numbers: those that hear by functionals.
        paper: those that hear by the paper's encoder.
    """

    numbers: list[NumbersBranch]
    paper: list[PaperBranch]
