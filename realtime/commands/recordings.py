"""Sounds of any file as our networks hear them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from realtime.commands.errors import CommandError, Exit
from realtime.types import Floats


def read_sound(path: Path) -> Floats:
    """Return a file's sound: mono, -1 to 1, 16,000 samples a second.

    Raises:
        CommandError: it cannot be read, or there is none.
    """
    from av.error import FFmpegError

    from realtime.sources.speech import Speech

    try:
        parts = [np.asarray(part, np.float32) for part in Speech(path)]
    except (FFmpegError, OSError) as error:
        reason = error.strerror or error
        raise CommandError(f"{path}: cannot be read ({reason})", Exit.UNREADABLE) from error
    if not parts:
        raise CommandError(f"{path} has no sound", Exit.UNREADABLE)
    return np.concatenate(parts)
