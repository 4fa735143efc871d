"""The emotion objective: a classifier that is not trained any more says how a drawn face feels.

Magnusson et al. 2021, section 3.3: the loss is 1 - p(target) of a FER2013 classifier on grey,
normalised crops. Theirs is a DenseNet; this is mini-XCEPTION, whose file is the user's.
"""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.wav2lip_emotion import xception
from engines.wav2lip_emotion.faces import SEEN
from engines.wav2lip_emotion.training import TrainingError

SIDE = 64

GREY = (0.299, 0.587, 0.114)
"""BT.601, as OpenCV makes grey of RGB."""


class EmotionObjective(nn.Module):
    """Judges faces as the paper's networks see them: squares of ``SEEN`` faces.

    Args:
        classifier: [N, 1, 64, 64] grey of -1..1 to [N, 7] logits; it is frozen here.
    """

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> EmotionObjective:
        """Stay as it is: its norms must not drift."""
        return self

    def forward(self, faces: Tensor) -> Tensor:
        """[N, 3, S, S] RGB of 0..1 -> [N, 7] probabilities in the order of ``xception.LABELS``."""
        return torch.softmax(self.classifier(looked_at(faces, SEEN)), 1)

    def loss(self, faces: Tensor, emotion: str) -> Tensor:
        """Return the mean of 1 - p(emotion).

        Raises:
            TrainingError: the classifier does not know the emotion.
        """
        return 1 - self(faces)[:, label(emotion)].mean()


def grey_of(faces: Tensor) -> Tensor:
    """[M, 3, H, W] RGB -> [M, 1, H, W]."""
    weights = torch.tensor(GREY, device=faces.device, dtype=faces.dtype).reshape(1, 3, 1, 1)
    return (faces * weights).sum(1, keepdim=True)


def looked_at(faces: Tensor, seen: float) -> Tensor:
    """Cut out what the classifier looks at: one face, a tenth above the middle.

    There it names acted emotions best.

    Args:
        faces: [M, 3, S, S] RGB of 0..1.
        seen: faces across them.

    Returns:
        [M, 1, 64, 64] of -1..1.
    """
    side = faces.shape[-1]
    own = round(side / seen)
    left = (side - own) // 2
    top = max(0, round(left - 0.1 * own))
    grey = grey_of(faces[:, :, top : top + own, left : left + own])
    return functional.interpolate(grey, (SIDE, SIDE), mode="bilinear", antialias=True) * 2 - 1


def label(emotion: str) -> int:
    """Return the classifier's number of an emotion.

    Raises:
        TrainingError: it has none.
    """
    if emotion not in xception.LABELS:
        raise TrainingError(f"the emotion objective does not know {emotion}")
    return xception.LABELS.index(emotion)


def open_objective(path: Path) -> EmotionObjective:
    """Return the objective with the weights of mini-XCEPTION's Keras file.

    Raises:
        TrainingError: the file is absent or not that one.
    """
    try:
        return EmotionObjective(xception.load(path))
    except (OSError, KeyError, ValueError) as error:
        raise TrainingError(
            f"{path} is not fer2013_mini_XCEPTION's hdf5 file, which the emotion objective needs "
            f"({error})"
        ) from error
