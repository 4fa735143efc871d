"""Eyes stay as they are while lids move over them.

A mesh that ends at the lids would stretch or squeeze an iris with them. So the inside of an eye
moves as a whole, and between it and the lids lies a band that takes what the lids do. Only an eye
that is narrow is drawn open with its lids: what shows of its iris is a strip, and becomes round.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from realtime.face import mesh
from realtime.types import Floats

BAND = 0.35
"""Thickness of the band, as a share of the way from a lid to the line between the eye's corners."""

SQUEEZED = 0.75
"""How much of the band lids may close over before the inside of the eye gives way."""

OPEN = 0.72
"""How far an eye is open, as a share of its iris's width, below which it is narrow."""

_EYES = ((mesh.RIGHT_EYE, mesh.IRISES[:5]), (mesh.LEFT_EYE, mesh.IRISES[5:]))
_LIDS = np.array([lids for lids, _ in _EYES])
_IRISES = np.array([iris for _, iris in _EYES])
_LOOP = len(mesh.RIGHT_EYE)
_UPPER, _LOWER = _LOOP // 4, 3 * _LOOP // 4
_CORNER = _LOOP // 2  # each loop begins at one corner of its eye and has the other half-way round


def insides(points: Floats) -> Floats:
    """Return [32, 2]: the outlines of what moves as a whole, within the lids of ``points``."""
    return _inside(points[_LIDS, :2]).reshape(-1, 2)


def insides_moved(points: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Return ``insides`` [32, 2], and how far they move for a mesh [V, 2] moving by ``shift``."""
    edge = points[_LIDS, :2]
    inside = _inside(edge)
    way = inside - edge
    thickness = np.sqrt((way * way).sum(axis=-1, keepdims=True))
    way /= np.maximum(thickness, 1e-6)
    whole = shift[_IRISES].sum(axis=1, keepdims=True) / np.float32(5)
    closing = ((shift[_LIDS] - whole) * way).sum(axis=-1, keepdims=True)
    narrow = _narrow(points, -closing[:, _UPPER] - closing[:, _LOWER])
    opened = narrow[:, None] * (1 - BAND) * np.minimum(0.0, closing)
    moved = whole + way * (np.maximum(0.0, closing - SQUEEZED * thickness) + opened)
    return inside.reshape(-1, 2), moved.reshape(-1, 2).astype(np.float32)


@cache
def triangles() -> NDArray[np.int32]:
    """Return [T, 3] over the mesh with its ring, and ``insides`` after them."""
    first = mesh.POINTS + len(mesh.OVAL)
    whole: list[tuple[int, int, int]] = []
    band: list[tuple[int, int, int]] = []
    skin = mesh.triangles().copy()
    for eye, (lids, iris) in enumerate(_EYES):
        # Of a narrow eye the iris reaches beneath the lids: their skin must not hang on it.
        skin[skin == iris[2]], skin[skin == iris[4]] = lids[_UPPER], lids[_LOWER]
        skin = skin[~np.isin(skin, [*lids, *iris]).all(axis=1)]
        inner = [first + eye * _LOOP + i for i in range(_LOOP)]
        for i in range(_LOOP):
            j = (i + 1) % _LOOP
            whole.append((inner[0], inner[i], inner[j]))
            band += [(lids[i], lids[j], inner[i]), (lids[j], inner[j], inner[i])]
    corners = np.sort(skin, axis=1)
    skin = skin[(corners[:, 1:] != corners[:, :-1]).all(axis=1)]
    return np.concatenate([np.array(whole, np.int32), np.array(band, np.int32), skin])


def _narrow(points: Floats, opening: Floats) -> Floats:
    """Return [2, 1]: of how far each eye [2, 1] is to open, the share that its iris lacks."""
    lids, irises = points[_LIDS, :2], points[_IRISES, :2]
    apart = np.linalg.norm(lids[:, _UPPER] - lids[:, _LOWER], axis=1, keepdims=True)
    wide = np.linalg.norm(irises[:, 1] - irises[:, 3], axis=1, keepdims=True)
    return np.clip((OPEN * wide - apart) / np.maximum(opening, 1e-3), 0, 1).astype(np.float32)


def _inside(lids: Floats) -> Floats:
    """Return [2, 16, 2] for the lids [2, 16, 2] of both eyes."""
    corner = lids[:, :1]
    across = lids[:, _CORNER, None] - corner
    long = np.maximum((across * across).sum(axis=-1, keepdims=True), 1e-6)
    along = ((lids - corner) * across).sum(axis=-1, keepdims=True) / long
    line = corner + np.minimum(np.maximum(along, 0), 1) * across
    return (lids + BAND * (line - lids)).astype(np.float32)
