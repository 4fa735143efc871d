"""Lip sync by the published SyncNet, whose weights are the user's: on the papers' scale.

Chung and Zisserman, "Out of Time", 2016, as it was published later (``syncnet_v2.model`` of
joonson/syncnet_python, MIT): five pictures of 224 pixels and 0.2 s of MFCC become 1024 numbers
each. Wav2Lip (2020, section 4.2) and Wav2Lip-Emotion take LSE-D and LSE-C from it.
"""

# ruff: noqa: TID253 - a module of networks; only who measures imports it

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bench.quality import data
from bench.quality.judges import Floats, Pixels
from bench.quality.lip_sync import REACH, Sync, compare, longest
from engines.wav2lip_emotion.faces import KEPT, Square
from engines.wav2lip_emotion.prepare import Followed
from engines.wav2lip_emotion.signatures import FRAMES
from engines.wav2lip_emotion.store import RATE
from engines.wav2lip_emotion.training import TrainingError, load

Doubles = NDArray[np.float64]

WEIGHTS = "syncnet_v2.model"
"""Name of the weights in the data folder's models or in ``out/judges``."""

SIDE = 224

WIDE, LOWER = 1.4, 0.2
"""Faces across what it sees, and how many of them that lies lower, as its authors cut."""

STEP_S, WINDOW_S = 0.01, 0.025
COLUMNS = 20
"""Of MFCC in five pictures; a picture begins every fourth."""

BANDS, COEFFICIENTS, FFT, PREEMPHASIS, LIFTER = 26, 13, 512, 0.97, 22

BATCH = 8


class SyncNet(nn.Module):
    """Both halves, with the names of the published weights."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_step(nn.Conv2d(1, 64, 3, padding=1)),
            nn.MaxPool2d(1, 1),
            *_step(nn.Conv2d(64, 192, 3, padding=1)),
            nn.MaxPool2d(3, (1, 2)),
            *_step(nn.Conv2d(192, 384, 3, padding=1)),
            *_step(nn.Conv2d(384, 256, 3, padding=1)),
            *_step(nn.Conv2d(256, 256, 3, padding=1)),
            nn.MaxPool2d(3, 2),
            *_step(nn.Conv2d(256, 512, (5, 4))),
        )
        self.netfcaud = _last()
        self.netcnnlip = nn.Sequential(
            *_step(nn.Conv3d(3, 96, (5, 7, 7), (1, 2, 2))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_step(nn.Conv3d(96, 256, (1, 5, 5), (1, 2, 2), (0, 1, 1))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            *_step(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            *_step(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            *_step(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_step(nn.Conv3d(256, 512, (1, 6, 6))),
        )
        self.netfclip = _last()

    def hear(self, mfcc: Tensor) -> Tensor:
        """[N, 1, 13, 20] -> [N, 1024]."""
        return self.netfcaud(self.netcnnaud(mfcc).flatten(1))

    def see(self, pictures: Tensor) -> Tensor:
        """[N, 3, 5, 224, 224] BGR of 0..255 -> [N, 1024]."""
        return self.netfclip(self.netcnnlip(pictures).flatten(1))


class PublishedLipSync:
    """Measures clips by the published weights.

    Raises:
        DataMissing: they are not there.
        TrainingError: the file is not theirs.
    """

    def __init__(self, path: Path | None = None) -> None:
        found = path or data.find_judge(WEIGHTS)
        self._net = SyncNet().eval()
        try:
            self._net.load_state_dict(cast("dict[str, Tensor]", load(found)))
        except RuntimeError as error:
            raise TrainingError(f"{found} does not hold SyncNet's published weights") from error

    def __call__(self, shown: Sequence[Pixels], followed: Followed, sound: Floats) -> Sync | None:
        """Measure pictures [H, W, 3] RGB, 25 a second, in whose places the face was followed.

        Args:
            shown: the pictures.
            followed: where the face is in them.
            sound: [S] of -1..1, 16000 a second, from the first picture on.

        Returns:
            None where too few pictures in a row have a face and sound.
        """
        heard = mfcc(sound)
        run = longest([k for k, square in enumerate(followed.squares) if square is not None])
        run = [k for k in run if k + FRAMES - 1 <= run[-1] and 4 * k + COLUMNS <= len(heard)]
        if len(run) <= REACH:
            return None
        cut = np.stack(
            [_cut(shown[k], followed.squares[k]) for k in range(run[0], run[-1] + FRAMES)]
        )
        sight: list[Floats] = []
        hearing: list[Floats] = []
        with torch.no_grad():
            for k in range(0, len(run), BATCH):
                part = run[k : k + BATCH]
                seen = np.stack([cut[j - run[0] : j - run[0] + FRAMES] for j in part])
                spoken = np.stack([heard[4 * j : 4 * j + COLUMNS].T[None] for j in part])
                pictures = torch.from_numpy(seen).permute(0, 4, 1, 2, 3).float()
                sight.append(np.asarray(self._net.see(pictures), np.float32))
                hearing.append(np.asarray(self._net.hear(torch.from_numpy(spoken)), np.float32))
        return compare(np.concatenate(sight), np.concatenate(hearing), padded=True)


def mfcc(sound: Floats) -> Floats:
    """Return [T, 13] a hundredth of a second each, of ``sound`` [S] of -1..1, as SyncNet hears it.

    Davis and Mermelstein's coefficients (1980) as python_speech_features reckons them: frames
    without a window, the first coefficient replaced by the frame's energy, the others liftered.
    """
    size, step = round(WINDOW_S * RATE), round(STEP_S * RATE)
    samples: Doubles = np.rint(np.clip(sound, -1, 1) * 32767).astype(np.float64)
    if not len(samples):
        return np.zeros((0, COEFFICIENTS), np.float32)
    sharp = samples.copy()
    sharp[1:] -= PREEMPHASIS * samples[:-1]
    count = 1 + max(0, -(-(len(sharp) - size) // step))
    sharp = np.pad(sharp, (0, max(0, (count - 1) * step + size - len(sharp))))
    frames = sharp[np.arange(size) + step * np.arange(count)[:, None]]
    power = np.square(np.abs(np.fft.rfft(frames, FFT))) / FFT
    tiny = np.finfo(float).eps
    loud = np.log(np.maximum(power @ _bands().T, tiny))
    n, k = np.arange(BANDS), np.arange(COEFFICIENTS)[:, None]
    cosines = np.sqrt(2 / BANDS) * np.cos(np.pi * k * (2 * n + 1) / (2 * BANDS))
    lift = 1 + LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / LIFTER)
    out = loud @ cosines.T * lift
    out[:, 0] = np.log(np.maximum(power.sum(1), tiny))
    return out.astype(np.float32)


def _bands() -> Floats:
    """Return [26, 257] triangles that are evenly spread over mels."""
    mels: Doubles = np.linspace(0, 2595 * float(np.log10(1 + RATE / 2 / 700)), BANDS + 2)
    edges = np.floor((FFT + 1) * 700 * (10 ** (mels / 2595) - 1) / RATE)
    at = np.arange(FFT // 2 + 1)
    low, middle, high = (edges[i : i + BANDS, None] for i in range(3))
    rising, falling = (at - low) / (middle - low), (high - at) / (high - middle)
    return np.maximum(0, np.where(at < middle, rising, falling)).astype(np.float32)


def _cut(rgb: Pixels, square: Square | None) -> Pixels:
    assert square is not None
    face = square.side / KEPT
    seen = Square(square.x, square.y + LOWER * face, WIDE * face)
    return cast("Pixels", seen.cut(rgb, SIDE)[:, :, ::-1])


def _step(conv: nn.Conv2d | nn.Conv3d) -> tuple[nn.Module, nn.Module, nn.Module]:
    norm = nn.BatchNorm2d if isinstance(conv, nn.Conv2d) else nn.BatchNorm3d
    return conv, norm(conv.out_channels), nn.ReLU(inplace=True)


def _last() -> nn.Sequential:
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 1024))
