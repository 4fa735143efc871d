"""``visavis train wav2lip-emotion``: prepare recordings, then train as a recipe says."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from engines.wav2lip_emotion.lateness import lateness
from engines.wav2lip_emotion.recipe import LIMITS, Recipe
from engines.wav2lip_emotion.store import FPS
from engines.wav2lip_emotion.windows import Clip
from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.commands.progress import progress
from realtime.config import Config
from realtime.schema import ConfigError, read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EVERY = 50
"""Steps between two lines where there is no terminal."""


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "the generator that changes the emotion of a talking face, and its lip-sync expert"
    parser = subparsers.add_parser(
        "wav2lip-emotion",
        help=line,
        description=f"Train {line}. What was begun is gone on with.",
    )
    # Not ``config``, which is visavis' own settings.
    parser.add_argument(
        "--config", dest="recipe", metavar="R.toml", type=Path, required=True, help="the recipe"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes that cut out faces"
    )
    parser.add_argument("--prepare", action="store_true", help="only cut out faces")


def run(args: argparse.Namespace, config: Config) -> int:
    """Prepare what is missing, then train."""
    recipe = read_recipe(args.recipe)
    _prepare(recipe, args.workers)
    if recipe.stage == "live" or (recipe.stage == "paper" and recipe.edits):
        _edit(recipe, args.workers)
    return Exit.FINE if args.prepare else _train(recipe)


def read_recipe(path: Path) -> Recipe:
    """read a recipe from TOML.

    Raises:
        ConfigError: it cannot be read, or something in it is unknown or out of its range.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return read(Recipe, table, LIMITS)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ConfigError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _prepare(recipe: Recipe, workers: int) -> None:
    from realtime.commands.wav2lip_clips import prepare_all, tasks_of

    tasks = tasks_of(recipe)
    with progress("cutting out faces", len(tasks)) as tell:
        failed = prepare_all(tasks, workers, tell)
    for line in failed:
        print(f"left out: {line}", file=sys.stderr)
    print(f"{len(tasks) - len(failed)} of {len(tasks)} clips are prepared in {recipe.prepared}")


def _edit(recipe: Recipe, workers: int) -> None:
    from realtime.commands.wav2lip_clips import tasks_of
    from realtime.commands.wav2lip_edits import teach_all, tuitions_of

    if not recipe.edits:
        raise CommandError("the recipe names no folder for edited clips (edits = ...)", Exit.USAGE)
    tuitions = tuitions_of(recipe, tasks_of(recipe))
    with progress("editing clips", len(tuitions)) as tell:
        failed = teach_all(tuitions, workers, tell)
    for line in failed:
        print(f"left out: {line}", file=sys.stderr)
    print(f"{len(tuitions) - len(failed)} clips were edited into {recipe.edits}")


def _train(recipe: Recipe) -> int:
    try:
        from engines.wav2lip_emotion import learners, training
    except ImportError as error:
        raise CommandError(f"{error}: pip install 'visavis[train]'", Exit.MISSING) from error
    try:
        clips = learners.read_clips(Path(recipe.prepared))
        _tell_lateness(clips)
        learner = learners.learner_of(recipe, clips)
        plan = learners.plan_of(recipe)
        with progress(f"training {recipe.stage}", recipe.steps) as tell:

            def told(done: int, losses: str) -> None:
                tell(done)
                if not sys.stderr.isatty() and done % EVERY == 0:
                    print(f"step {done}: {losses}", flush=True)

            training.train(learner, plan, Path(recipe.out), told)
    except training.TrainingError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error
    print(f"{recipe.out}: {training.CHECKPOINT}, {training.LOG}, {training.PLOT}")
    _export(Path(recipe.out), "expert" if recipe.stage == "expert" else "generator")
    return Exit.FINE


def _tell_lateness(clips: Sequence[Clip]) -> None:
    """Say which clips' sound will be put in step: their files are not."""
    for clip in clips:
        found = lateness(clip)
        if found.clear and abs(found.seconds) > 1 / FPS / 2:
            late = round(1000 * found.seconds)
            print(f"{clip.about.source}: its sound is {late:+d} ms late; it is put in step")


def _export(folder: Path, name: str) -> None:
    from engines.engine import EngineError
    from engines.wav2lip_emotion import export, training

    path = folder / f"{name}.onnx"
    try:
        off = export.write(folder / training.CHECKPOINT, path)
    except EngineError as error:
        raise CommandError(str(error), Exit.MISSING) from error
    print(f"{path}: within {off:.1e} of the network")
