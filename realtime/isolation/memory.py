"""Pixels across the edge of a process, through memory that both sides see."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from realtime.types import Pixels

Shape = tuple[int, ...]


class Slot:
    """Room for the planes of one picture; each side writes only when the other waits.

    Attributes:
        name: what the other process opens it by.
        size: bytes.
    """

    def __init__(self, memory: SharedMemory, *, owned: bool) -> None:
        self._memory: SharedMemory | None = memory
        self._owned = owned
        self.name = memory.name
        self.size = memory.size

    @classmethod
    def make(cls, size: int) -> Slot:
        """Return new room for ``size`` bytes, which goes when it is closed."""
        return cls(SharedMemory(create=True, size=size), owned=True)

    @classmethod
    def open(cls, name: str) -> Slot:
        """Return the room that another process made."""
        return cls(SharedMemory(name), owned=False)

    def put(self, planes: Sequence[Pixels]) -> None:
        """Write ``planes`` one after another."""
        for plane, room in zip(planes, self._views([p.shape for p in planes]), strict=True):
            np.copyto(room, plane)

    def get(self, shapes: Sequence[Shape]) -> tuple[Pixels, ...]:
        """Return copies of the planes that were put: what is here now will be written over."""
        return tuple(view.copy() for view in self._views(shapes))

    def close(self) -> None:
        """Give the room back; idempotent."""
        memory, self._memory = self._memory, None
        if memory is None:
            return
        memory.close()
        if self._owned:
            memory.unlink()

    def _views(self, shapes: Sequence[Shape]) -> list[Pixels]:
        assert self._memory is not None, "the slot is closed"
        views: list[Pixels] = []
        start = 0
        for shape in shapes:
            view: Pixels = np.ndarray(shape, np.uint8, self._memory.buf, start)
            views.append(view)
            start += view.size
        return views


def size_of(planes: Sequence[Pixels]) -> int:
    """Return the bytes that ``planes`` take."""
    return sum(plane.size for plane in planes)
