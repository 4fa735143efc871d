"""The subcommands of ``visavis``, one module each, imported only when called for."""

from __future__ import annotations

import argparse
from typing import TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage]
"""What ``add_parser`` is given; argparse has no public name for it."""
