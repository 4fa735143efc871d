"""The options by which a command is told what a face is to show."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

from realtime.bounds import HIGHEST, LOWEST, bounded
from realtime.commands.errors import CommandError, Exit
from realtime.config import Config, FilterSettings
from realtime.types import Edit, Emotion

USUAL = Emotion.HAPPY
"""What is shown when nobody says what."""
WORDS = ", ".join(emotion.value for emotion in Emotion)


def add_edit_options(parser: argparse.ArgumentParser, intensity: float) -> None:
    """Add the options; ``intensity`` is the command's own default, for the help."""
    group = parser.add_argument_group("the edit")
    group.add_argument(
        "--emotion",
        type=named,
        metavar="E",
        help=f"what the face shows: {WORDS} (default: {USUAL.value})",
    )
    group.add_argument(
        "--intensity",
        type=number(LOWEST, HIGHEST),
        metavar="X",
        help=f"{LOWEST:g} (the opposite) to {HIGHEST:g} (beyond natural) (default: {intensity:g})",
    )
    group.add_argument(
        "--valence",
        type=number(-1, 1),
        metavar="V",
        help="-1 (unpleasant) to 1 (pleasant), together with --arousal, instead of --emotion",
    )
    group.add_argument(
        "--arousal", type=number(-1, 1), metavar="A", help="-1 (calm) to 1 (excited)"
    )
    for part in ("brows", "eyes", "mouth"):
        group.add_argument(
            f"--{part}",
            type=number(0, 1),
            metavar="X",
            help=f"strength around the {part}, 0 to 1 (default: 1)",
        )
    group.add_argument(
        "--faces",
        choices=("largest", "all"),
        help="edit the largest face alone, or each (default: largest)",
    )


def edit_of(
    args: argparse.Namespace, config: Config, intensity: float, *, led: bool = False
) -> tuple[Edit, list[str]]:
    """Return what was asked for, as far as the bounds allow, and what to tell about that.

    The command line goes before the settings, and these before the command's own defaults; a face
    that is ``led``, by the voice say, has no such default.
    """
    edit = config.edit
    if edit == Edit() and not led:
        edit = replace(edit, emotion=USUAL, intensity=intensity)
    edit = _affect(args, _emotion(args, edit, intensity))
    given = {name: getattr(args, name) for name in ("intensity", "brows", "eyes", "mouth")}
    edit = replace(edit, **{name: value for name, value in given.items() if value is not None})
    held = bounded(edit, config.bounds)
    return held, _told(edit, held)


def settings_of(args: argparse.Namespace, config: Config) -> FilterSettings:
    """Return the filter's settings with the command line's over them."""
    if args.faces is None:
        return config.filter
    return replace(config.filter, faces=args.faces)


def number(least: float, most: float) -> Callable[[str], float]:
    """Return a reader of numbers from ``least`` to ``most``."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return read


def named(text: str) -> Emotion:
    """Return the emotion of that name."""
    try:
        return Emotion(text.lower())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {WORDS}") from error


def _emotion(args: argparse.Namespace, edit: Edit, intensity: float) -> Edit:
    if args.emotion is None:
        return edit
    if edit.emotion is None and edit.affect is None:
        edit = replace(edit, intensity=intensity)
    return replace(edit, emotion=args.emotion, affect=None)


def _affect(args: argparse.Namespace, edit: Edit) -> Edit:
    if args.valence is None and args.arousal is None:
        return edit
    if args.valence is None or args.arousal is None:
        raise CommandError("--valence and --arousal go together", Exit.USAGE)
    if args.emotion is not None:
        raise CommandError("give --emotion, or --valence with --arousal, not both", Exit.USAGE)
    return replace(edit, emotion=None, affect=(args.valence, args.arousal))


def _told(asked: Edit, held: Edit) -> list[str]:
    if asked.emotion is not None and held.emotion is None and held.affect is None:
        return [f"{asked.emotion.value} is forbidden by the settings, so the face is left alone"]
    if asked.intensity != held.intensity:
        return [f"the settings hold intensity {asked.intensity:g} to {held.intensity:g}"]
    return []
