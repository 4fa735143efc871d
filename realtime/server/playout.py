"""The one delay of a call: both tracks are released at capture + T, sound sooner by its head start.

A browser holds sound longer than pictures, and how much longer changes. The page tells which RTP
stamps it shows and plays at what moment; what that says of its own two delays is the head start.
Where no page tells, one that is usual is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from statistics import median

from realtime.clock import MS
from realtime.server.reports import Sent
from realtime.sync import Dwell

SOUND_LAG = 19 * MS
"""How much later sound is heard than its stamp says: the codec looks ahead by 6.5 ms on either way,
and the browser's jitter buffer names a packet when it begins to decode it. Measured."""

USUAL_LEAD = 50 * MS
"""A browser's jitter buffer holds 60 to 120 ms of sound, and 10 to 40 ms of picture."""

GREATEST_LEAD = 200 * MS
"""A sound buffer longer than that is not waited for with the picture: it will shrink."""

RISE, FALL = 80 * MS, 30 * MS
"""How far the lead goes with one report. A rise holds the picture, a fall hastens it."""

STILL, CREEP = 4 * MS, MS // 2
"""A lead that is off by no more moves by so little with one report that sound need not be cut."""

REPORTS = 5
"""The page's reports that the head start is the median of; they come four times a second."""

MARGIN = 2 * MS
"""How much longer than most of them take pictures are held: what comes evenly is shown sooner."""

SPARE = 11 * MS
"""What must be on tape beyond a block before sound begins or goes on."""

MOST = 1500 * MS
"""No delay is longer: a call is a conversation."""

Played = Sequence[tuple[Sent, int]]
"""(what was sent, when the receiver showed or played it on its own clock, nanoseconds)."""


class Playout:
    """Learns what each track needs, inside and at the receiver, and says when to release it.

    Attributes:
        lead: how much longer the receiver keeps sound than pictures.
        offset: by how much the picture was behind the sound at the receiver; positive is sound
            early. None while nobody tells.
    """

    def __init__(self) -> None:
        self._pictures = Dwell(128)
        self._sounds = Dwell(256, cautious=True)
        self._leads: deque[float] = deque(maxlen=REPORTS)
        self.lead = USUAL_LEAD
        self.offset: int | None = None

    @property
    def picture(self) -> int:
        """T: how long after its capture a picture is released."""
        needed = self._pictures.ns + MARGIN
        if self._sounds.ns:
            needed = max(needed, self._sounds.ns + SPARE + self.lead)
        return min(MOST, needed)

    @property
    def sound(self) -> int:
        """How long after its capture sound is released."""
        return max(self._sounds.ns + SPARE, self.picture - self.lead)

    def picture_took(self, dwell: int, now: int) -> None:
        """Take in that a picture was ready ``dwell`` after its capture."""
        self._pictures.add(min(dwell, MOST), now)

    def sound_takes(self, dwell: int, now: int) -> None:
        """Take in that sound could not have been released sooner than ``dwell`` after capture."""
        if dwell < MOST:  # a microphone that fell silent is not waited for
            self._sounds.add(dwell, now)

    def received(self, pictures: Played, sounds: Played) -> None:
        """Take in what a receiver showed and played."""
        if not pictures or not sounds:
            return
        picture, sound = (median(at - sent.released for sent, at in p) for p in (pictures, sounds))
        self._follow(sound + SOUND_LAG - picture)
        picture, sound = (median(at - sent.captured for sent, at in p) for p in (pictures, sounds))
        self.offset = round(picture - sound - SOUND_LAG)

    def _follow(self, lead: float) -> None:
        """Go towards the usual lead, no faster than the picture can without being seen to jump."""
        first = not self._leads
        self._leads.append(lead)
        wanted = min(GREATEST_LEAD, round(median(self._leads)))
        step = wanted - self.lead
        if not first:
            down, up = (CREEP, CREEP) if abs(step) <= STILL else (FALL, RISE)
            step = max(-down, min(up, step))
        self.lead += step
