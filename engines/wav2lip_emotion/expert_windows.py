"""What one step of the lip-sync expert looks at: moments of a clip, each with its own sound.

Every mouth is compared with the sound of every moment of its clip. So whose face it is, the room
and the light say nothing, and one pass through the networks gives seven wrong answers for each
right one (as in Chung, Chung and Kang, "Perfect match", 2019, section 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.wav2lip_emotion.disguise import Disguise
from engines.wav2lip_emotion.faces import SEEN, Floats
from engines.wav2lip_emotion.signatures import FRAMES, SIDE
from engines.wav2lip_emotion.windows import Clip, Random
from kernels.reference.mel import WAV2LIP

MOMENTS = 8
"""Of each clip in a batch."""

HEIGHT, WIDTH = (13, 14), (61, 291)
"""Landmarks between which a mouth is measured."""

SHAPES = 2 * FRAMES
"""Numbers that tell a moment's lips."""

APART = FRAMES
"""Pictures from one to the next at least: what overlaps is no wrong answer."""


@dataclass(frozen=True, slots=True)
class ExpertBatch:
    """What the expert learns from: C clips, K moments of each.

    Attributes:
        mouths: [C, K, 15, 48, 96] of 0..1.
        mel: [C, K, 1, 80, 16], the sound of the same moments.
        lips: [C, K, 10], how high and how wide the mouth is in each picture, as the clip goes.
    """

    mouths: Floats
    mel: Floats
    lips: Floats


@dataclass(frozen=True, slots=True)
class Voice:
    """Another voice, microphone and room, which all moments of a clip share.

    Attributes:
        level: added to the spectrogram: louder or softer.
        tilt: added to its highest band, and taken off its lowest.
        pitch: how much further up the bands lie.
        room: what is quieter than this is drowned.
    """

    level: float = 0.0
    tilt: float = 0.0
    pitch: float = 1.0
    room: float = WAV2LIP.bounds[0]

    @staticmethod
    def draw(rng: Random) -> Voice:
        """Draw one."""
        level, tilt = rng.uniform(-0.6, 0.6), rng.normal(0, 0.3)
        low = WAV2LIP.bounds[0]
        return Voice(level, tilt, float(np.exp(rng.normal(0, 0.07))), low + rng.uniform(0, 1.5))

    def __call__(self, mel: Floats) -> Floats:
        """Return [80, 16] of a spectrogram [80, 16] as this would have it."""
        bands = np.arange(len(mel))
        from_band = np.clip(bands / self.pitch, 0, len(mel) - 1)
        low = from_band.astype(int)
        part = (from_band - low)[:, None]
        moved = (1 - part) * mel[low] + part * mel[np.minimum(low + 1, len(mel) - 1)]
        moved = moved + self.level + self.tilt * np.linspace(-1, 1, len(mel))[:, None]
        return np.clip(np.maximum(moved, self.room), *WAV2LIP.bounds).astype(np.float32)


class Lineup:
    """Clips that are long enough, of which each speaker comes by the root of how much there is.

    By all there is, one speaker of a corpus would be nearly all that is learnt; evenly, five
    seconds of someone would be learnt by heart.

    Args:
        clips: from which is drawn.
        moments: of each clip in a batch.
    """

    def __init__(self, clips: Sequence[Clip], moments: int = MOMENTS) -> None:
        self._moments = moments
        of: dict[str, list[Clip]] = {}
        for clip in clips:
            if min(len(self._apart(clip, phase)) for phase in range(APART)) >= moments:
                of.setdefault(clip.about.speaker, []).append(clip)
        self._of = list(of.values())
        much = np.sqrt([sum(len(clip.starts) for clip in own) for own in self._of])
        self._often = much / much.sum() if len(much) else much

    def __len__(self) -> int:
        return sum(map(len, self._of))

    def __call__(self, rng: Random) -> tuple[Clip, list[int]]:
        """Draw a clip, and the first pictures of its moments."""
        own = self._of[int(rng.choice(len(self._of), p=self._often))]
        clip = own[int(rng.choice(len(own), p=_shares(own)))]
        free = self._apart(clip, int(rng.integers(APART)))
        return clip, rng.choice(free, self._moments, replace=False).tolist()

    @staticmethod
    def _apart(clip: Clip, phase: int) -> list[int]:
        return [k for k in clip.starts if k % APART == phase]


def _shares(clips: Sequence[Clip]) -> Floats:
    many = np.array([len(clip.starts) for clip in clips], np.float64)
    return np.asarray(many / many.sum())


def expert_batch(lineup: Lineup, rng: Random, size: int, *, disguised: bool = True) -> ExpertBatch:
    """Draw ``size`` clips with their moments; disguised, each is of another face and voice."""
    mouths: list[Floats] = []
    heard: list[Floats] = []
    lips: list[Floats] = []
    for _ in range(size):
        clip, starts = lineup(rng)
        change = Disguise.draw(rng) if disguised else Disguise.none()
        voice = Voice.draw(rng) if disguised else Voice()
        shapes = lip_shapes(clip)
        # The expert sees lower halves alone.
        places = change.places(SIDE, SEEN)[SIDE // 2 :]
        for start in starts:
            noise = rng.standard_normal((*places.shape[:2], 3), np.float32)
            pictures = [clip.prepared.picture(k) for k in range(start, start + FRAMES)]
            mouths.append(np.concatenate([change.picture(p, places, noise) for p in pictures]))
            heard.append(voice(clip.speech(start))[None])
            lips.append(shapes[start : start + FRAMES].reshape(-1))
    many = (size, len(mouths) // size)
    return ExpertBatch(
        np.stack(mouths).reshape(*many, *mouths[0].shape),
        np.stack(heard).reshape(*many, *heard[0].shape),
        np.stack(lips).reshape(*many, -1),
    )


def lip_shapes(clip: Clip) -> Floats:
    """[T, 2]: how high and how wide the mouth is, in deviations from what it is in the clip."""
    points = clip.prepared.points
    across = [np.linalg.norm(points[:, a] - points[:, b], axis=1) for a, b in (HEIGHT, WIDTH)]
    sizes = np.stack(across, 1)
    return np.asarray((sizes - sizes.mean(0)) / (sizes.std(0) + 1e-3), np.float32)
