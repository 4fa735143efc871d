"""``visavis mark``: tells whether a file says, or its pictures show, that visavis edited it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.config import Config
from realtime.mark import SURE, Average, Finding, find
from realtime.provenance import Statement, stated
from realtime.session import SourceError

STRETCH_S = 2.0
"""Seconds of pictures that are averaged: less is noisier, more mixes one edit with the next."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a file.

    Attributes:
        statement: what the file says of itself; None when it says nothing.
        findings: by stretch of two seconds, the pattern that fits the pictures best.
    """

    statement: Statement | None
    findings: tuple[Finding, ...]

    @property
    def marked(self) -> int:
        """How many stretches carry the mark."""
        return sum(finding.sure for finding in self.findings)

    @property
    def best(self) -> Finding:
        """The clearest."""
        return max(self.findings, key=lambda finding: finding.score)

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        words = sorted({finding.word for finding in self.findings if finding.sure})
        said = self.statement and _words(self.statement)
        return {
            "edited": bool(said or self.marked),
            "statement": said,
            "pictures": {
                "stretches": len(self.findings),
                "marked": self.marked,
                "words": words,
                "score": round(self.best.score, 2),
                "needed": SURE,
            },
        }


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "tell whether a file was made with visavis"
    parser = subparsers.add_parser(
        "mark",
        help=line,
        description=f"{line.capitalize()}: by what the file says of itself, and by the pattern "
        "that live pictures carry.",
        epilog="It is a courtesy mark, no proof: whoever wants to can remove it, and a picture "
        "that was cropped, turned or made very small loses it. Nothing found means nothing.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="a video or a photograph")
    parser.add_argument("--json", action="store_true", help="print it for programs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Print what is found."""
    verdict = _verdict(args.file)
    if args.json:
        print(json.dumps(verdict.as_json(), indent=2))
        return Exit.FINE
    print(f"The file says: {_said(verdict.statement)}.")
    print(f"Its pictures: {_shown(verdict)}.")
    return Exit.FINE


def _verdict(path: Path) -> Verdict:
    from realtime.photograph import PhotographError, is_photograph, read, statement_in

    if is_photograph(path):
        try:
            average = Average()
            average.add(read(path).frame)
            return Verdict(statement_in(path), (find(average.cells()),))
        except PhotographError as error:
            raise CommandError(str(error), Exit.UNREADABLE) from error
    try:
        return Verdict(_statement_in(path), tuple(_findings(path)))
    except SourceError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error


def _statement_in(path: Path) -> Statement | None:
    import av
    from av.error import FFmpegError

    try:
        with closing(av.open(str(path), mode="r", metadata_errors="replace")) as container:
            said = {name.lower(): text for name, text in container.metadata.items()}
            return stated(said.get("comment", ""))  # Matroska says it in capitals
    except (OSError, FFmpegError):
        return None  # the pictures are tried next, and tell what is wrong


def _findings(path: Path) -> Iterator[Finding]:
    from realtime.sources.file import FileSource

    with FileSource(path) as source:
        average, begin = Average(), 0.0
        for frame in source.frames():
            now = float(frame.pts * frame.time_base)
            if average.count and now - begin >= STRETCH_S:
                yield find(average.cells())
                average, begin = Average(), now
            average.add(frame)
        yield find(average.cells())


def _words(statement: Statement) -> dict[str, object]:
    part = {"network": statement.network} if statement.network else {}
    return {"generator": statement.generator, **part, **statement.edit}


def _said(statement: Statement | None) -> str:
    if statement is None:
        return "nothing of visavis"
    edit = dict(statement.edit)
    what = edit.pop("emotion", None) or ("a point" if "affect" in edit else "")
    strength = f" at intensity {edit['intensity']}" if what and "intensity" in edit else ""
    voice = ", following the voice" if "voice" in edit else ""
    log = f", each edit in {edit['edits']}" if "edits" in edit else ""
    tail = f", {what}{strength}" if what else log
    network = f" with the network {statement.network}" if statement.network else ""
    return f"edited by {statement.generator or 'visavis'}{network}{tail}{voice}"


def _shown(verdict: Verdict) -> str:
    count, best = len(verdict.findings), verdict.best
    if not verdict.marked:
        return f"no mark (score {best.score:.1f}, from {SURE:g} on it counts)"
    words = " and ".join(sorted({f.word for f in verdict.findings if f.sure}))
    where = f" in {verdict.marked} of {count} stretches of {STRETCH_S:g} s" if count > 1 else ""
    return f"marked as {words}{where} (score up to {best.score:.1f}, from {SURE:g} on it counts)"
