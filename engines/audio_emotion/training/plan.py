"""How a course of training goes; the numbers in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from engines.audio_emotion.augmentation import Recipe


@dataclass(frozen=True, slots=True)
class Plan:
    """A course of training.

    Attributes:
        folds: parts into which the speakers are dealt; one network is taught for each, by the
            others, and one by all.
        versions: how many augmented versions of each recording are made.
        seed: same seed, same data, same network.
        members: how many branches of each of ``branches.KINDS`` are taught with different seeds.
        steps: for each kind of branch.
        batch: examples a step, for each kind.
        rate: the highest learning rate, for each kind.
        smoothing: share of the truth that is spread over all emotions.
        mixing: how evenly two examples are mixed (H. Zhang et al., mixup, 2018).
        cut: how often only a part of an utterance is shown: a call is judged from its first second.
        caution: how many times the temperature that suits unheard speakers of the same corpora is
            taken. A network that was taught in one language wants 1.4 in another (RAVDESS, EmoDB);
            strangers will speak neither, and a sure error is worse than a doubt.
        recipe: what is done to the sound.
    """

    folds: int = 5
    versions: int = 15
    seed: int = 0
    members: tuple[int, int] = (3, 2)
    steps: tuple[int, int] = (6000, 2400)
    batch: tuple[int, int] = (64, 32)
    rate: tuple[float, float] = (3e-3, 3e-3)
    smoothing: float = 0.1
    mixing: float = 0.3
    cut: float = 0.3
    caution: float = 1.1
    recipe: Recipe = field(default_factory=Recipe)

    def words(self) -> dict[str, Any]:
        """Return it for a report."""
        return asdict(self)
