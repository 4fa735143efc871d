"""Everyone who judges what a way of changing an emotion makes, opened once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.quality import data, frechet
from bench.quality.blendshapes import BlendshapeJudge
from bench.quality.judges import ExpressionJudge, FaceApiJudge, Floats, Identity, Judge, Pixels
from bench.quality.lip_sync import LipSync, Sync
from bench.quality.syncnet import PublishedLipSync
from engines.landmarks.follow import open_tracker
from engines.landmarks.tracker import LandmarkTracker
from engines.wav2lip_emotion.prepare import follow, keep
from engines.wav2lip_emotion.store import About

Face = tuple[Pixels, Floats]

OWN, SYNCNET = "", "syncnet_"
"""What the figures of each expert for lip sync begin with."""


class Examiner:
    """Judges of emotion, identity and lips; who lacks a file is left out, which is said.

    Args:
        stride: judge every n-th picture.
        expert: weights of the lip-sync expert; None looks where they usually lie.
    """

    def __init__(self, stride: int, expert: Path | None) -> None:
        self._judges: list[Judge] = [ExpressionJudge()]
        self._add(lambda: self._judges.append(FaceApiJudge()), "judge faceapi")
        self._units: list[BlendshapeJudge] = []
        self._add(lambda: self._units.append(BlendshapeJudge()), "judge units")
        self._of_others: dict[int, BlendshapeJudge] = {}
        self.identity = Identity()
        self.features = frechet.open_features()
        self._sync: list[LipSync] = []
        self._add(lambda: self._sync.append(LipSync(expert)), "LSE-D and LSE-C")
        self._published: list[PublishedLipSync] = []
        self._add(lambda: self._published.append(PublishedLipSync()), "LSE by SyncNet")
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

    def lip_sync(
        self, pictures: Sequence[Sequence[Pixels]], heard: Floats
    ) -> dict[str, list[Sync | None]]:
        """Measure clips of the same moments in the first one's squares, by every expert's name."""
        if not len(heard) or not (self._sync or self._published):
            return {}
        followed = follow(pictures[0], self.tracker)
        about = About("")
        kept = [keep(each, followed, heard, about) for each in pictures] if self._sync else []
        told: dict[str, list[Sync | None]] = {}
        for expert in self._sync:
            told[OWN] = [expert(each) for each in kept]
        for expert in self._published:
            told[SYNCNET] = [expert(each, followed, heard) for each in pictures]
        return told
