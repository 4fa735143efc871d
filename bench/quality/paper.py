"""The paper's table: acted pairs and held-out speakers, through each way of changing an emotion.

``python -m bench quality --paper``. Rows are ways: the geometric edit, and the generators whose
files are named. What a row needs and this machine lacks is said, and its cell stays empty.

``delta_emotion``, ``_valence`` and ``_arousal`` are by judges that nothing here has learnt from:
face-api's network, and action units by a regression that did not see the actor. What the FER2013
classifier says, which taught the generator, stands apart as ``delta_emotion_fer``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.quality import change, clips, data, frechet, measures
from bench.quality.blendshapes import BlendshapeJudge
from bench.quality.clips import Clip, Take
from bench.quality.judges import ExpressionJudge, FaceApiJudge, Floats, Identity, Judge, Pixels
from bench.quality.lip_sync import LipSync, Sync
from bench.quality.sharpness import face_sharpness
from bench.quality.sheets import Strips
from bench.quality.ways import Way, geometric, live_generator, paper_generator
from bench.report import Figure, Row, write_json
from engines.landmarks.follow import open_tracker
from engines.landmarks.tracker import LandmarkTracker
from engines.wav2lip_emotion.prepare import follow, keep
from engines.wav2lip_emotion.store import FPS, About
from realtime.sources.footage import sound
from realtime.types import Edit, Emotion, Frame

EMOTIONS = ("neutral", "happy", "sad")
"""The paper's; every one is changed into both others."""

FADED_IN = 10
"""Pictures until an edit has faded in; before that there is nothing to judge."""

TAUGHT = "fer"
"""The judge that the generator for calls learnt from."""

Face = tuple[Pixels, Floats]


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    p = argparse.ArgumentParser("bench quality --paper", description=__doc__)
    p.add_argument("--live", type=Path, metavar="F.onnx", help="the generator for calls")
    p.add_argument("--generator", type=Path, metavar="F.onnx", help="the paper's generator")
    p.add_argument("--mask", choices=("half", "full"), default="full", help="of that generator")
    p.add_argument("--expert", type=Path, help="weights of the lip-sync expert")
    p.add_argument("--stride", type=int, default=3, help="judge every n-th frame")
    p.add_argument("--max-seconds", type=float, default=4.0, help="of each clip")
    p.add_argument("--people", type=int, help="only the first N of those held out")
    p.add_argument("--further", action="store_true", help="the geometric edit at 1.5, too")
    p.add_argument("--sheets", type=Path, metavar="DIR", help="write contact sheets there")
    p.add_argument("--json", type=Path, metavar="F")
    return p


@dataclass(slots=True)
class Tally:
    """What one way did to every clip, a number for each; means go into the table."""

    emotion: dict[str, list[float | None]] = field(default_factory=dict[str, list[float | None]])
    valence: list[float | None] = field(default_factory=list[float | None])
    arousal: list[float | None] = field(default_factory=list[float | None])
    identity: list[float | None] = field(default_factory=list[float | None])
    sharpness: list[float | None] = field(default_factory=list[float | None])
    flicker: list[float | None] = field(default_factory=list[float | None])
    sync_before: list[float | None] = field(default_factory=list[float | None])
    sync_after: list[float | None] = field(default_factory=list[float | None])
    confidence_before: list[float | None] = field(default_factory=list[float | None])
    confidence_after: list[float | None] = field(default_factory=list[float | None])
    real: list[Floats] = field(default_factory=list[Floats])
    made: list[Floats] = field(default_factory=list[Floats])

    def figures(self) -> dict[str, Figure]:
        """Return the table's row."""
        before, after = change.mean(self.sync_before), change.mean(self.sync_after)
        many = len(self.real) > 1
        fid = frechet.distance(np.concatenate(self.real), np.concatenate(self.made))
        return {
            "delta_emotion": _rounded(change.mean(self._decided())),
            **{f"delta_emotion_{j}": _rounded(change.mean(v)) for j, v in self.emotion.items()},
            "delta_valence": _rounded(change.mean(self.valence)),
            "delta_arousal": _rounded(change.mean(self.arousal)),
            "lse_d": _rounded(after),
            "lse_d_ratio": _rounded(after / before if after and before else None),
            "lse_c": _rounded(change.mean(self.confidence_after)),
            "lse_c_before": _rounded(change.mean(self.confidence_before)),
            "frechet": _rounded(fid if many else None),
            "identity": _rounded(change.mean(self.identity)),
            "sharpness_ratio": _rounded(change.mean(self.sharpness)),
            "flicker_ratio": _rounded(change.mean(self.flicker)),
        }

    def _decided(self) -> list[float | None]:
        """Return the changes by judges that nobody learnt from."""
        return [
            share for name, shares in self.emotion.items() if name != TAUGHT for share in shares
        ]


class Examiner:
    """Everyone who judges, opened once."""

    def __init__(self, stride: int, expert: Path | None) -> None:
        self._judges: list[Judge] = [ExpressionJudge()]
        self._add(lambda: self._judges.append(FaceApiJudge()), "judge faceapi")
        self._units: list[BlendshapeJudge] = []
        self._add(lambda: self._units.append(BlendshapeJudge()), "judge units")
        self._of_others: dict[int, BlendshapeJudge] = {}
        self.identity = Identity()
        self.features = frechet.open_features()
        self.sync: list[LipSync] = []
        self._add(lambda: self.sync.append(LipSync(expert)), "LSE-D and LSE-C")
        self.stride = stride
        self.tracker: LandmarkTracker = open_tracker()[0]

    def _add(self, add: Callable[[], None], what: str) -> None:
        try:
            add()
        except data.DataMissing as missing:
            print(f"without {what}: {missing}")

    def opinions(self, faces: Sequence[Face], person: int) -> dict[str, Floats]:
        """Return each judge's [N, 7] of an actor; whoever was fitted on actors, not on this one."""
        for units in self._units:
            if person not in self._of_others:
                self._of_others[person] = units.without(person)
        judges = [*self._judges, *(j for p, j in self._of_others.items() if p == person)]
        return {judge.name: judge.batch(faces) for judge in judges}

    def lip_sync(self, pictures: Sequence[Sequence[Pixels]], heard: Floats) -> list[Sync | None]:
        """Measure clips of the same moments in the first one's squares."""
        if not self.sync or not len(heard):
            return [None for _ in pictures]
        followed = follow(pictures[0], self.tracker)
        about = About("")
        return [self.sync[0](keep(each, followed, heard, about)) for each in pictures]


def run(argv: Sequence[str]) -> int:
    """Measure and print. Exit code 0, also when the data is absent, which it says."""
    options = parser().parse_args(list(argv))
    try:
        examiner = Examiner(options.stride, options.expert)
        ways = list(_ways(options))
        tallies = {way.name: Tally() for way in ways}
        strips = Strips(options.sheets)
        for source, target in acted_pairs(clips.acted()):
            _try_pair(source, target, ways, tallies, examiner, strips, options.max_seconds)
        for clip in strangers(clips.known())[: options.people]:
            _try_speaker(clip, ways, tallies, examiner, strips, options.max_seconds)
        strips.close()
    except data.DataMissing as missing:
        print(f"skipped: {missing}")
        return 0
    rows = [Row.of(f"paper {name}", [0], **t.figures()) for name, t in tallies.items()]
    print(f"Frechet distance by {examiner.features.name} features")
    for name, tally in tallies.items():
        print(name + "  " + "  ".join(f"{k} {v}" for k, v in tally.figures().items()))
    if options.json:
        write_json(rows, options.json)
    return 0


def _ways(options: argparse.Namespace) -> Iterator[Way]:
    yield geometric()
    if options.further:
        yield geometric(1.5)
    if options.live:
        yield live_generator(options.live)
    if options.generator:
        yield paper_generator(options.generator, options.mask)


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
    source: Clip,
    target: Clip,
    ways: Sequence[Way],
    tallies: dict[str, Tally],
    examiner: Examiner,
    strips: Strips,
    seconds: float,
) -> None:
    """Tell how much of an actor's change each way makes."""
    emotion = str(target.acted)
    before, there = (clips.take(clip, seconds) for clip in (source, target))
    acted = examiner.opinions(there.faces(examiner.stride), target.person)
    strip = strips.begin(f"{source.person} {source.acted} to {emotion}", before)
    real = examiner.features(there.faces(examiner.stride))
    for way in ways:
        after = clips.tracked(way.change(before.frames, Edit(Emotion(emotion)), _no_sound()))
        strip.add(after)
        was, now = _both(before, after, examiner.stride)
        tally = tallies[way.name]
        opinions = (examiner.opinions(faces, source.person) for faces in (was, now))
        for judge, (s, g, d) in _by_judge(*opinions, acted):
            neutral = emotion == "neutral"
            likely = [change.likelihood(p, emotion) for p in (s, g, d)]
            share = change.normalised(*likely, to_neutral=neutral)
            tally.emotion.setdefault(judge, []).append(share)
            if judge == TAUGHT:
                continue
            pleasant = [change.valence(p) for p in (s, g, d)]
            tally.valence.append(change.normalised(*pleasant, to_neutral=neutral))
            excited = [change.arousal(p) for p in (s, g, d)]
            tally.arousal.append(change.normalised(*excited, to_neutral=neutral))
        tally.real.append(real)
        tally.made.append(examiner.features(now))
        _compare(was, now, before, after, tally, examiner)


def _by_judge(*opinions: dict[str, Floats]) -> Iterator[tuple[str, list[Floats]]]:
    for judge in opinions[0]:
        yield judge, [each[judge] for each in opinions]


def _try_speaker(
    clip: Clip,
    ways: Sequence[Way],
    tallies: dict[str, Tally],
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
            after = clips.tracked(way.change(before.frames, Edit(emotion), heard))
            strip.add(after)
            was, now = _both(before, after, examiner.stride)
            if len(now) > 2:
                _compare(was, now, before, after, tallies[way.name], examiner)
            if round(1 / _period(before.frames)) == FPS:
                tried = examiner.lip_sync((before.rgb, after.rgb), heard)
                _note_sync(tallies[way.name], *tried)


def _note_sync(tally: Tally, before: Sync | None, after: Sync | None) -> None:
    if before is not None and after is not None:
        tally.sync_before.append(before.distance)
        tally.sync_after.append(after.distance)
        tally.confidence_before.append(before.confidence)
        tally.confidence_after.append(after.confidence)


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


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
