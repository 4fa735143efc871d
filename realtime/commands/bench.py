"""``visavis bench``: hands over to the measurements, which are a package above this one."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import cast

from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.config import Config

WHAT: dict[str, str] = {
    "latency": "the filter alone: frame in to frame out, without a codec",
    "webrtc": "the round trip of a real browser's call",
    "quality": "the edit on real faces: emotion, identity, speech, stillness",
    "engines": "our landmark engine beside MediaPipe's: how far apart, how fast",
    "kernels": "each fused operation beside OpenCV's, PyAV's and numpy's way",
    "precision": "the face mesh in fewer bits: how far apart, how fast",
    "tensorrt": "every network's engine for every GPU: built, inspected, run where there is one",
    "av-sync": "picture against sound at each sink, with a slow filter too",
    "sessions": "how many calls are held, how old their pictures, how much memory, how soon",
    "voice": "what it costs a call that its face follows the voice",
    "claims": "what is claimed to be heard in people who just talk",
    "soak": "a call that goes on: memory, age of the picture, drift of the sound",
    "network": "a call over a network that loses, delays and swaps packets",
    "fuzz": "malformed offers and messages: what they break, leave behind or disturb",
    "codec": "H.264 beside VP8 at the same rate: time, and what is left of the picture",
    "recovery": "first picture, and the next after a process is killed, hangs or starts anew",
}


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments; those of the measurement itself stay its own."""
    parser = subparsers.add_parser(
        "bench",
        help="measure what this version does on this machine",
        description="Measure this version on this machine. Each takes --json F and --help.",
        epilog="\n".join(f"  {name:<8} {line}" for name, line in WHAT.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=WHAT, metavar="{" + ",".join(WHAT) + "}")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="its own options")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Run the measurement; imports run one way, so it is found by name."""
    if importlib.util.find_spec("bench") is None:
        raise CommandError("this install has no package 'bench'", Exit.MISSING)
    module = importlib.import_module("bench.measurements")
    measure = cast("Callable[[str, Sequence[str]], int]", module.run)
    return measure(args.what, args.rest)
