"""``visavis camera --record``: the camera's picture, the filtered one and the sound, on disk."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType

from realtime.box import Box
from realtime.clock import SECOND, Clock
from realtime.commands.errors import CommandError, Exit
from realtime.config import RecordingSettings
from realtime.provenance import as_words
from realtime.recording.recorder import Plan, Recorder, RecordingError
from realtime.types import Edit, Filtered, Floats, Frame
from realtime.voice.account import reading_words
from realtime.voice.drive import Aim
from realtime.voice.reading import Reading


class CameraRecording:
    """A sink that records; ``tapped`` gives it the camera's own pictures too.

    Raises:
        CommandError: the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        settings: RecordingSettings,
        clock: Clock,
        edit: Edit,
        *,
        sound: bool,
        network: str = "",
    ) -> None:
        began = datetime.now().astimezone()
        plan = Plan(
            folder=folder,
            stem=f"visavis-{began:%Y%m%d-%H%M%S}",
            what=frozenset({"dry", "wet", "edit"}),
            origin=clock.now(),
            sound=sound,
            longest=round(settings.max_minutes * 60 * SECOND),
            largest=round(settings.max_megabytes * 1_000_000),
            words={"began": began.isoformat(timespec="milliseconds"), "edit": as_words(edit)},
            network=network,
        )
        self._clock = clock
        self._edit = edit
        try:
            self._recorder = Recorder(plan, self._ended, lambda path: shutil.disk_usage(path).free)
        except RecordingError as error:
            raise CommandError(str(error).rstrip("."), Exit.UNWRITABLE) from error

    def __enter__(self) -> CameraRecording:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._recorder.stop()
        self._recorder.join()
        for path in self._recorder.files:
            print(f"Recorded {path}", flush=True)

    def send(self, filtered: Filtered) -> None:
        """Take in what is shown."""
        self._recorder.shown(filtered)

    def close(self) -> None:
        """Do nothing: it ends with its block."""

    def heard(self, samples: Floats, captured: int) -> None:
        """Take in sound."""
        self._recorder.heard(samples, captured)

    def asked(self, edit: Edit) -> None:
        """Note another edit."""
        self._recorder.note("edit", as_words(edit), self._clock.now())

    def driven(self, aim: Aim | None, reading: Reading) -> None:
        """Note what the voice makes of the face."""
        self._recorder.note("voice", reading_words(reading, aim), self._clock.now())

    def tapped(self, box: Box[Frame]) -> Box[Frame]:
        """Return a box that passes everything on to ``box`` and notes it."""
        return _Tapped(box, self._recorder)

    def _ended(self, reason: str) -> None:
        if reason:
            print(f"visavis: {reason}", file=sys.stderr)


class _Tapped:
    def __init__(self, box: Box[Frame], recorder: Recorder) -> None:
        self._box = box
        self._recorder = recorder

    def put(self, item: Frame) -> None:
        self._recorder.came(item)
        self._box.put(item)

    def get(self) -> Frame:
        return self._box.get()

    def close(self, error: Exception | None = None) -> None:
        self._box.close(error)
