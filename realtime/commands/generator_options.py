"""The options by which a command is told what makes the expression."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from realtime.commands.errors import CommandError, Exit
from realtime.config import FilterSettings, GeneratorChoice


def add_generator_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("the generator")
    group.add_argument(
        "--generator",
        choices=get_args(GeneratorChoice),
        help="what makes the expression: the geometric edit, or a network on top of it; auto takes "
        "the network where it does better than the edit and runs here (default: auto)",
    )
    group.add_argument(
        "--generator-weights",
        type=Path,
        metavar="F.onnx",
        help="a network of your own (default: the one that comes with visavis)",
    )


def generating(args: argparse.Namespace, settings: FilterSettings) -> FilterSettings:
    """Return the settings with the command line's over them, and a generator that runs here.

    Raises:
        CommandError: one was asked for, and cannot be had.
    """
    from realtime.build import GeneratorError, settled

    given: dict[str, Any] = {}
    if args.generator is not None:
        given["generator"] = args.generator
    if args.generator_weights is not None:
        given["generator_weights"] = str(args.generator_weights)
    try:
        return settled(replace(settings, **given))
    except GeneratorError as error:
        raise CommandError(str(error), Exit.USAGE) from error
