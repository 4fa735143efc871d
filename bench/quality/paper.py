"""The paper's table: acted pairs and held-out speakers, through each way of changing an emotion.

``python -m bench quality --paper``. Rows are ways: the geometric edit, and the generators whose
files are named. What a row needs and this machine lacks is said, and its cell stays empty. The
paper's generators know one change of emotion each: there every way has a second row, of that alone.

``delta_emotion``, ``_valence`` and ``_arousal`` are by judges that nothing here has learnt from:
face-api's network, and action units by a regression that did not see the actor. What the FER2013
classifier says, which taught the generator, stands apart as ``delta_emotion_fer``, and each change
of emotion by itself as ``delta_emotion_happy_to_sad`` and alike; the mean is over these, as in the
paper. A judge who sees an actor's change go the wrong way is not asked about it; with such judges
the mean is ``delta_emotion_with_contrary``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.quality import change, clips, data, measures
from bench.quality.clips import Clip, Take
from bench.quality.examiner import OWN, Examiner, Face
from bench.quality.judges import Floats
from bench.quality.lip_sync import Sync
from bench.quality.sharpness import face_sharpness
from bench.quality.sheets import Strips
from bench.quality.tally import SPEAKS, TAUGHT, Table, Tally
from bench.quality.ways import (
    Way,
    geometric,
    live_generator,
    paper_generator,
    taught_by_actors,
)
from bench.report import Row, write_json
from engines.wav2lip_emotion.recipe import WEIGHTS
from engines.wav2lip_emotion.store import FPS
from realtime.sources.footage import sound
from realtime.types import Edit, Emotion, Frame

EMOTIONS = ("neutral", "happy", "sad")
"""The paper's; every one is changed into both others."""

REST_S = 2.0
"""As much of an actor's neutral clip shows that face at rest."""

FADED_IN = 10
"""Pictures until an edit has faded in; before that there is nothing to judge."""


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    p = argparse.ArgumentParser("bench quality --paper", description=__doc__)
    p.add_argument("--live", type=Path, metavar="F.onnx", help="the generator for calls")
    p.add_argument(
        "--live-without",
        type=apart,
        action="append",
        default=[],
        metavar="PERSON:F.onnx",
        help="one that acted pairs taught, too, but not this actor's; who has another is measured "
        "by that, and everybody else by the first",
    )
    p.add_argument(
        "--generator",
        type=trained,
        action="append",
        default=[],
        metavar="VARIANT:MASK:EMOTION:F.onnx",
        help="one of the paper's, which makes EMOTION of a neutral face: both:full:happy:F.onnx",
    )
    p.add_argument("--expert", type=Path, help="weights of the lip-sync expert")
    p.add_argument("--stride", type=int, default=3, help="judge every n-th frame")
    p.add_argument("--max-seconds", type=float, default=4.0, help="of each clip")
    p.add_argument("--people", type=int, help="only the first N of those held out")
    p.add_argument("--further", action="store_true", help="the geometric edit at 1.5, too")
    p.add_argument(
        "--rest",
        action="store_true",
        help="the edit and the generator once more, shown each actor at rest beforehand",
    )
    p.add_argument("--sheets", type=Path, metavar="DIR", help="write contact sheets there")
    p.add_argument("--json", type=Path, metavar="F")
    return p


def run(argv: Sequence[str]) -> int:
    """Measure and print. Exit code 0, also when the data is absent, which it says."""
    options = parser().parse_args(list(argv))
    try:
        examiner = Examiner(options.stride, options.expert)
        ways = list(_ways(options))
        table = Table(ways)
        strips = Strips(options.sheets)
        acted = clips.acted()
        rests = {c.person: list(clips.decode(c.path, REST_S)) for c in acted if c.acted == SPEAKS}
        for pair in acted_pairs(acted):
            rest = rests.get(pair[0].person, [])
            _try_pair(pair, rest, ways, table, examiner, strips, options.max_seconds)
        for clip in strangers(clips.known())[: options.people]:
            _try_speaker(clip, ways, table, examiner, strips, options.max_seconds)
        strips.close()
    except data.DataMissing as missing:
        print(f"skipped: {missing}")
        return 0
    figures = {name: tally.figures() for name, tally in table.rows()}
    rows = [Row.of(f"paper {name}", [0], **row) for name, row in figures.items()]
    print(f"Frechet distance by {examiner.features.name} features")
    for name, row in figures.items():
        print(name + "  " + "  ".join(f"{k} {v}" for k, v in row.items()))
    if options.json:
        write_json(rows, options.json)
    return 0


def trained(text: str) -> Way:
    """Return the way that ``VARIANT:MASK:EMOTION:F.onnx`` names.

    Raises:
        ValueError: it names none.
    """
    variant, mask, emotion, path = text.split(":", 3)
    if mask not in ("half", "full") or variant not in WEIGHTS or not Path(path).is_file():
        raise ValueError(text)
    return paper_generator(Path(path), mask, variant, Emotion(emotion))


def apart(text: str) -> tuple[int, Path]:
    """Return person and file of ``PERSON:F.onnx``.

    Raises:
        ValueError: it names none.
    """
    person, path = text.split(":", 1)
    if not Path(path).is_file():
        raise ValueError(text)
    return int(person), Path(path)


def _ways(options: argparse.Namespace) -> Iterator[Way]:
    known = [geometric()]
    if options.further:
        known.append(geometric(1.5))
    if options.live:
        known.append(live_generator(options.live))
    if options.live_without:
        known.append(taught_by_actors(dict(options.live_without)))
    yield from known
    if options.rest:
        yield from (way.knowing_rest() for way in known)
    yield from options.generator


def acted_pairs(acted: Sequence[Clip]) -> list[tuple[Clip, Clip]]:
    """Return each actor's clips of ``EMOTIONS``, each with both others."""
    shown = [clip for clip in acted if clip.acted in EMOTIONS]
    return [
        (source, target)
        for source in shown
        for target in shown
        if source.person == target.person and source.acted != target.acted
    ]


def strangers(known: Sequence[Clip]) -> list[Clip]:
    """Return a clip of each held-out person of whom the generator for calls saw nothing either."""
    held_out = clips.one_each(known, held_out=True)
    return [clip for clip in held_out if clip.person not in clips.TAUGHT]


def _try_pair(
    pair: tuple[Clip, Clip],
    rest: Sequence[Frame],
    ways: Sequence[Way],
    table: Table,
    examiner: Examiner,
    strips: Strips,
    seconds: float,
) -> None:
    """Tell how much of an actor's change each way makes; ``rest`` shows that actor at rest."""
    source, target = pair
    emotion = str(target.acted)
    before, there = (clips.take(clip, seconds) for clip in (source, target))
    acted = examiner.opinions(there.faces(examiner.stride), target.person)
    strip = strips.begin(f"{source.person} {source.acted} to {emotion}", before)
    real = examiner.features(there.faces(examiner.stride))
    for way in ways:
        rows = table.rows_of(way, source.acted, Emotion(emotion))
        if not rows:
            strip.skip()
            continue
        shown = rest if way.rested else ()
        make = way.to(source.person)
        made = make(before.frames, Edit(Emotion(emotion)), _no_sound(), shown)
        after = clips.tracked(made)
        strip.add(after)
        was, now = _both(before, after, examiner.stride)
        tally = Tally()
        opinions = (examiner.opinions(faces, source.person) for faces in (was, now))
        for judge, likely in _by_judge(*opinions, acted):
            _judge(tally, judge, likely, (str(source.acted), emotion))
        tally.real.append(real)
        tally.made.append(examiner.features(now))
        _compare(was, now, before, after, tally, examiner)
        for row in rows:
            row.extend(tally)


def _judge(tally: Tally, judge: str, opinions: Sequence[Floats], pair: tuple[str, str]) -> None:
    """Note what a judge says of a source, of what was made of it, and of the acted clip."""
    source, emotion = pair
    neutral = emotion == "neutral"
    was, now, should = (change.likelihood(p, emotion) for p in opinions)
    share = change.normalised(was, now, should, to_neutral=neutral)
    against = change.contrary(was, should)
    tally.judged(judge, f"{source}_to_{emotion}", share, contrary=against)
    if judge == TAUGHT:
        return
    for shares, read, lies in (
        (tally.valence, change.valence, change.VALENCE),
        (tally.arousal, change.arousal, change.AROUSAL),
    ):
        was, now, should = (read(p) for p in opinions)
        if not change.contrary(was, should, rising=lies[emotion] > lies[source]):
            shares.append(change.normalised(was, now, should, to_neutral=neutral))


def _by_judge(*opinions: dict[str, Floats]) -> Iterator[tuple[str, list[Floats]]]:
    for judge in opinions[0]:
        yield judge, [each[judge] for each in opinions]


def _try_speaker(
    clip: Clip,
    ways: Sequence[Way],
    table: Table,
    examiner: Examiner,
    strips: Strips,
    seconds: float,
) -> None:
    """Tell what becomes of lips, identity and sharpness of who speaks and was not learnt from."""
    before = clips.take(clip, seconds)
    heard = sound(clip.path)
    for emotion in (Emotion.HAPPY, Emotion.SAD):
        strip = strips.begin(f"{clip.person} to {emotion.value}", before)
        for way in ways:
            rows = table.rows_of(way, None, emotion)
            if not rows:
                strip.skip()
                continue
            make = way.to(clip.person)
            after = clips.tracked(make(before.frames, Edit(emotion), heard, ()))
            strip.add(after)
            was, now = _both(before, after, examiner.stride)
            tally = Tally()
            if len(now) > 2:
                _compare(was, now, before, after, tally, examiner)
            if round(1 / _period(before.frames)) == FPS:
                told = examiner.lip_sync((before.rgb, after.rgb), heard)
                if way is ways[0] and emotion is Emotion.HAPPY:
                    _say_lateness(clip, told.get(OWN, [None])[0])
                for expert, (untouched, changed) in told.items():
                    if untouched and changed:
                        tally.synced(expert, untouched, changed)
            for row in rows:
                row.extend(tally)


def _say_lateness(clip: Clip, untouched: Sync | None) -> None:
    if untouched:
        late = f"sound {untouched.offset:+d} pictures late, LSE-C {untouched.confidence:.3f}"
        print(f"person {clip.person}, untouched: {late}")


def _compare(
    was: Sequence[Face],
    now: Sequence[Face],
    before: Take,
    after: Take,
    tally: Tally,
    examiner: Examiner,
) -> None:
    same = measures.cosine(examiner.identity.batch(was), examiner.identity.batch(now))
    tally.identity.append(same)
    sharp = [(face_sharpness(*a), face_sharpness(*b)) for a, b in zip(was, now, strict=True)]
    tally.sharpness += [b / a for a, b in sharp if a and b is not None]
    pairs = [
        (a, b)
        for a, b in zip(before.points, after.points, strict=True)
        if a is not None and b is not None
    ]
    if len(pairs) > 5:
        was_points, now_points = (np.stack([pair[k] for pair in pairs]) for k in (0, 1))
        tally.flicker.append(measures.jitter(now_points) / measures.jitter(was_points))


def _both(before: Take, after: Take, stride: int) -> tuple[list[Face], list[Face]]:
    """Return faces before and after, of the moments at which both are found."""
    was: list[Face] = []
    now: list[Face] = []
    for k in range(FADED_IN, len(before.rgb), stride):
        a, b = before.points[k], after.points[k]
        if a is not None and b is not None:
            was.append((before.rgb[k], a))
            now.append((after.rgb[k], b))
    return was, now


def _period(frames: Sequence[Frame]) -> float:
    return (frames[-1].captured - frames[0].captured) / 1e9 / max(1, len(frames) - 1)


def _no_sound() -> Floats:
    return np.zeros(0, np.float32)
