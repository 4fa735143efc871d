"""The options by which a command is told what the voice does to a face."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any, get_args

from realtime.commands.edit_options import number
from realtime.config import Config
from realtime.voice.follow import FOLLOW_LIMITS, Follow, Heard, Shown

HEARD: tuple[str, ...] = get_args(Heard)
SHOWN: tuple[str, ...] = get_args(Shown)


def add_voice_options(parser: argparse.ArgumentParser, *, changes: bool = False) -> None:
    """Add the options; with ``changes`` those that a running call can be told."""
    group = parser.add_argument_group(
        "the voice", "Nobody listens unless one of the first two is on."
    )
    group.add_argument(
        "--follow",
        choices=("voice", "off"),
        help="voice: the face shows what the voice says (default: off)",
    )
    if changes:
        group.add_argument(
            "--calm",
            choices=("on", "off"),
            nargs="?",
            const="on",
            help="near neutral while the voice is angry or afraid",
        )
    else:
        group.add_argument(
            "--calm",
            action="store_const",
            const="on",
            help="hold the face near neutral while the voice is angry or afraid",
        )
    group.add_argument(
        "--follow-strength",
        type=number(*FOLLOW_LIMITS["strength"]),
        metavar="X",
        help="intensity of what a voice without doubt shows, 0 to 1.5 (default: 0.8)",
    )
    group.add_argument(
        "--follow-smoothing",
        type=number(*FOLLOW_LIMITS["smoothing_ms"]),
        metavar="MS",
        help="how long the face takes to follow (default: 400)",
    )
    group.add_argument(
        "--follow-map",
        type=_pair,
        action="append",
        metavar="HEARD=SHOWN",
        help="such as angry=calm; SHOWN is an emotion, calm, or own for what was chosen; "
        "can be repeated",
    )


def voice_fields(args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of :class:`Follow` that were given."""
    given: dict[str, Any] = {
        "follow": args.follow,
        "calm": None if args.calm is None else args.calm == "on",
        "strength": args.follow_strength,
        "smoothing_ms": args.follow_smoothing,
        "map": None if args.follow_map is None else dict(args.follow_map),
    }
    return {name: value for name, value in given.items() if value is not None}


def follow_of(args: argparse.Namespace, config: Config) -> Follow:
    """Return the settings with the command line's over them."""
    fields = voice_fields(args)
    if "map" in fields:
        fields["map"] = {**config.voice.map, **fields["map"]}
    return replace(config.voice, **fields)


def _pair(text: str) -> tuple[str, str]:
    heard, equals, shown = text.partition("=")
    if not equals or heard not in HEARD or shown not in SHOWN:
        words = f"heard: {', '.join(HEARD)}; shown: {', '.join(SHOWN)}"
        raise argparse.ArgumentTypeError(f"{text!r} is not like angry=calm ({words})")
    return heard, shown
