"""``visavis doctor``: what this machine has, what is missing, and the command that mends it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from realtime.commands import Subparsers
from realtime.commands.errors import Exit
from realtime.config import Config
from realtime.health import Finding, State, examine, is_ready


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "say what this machine has, what is missing and how to mend it"
    parser = subparsers.add_parser("doctor", help=line, description=line.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Print the findings; 0 when the filter can run."""
    findings = examine()
    print(as_json(findings) if args.json else as_text(findings))
    return Exit.FINE if is_ready(findings) else Exit.MISSING


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings for other programs."""
    listed = [asdict(finding) for finding in findings]
    return json.dumps({"ready": is_ready(findings), "findings": listed}, indent=2)


def as_text(findings: Sequence[Finding]) -> str:
    """Return the findings for a person, what is to be done last."""
    lines: list[str] = []
    for area, group in groupby(findings, key=lambda finding: finding.area):
        lines.append(area)
        for finding in group:
            lines.append(f"  {finding.state.value:<8} {finding.name}  {finding.detail}".rstrip())
            if finding.mend:
                lines.append(f"  {'':<8}   to mend it: {finding.mend}")
    missing = [finding.name for finding in findings if finding.state is State.MISSING]
    verdict = (
        f"cannot run without {', '.join(missing)}" if missing else "ready: visavis can run here"
    )
    return "\n".join([*lines, "", verdict])
