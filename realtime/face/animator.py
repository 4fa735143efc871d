"""From what a face shows to what it shall show: one mesh in motion per face and picture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from kernels import cpu
from realtime.face import basis, furrows, mesh
from realtime.face.emotion import Wish, driven, expressive, wish
from realtime.face.expression import Rest, coefficients
from realtime.face.guard import LidGuard, LipGuard, opening
from realtime.face.liveliness import enliven
from realtime.face.motion import Animation, Motion, Pose
from realtime.face.pose import Head, find_head
from realtime.face.presence import Presence
from realtime.face.ramp import Ramp
from realtime.face.smoothing import OneEuro
from realtime.face.tracker import FORGET_NS
from realtime.types import Edit, Floats, Landmarks

FADE_NS = 250_000_000
"""How long the edit of a lost face may linger while it fades."""

DRIVE_MS = 60.0
"""How long a coefficient that drives the face takes to arrive: two pictures of its sender, so that
it does not jump from one to the next."""

SATURATION = 0.5
"""How much of what a face already shows of an emotion counts towards it."""

UNCOVERED, MOST_UNCOVERED = 0.5, 0.3
"""Share of the lips' gap that goes with a smile of 1, and with any, for a smile uncovers the teeth:
two actors whose smiles read as 0.4 and 0.6 have their lips 1.5 and 1.4 times as far apart as in the
same sentence without."""


@dataclass(slots=True)
class _Person:
    """What is remembered of one face."""

    smooth: OneEuro = field(default_factory=lambda: OneEuro(min_cutoff_hz=4.0, beta=6.0))
    rest: Rest = field(default_factory=Rest)
    calm: OneEuro = field(default_factory=lambda: OneEuro(min_cutoff_hz=0.4, beta=0.2))
    smile: OneEuro = field(default_factory=lambda: OneEuro(min_cutoff_hz=0.1, beta=0.0))
    lips: LipGuard = field(default_factory=LipGuard)
    lids: LidGuard = field(default_factory=LidGuard)
    presence: Presence = field(default_factory=Presence)
    face: Landmarks | None = None
    seen: int = 0


class Animator:
    """Keeps one memory per face and moves each mesh towards the wish.

    Args:
        still: for photographs: no ramps and no fades, the edit is there at once.
    """

    name = "animate"

    def __init__(self, *, still: bool = False) -> None:
        self._still = still
        self._people: dict[int, _Person] = {}
        self._ramp = Ramp()
        self._drive = Ramp()
        self._begun = False

    def __call__(self, pose: Pose, /) -> Animation:
        """Return the motions of this picture; faces that need none have none."""
        if self._still:
            self.reset()
        want = self._want(pose.edit, pose.now)
        motions: list[Motion] = []
        presence = 0.0
        shows: dict[str, float] = {}
        shown: dict[str, float] = {}
        for i, face in enumerate(pose.faces):
            motion, seen, own, edited = self._animate(face, want, pose.now)
            if motion is not None:
                motions.append(motion)
            if i == 0:
                presence, shows, shown = seen, _named(own), _named(edited)
        motions.extend(self._fading(pose, want))
        self._forget(pose.now)
        self._begun = True
        return Animation(tuple(motions), presence, shows, shown)

    def reset(self) -> None:
        """Forget everybody."""
        self._people.clear()
        self._ramp = Ramp()
        self._drive = Ramp()
        self._begun = False

    def close(self) -> None:
        """Nothing is held."""

    def _want(self, edit: Edit, now: int) -> Wish:
        """Return what to show now: the emotion on its ramp, and what drives the face on top."""
        chosen = replace(edit, coefficients=()) if edit.coefficients else edit
        want = self._ramp(wish(chosen), now, 0.0 if self._still else edit.ramp_ms)
        drive = self._drive(driven(edit), now, 0.0 if self._still else min(DRIVE_MS, edit.ramp_ms))
        return Wish(want.add + drive.add, want.calm, want.shade)

    def _animate(
        self, face: Landmarks, want: Wish, now: int
    ) -> tuple[Motion | None, float, Floats, Floats]:
        person = self._people.get(face.track)
        if person is None:
            start = 0.0 if self._begun else 1.0
            person = self._people[face.track] = _Person(presence=Presence(start))
        if face.score > 0:
            person.seen, person.face = now, face
        unit = float(np.linalg.norm(face.points[33] - face.points[263]))
        points = person.smooth(face.points, now, unit)
        head = find_head(points, mesh.canonical())
        canonical = head.to_canonical(points)
        if face.captured == now:
            person.rest.learn(canonical, now)
        shows = coefficients(canonical, person.rest.points)
        sure = person.presence(head, face, now) if not self._still else 1.0
        slowly = person.calm(shows, now)
        delta = _difference(want, slowly) * sure
        nearer = sure * _uncovered(want, person.smile(slowly[_SMILES], now))
        delta = person.lips.yielding(delta, canonical, now)
        if not self._still:
            delta = enliven(delta, now)
        shade = want.shade * sure
        if max(np.abs(delta).max(), np.abs(shade).max()) <= 1e-4:
            return None, sure, shows, shows
        edited = np.clip(shows + delta, 0, 1)
        motion = self._motion(person, face, points, head, canonical, delta, nearer)
        motion = replace(motion, furrows=motion.furrows + shade, track=face.track, presence=sure)
        return motion, sure, shows, edited

    def _motion(
        self,
        person: _Person,
        face: Landmarks,
        points: Floats,
        head: Head,
        canonical: Floats,
        delta: Floats,
        nearer: float,
    ) -> Motion:
        delta = person.lids(delta, canonical)
        jaw = opening(float(delta[_JAW]), canonical, head.to_canonical(face.points))
        delta[_JAW] = 0.0
        press = min(1.0, float(np.abs(delta[_OF_MOUTH]).max()))
        moves = person.lips.keep_aperture(_moves(delta, face.glasses), canonical, press, nearer)
        if jaw:
            moves += jaw * basis.displacements()[_JAW]
        shift = np.zeros((mesh.POINTS + len(mesh.OVAL), 2), np.float32)
        shift[: mesh.POINTS] = head.to_image(moves)
        where = np.concatenate([points[:, :2], mesh.ring(points)])
        return Motion(where, shift, furrows.driven(delta))

    def _fading(self, pose: Pose, want: Wish) -> list[Motion]:
        """Let the edit of a face that has just been lost fade where it was last seen."""
        seen = {face.track for face in pose.faces}
        lost: list[Landmarks] = []
        for track, person in self._people.items():
            if track in seen:
                continue
            if person.face is not None and pose.now - person.seen < FADE_NS:
                lost.append(replace(person.face, score=0.0))
            else:
                person.presence.absent(pose.now)
        motions = [self._animate(face, want, pose.now)[0] for face in lost]
        return [m for m in motions if m is not None]

    def _forget(self, now: int) -> None:
        for track in [t for t, p in self._people.items() if now - p.seen > FORGET_NS]:
            del self._people[track]


def _difference(want: Wish, shows: Floats) -> Floats:
    """What to add: less of what is there already, and away with what belongs to another emotion."""
    already = SATURATION * shows * expressive() * (want.add > 0)
    room = np.maximum(want.add - already, 0.3 * want.add)
    return room - want.calm * shows


def _uncovered(want: Wish, smiles: Floats) -> float:
    """Return the share of the lips' gap that goes with the smile that is taken away."""
    taken: Floats = want.calm[_SMILES] * smiles
    share = UNCOVERED * float(taken.sum()) / len(_SMILES)
    return min(MOST_UNCOVERED, max(0.0, share))


def _moves(delta: Floats, glasses: float) -> Floats:
    """Return [478, 3] mesh displacements; what frame and lenses cover stays, but for the lids."""
    if glasses <= 0:
        return _displaced(delta)
    lids = np.where(_OF_EYES, delta, 0.0).astype(np.float32)
    free = 1 - glasses * _behind_glasses()[:, None]
    return _displaced(lids) + _displaced(delta - lids) * free


def _displaced(delta: Floats) -> Floats:
    moves = np.empty((mesh.POINTS, 3), np.float32)
    layers = basis.displacements().reshape(len(basis.ARKIT), -1)
    cpu.combine(delta, layers, moves.reshape(-1))
    return moves


def _named(values: Floats) -> dict[str, float]:
    return dict(zip(basis.ARKIT, values.tolist(), strict=True))


_OF_MOUTH = np.array([name.startswith("mouth") for name in basis.ARKIT])
_JAW = basis.INDEX["jawOpen"]
_SMILES = basis.both("mouthSmile")
_OF_EYES = np.array([name.startswith("eye") for name in basis.ARKIT])


@cache
def _behind_glasses() -> Floats:
    """Return [478]: 1 where glasses sit on the canonical face, falling to 0 around them."""
    y = mesh.canonical()[:, 1]
    return np.interp(y, (-0.44, -0.24, 0.42, 0.66), (0.0, 1.0, 1.0, 0.0)).astype(np.float32)
