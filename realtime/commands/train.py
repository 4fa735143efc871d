"""``visavis train``: one network after the other, each with its own data and options."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import cast

from realtime.commands import Subparsers
from realtime.config import Config

WHAT = ("audio-emotion", "wav2lip-emotion")
"""The networks; each has a module of its name beside this one."""


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments; those of a network are its module's."""
    parser = subparsers.add_parser(
        "train",
        help="train a network on recordings of your own",
        description="Train a network on recordings of your own. Needs PyTorch (extra 'train').",
    )
    networks = parser.add_subparsers(title="networks", dest="what", metavar="NETWORK")
    networks.required = True
    for name in WHAT:
        _module(name).add_parser(networks)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Train what was named."""
    train = cast("Callable[[argparse.Namespace, Config], int]", _module(args.what).run)
    return train(args, config)


def _module(name: str) -> argparse.Namespace:
    module = importlib.import_module(f"realtime.commands.train_{name.replace('-', '_')}")
    return cast("argparse.Namespace", module)
