"""How far a long command has come: a bar with the time left on a terminal, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager


@contextmanager
def progress(what: str, total: int) -> Generator[Callable[[int], None]]:
    """Give a function to call with how many of ``total`` are done; 0 is "nobody knows"."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total or None)
        yield lambda done: bar.update(task, completed=done, total=max(total, done) or None)


@contextmanager
def steps() -> Generator[Callable[[str, int, int], None]]:
    """Give a function to call with what is done now, and how many of how many are done.

    Each new thing has a bar of its own.
    """
    with ExitStack() as bars:
        current, show = "", _silent

        def tell(what: str, done: int, total: int) -> None:
            nonlocal current, show
            if what != current:
                bars.close()
                current, show = what, bars.enter_context(progress(what, total))
            show(done)

        yield tell


def _silent(done: int) -> None:
    """Show nothing."""
