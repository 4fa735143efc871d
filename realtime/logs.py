"""How the program tells what it does: lines for a person, JSON for a program that collects them."""

from __future__ import annotations

import json
import logging
from argparse import ArgumentParser
from contextvars import ContextVar
from datetime import datetime, timezone
from typing import Literal, get_args

LogFormat = Literal["text", "json"]

CALL: ContextVar[int | None] = ContextVar("call", default=None)
"""The number of the call that the running task works for; every line that it logs carries it."""

TEXT = "%(asctime)s %(levelname)s %(name)s: %(call)s%(message)s"


def set_up(kind: LogFormat | None, level: int) -> None:
    """Log to standard error; naming a format is asking to hear of calls as they come and go."""
    handler = logging.StreamHandler()
    handler.setFormatter(Objects() if kind == "json" else Lines())
    heard = level if kind is None else min(level, logging.INFO)
    logging.basicConfig(level=heard, handlers=[handler])
    if heard >= logging.INFO:  # aioice writes ten lines about each call's way through the network
        logging.getLogger("aioice").setLevel(logging.WARNING)


def add_log_option(parser: ArgumentParser) -> None:
    """Let a command that runs for long be asked for its log."""
    parser.add_argument(
        "--log",
        choices=get_args(LogFormat),
        help="tell what happens on standard error, in lines for people or JSON for programs",
    )


class Lines(logging.Formatter):
    """One line a message, with the call's number in front."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        call = CALL.get()
        record.call = "" if call is None else f"call {call}: "
        return super().format(record)


class Objects(logging.Formatter):
    """One JSON object a line: time, level, logger, message; call and trace where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        entry: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (call := CALL.get()) is not None:
            entry["call"] = call
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
