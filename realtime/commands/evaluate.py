"""``visavis evaluate``: how often our networks are right, on recordings that the user has."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.commands.progress import progress
from realtime.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from engines.audio_emotion.corpora import Utterance
    from engines.audio_emotion.estimator import StreamEstimator
    from engines.audio_emotion.evaluation import Evaluation
    from engines.audio_emotion.scores import Scores
    from realtime.types import Floats

CONDITIONS = ("clean", "telephone", "noise")


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "evaluate",
        help="tell how often a network of ours is right about recordings",
        description="Ask the network that hears emotion about recordings, whole and as streams.",
    )
    parser.add_argument("what", choices=("audio-emotion",), metavar="audio-emotion")
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="F.csv",
        help="columns file, speaker and emotion; files relative to the CSV or absolute",
    )
    parser.add_argument("--json", type=Path, metavar="R.json", help="write the figures here too")
    parser.add_argument("--plot", type=Path, metavar="F.png", help="draw confusion and calibration")
    parser.add_argument(
        "--heard-as",
        choices=CONDITIONS,
        default="clean",
        help="as it is, by telephone, or with noise 10 dB below the voice",
    )
    parser.add_argument("--corpus", metavar="NAME", help="only rows whose column corpus says this")
    networks = parser.add_mutually_exclusive_group()
    networks.add_argument("--weights", type=Path, metavar="F.onnx", help="another network")
    networks.add_argument(
        "--course",
        type=Path,
        metavar="DIR",
        help="what 'visavis train' wrote: each speaker is heard by the network that never heard "
        "that speaker",
    )
    parser.add_argument("--backend", metavar="NAME", help="who runs the network")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Hear everything and tell."""
    import numpy as np

    from engines.audio_emotion.conditions import in_condition
    from engines.audio_emotion.evaluation import evaluate
    from realtime.commands.recordings import read_sound

    utterances = _utterances(args.labels, args.corpus)

    def sound_of(utterance: Utterance) -> Floats:
        random = np.random.default_rng(crc32(utterance.path.name.encode()))
        return in_condition(read_sound(utterance.path), args.heard_as, random)

    estimator_of = _estimators(args, utterances)
    with progress("listening", len(utterances)) as tell:
        found = evaluate(utterances, estimator_of, sound_of, tell)
    _show(found)
    if args.json:
        words = {"labels": str(args.labels), "heard_as": args.heard_as, **found.words()}
        args.json.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")
    if args.plot:
        from engines.audio_emotion.plots import draw

        draw(found.whole, args.labels.name, args.plot)
    return Exit.FINE


def _utterances(labels: Path, corpus: str | None) -> list[Utterance]:
    from engines.audio_emotion.corpora import CorpusError, read_labels

    try:
        found = read_labels(labels)
    except CorpusError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error
    chosen = [u for u in found if corpus is None or u.corpus == corpus]
    if not chosen:
        raise CommandError(f"{labels} has no row of the corpus {corpus!r}", Exit.USAGE)
    return chosen


def _estimators(
    args: argparse.Namespace, utterances: list[Utterance]
) -> Callable[[Utterance], StreamEstimator]:
    from engines.audio_emotion.network import WEIGHTS
    from engines.audio_emotion.opening import open_estimator
    from engines.engine import AUTO, EngineError

    backends = [args.backend] if args.backend else list(AUTO)
    try:
        if args.course is None:
            one = open_estimator(backends, weights=args.weights or WEIGHTS)
            return lambda utterance: one
        dealt = json.loads((args.course / "folds.json").read_text(encoding="utf-8"))
        strange = sorted({u.speaker for u in utterances} - dealt.keys())
        if strange:
            raise CommandError(f"{args.course} knows no speaker {strange[0]}", Exit.USAGE)
        by_fold = {
            fold: open_estimator(backends, weights=args.course / f"fold-{fold}.onnx")
            for fold in set(dealt.values())
        }
    except EngineError as error:
        raise CommandError(str(error), Exit.MISSING) from error
    except (OSError, ValueError) as error:
        raise CommandError(f"{args.course} is no finished course ({error})", Exit.USAGE) from error
    return lambda utterance: by_fold[dealt[utterance.speaker]]


def _show(found: Evaluation) -> None:
    for name, scores in (("whole utterances", found.whole), ("streams, last word", found.stream)):
        print(f"{name}: unweighted average recall {scores.uar:.3f} of {scores.count}")
        for emotion, recall in scores.recall.items():
            print(f"  {emotion:<9} {recall:.3f}")
        print(f"  calibration error {scores.ece:.3f}")
        _table(scores)
    print(f"streams that end as the whole is heard: {found.agreement:.1%}")
    print(f"recordings without speech, as far as was heard: {found.silent:.1%}")
    median, worst = found.first_s
    print(f"first estimate after speech begins: {median:.2f} s, at worst {worst:.2f} s")


def _table(scores: Scores) -> None:
    from engines.audio_emotion.estimate import EMOTIONS

    heads = [*(name[:6] for name in EMOTIONS), "nothing"]
    print("  meant, heard" + "".join(f"{head:>8}" for head in heads))
    for emotion, row in zip(EMOTIONS, scores.confusion, strict=True):
        if row.any():
            print(f"  {emotion:<12}" + "".join(f"{count:>8}" for count in row))
