"""The emotion objective for pictures that are only changed a little: hard to please by dust.

A network that may change every pixel soon finds a pattern that a frozen classifier takes for any
emotion and nobody sees. So each face is shown to the classifier in other cuts, lights, blurs and
with noise, parts of what it sees are hidden from it, and who has shown enough is left alone.
"""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.wav2lip_emotion import live
from engines.wav2lip_emotion.objective import SIDE, grey_of
from engines.wav2lip_emotion.xception import LABELS, MiniXception

VIEWS = 1
"""Cuts of each face."""

HIDDEN = 0.1
"""Share of the classifier's channels that are hidden, block by block."""

ENOUGH = 0.85
"""Probability at intensity 1 beyond which nothing pulls; at other intensities, in proportion."""

HARDER = {"sad": 1.5, "angry": 1.5, "fear": 1.5, "neutral": 1.5, "disgust": 1.2}
"""How much more the pull counts where the geometric edit convinces least."""


class Pull(nn.Module):
    """Says how far faces are from what was asked for.

    Args:
        classifier: [N, 1, 64, 64] grey of -1..1 to [N, 7] logits; it is frozen here.
    """

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Pull:
        """Stay as it is: its norms must not drift."""
        return self

    def forward(self, faces: Tensor, edit: Tensor, emotions: tuple[str, ...]) -> Tensor:
        """Return the mean of log(enough) - log p(asked for), where that is above 0.

        Args:
            faces: [M, 3, 128, 128] RGB of 0..1, ``live.SEEN`` faces across.
            edit: [M, 8, 1, 1] intensities.
            emotions: [M] what is asked for; what the classifier does not know pulls nothing.
        """
        known = [k for k, emotion in enumerate(emotions) if emotion in LABELS]
        if not known:
            return faces.sum() * 0
        seen = faces[known].repeat(VIEWS, 1, 1, 1)
        logits = self._doubted(views(seen))
        label = torch.tensor([LABELS.index(emotions[k]) for k in known] * VIEWS)
        harder = torch.tensor([HARDER.get(emotions[k], 1.0) for k in known] * VIEWS)
        strength = edit[known].flatten(1).amax(1).repeat(VIEWS)
        enough = (ENOUGH * strength).clamp(0.05, 0.97).log()
        said = torch.log_softmax(logits, 1).gather(1, label.to(logits.device)[:, None])[:, 0]
        return (harder.to(said.device) * functional.relu(enough - said)).mean()

    def _doubted(self, x: Tensor) -> Tensor:
        net = self.classifier
        if not isinstance(net, MiniXception):
            return cast("Tensor", net(x))
        x = net.stem(x)
        for block in net.blocks:
            x = functional.dropout2d(block(x), HIDDEN, training=True)
        return net.head(x).mean((2, 3))


def views(faces: Tensor) -> Tensor:
    """[M, 3, 128, 128] RGB of 0..1 -> [M, 1, 64, 64] of -1..1: a cut of each, in another light."""
    many = len(faces)

    def drawn(low: float, high: float) -> Tensor:
        return torch.empty(many, device=faces.device).uniform_(low, high)

    grey = functional.avg_pool2d(grey_of(faces), 3, 1, 1)
    angle, size = drawn(-0.15, 0.15), drawn(0.92, 1.2) / live.SEEN
    right, down = drawn(-0.08, 0.08), drawn(-0.08, 0.08) - 0.2 / live.SEEN
    cos, sin = angle.cos() * size, angle.sin() * size
    rows = torch.stack([cos, -sin, right, sin, cos, down], 1).reshape(-1, 2, 3)
    grid = functional.affine_grid(rows, [many, 1, SIDE, SIDE], align_corners=False)
    cut = functional.grid_sample(
        grey, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    soft = functional.avg_pool2d(cut, 3, 1, 1, count_include_pad=False)
    blur = drawn(0, 1).reshape(-1, 1, 1, 1)
    cut = cut + blur * (soft - cut)
    cut = cut.clamp(min=1e-3) ** drawn(0.7, 1.4).reshape(-1, 1, 1, 1)
    middle = cut.mean((1, 2, 3), keepdim=True)
    cut = middle + (cut - middle) * drawn(0.75, 1.3).reshape(-1, 1, 1, 1)
    cut = cut + drawn(-0.1, 0.1).reshape(-1, 1, 1, 1) + 0.03 * torch.randn_like(cut)
    return cut.clamp(0, 1) * 2 - 1
