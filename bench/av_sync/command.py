"""``visavis bench av-sync``: is the voice where the lips are, at every sink?

A clip of flashes and beeps that begin together goes through a call, with the filter as it is and
later by 0, 100 and 300 ms, and with a step of 200 ms in the middle. Offsets have the sign of ITU-R
BT.1359: positive is sound early. The percentiles are of the distance, whichever way. Bars:
|median| <= 20 ms, p95 <= 45 ms, and back inside within 3 s after the step.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from bench.av_sync.figures import Conditions, limits
from bench.report import Row, table, write_json

SINKS: dict[str, str] = {
    "browser": "bench.av_sync.browser",
    "devices": "bench.av_sync.device_rows",
    "recordings": "bench.av_sync.recordings",
    "recorded-call": "bench.av_sync.recorded_call",
}
"""Where sound and picture are measured: modules with ``rows(conditions) -> list[Row]``."""


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    options = _parser().parse_args(argv)
    conditions = Conditions(options.seconds, options.delays, options.step, options.together)
    rows: list[Row] = []
    for name in options.sinks:
        module = importlib.import_module(SINKS[name])
        rows += cast("Callable[[Conditions], list[Row]]", module.rows)(conditions)
    print(table(rows))
    print(limits(rows))
    if options.json:
        write_json(rows, options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("visavis bench av-sync", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each run")
    parser.add_argument("--delays", type=_numbers, default=(0, 100, 300), metavar="0,100,300",
                        help="milliseconds by which the filter is late, a run each")  # fmt: skip
    parser.add_argument("--step", type=int, default=200, metavar="MS",
                        help="by which it becomes late in one more run; 0 for none")  # fmt: skip
    parser.add_argument("--together", action="store_true",
                        help="one more run with both tracks in one media stream")  # fmt: skip
    parser.add_argument("--sinks", type=_names, default=tuple(SINKS), metavar=",".join(SINKS),
                        help="where to measure")  # fmt: skip
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in SINKS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no sink {unknown[0]!r}; there is {', '.join(SINKS)}")
    return names
