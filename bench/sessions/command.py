"""``visavis bench sessions``: how many calls this machine holds, and what each more costs.

A process of its own makes one call, then two, and so on, to a server that is begun anew each time:
640x480 at 30 fps with sound, encoded beforehand and sent in real time. What comes back is only
stored meanwhile and decoded when it is over: each picture has a number, which tells how old it was
when its last packet came, and which are missing. A call is held when none of its pictures is.

Before, the server is begun several times, and the time from that to the first edited picture taken.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.call.figures import ages, passage, rate
from bench.chart import lines
from bench.report import Figure, Row, table, write_json
from bench.sessions.caller import Noted
from bench.sessions.film import LIBRARIES
from bench.sessions.load import ROUND, Load, Order, loading
from bench.sessions.server import serving
from realtime.commands.errors import CommandError
from realtime.config import ServerSettings

WIDTH, HEIGHT = 640, 480
SETTLE = 9.0
"""Seconds that do not count: the filter for the next call is built in the sixth of each."""

MOMENT = 0.5
"""Seconds of a call that is only made for its first picture."""

PLACES = ServerSettings().sessions
"""A server with a free place keeps a filter ready for it: the memory of one call has that too."""

MB = 1.048576
"""Megabytes in a MiB."""

LEAST_FPS = 29.5


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it with a chart where asked."""
    parser = argparse.ArgumentParser("visavis bench sessions", description=__doc__)
    parser.add_argument(
        "--json", type=Path, metavar="F", help="write the rows to F, a chart and a table beside it"
    )
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6], metavar="N")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each number of calls")
    parser.add_argument(
        "--settle", type=float, default=SETTLE, help="seconds of each that do not count"
    )
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="starts of the server")
    parser.add_argument("--codec", choices=tuple(LIBRARIES), default="H264")
    parser.add_argument(
        "--landmarks", choices=("mediapipe", "engine", "auto"), default="", help="as in [filter]"
    )
    options = parser.parse_args(argv)
    starts: list[Row] = []
    curve: list[Row] = []
    rows: list[Row] = []
    with loading(options.codec, WIDTH, HEIGHT) as load:
        if options.starts:
            starts = [start_row(load, options.starts, options.landmarks)]
        for calls in options.calls:
            order = (calls, options.settle, options.seconds)
            summary, each = measure(load, *order, options.landmarks)
            curve.append(summary)
            rows += [summary, *each]
    print(table([*starts, *rows]))
    print(verdict(curve))
    if options.json:
        write_json([*starts, *rows], options.json)
        options.json.with_suffix(".md").write_text(markdown(curve), encoding="utf-8")
        options.json.with_suffix(".svg").write_text(chart(curve), encoding="utf-8")
    return 0


def start_row(load: Load, times: int, landmarks: str) -> Row:
    """Return how long it takes from the server's start to the first edited picture."""
    taken: list[int] = []
    for _ in range(times + 1):  # the first finds nothing in the disk's cache
        with serving(PLACES, landmarks) as server:
            load.begin(Order(server.address, 1, 0.0, MOMENT))
            load.wait()
            load.wait()
            (call,) = load.end().calls
            if call.edited is None:
                raise CommandError("no edited picture came back")
            taken.append(round(1e6 * call.edited - 1e9 * server.started))
    return Row.of("start: command to first edited picture", taken[1:])


def measure(
    load: Load, calls: int, settle: float, seconds: float, landmarks: str
) -> tuple[Row, list[Row]]:
    """Return the row of ``calls`` at once and one for each of them."""
    with serving(max(calls, PLACES), landmarks) as server:
        load.begin(Order(server.address, calls, settle, seconds))
        load.wait()
        busy, since = server.busy(), time.monotonic()
        load.wait()
        cores = (server.busy() - busy) / (time.monotonic() - since)
        memory = server.memory() * MB
        answer = load.end()
    name = f"sessions {calls}"
    each = [call_row(f"{name}: call {i + 1}", call) for i, call in enumerate(answer.calls)]
    old = [age for call in answer.calls for age in ages(call.sent, call.returned)]
    late = [x for call in answer.calls for x in call.late]
    summary = _row(
        name,
        old,
        fps_lowest=_least(each, "fps"),
        dropped=sum(int(str(row.extra["dropped"])) for row in each),
        dropped_share=round(max(float(str(r.extra["dropped_share"])) for r in each), 4),
        swapped=sum(int(str(row.extra["swapped"])) for row in each),
        memory_mb=round(memory),
        server_cores=round(cores, 2),
        load_cores=round(answer.cores, 2),
        load_late_p95_ms=round(sorted(late)[int(0.95 * (len(late) - 1))], 1),
    )
    return summary, each


def call_row(name: str, call: Noted) -> Row:
    """Return the row of one call."""
    way = passage(call.sent, call.returned, ROUND)
    dropped = round(way.lost * way.sent) if call.returned else len(call.sent)
    return _row(
        name,
        ages(call.sent, call.returned),
        fps=round(rate(call.returned), 2),
        dropped=dropped,
        dropped_share=round(way.lost, 4),
        swapped=way.swapped,
        unreadable=way.unreadable,
        sounds=call.sounds,
    )


def _row(name: str, old: Sequence[int], **extra: Figure) -> Row:
    """Return a row without percentiles where nothing came back."""
    return Row.of(name, old, **extra) if old else Row(name, extra={"count": 0, **extra})


def held(row: Row) -> bool:
    """Tell whether every call of a row got every picture back."""
    return row.extra["dropped"] == 0 and float(str(row.extra["fps_lowest"])) >= LEAST_FPS


def verdict(curve: Sequence[Row]) -> str:
    """Say how many calls were held."""
    most = max((_calls(row) for row in curve if held(row)), default=0)
    return f"{most} held without a drop, of up to {max(_calls(row) for row in curve)} tried"


COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("calls", lambda row: str(_calls(row))),
    ("pictures back a second, worst call", lambda row: f"{row.extra['fps_lowest']}"),
    ("dropped", lambda row: f"{row.extra['dropped']}"),
    (
        "age p50 / p95 / p99",
        lambda row: " / ".join(_whole(ms) for ms in (row.p50_ms, row.p95_ms, row.p99_ms)) + " ms",
    ),
    ("memory", lambda row: f"{row.extra['memory_mb']} MB"),
    ("processors, server / load", lambda r: f"{r.extra['server_cores']} / {r.extra['load_cores']}"),
)


def markdown(curve: Sequence[Row]) -> str:
    """Return the curve as a table for a page."""
    head = "| " + " | ".join(name for name, _ in COLUMNS) + " |"
    rows = ["| " + " | ".join(of(row) for _, of in COLUMNS) + " |" for row in curve]
    return "\n".join([head, "|---" * len(COLUMNS) + "|", *rows]) + "\n"


def chart(curve: Sequence[Row]) -> str:
    """Return the age of the pictures over the number of calls."""
    series = {
        "p95": [row.p95_ms or 0.0 for row in curve],
        "p50": [row.p50_ms or 0.0 for row in curve],
    }
    title = f"Age of the returned picture, {WIDTH}x{HEIGHT} at 30 fps"
    return lines(title, "calls at once", "ms", [_calls(row) for row in curve], series)


def _whole(ms: float | None) -> str:
    return "-" if ms is None else f"{ms:.0f}"


def _calls(row: Row) -> int:
    return int(row.name.split()[1])


def _least(rows: Sequence[Row], key: str) -> float:
    return min(float(str(row.extra[key])) for row in rows)
