"""A recording on a thread of its own: what it is given it takes at once, or counts as dropped."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from av.error import FFmpegError

from realtime.clock import SECOND
from realtime.provenance import Statement, generator
from realtime.recording.film import Film
from realtime.recording.log import FORMAT, EditLog
from realtime.sinks.file import reason_of
from realtime.types import Filtered, Floats, Frame

logger = logging.getLogger(__name__)

Track = Literal["wet", "dry", "edit"]
"""The filtered picture, the camera's own, and the log of the edits."""

WAITING = 30
"""Pictures that may wait to be encoded; 40 MB at 1280x720."""

WAITING_SOUND = 500
"""Blocks of sound and lines of the log that may wait: ten seconds."""

RESERVE = 200_000_000
"""Bytes of the disk that are never used up."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to record, and how much of it.

    Attributes:
        folder: where the files go; made if it is not there.
        stem: how their names begin.
        what: the tracks.
        origin: the moment on the session clock at which it begins.
        sound: whether there is sound.
        longest: nanoseconds after which it ends by itself.
        largest: bytes, of all files together, after which it ends.
        words: what the first line of the log tells besides.
        network: the network that has a part in what is shown, or nothing.
    """

    folder: Path
    stem: str
    what: frozenset[Track]
    origin: int
    sound: bool = True
    longest: int = 7200 * SECOND
    largest: int = 4_000_000_000
    words: Mapping[str, object] = field(default_factory=dict[str, object])
    network: str = ""


class RecordingError(Exception):
    """The recording cannot begin; the text is a sentence."""


class _Enough(Exception):
    """A limit is reached; the text says which."""


@dataclass(frozen=True, slots=True)
class _Picture:
    track: Literal["wet", "dry"]
    frame: Frame
    rung: str = ""


@dataclass(frozen=True, slots=True)
class _Sound:
    block: Floats
    captured: int


@dataclass(frozen=True, slots=True)
class _Line:
    kind: str
    words: Mapping[str, object]
    at: int


_Item = _Picture | _Sound | _Line


def _comment(plan: Plan, track: str) -> str:
    """Return what a film says of itself, for people and programs."""
    if track == "dry":
        return f"Recorded by {generator()} as the camera saw it"
    log = {"edits": _log_name(plan)} if "edit" in plan.what else {}
    return Statement(log, generator(), plan.network).as_text()


def _log_name(plan: Plan) -> str:
    return f"{plan.stem}-edits.jsonl"


class Recorder:
    """Takes pictures, sound and changes from any thread; all times are the session clock's.

    Time 0 of every file is the plan's ``origin``. ``on_end`` is called on the
    recorder's thread when the files are closed, with the reason as a sentence, or "" when it was
    asked to stop.

    Attributes:
        files: what is written; a track that got no picture leaves no file.
        dropped: pictures and sounds that came faster than they could be written.
    """

    def __init__(
        self, plan: Plan, on_end: Callable[[str], None], free: Callable[[Path], int]
    ) -> None:
        """Create the files.

        Raises:
            RecordingError: the folder cannot be written, or the disk is nearly full.
        """
        self._plan = plan
        self._on_end = on_end
        self._free = free
        self._films: dict[str, Film] = {}
        self._log: EditLog | None = None
        self._items: deque[_Item] = deque()
        self._pictures = 0
        self._cond = threading.Condition()
        self._stopped = False
        self._second = 0
        self._checked = -1
        self._rungs: Counter[str] = Counter()
        self.dropped = 0
        self._open()
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    @property
    def files(self) -> tuple[Path, ...]:
        """Return what there is to be had."""
        paths = [film.path for film in self._films.values()]
        return tuple(p for p in [*paths, *([self._log.path] if self._log else [])] if p.exists())

    def came(self, frame: Frame) -> None:
        """Take in the camera's own picture."""
        if "dry" in self._films:
            self._put(_Picture("dry", frame))

    def shown(self, filtered: Filtered) -> None:
        """Take in what the filter made of it."""
        if "wet" in self._films or self._log is not None:
            self._put(_Picture("wet", filtered.frame, filtered.rung.value))

    def heard(self, block: Floats, captured: int) -> None:
        """Take in mono sound at 48 kHz; ``captured`` is the time of its first sample."""
        if self._plan.sound:
            self._put(_Sound(block, captured))

    def note(self, kind: str, words: Mapping[str, object], at: int) -> None:
        """Take in a change for the log."""
        if self._log is not None:
            self._put(_Line(kind, words, at))

    def stop(self) -> None:
        """Let it end once all is written that waits; idempotent."""
        with self._cond:
            self._stopped = True
            self._cond.notify()

    def join(self) -> None:
        """Wait until the files are closed."""
        self._thread.join()

    def _open(self) -> None:
        plan = self._plan
        begun: list[Path] = []
        try:
            plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._free(plan.folder) < RESERVE:
                raise RecordingError(f"The disk of {plan.folder} is nearly full.")
            for track in ("dry", "wet"):
                if track in plan.what:
                    path = plan.folder / f"{plan.stem}-{track}.mp4"
                    film = Film(path, sound=plan.sound, words={"comment": _comment(plan, track)})
                    begun.append(path)
                    self._films[track] = film
            if "edit" in plan.what:
                path = plan.folder / _log_name(plan)
                self._log = EditLog(path)
                begun.append(path)
                words = {"format": FORMAT, "generator": generator()} | dict(plan.words)
                self._log.write(0, "start", words)
        except (OSError, FFmpegError) as error:
            self._finish("")
            for path in begun:
                path.unlink(missing_ok=True)
            raise RecordingError(f"{plan.folder}: {reason_of(error)}.") from error

    def _put(self, item: _Item) -> None:
        with self._cond:
            picture = isinstance(item, _Picture)
            room = self._pictures < WAITING if picture else len(self._items) < WAITING_SOUND
            if self._stopped or not room:
                self.dropped += not self._stopped
                return
            self._pictures += picture
            self._items.append(item)
            self._cond.notify()

    def _take(self) -> _Item | None:
        with self._cond:
            self._cond.wait_for(lambda: self._items or self._stopped)
            if not self._items:
                return None
            item = self._items.popleft()
            self._pictures -= isinstance(item, _Picture)
            return item

    def _work(self) -> None:
        reason = ""
        try:
            while (item := self._take()) is not None:
                self._write(item)
        except _Enough as limit:
            reason = str(limit)
        except (OSError, FFmpegError) as error:
            reason = f"The recording ended early: {reason_of(error)}."
        except Exception:
            logger.exception("the recording broke off")
            reason = "The recording ended early because of an error; the server's log says which."
        with self._cond:
            self._stopped = True
            self._items.clear()
        self._on_end(self._finish(reason))

    def _write(self, item: _Item) -> None:
        match item:
            case _Picture(track, frame, rung):
                at = frame.captured - self._plan.origin
                if track == "wet" and at >= 0:
                    self._count(rung, at)
                if track in self._films:
                    self._films[track].picture(frame, at)
                self._check(at)
            case _Sound(block, captured):
                for film in self._films.values():
                    film.sound(block, captured - self._plan.origin)
            case _Line(kind, words, at):
                if self._log is not None:
                    self._log.write(max(0, at - self._plan.origin), kind, words)

    def _count(self, rung: str, at: int) -> None:
        """Count the rungs of each second, and tell them when it is over."""
        if at // SECOND != self._second and self._log is not None and self._rungs:
            words = {"rungs": dict(self._rungs), "dropped": self.dropped}
            self._log.write(self._second * SECOND, "second", words)
            self._rungs.clear()
        self._second = at // SECOND
        self._rungs[rung] += 1

    def _check(self, at: int) -> None:
        """Stop at the limits; the disk is asked once a second."""
        plan = self._plan
        if at >= plan.longest:
            minutes = plan.longest / SECOND / 60
            raise _Enough(f"The recording has reached its longest, {minutes:g} minutes.")
        if at // SECOND == self._checked:
            return
        self._checked = at // SECOND
        written = sum(film.written for film in self._films.values())
        if written + (self._log.written if self._log else 0) >= plan.largest:
            size = plan.largest / 1_000_000
            raise _Enough(f"The recording has reached its largest, {size:g} megabytes.")
        if self._free(plan.folder) < RESERVE:
            raise _Enough("The recording ended early: the disk is nearly full.")

    def _finish(self, reason: str) -> str:
        """Close all there is, whatever each says to that."""
        closes = [film.close for film in self._films.values()]
        if self._log is not None:
            log, second = self._log, self._second * SECOND
            words = {"reason": reason, "dropped": self.dropped, "rungs": dict(self._rungs)}
            closes += [lambda: log.write(second, "end", words), log.close]
        for close in closes:
            try:
                close()
            except (OSError, FFmpegError) as error:  # noqa: PERF203 - four at most
                reason = reason or f"The recording ended early: {reason_of(error)}."
        return reason
