"""A sink that tells avatars what the face shows, in the VMC protocol that VTuber tools read.

https://protocol.vmc.info: VSeeFace, Warudo, VNyan, VMagicMirror and others listen to it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from typing import get_args

import numpy as np

from realtime.clock import MS
from realtime.face.mesh import canonical
from realtime.face.pose import find_head
from realtime.osc.packets import OscText, bundle, encode
from realtime.types import Coefficient, Filtered, Floats

NO_PLACE = (0.0, 0.0, 0.0)
"""The head turns where it is: how far it is from the camera a single camera cannot tell."""


class Performer:
    """Sends one bundle a picture: the time, the head's turn and ARKit's 52 coefficients.

    Args:
        send: takes a datagram; must not wait.
        on: whether to tell anything now.
        capitals: "JawOpen" and not Apple's own "jawOpen"; some avatars know only the one.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        on: Callable[[], bool] = lambda: True,
        *,
        capitals: bool = False,
    ) -> None:
        self._send = send
        self._on = on
        self._capitals = capitals
        self._start: int | None = None

    def send(self, filtered: Filtered) -> None:
        """Tell what the largest face shows with the edit; without one, that nobody is there."""
        if not self._on():
            return
        captured = filtered.frame.captured
        self._start = captured if self._start is None else self._start
        time = encode(OscText("/VMC/Ext/T", ((captured - self._start) / (1000 * MS),)))
        if not filtered.faces or not filtered.shown:
            self._send(bundle([encode(OscText("/VMC/Ext/OK", (0,))), time]))
            return
        parts = [encode(OscText("/VMC/Ext/OK", (1,))), time]
        turn = turned(find_head(filtered.faces[0].points, canonical()).rotation)
        parts.append(encode(OscText("/VMC/Ext/Bone/Pos", ("Head", *NO_PLACE, *turn))))
        for name, value in filtered.shown.items():
            parts.append(_beginning(name, self._capitals) + struct.pack(">f", value))
        parts.append(encode(OscText("/VMC/Ext/Blend/Apply")))
        self._send(bundle(parts))

    def close(self) -> None:
        """Nothing to release: the socket is its opener's."""


def turned(rotation: Floats) -> tuple[float, float, float, float]:
    """Return a head's rotation as Unity's quaternion (x, y, z, w).

    ``rotation`` has the images of the face's axes as rows: x to the picture's right, y down, z away
    from the camera. An avatar's are its own right, up and forwards: each the other way, which
    leaves the numbers of a rotation as they are.
    """
    m = rotation.T.astype(np.float64)
    w = np.sqrt(max(0.0, 1 + m[0, 0] + m[1, 1] + m[2, 2])) / 2
    x = np.copysign(np.sqrt(max(0.0, 1 + m[0, 0] - m[1, 1] - m[2, 2])) / 2, m[2, 1] - m[1, 2])
    y = np.copysign(np.sqrt(max(0.0, 1 - m[0, 0] + m[1, 1] - m[2, 2])) / 2, m[0, 2] - m[2, 0])
    z = np.copysign(np.sqrt(max(0.0, 1 - m[0, 0] - m[1, 1] + m[2, 2])) / 2, m[1, 0] - m[0, 1])
    return float(x), float(y), float(z), float(w)


@cache
def _beginning(name: str, capitals: bool) -> bytes:
    """Return the message but for its last four bytes, the value."""
    assert name in get_args(Coefficient)
    told = name[0].upper() + name[1:] if capitals else name
    return encode(OscText("/VMC/Ext/Blend/Val", (told, 0.0)))[:-4]
