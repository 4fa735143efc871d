"""A file that may run out of disk: once that happened, nothing more of it is touched."""

from __future__ import annotations

import os
from io import SEEK_SET
from pathlib import Path


class GuardedFile:
    """What FFmpeg writes into, as a file object of Python's.

    A fragmented MP4 plays up to its last whole piece. FFmpeg turns it into a plain one when it is
    closed, by writing over its beginning; after a failure that would break what is there, so from
    the first error on everything is swallowed.

    Attributes:
        written: bytes that were written.
        broken: whether a write has failed.
    """

    def __init__(self, path: Path) -> None:
        # Faces and voices: for nobody but their owner, and never over a file that is there.
        self._number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _BINARY, 0o600)
        self.name = str(path)
        self.written = 0
        self.broken = False
        self._at = 0
        self._closed = False

    def write(self, data: bytes) -> int:
        """Append or overwrite; all of ``data`` or an error.

        Raises:
            OSError: the disk is full, or gone.
        """
        if self.broken:
            return len(data)
        left = memoryview(data)
        try:
            while left:
                done = os.write(self._number, left)
                left = left[done:]
        except OSError:
            self.broken = True
            raise
        self.written += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go to a place."""
        return 0 if self.broken else os.lseek(self._number, offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return 0 if self.broken else os.lseek(self._number, 0, os.SEEK_CUR)

    def seekable(self) -> bool:
        """Tell that ``seek`` works."""
        return True

    def close(self) -> None:
        """Let go of it; idempotent."""
        if not self._closed:
            self._closed = True
            os.close(self._number)


_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows alone tells text from bytes
