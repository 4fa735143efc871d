"""How a command fails: one line for the user, one number for the shell."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of ``visavis``; other tools rely on them, so no number changes its meaning."""

    FINE = 0
    UNEXPECTED = 1
    USAGE = 2
    UNREADABLE = 3
    UNWRITABLE = 4
    NO_DEVICE = 5
    MISSING = 6
    INTERRUPTED = 130
    NO_READER = 141
    TERMINATED = 143


MEANING: dict[Exit, str] = {
    Exit.FINE: "done",
    Exit.UNEXPECTED: "something unexpected; -v shows the trace",
    Exit.USAGE: "wrong usage or configuration",
    Exit.UNREADABLE: "the input cannot be read",
    Exit.UNWRITABLE: "the output cannot be written",
    Exit.NO_DEVICE: "a device, network port, server or call is missing or taken",
    Exit.MISSING: "a package or library is missing",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
    Exit.NO_READER: "whoever read the output went away",
    Exit.TERMINATED: "asked to stop by SIGTERM",
}
"""What ``visavis --help`` and the README say of each code."""


class CommandError(Exception):
    """The command cannot do what was asked; its text is shown as one line, without a trace.

    Raise it from the error that explains it, so that ``-v`` can show the whole chain.

    Attributes:
        code: the exit code of the process, one of :class:`Exit` other than 0.
    """

    def __init__(self, message: str, code: int = Exit.UNEXPECTED) -> None:
        super().__init__(message)
        self.code = Exit(code)
