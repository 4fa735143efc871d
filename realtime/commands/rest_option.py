"""``--rest FILE``: how the person looks at rest, shown to the filter before it begins."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from realtime.clock import SECOND
from realtime.commands.errors import CommandError, Exit
from realtime.filter import Filter, shown_rest
from realtime.session import SourceError
from realtime.types import Frame

F = TypeVar("F", bound=Filter)

LONGEST_NS = 2 * SECOND
"""As much of a clip is looked at."""

TIMES = 3
"""So often is a photograph shown: a tracker finds a face better where it has found it before."""


def add_rest_option(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--rest",
        metavar="FILE",
        type=Path,
        help="how the person looks at rest: a photograph, or a clip that begins so, best in the "
        "same light (default: learned from the first seconds)",
    )


def knowing_rest(filtering: F, path: Path | None) -> F:
    """Return the filter, which was shown the file where there is one.

    Raises:
        CommandError: it cannot be read, or holds no face; the filter is closed.
    """
    try:
        if path is not None and not shown_rest(filtering, _frames(path)):
            raise SourceError(f"{path}: there is no face in it")
    except SourceError as error:
        filtering.close()
        raise CommandError(str(error), Exit.UNREADABLE) from error
    return filtering


def _frames(path: Path) -> Iterator[Frame]:
    from realtime.photograph import PhotographError, is_photograph, read
    from realtime.sources.file import FileSource

    if is_photograph(path):
        try:
            frame = read(path).frame
        except PhotographError as error:
            raise SourceError(str(error)) from error
        for number in range(TIMES):
            yield replace(frame, captured=number * SECOND // 30, seq=number)
        return
    with closing(FileSource(path)) as source:
        begun: int | None = None
        for frame in source.frames():
            begun = frame.captured if begun is None else begun
            if frame.captured - begun > LONGEST_NS:
                return
            yield frame
