"""Lip sync as Wav2Lip measures it: LSE-D and LSE-C, by an expert that sees mouths and hears speech.

Prajwal et al. 2020, section 4.2, after Chung and Zisserman, "Out of Time", 2016. Their figures come
of SyncNet's embeddings, of which lengths are not one; those of our own expert are, so its distances
are 0 to 1.41 and cannot be set beside theirs: only beside the same expert's of the untouched clip.
Who has SyncNet's own weights measures by those, too (``syncnet.py``).
"""

# ruff: noqa: TID253 - a module of networks; only who measures imports it

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bench.quality import data
from bench.quality.judges import Floats
from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.published import open_expert
from engines.wav2lip_emotion.signatures import FRAMES, SIDE
from engines.wav2lip_emotion.store import Prepared
from engines.wav2lip_emotion.windows import Clip, window

REACH = 15
"""Pictures by which sound is tried earlier and later, as ``calculate_scores`` does."""

EXPERT = "lip_sync_expert.pt"
"""Name of the weights in the data folder's models or in ``out/judges``: as a training here leaves
them, or as ``visavis engines import wav2lip lipsync_expert.pth`` makes them."""

BATCH = 32


@dataclass(frozen=True, slots=True)
class Sync:
    """How well a clip's lips follow its sound.

    Attributes:
        distance: LSE-D, the mean distance at the best shift; lower is better.
        confidence: LSE-C, how much worse the middle one of the shifts is; higher is better.
        offset: the best shift, in pictures; positive where the sound comes late.
    """

    distance: float
    confidence: float
    offset: int


def compare(sight: Floats, hearing: Floats, reach: int = REACH, *, padded: bool = False) -> Sync:
    """Compare embeddings [T, D] of what is seen and heard at the same moments.

    Args:
        sight: of the pictures.
        hearing: of the sound.
        reach: pictures by which sound is tried earlier and later.
        padded: sound before and after the clip is an embedding of zeros, as SyncNet's authors have
            it; else such pictures are left out.

    Raises:
        ValueError: the clip is no longer than ``reach``.
    """
    if len(sight) <= reach:
        raise ValueError(f"{len(sight)} windows are too few to shift by {reach}")
    means: list[float] = []
    around = np.pad(hearing, ((reach, reach), (0, 0)))
    for shift in range(-reach, reach + 1):
        if padded:
            seen, heard = sight, around[reach + shift : reach + shift + len(sight)]
        else:
            seen = sight[max(0, -shift) : len(sight) - max(0, shift)]
            heard = hearing[max(0, shift) : len(hearing) - max(0, -shift)]
        means.append(float(np.linalg.norm(seen - heard, axis=1).mean()))
    best = int(np.argmin(means))
    return Sync(means[best], float(np.median(means)) - means[best], best - reach)


class LipSync:
    """Measures prepared clips by an expert."""

    def __init__(self, path: Path | None = None) -> None:
        self._expert: Expert = open_expert(path or data.find_judge(EXPERT))

    def __call__(self, prepared: Prepared) -> Sync | None:
        """Measure one; None where too few pictures in a row have a face and sound."""
        clip = Clip(prepared)
        run = longest(clip.starts)
        if len(run) <= REACH:
            return None
        sight: list[Floats] = []
        hearing: list[Floats] = []
        with torch.no_grad():
            for k in range(0, len(run), BATCH):
                part = run[k : k + BATCH]
                mouths = np.stack([_mouths(clip, start) for start in part])
                heard = np.stack([clip.speech(start)[None] for start in part])
                sight.append(_array(self._expert.see(torch.from_numpy(mouths))))
                hearing.append(_array(self._expert.hear(torch.from_numpy(heard))))
        return compare(np.concatenate(sight), np.concatenate(hearing))


def _array(value: torch.Tensor) -> Floats:
    return np.asarray(value, np.float32)


def _mouths(clip: Clip, start: int) -> Floats:
    faces, _ = window(clip, start)
    return faces[:, :, SIDE // 2 :].reshape(3 * FRAMES, SIDE // 2, SIDE)


def longest(starts: Sequence[int]) -> list[int]:
    """Return the longest run of moments that follow each other."""
    runs: list[list[int]] = [[]]
    for start in starts:
        if runs[-1] and start != runs[-1][-1] + 1:
            runs.append([])
        runs[-1].append(start)
    return max(runs, key=len)
