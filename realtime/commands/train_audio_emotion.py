"""``visavis train audio-emotion``: teach the network that hears emotion."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.commands.progress import steps
from realtime.config import Config

if TYPE_CHECKING:
    from engines.audio_emotion.corpora import Utterance
    from engines.audio_emotion.training.course import Course


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "audio-emotion",
        help="the network that hears emotion in a voice",
        description="Teach the network that hears emotion. No speaker is both taught and tested. "
        "Run it again after an interruption: it goes on.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="DIR",
        help="RAVDESS, CREMA-D, EmoDB, MEAD or ESD as they come, or a folder with labels.csv "
        "(columns file, speaker, emotion)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("out/audio-emotion"),
        metavar="DIR",
        help="where networks, report and plots are written (out/audio-emotion)",
    )
    parser.add_argument("--folds", type=int, default=5, metavar="N", help="parts of speakers (5)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all chance (0)")
    parser.add_argument(
        "--versions", type=int, default=15, metavar="N", help="augmented versions of each file (15)"
    )
    parser.add_argument(
        "--steps",
        type=int,
        nargs=2,
        metavar=("N", "M"),
        help="lessons of the branches that hear numbers and of the paper's encoder (6000 2400)",
    )
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="cores to use (2)")
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="processes that augment (2)"
    )
    parser.add_argument(
        "--fold",
        type=int,
        metavar="N",
        help="teach only the network of this fold, -1: of all speakers; several may be taught at "
        "once, then run without --fold",
    )


def run(args: argparse.Namespace, config: Config) -> int:
    """Prepare, teach, weigh and write."""
    counts = (args.threads, args.workers, *(args.steps or ()))
    if args.folds < 2 or args.versions < 0 or min(counts) < 1:
        raise CommandError(
            "--folds is at least 2; --steps, --threads and --workers are at least 1", Exit.USAGE
        )
    try:
        import torch
    except ImportError as error:
        raise CommandError(
            "training needs PyTorch: pip install 'visavis[train]'", Exit.MISSING
        ) from error
    torch.set_num_threads(args.threads)
    from engines.audio_emotion.training.course import Course
    from engines.audio_emotion.training.examples import Making, prepare
    from engines.audio_emotion.training.plan import Plan
    from realtime.commands.recordings import read_sound

    utterances = _utterances(args.data)
    _check(utterances, args.folds)
    plan = Plan(folds=args.folds, versions=args.versions, seed=args.seed)
    if args.steps:
        plan = replace(plan, steps=tuple(args.steps))
    with steps() as tell:
        making = Making(plan.versions, plan.seed, plan.recipe, args.workers)
        examples = prepare(utterances, read_sound, args.out / "examples", making, tell)
        course = Course(utterances, examples, plan, args.out, tell)
        notes = {"taught": ", ".join(f"{v} {k}" for k, v in _corpora(utterances).items())}
        if args.fold is not None:
            course.teach(args.fold)
            return Exit.FINE
        result = course.run(notes)
        logits = {"ours": result.logits, "paper's encoder": result.baseline}
    _report(course, logits, args.out, {"plan": plan.words(), "shares": result.shares, **notes})
    print(f"{result.weights}: {result.weights.stat().st_size / 2**20:.1f} MiB")
    return Exit.FINE


def _utterances(folders: list[Path]) -> list[Utterance]:
    from engines.audio_emotion.corpora import CorpusError, find

    try:
        return [utterance for folder in folders for utterance in find(folder)]
    except CorpusError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error


def _check(utterances: list[Utterance], folds: int) -> None:
    speakers = {u.speaker for u in utterances}
    if len(speakers) < folds:
        raise CommandError(
            f"{folds} folds want at least as many speakers; there are {len(speakers)}", Exit.USAGE
        )
    print(
        f"{len(utterances)} recordings of {len(speakers)} speakers: "
        + ", ".join(f"{count} {name}" for name, count in _corpora(utterances).items())
    )


def _corpora(utterances: list[Utterance]) -> dict[str, int]:
    names = [u.corpus for u in utterances]
    return {name: names.count(name) for name in sorted(set(names))}


def _report(course: Course, logits: dict[str, Any], out: Path, facts: dict[str, Any]) -> None:
    from engines.audio_emotion.plots import draw

    words: dict[str, Any] = dict(facts)
    for network, values in logits.items():
        for corpus, by_condition in course.scores(values).items():
            for condition, scores in by_condition.items():
                words.setdefault(network, {}).setdefault(corpus, {})[condition] = scores.words()
                print(
                    f"{network}, {corpus}, {condition}: unweighted average recall "
                    f"{scores.uar:.3f}, calibration error {scores.ece:.3f}"
                )
            name = network.replace("'", "").replace(" ", "-")
            title = f"{corpus}, speakers never heard ({network})"
            draw(by_condition["clean"], title, out / f"{name}-{corpus}.png")
    text = json.dumps(words, indent=1, default=str)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
