"""The loop that all trainings here share: seeded, resumable, with a log, plots and sheets."""

# ruff: noqa: TID253 - a module of networks; only who trains imports it

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engines.wav2lip_emotion.faces import Pixels
from engines.wav2lip_emotion.plot import Series, draw

CHECKPOINT, LOG, PLOT = "checkpoint.pt", "losses.csv", "losses.png"

State = dict[str, Any]
"""Tensors, numbers and text by name: what ``torch.load`` reads without running any code."""


def device() -> torch.device:
    """Return where networks learn: the GPU, if this PyTorch knows one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def given(array: NDArray[Any]) -> torch.Tensor:
    """Return an array as a tensor where networks learn."""
    return torch.from_numpy(array).to(device())


LAST = torch.channels_last
"""The layout in which convolutions are quickest."""

Network = TypeVar("Network", bound=torch.nn.Module)


def placed(network: Network) -> Network:
    """Return a network where networks learn, laid out as they learn quickest."""
    laid = network.to(device()).to(memory_format=LAST)  # type: ignore[call-overload]
    return cast("Network", laid)


class TrainingError(Exception):
    """A training cannot begin or go on, for a reason that its user can mend."""


class Learner(Protocol):
    """Something that gets better step by step. Step k draws the same whenever it is made."""

    def step(self, number: int) -> Mapping[str, float]:
        """Learn from one batch and return its losses by name."""
        ...

    def check(self) -> Mapping[str, float]:
        """Return measures on what is held out; lower or higher is better as their names say."""
        ...

    def sheet(self) -> Pixels | None:
        """Return a picture of what it can do by now, for a person's eye; None has none."""
        ...

    def state(self) -> State:
        """Return everything that a later ``restore`` needs to go on as if nothing had happened."""
        ...

    def restore(self, state: State) -> None:
        """Go back to a state."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, and how often to write.

    Attributes:
        steps: in all.
        save_every: steps between two checkpoints.
        check_every: steps between two checks.
        identity: text that says which training this is: another one is not resumed.
    """

    steps: int
    save_every: int
    check_every: int
    identity: str


def train(learner: Learner, plan: Plan, folder: Path, told: Callable[[int, str], None]) -> None:
    """Learn up to ``plan.steps``, from where the folder's checkpoint says that it had come.

    Args:
        learner: learns.
        plan: see there.
        folder: of checkpoint, log, plots and sheets.
        told: is told how many steps are done, and the last losses as text.

    Raises:
        TrainingError: the checkpoint is of another training, or a loss is no longer a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = _resume(learner, plan, folder)
    log = Log(folder / LOG, done)
    while done < plan.steps:
        losses = learner.step(done)
        if not all(map(np.isfinite, losses.values())):
            raise TrainingError(f"at step {done} a loss is no longer a number: {dict(losses)}")
        done += 1
        log.add(done, losses)
        told(done, "  ".join(f"{name} {value:.4f}" for name, value in losses.items()))
        last = done == plan.steps
        if done % plan.check_every == 0 or last:
            log.add(done, {f"held out: {name}": v for name, v in learner.check().items()})
        if done % plan.save_every == 0 or last:
            _save(learner, plan, folder, done)
            log.write()


def _resume(learner: Learner, plan: Plan, folder: Path) -> int:
    path = folder / CHECKPOINT
    if not path.exists():
        return 0
    held = load(path)
    if held.get("identity") != plan.identity:
        raise TrainingError(
            f"{path} is of a training with another recipe; name another folder, or move it away"
        )
    learner.restore(cast("State", held["state"]))
    return int(held["step"])


def _save(learner: Learner, plan: Plan, folder: Path, done: int) -> None:
    save({"identity": plan.identity, "step": done, "state": learner.state()}, folder / CHECKPOINT)
    sheet = learner.sheet()
    if sheet is not None:
        path = folder / f"sheet-{done:07d}.png"
        cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def save(state: State, path: Path) -> None:
    """Write a state to a file that is whole or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    torch.save(state, part)
    os.replace(part, path)


def load(path: Path) -> State:
    """Read a state.

    Raises:
        TrainingError: the file is not one; nothing in it is run.
    """
    try:
        return cast("State", torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # pickle, zip and torch each raise their own
        raise TrainingError(f"{path} cannot be read as weights: {_line(error)}") from error


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class Log:
    """Losses by step in a CSV: step, name, value. What a lost run wrote too far is cut off."""

    def __init__(self, path: Path, done: int) -> None:
        self._path = path
        self._rows: list[tuple[int, str, float]] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows = [(int(a), b, float(c)) for a, b, c in csv.reader(file)]
            self._rows = [row for row in rows if row[0] <= done]

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Note some values."""
        self._rows += [(step, name, float(value)) for name, value in values.items()]

    def write(self) -> None:
        """Write the CSV, and the plot beside it."""
        with self._path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((a, b, f"{c:.6g}") for a, b, c in self._rows)
        names = dict.fromkeys(name for _, name, _ in self._rows)
        series = [Series(name, [(s, v) for s, n, v in self._rows if n == name]) for name in names]
        picture = draw(series)
        cv2.imwrite(str(self._path.with_name(PLOT)), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
