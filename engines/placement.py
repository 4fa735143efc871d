"""Where a network runs, as people are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a network runs.

    Attributes:
        network: its name.
        runs_on: back-end, device and precision; None where nothing here can run it.
        refused: why not on each back-end that would be quicker.
    """

    network: str
    runs_on: str | None
    refused: Mapping[str, str]
