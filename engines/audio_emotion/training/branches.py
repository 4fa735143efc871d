"""The networks as PyTorch modules: two branches that are taught apart, and the paper's encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.functionals import BANDS, COUNT

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


class PictureBranch(nn.Module):
    """Hears by the spectrogram and by the contours of pitch, loudness and tilt beside it.

    Small convolutions that halve time and pitch by turns; what they find is pooled over time by
    attention, as mean and as spread, four parts of it apart. Time is the third axis until then; the
    fourth is the spectrum's, or 1.
    """

    def __init__(self, channels: tuple[int, int, int, int] = (16, 32, 64, 96)) -> None:
        super().__init__()
        a, b, c, d = channels
        self.pictures = nn.Sequential(
            _block(1, a, (5, 7), (2, 2)),
            _block(a, b, (3, 3), (2, 2)),
            nn.Dropout2d(0.1),
            _block(b, c, (3, 3), (1, 2)),
            _block(c, c, (3, 3), (1, 1)),
            nn.Dropout2d(0.1),
            _block(c, d, (3, 3), (2, 2)),
            nn.Dropout2d(0.1),
        )
        self.prosody = nn.Sequential(
            _block(5, 32, (5, 1), (2, 1)),
            _block(32, 32, (5, 1), (2, 1)),
            _block(32, 48, (5, 1), (2, 1)),
        )
        self.joint = nn.Sequential(
            _block(d * 4 + 48, WIDE, (1, 1), (1, 1)),
            nn.Dropout(0.2),
            nn.Conv2d(WIDE, WIDE, (5, 1), padding=(2, 0), groups=4, bias=False),
            nn.BatchNorm2d(WIDE),
            nn.ReLU(),
        )
        self.attention = nn.Sequential(
            nn.Conv2d(WIDE, 32, 1), nn.ReLU(), nn.Conv2d(32, HEADS, 1), nn.Sigmoid()
        )
        self.head = nn.Sequential(
            nn.BatchNorm2d(2 * WIDE),
            nn.Dropout(0.4),
            nn.Conv2d(2 * WIDE, 128, 1),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Conv2d(128, CLASSES, 1),
        )

    def forward(self, picture: Tensor, heard: Tensor) -> Tensor:
        """Return logits [N, 7] for [N, T, 66] and [N, T]."""
        mask = heard[:, None, :, None].clamp(0, 1)
        found = self.pictures(picture[:, None, :, :BANDS] * mask)
        n, channels, time, bands = found.shape
        found = found.permute(0, 1, 3, 2).reshape(n, channels * bands, time, 1)
        found = torch.cat([found, self.prosody(prosody(picture) * mask)], 1)
        mask = functional.max_pool2d(mask, (8, 1), (8, 1))
        found = self.joint(found * mask)
        time = found.shape[2]
        given = self.attention(found).clamp(*ATTENTION)
        root = (given / (1 - given) * mask).reshape(n, HEADS, 1, time)
        found = found.reshape(n, HEADS, WIDE // HEADS, time)
        mean = (found * root * root).sum(3, keepdim=True)
        mean = mean / ((root * root).sum(3, keepdim=True) + 1e-6)
        spread = ((found - mean) * root).norm(dim=3, keepdim=True)
        spread = spread / (root.norm(dim=3, keepdim=True) + 1e-3)
        pooled = [part.reshape(n, WIDE, 1, 1) for part in (mean, spread)]
        return self.head(torch.cat(pooled, 1)).reshape(n, CLASSES)


WIDE, HEADS = 160, 4

ATTENTION = (1e-3, 1 - 1e-3)
"""Bounds of what attention says: s / (1 - s) is the exponential of what goes into the sigmoid, and
the square of that what a moment counts. So this is a softmax, in words that every back-end has."""


def prosody(picture: Tensor) -> Tensor:
    """Return [N, 5, T, 1]: pitch where there is one, its clarity twice, loudness, tilt."""
    bands = picture[:, :, :BANDS]
    clear = picture[:, :, BANDS + 1 :]
    voiced = torch.sigmoid(12 * clear - 6)
    pitch = (picture[:, :, BANDS : BANDS + 1] - 1) * voiced
    loudness = bands.mean(2, keepdim=True) + 2
    tilt = bands[:, :, :24].mean(2, keepdim=True) - bands[:, :, 32:].mean(2, keepdim=True)
    return torch.stack([pitch, voiced, clear, loudness, tilt], 1)


class PaperBranch(nn.Module):
    """The baseline: six 2-D convolutions over the log-mel spectrogram of 128 bands.

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
