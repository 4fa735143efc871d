"""``python -m bench quality``: the edit measured on real faces."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.quality import clips, data, measures, sheets, summary, trial
from bench.quality.blendshapes import BlendshapeJudge, Blendshapes
from bench.quality.judges import (
    LABELS,
    ExpressionJudge,
    FaceApiJudge,
    Identity,
    Judge,
    use_one_core,
)
from bench.quality.measures import Effect
from bench.report import Row, write_json
from realtime.types import Edit, Emotion

ALL = [e.value for e in Emotion if e is not Emotion.NEUTRAL]


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    p = argparse.ArgumentParser("bench quality", description=__doc__)
    p.add_argument("--clips", type=Path, help="a folder of clips of one's own")
    p.add_argument("--emotions", default=",".join(ALL), help="a comma between each")
    p.add_argument("--intensity", type=float, default=1.0)
    p.add_argument("--stride", type=int, default=3, help="judge every n-th frame")
    p.add_argument("--max-seconds", type=float, default=4.0, help="of each clip")
    p.add_argument("--people", type=int, help="only the first N")
    p.add_argument("--only", help="only these persons: numbers with a comma between each")
    p.add_argument("--judges", default="fer,ferwide,faceapi,units")
    p.add_argument("--held-out", action="store_true", help="the people kept from tuning")
    p.add_argument("--acted", action="store_true", help="judge acted clips, without an edit")
    p.add_argument("--untouched", action="store_true", help="measure a filter that does nothing")
    p.add_argument("--faces", action="store_true", help="a line for each face too")
    p.add_argument("--json", type=Path, metavar="F")
    p.add_argument("--sheets", type=Path, metavar="DIR", help="write contact sheets there")
    p.add_argument("--portrait", type=Path, metavar="FILE.png", help="only draw README's picture")
    return p


def run(argv: Sequence[str]) -> int:
    """Measure and print. Exit code 0, also when the data is absent, which it says."""
    options = parser().parse_args(list(argv))
    use_one_core()
    try:
        if options.portrait:
            sheets.portrait(options.portrait, options.intensity)
        elif options.acted:
            _acted(options)
        else:
            _measure(options)
    except data.DataMissing as missing:
        print(f"skipped: {missing}")
    return 0


def _judges(names: str, stack: ExitStack) -> list[Judge]:
    """Open the judges named; one whose weights are absent is left out, and said."""
    asked = (_open(name, stack) for name in names.split(","))
    return [judge for judge in asked if judge is not None]


def _open(name: str, stack: ExitStack) -> Judge | None:
    try:
        if name == "fer":
            return ExpressionJudge()
        if name == "ferwide":
            return ExpressionJudge.wide()
        if name == "faceapi":
            return FaceApiJudge()
        if name == "units":
            shapes = Blendshapes()
            stack.callback(shapes.close)
            return BlendshapeJudge(shapes=shapes)
    except data.DataMissing as missing:
        print(f"without judge {name}: {missing}")
        return None
    raise SystemExit(f"no judge is called {name}; there are fer, ferwide, faceapi and units")


def _chosen(options: argparse.Namespace) -> list[clips.Clip]:
    if options.clips:
        found = clips.in_folder(options.clips)
    else:
        found = clips.one_each(clips.known(), held_out=options.held_out)
    if options.only:
        wanted = [int(n) for n in options.only.split(",")]
        found = [clip for clip in found if clip.person in wanted]
    return found[: options.people]


def _measure(options: argparse.Namespace) -> None:
    emotions = [Emotion(name) for name in options.emotions.split(",")]
    effects: dict[Emotion, list[Effect]] = {emotion: [] for emotion in emotions}
    albums = {emotion: sheets.Album() for emotion in emotions}
    with ExitStack() as stack:
        judges = _judges(options.judges, stack)
        filtering = trial.unfiltered if options.untouched else trial.through_filter
        bench = trial.Bench(judges, Identity(), options.stride, filtering)
        for clip in _chosen(options):
            _try_all(clip, bench, effects, albums, options)
    if not any(effects.values()):
        print("skipped: no clip with a face")
        return
    names = [judge.name for judge in judges]
    rows: list[Row] = []
    print(summary.heading(names))
    for emotion in emotions:
        rows.append(summary.row(f"quality {emotion.value}", effects[emotion]))
        print(summary.line(emotion.value, names, effects[emotion]))
        if options.faces:
            print("\n".join(summary.detail(effect) for effect in effects[emotion]))
        if options.sheets:
            albums[emotion].write(options.sheets, emotion.value)
    if options.json:
        write_json(rows, options.json)


def _try_all(
    clip: clips.Clip,
    bench: trial.Bench,
    effects: dict[Emotion, list[Effect]],
    albums: dict[Emotion, sheets.Album],
    options: argparse.Namespace,
) -> None:
    """Try every emotion on one clip, so that it is decoded and judged before an edit only once."""
    print(
        f"\rperson {clip.person:>3} {clip.path.name[:50]:<50}", end="", file=sys.stderr, flush=True
    )
    before = trial.look(clip, bench, options.max_seconds)
    if before is None:
        return
    for emotion in effects:
        edit = Edit(emotion, options.intensity)
        effect, after = trial.try_out(before, emotion, edit, bench)
        effects[emotion].append(effect)
        if options.sheets:
            albums[emotion].add(clip, before.take, after)


def _acted(options: argparse.Namespace) -> None:
    """Print how often each judge says what an actor was asked for: the bar for the edit."""
    shown = [clip for clip in clips.acted() if clip.acted in LABELS]
    print("share of frames of acted clips in which the acted emotion wins (each actor)")
    with ExitStack() as stack:
        seen = [(clip, clips.take(clip).faces(options.stride)) for clip in shown]
        for name in options.judges.split(","):
            judges = _by_actor(name, {clip.person for clip in shown}, stack)
            shares: dict[str, list[float]] = {}
            for clip, faces in seen if judges else ():
                label = LABELS.index(str(clip.acted))
                won = measures.win_share(judges[clip.person].batch(faces), label)
                shares.setdefault(str(clip.acted), []).append(won)
            told = (f"{e} {sum(s) / len(s):.2f} {_rounded(s)}" for e, s in shares.items())
            print(f"{name:<8} " + "  ".join(told))


def _rounded(shares: Sequence[float]) -> list[float]:
    return [round(share, 2) for share in shares]


def _by_actor(name: str, actors: set[int], stack: ExitStack) -> dict[int, Judge]:
    """Return who judges each actor: for a judge that is fitted on actors, one fitted without."""
    judge = _open(name, stack)
    if judge is None:
        return {}
    if isinstance(judge, BlendshapeJudge):
        return {actor: judge.without(actor) for actor in actors}
    return dict.fromkeys(actors, judge)
