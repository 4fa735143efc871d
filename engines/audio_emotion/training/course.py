"""A whole course: a network for each fold by the other folds' speakers, and one by all speakers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engines.audio_emotion import calibration, folds
from engines.audio_emotion.calibration import Doubles, softmax
from engines.audio_emotion.conditions import CONDITIONS
from engines.audio_emotion.corpora import Utterance
from engines.audio_emotion.estimate import EMOTIONS
from engines.audio_emotion.scores import Scores, score
from engines.audio_emotion.training.branches import NumbersBranch, PaperBranch, PictureBranch
from engines.audio_emotion.training.drawing import Drawing
from engines.audio_emotion.training.examples import Examples, Tell
from engines.audio_emotion.training.export import export, save
from engines.audio_emotion.training.plan import Plan
from engines.audio_emotion.training.teaching import teach

WHOLE = -1
"""The fold whose network has heard every speaker."""

FOLDS = "folds.json"
"""Which speaker is in which fold."""

Members = tuple[list[NumbersBranch], list[PictureBranch]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a course.

    Attributes:
        logits: condition to [n, 7], each of a network that had not heard the speaker.
        shares: weights of the branches of numbers and of pictures, temperature included.
        weights: the ONNX file of the network that has heard all.
    """

    logits: dict[str, Doubles]
    shares: tuple[float, float]
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

    def teach(self, fold: int, *, baseline: bool = False) -> None:
        """Teach what is not taught yet of one fold, or of ``WHOLE``."""
        self._members(fold)
        if baseline and fold != WHOLE:
            self._paper(fold)

    def run(self, notes: dict[str, str]) -> Result:
        """Teach every fold and the whole, weigh the branches, and write all networks."""
        taught = {fold: self._members(fold) for fold in range(self._plan.folds)}
        heard = {c: self._unheard(taught, self._examples[i]) for i, c in enumerate(CONDITIONS)}
        shares = self._weigh(heard)
        for fold, members in taught.items():
            data = export(*members, shares, {**notes, "unheard fold": str(fold)})
            save(self._folder / f"fold-{fold}.onnx", data)
        weights = self._folder / "audio_emotion.onnx"
        save(weights, export(*self._members(WHOLE), shares, notes))
        logits = {c: shares[0] * n + shares[1] * p for c, (n, p) in heard.items()}
        return Result(logits, shares, weights)

    def baseline(self) -> dict[str, Doubles]:
        """Return the same logits of the paper's encoder, taught alike."""
        out = {condition: np.zeros((len(self._truth), len(EMOTIONS))) for condition in CONDITIONS}
        for fold in range(self._plan.folds):
            branch, unheard = self._paper(fold), self._fold == fold
            for number, condition in enumerate(CONDITIONS):
                given = self._examples[number].paper[unheard].astype(np.float32)
                out[condition][unheard] = _run(branch, torch.from_numpy(given))
        temperature = calibration.fit(out["clean"], self._truth)
        return {condition: logits / temperature for condition, logits in out.items()}

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
        numbers: list[NumbersBranch] = []
        for member in range(self._plan.members[0]):
            branch = self._seeded(lambda: NumbersBranch(*scale), member)
            draw = partial(drawing.numbers, branch)
            what = f"{_name(fold)}, numbers {member}"
            self._teach(branch, draw, 0, self._keep(fold, "numbers", member), what, member)
            numbers.append(branch)
        pictures: list[PictureBranch] = []
        for member in range(self._plan.members[1]):
            seen = self._seeded(PictureBranch, member)
            what = f"{_name(fold)}, pictures {member}"
            keep = self._keep(fold, "pictures", member)
            self._teach(seen, drawing.pictures, 1, keep, what, member)
            pictures.append(seen)
        return numbers, pictures

    def _paper(self, fold: int) -> PaperBranch:
        branch = self._seeded(PaperBranch, 0)
        draw = self._drawing(fold)[0].papers
        what = f"{_name(fold)}, the paper's encoder"
        self._teach(branch, draw, 1, self._keep(fold, "paper", 0), what, 0)
        return branch

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

    def _seeded(self, make: Any, member: int) -> Any:
        torch.manual_seed(self._plan.seed + 100 * member)
        return make()

    def _keep(self, fold: int, kind: str, member: int) -> Path:
        return self._folder / f"{_name(fold).replace(' ', '-')}-{kind}-{member}.pt"

    def _teach(self, branch: Any, draw: Any, kind: int, keep: Path, what: str, member: int) -> None:
        steps = self._plan.steps[kind]
        seed = self._plan.seed + 100 * member
        report = partial(self._report, what, steps)
        teach(branch, draw, steps, self._plan.rate[kind], seed, keep, report)

    def _report(self, what: str, steps: int, done: int) -> None:
        self._tell(what, done, steps)

    def _unheard(self, taught: dict[int, Members], version: Examples) -> tuple[Doubles, Doubles]:
        """Return the logits of either kind of branch for speakers that they have not heard."""
        out = np.zeros((2, len(self._truth), len(EMOTIONS)))
        for fold, (numbers, pictures) in taught.items():
            these = self._fold == fold
            given = torch.from_numpy(version.numbers[these])
            picture = torch.from_numpy(version.pictures[these].astype(np.float32))
            columns = torch.arange(picture.shape[1])[None]
            heard = (columns < torch.from_numpy(version.lengths[these])[:, None]).float()
            out[0, these] = np.mean([_run(b, b.normal(given)) for b in numbers], 0)
            out[1, these] = np.mean([_run(b, picture, heard) for b in pictures], 0)
        return out[0], out[1]

    def _weigh(self, heard: dict[str, tuple[Doubles, Doubles]]) -> tuple[float, float]:
        """Return the shares that make the truth least surprising, on the line and in noise too.

        All is then said with the plan's caution.
        """
        truth = np.tile(self._truth, len(heard))
        numbers, pictures = (np.concatenate([pair[i] for pair in heard.values()]) for i in (0, 1))
        weights = np.concatenate(
            [np.full(len(self._truth), 2.0 if c == "clean" else 1.0) for c in heard]
        )
        best: tuple[float, float, float] | None = None
        for share in np.linspace(0, 1, 21):
            mixed = (1 - share) * numbers + share * pictures
            temperature = calibration.fit(mixed, truth, weights)
            cost = calibration.surprise(mixed, truth, weights, temperature)
            if best is None or cost < best[0]:
                best = (cost, (1 - share) / temperature, share / temperature)
        assert best is not None
        return best[1] / self._plan.caution, best[2] / self._plan.caution


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
