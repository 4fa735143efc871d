"""A whole course: a network for each fold by the other folds' speakers, and one by all speakers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from engines.audio_emotion import calibration, folds
from engines.audio_emotion.calibration import Doubles, softmax
from engines.audio_emotion.conditions import CONDITIONS
from engines.audio_emotion.corpora import Utterance
from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.scores import Scores, score
from engines.audio_emotion.training.branches import (
    KINDS,
    Members,
    NumbersBranch,
    PaperBranch,
    Shares,
)
from engines.audio_emotion.training.drawing import Batch, Drawing, Random
from engines.audio_emotion.training.examples import Examples, Tell
from engines.audio_emotion.training.export import export, save
from engines.audio_emotion.training.plan import Plan
from engines.audio_emotion.training.teaching import teach

WHOLE = -1
"""The fold whose network has heard every speaker."""

FOLDS = "folds.json"
"""Which speaker is in which fold."""

B = TypeVar("B", bound=torch.nn.Module)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a course.

    Attributes:
        logits: condition to [n, 7], each of a network that had not heard the speaker.
        baseline: the same of the paper's encoder alone.
        shares: weights of the kinds of branches.
        weights: the ONNX file of the network that has heard all.
    """

    logits: dict[str, Doubles]
    baseline: dict[str, Doubles]
    shares: Shares
    weights: Path


class Course:
    """Teaches by a plan, and goes on where it was interrupted.

    Args:
        utterances: whom to learn from.
        examples: their versions, those of ``CONDITIONS`` first.
        plan: how.
        folder: where what is learned is kept.
        tell: is told how far it is.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        examples: Sequence[Examples],
        plan: Plan,
        folder: Path,
        tell: Tell,
    ) -> None:
        self._utterances = utterances
        self._examples = examples
        self._plan = plan
        self._folder = folder
        self._tell = tell
        self._truth = np.array([u.index for u in utterances])
        dealt = folds.deal(utterances, plan.folds)
        self._fold = np.array([dealt[u.speaker] for u in utterances])
        folder.mkdir(parents=True, exist_ok=True)
        save(folder / FOLDS, json.dumps(dealt, indent=1, sort_keys=True).encode())

    def teach(self, fold: int) -> None:
        """Teach what is not taught yet of one fold, or of ``WHOLE``."""
        self._members(fold)

    def run(self, notes: dict[str, str]) -> Result:
        """Teach every fold and the whole, weigh the branches, and write all networks."""
        taught = {fold: self._members(fold) for fold in range(self._plan.folds)}
        heard = {c: self._unheard(taught, self._examples[i]) for i, c in enumerate(CONDITIONS)}
        shares = self._weigh(heard)
        for fold, members in taught.items():
            data = export(members, shares, {**notes, "unheard fold": str(fold)})
            save(self._folder / f"fold-{fold}.onnx", data)
        weights = self._folder / "audio_emotion.onnx"
        save(weights, export(self._members(WHOLE), shares, notes))
        logits = {c: np.tensordot(shares, kinds, 1) for c, kinds in heard.items()}
        alone = {c: kinds[KINDS.index("paper")] for c, kinds in heard.items()}
        temperature = calibration.fit(alone["clean"], self._truth)
        baseline = {c: values / temperature for c, values in alone.items()}
        return Result(logits, baseline, shares, weights)

    def scores(self, logits: dict[str, Doubles]) -> dict[str, dict[str, Scores]]:
        """Return the scores by corpus and condition."""
        out: dict[str, dict[str, Scores]] = {}
        for corpus in sorted({u.corpus for u in self._utterances}):
            inside = np.array([u.corpus == corpus for u in self._utterances])
            out[corpus] = {
                condition: score(softmax(values[inside]), self._truth[inside])
                for condition, values in logits.items()
            }
        return out

    def _members(self, fold: int) -> Members:
        drawing, inside = self._drawing(fold)
        taken = [e.numbers[inside] for e in self._versions]
        mean, spread = np.mean(taken, (0, 1)), np.std(taken, (0, 1)) + 1e-3
        scale = (torch.from_numpy(mean), torch.from_numpy(spread))
        return Members(
            self._taught(fold, "numbers", lambda: NumbersBranch(*scale), drawing.numbers),
            self._taught(fold, "paper", PaperBranch, lambda _, r: drawing.spectrograms(r)),
        )

    def _taught(
        self, fold: int, kind: str, make: Callable[[], B], draw: Callable[[B, Random], Batch]
    ) -> list[B]:
        """Return all branches of a kind; what is taught already is only read."""
        number, branches = KINDS.index(kind), list[B]()
        steps = self._plan.steps[number]
        for member in range(self._plan.members[number]):
            seed = self._plan.seed + 100 * member
            torch.manual_seed(seed)
            branch = make()
            keep = self._folder / f"{_name(fold).replace(' ', '-')}-{kind}-{member}.pt"
            report = partial(self._report, f"{_name(fold)}, {kind} {member}", steps)
            rate = self._plan.rate[number]
            teach(branch, partial(draw, branch), steps, rate, seed, keep, report)
            branches.append(branch)
        return branches

    @property
    def _versions(self) -> Sequence[Examples]:
        """What may be taught: the recordings as they are and those that were augmented."""
        return [self._examples[0], *self._examples[len(CONDITIONS) :]]

    def _drawing(self, fold: int) -> tuple[Drawing, NDArray[np.bool_]]:
        inside = self._fold != fold
        often = np.zeros(len(inside))
        often[inside] = folds.weights(
            [u for u, i in zip(self._utterances, inside, strict=True) if i]
        )
        return Drawing(self._versions, self._truth, often, self._plan), inside

    def _report(self, what: str, steps: int, done: int) -> None:
        self._tell(what, done, steps)

    def _unheard(self, taught: dict[int, Members], version: Examples) -> Doubles:
        """Return [2, n, 7]: what each kind says of speakers that it has not heard."""
        out = np.zeros((len(KINDS), len(self._truth), len(EMOTIONS)))
        for fold, members in taught.items():
            these = self._fold == fold
            given = torch.from_numpy(version.numbers[these])
            spectrogram = torch.from_numpy(version.spectrograms[these].astype(np.float32))
            out[0, these] = np.mean([_run(b, b.normal(given)) for b in members.numbers], 0)
            out[1, these] = np.mean([_run(b, spectrogram) for b in members.paper], 0)
        return out

    def _weigh(self, heard: dict[str, Doubles]) -> Shares:
        """Return the shares that make the truth least surprising, on the line and in noise too.

        All is then said with the plan's caution.
        """
        truth = np.tile(self._truth, len(heard))
        kinds = np.concatenate(list(heard.values()), axis=1)
        weights = np.concatenate(
            [np.full(len(self._truth), 2.0 if c == "clean" else 1.0) for c in heard]
        )
        best: tuple[float, Doubles] | None = None
        for share in np.linspace(0, 1, 21):
            parts = np.array([1 - share, share])
            mixed = np.tensordot(parts, kinds, 1)
            temperature = calibration.fit(mixed, truth, weights)
            cost = calibration.surprise(mixed, truth, weights, temperature)
            if best is None or cost < best[0]:
                best = (cost, parts / (temperature * self._plan.caution))
        assert best is not None
        numbers, paper = best[1].tolist()
        return numbers, paper


def _name(fold: int) -> str:
    return "all speakers" if fold == WHOLE else f"fold {fold}"


def _run(branch: torch.nn.Module, *inputs: torch.Tensor) -> Doubles:
    branch.eval()
    with torch.inference_mode():
        parts = [
            branch(*(value[start : start + 256] for value in inputs)).numpy()
            for start in range(0, len(inputs[0]), 256)
        ]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, len(EMOTIONS)))
