"""From what a face shows to what it shall show: one mesh in motion per face and picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from kernels import cpu
from realtime.face import basis, furrows, mesh
from realtime.face.emotion import Wish, driven, expressive, wish
from realtime.face.guard import opening
from realtime.face.liveliness import enliven
from realtime.face.motion import Animation, Motion, Pose, Sighting
from realtime.face.person import Person, Reading
from realtime.face.ramp import Ramp
from realtime.face.resting import STAYS, Given, way_back
from realtime.face.tracker import FORGET_NS
from realtime.types import Edit, Floats, Landmarks

FADE_NS = 250_000_000
"""How long the edit of a lost face may linger while it fades."""

DRIVE_MS = 60.0
"""How long a coefficient that drives the face takes to arrive: two pictures of its sender, so that
it does not jump from one to the next."""

SATURATION = 0.5
"""How much of what a face already shows of an emotion counts towards it."""

UNCOVERED, MOST_UNCOVERED = 0.7, 0.4
"""Share of the lips' gap that goes with a smile of 1, and with any, for a smile uncovers the teeth:
two actors whose smiles read as 0.4 and 0.6 have their lips 1.5 and 1.4 times as far apart as in the
same sentence without. Of what is asked for, the landmarks of the edited picture show about half."""


NOTHING = 1e-4
"""What is too little to draw."""

_NOBODYS = Given()


@dataclass(frozen=True, slots=True)
class _Acts:
    """What one face does in one picture."""

    motion: Motion | None
    presence: float
    shows: Floats
    edited: Floats
    sighting: Sighting | None = None


class Animator:
    """Keeps one memory per face and moves each mesh towards the wish.

    A face that is said to be at rest is the largest one's, and stays known when that comes back.

    Args:
        still: for photographs: no ramps and no fades, the edit is there at once.
    """

    name = "animate"

    def __init__(self, *, still: bool = False) -> None:
        self._still = still
        self._people: dict[int, Person] = {}
        self._ramp = Ramp()
        self._drive = Ramp()
        self._begun = False
        self._given = Given()
        self._owner = -1

    def __call__(self, pose: Pose, /) -> Animation:
        """Return the motions of this picture; faces that need none have none."""
        if self._still:
            self.reset()
        want = self._want(pose.edit, pose.now)
        motions: list[Motion] = []
        largest: _Acts | None = None
        self._given.say(pose.at_rest)
        self._owner = pose.faces[0].track if pose.faces else self._owner
        for face in pose.faces:
            acts = self._animate(face, want, pose.now)
            if acts.motion is not None:
                motions.append(acts.motion)
            largest = largest or acts
        motions.extend(self._fading(pose, want))
        self._forget(pose.now)
        self._begun = True
        if largest is None:
            return Animation(tuple(motions), 0.0, {})
        shows, shown = _named(largest.shows), _named(largest.edited)
        return Animation(tuple(motions), largest.presence, shows, shown, largest.sighting)

    def reset(self) -> None:
        """Forget everybody, but not what was said to be a face at rest."""
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

    def _animate(self, face: Landmarks, want: Wish, now: int) -> _Acts:
        given = self._given if face.track == self._owner else _NOBODYS
        person = self._people.get(face.track)
        if person is None:
            person = self._people[face.track] = Person(0.0 if self._begun else 1.0)
        read = person.read(face, now, given, still=self._still)
        sure = read.sure
        add, calm = _difference(want, read.slowly)
        above, below = _shares(want)
        way = STAYS
        if max(above, below) > 0:
            way = way_back(read.off, _displaced(want.add), (sure * above, sure * below))
        # Glass shines as it likes, whatever is behind it.
        plain = (read.front * way.plain[0] * (1 - face.glasses), read.front * way.plain[1])
        said = given.said and face.captured == now
        sighting = Sighting(read.points, now, face.track, read.at_rest, said, plain)
        nearer = sure * _uncovered(want, person.smile(read.slowly[_SMILES], now))
        # As far as the rest is not known, what coefficients know of the way back has to do.
        back, unnamed = read.known * way.moves, read.known * calm
        delta = (add + unnamed - calm) * sure
        delta = person.lips.yielding(delta, read.canonical, now)
        if not self._still:
            delta = enliven(delta, now)
        shade = want.shade * sure
        if max(np.abs(each).max() for each in (delta, shade, back)) <= NOTHING:
            return _Acts(None, sure, read.shows, read.shows, sighting)
        changed = delta - unnamed * sure
        edited = np.clip(read.shows + changed, 0, 1)
        press = min(1.0, float(np.abs(changed[_OF_MOUTH]).max()))
        motion = self._motion(person, face, read, delta, back, (press, nearer))
        motion = replace(motion, furrows=motion.furrows + shade, track=face.track, presence=sure)
        return _Acts(motion, sure, read.shows, edited, sighting)

    def _motion(
        self,
        person: Person,
        face: Landmarks,
        read: Reading,
        delta: Floats,
        back: Floats,
        closing: tuple[float, float],
    ) -> Motion:
        delta = person.lids(delta, read.canonical)
        jaw = opening(float(delta[_JAW]), read.canonical, read.head.to_canonical(face.points))
        delta[_JAW] = 0.0
        moves = _moves(delta, person.lids.let_go(back), face.glasses)
        moves = person.lips.keep_aperture(moves, read.canonical, *closing)
        if jaw:
            moves += jaw * basis.displacements()[_JAW]
        shift = np.zeros((mesh.POINTS + len(mesh.OVAL), 2), np.float32)
        shift[: mesh.POINTS] = read.head.to_image(moves)
        where = np.concatenate([read.points[:, :2], mesh.ring(read.points)])
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
        motions = [self._animate(face, want, pose.now).motion for face in lost]
        return [m for m in motions if m is not None]

    def _forget(self, now: int) -> None:
        for track in [t for t, p in self._people.items() if now - p.seen > FORGET_NS]:
            del self._people[track]


def _difference(want: Wish, shows: Floats) -> tuple[Floats, Floats]:
    """Return what to add, less of what is there already, and what belongs to another emotion."""
    already = SATURATION * shows * expressive() * (want.add > 0)
    return np.maximum(want.add - already, 0.3 * want.add), want.calm * shows


def _shares(want: Wish) -> tuple[float, float]:
    """Return how much of what a face shows is to go, above and below."""
    above, below = (np.clip(want.calm[where], 0, 1) for where in (_ABOVE, ~_ABOVE))
    return _of_those(above), _of_those(below)


def _of_those(shares: Floats) -> float:
    return float(shares.sum()) / max(1, int(np.count_nonzero(shares)))


def _uncovered(want: Wish, smiles: Floats) -> float:
    """Return the share of the lips' gap that goes with the smile that is taken away."""
    taken: Floats = want.calm[_SMILES] * smiles
    share = UNCOVERED * float(taken.sum()) / len(_SMILES)
    return min(MOST_UNCOVERED, max(0.0, share))


def _moves(delta: Floats, back: Floats, glasses: float) -> Floats:
    """Return [478, 3] mesh displacements; what frame and lenses cover stays, but for the lids."""
    if glasses <= 0:
        return _displaced(delta) + back
    lids = np.where(_OF_EYES, delta, 0.0).astype(np.float32)
    free = 1 - glasses * _behind_glasses()[:, None]
    return _displaced(lids) + (_displaced(delta - lids) + back) * free


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


_ABOVE = np.array([name.startswith(("brow", "eye")) for name in basis.ARKIT])


@cache
def _behind_glasses() -> Floats:
    """Return [478]: 1 where glasses sit on the canonical face, falling to 0 around them."""
    y = mesh.canonical()[:, 1]
    return np.interp(y, (-0.44, -0.24, 0.42, 0.66), (0.0, 1.0, 1.0, 0.0)).astype(np.float32)
