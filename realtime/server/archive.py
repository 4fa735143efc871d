"""The recordings that a page asked for: who may, where they lie, and the address of each."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from realtime.clock import SECOND
from realtime.config import RecordingSettings
from realtime.recording.recorder import Plan, Recorder, RecordingError
from realtime.server.messages import Stream

Ticketed = Callable[[str], str]

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Archive:
    """Begins recordings and hands out their files, each under an address that nobody can guess.

    Args:
        settings: what is allowed.
        local: whether the server listens on this machine alone.
        ticketed: turns a path into an address that a plain link opens.
        network: the network that has a part in what is shown, or nothing.
    """

    def __init__(
        self, settings: RecordingSettings, *, local: bool, ticketed: Ticketed, network: str = ""
    ) -> None:
        self._settings = settings
        self._network = network
        self._ticketed = ticketed
        self._files: dict[tuple[str, str], Path] = {}
        self.allowed = settings.allow == "always" or (settings.allow == "loopback" and local)

    def begin(
        self,
        what: tuple[Stream, ...],
        origin: int,
        words: Mapping[str, object],
        on_end: Callable[[str], None],
        *,
        sound: bool,
    ) -> Recorder:
        """Return a recorder at work.

        Raises:
            RecordingError: recordings are not allowed, or the folder cannot be written.
        """
        if not self.allowed:
            raise RecordingError("This server does not record.")
        began = datetime.now().astimezone()
        plan = Plan(
            folder=Path(self._settings.folder).expanduser(),
            stem=f"visavis-{began:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
            what=frozenset(what),
            origin=origin,
            sound=sound,
            longest=round(self._settings.max_minutes * 60 * SECOND),
            largest=round(self._settings.max_megabytes * 1_000_000),
            words={"began": began.isoformat(timespec="milliseconds")} | dict(words),
            network=self._network,
        )
        return Recorder(plan, on_end, lambda folder: shutil.disk_usage(folder).free)

    def addresses(self, recorder: Recorder) -> tuple[tuple[str, str], ...]:
        """Return (name, address) of what was recorded; from now on it can be fetched there."""
        key = secrets.token_urlsafe(16)
        files = recorder.files
        self._files |= {(key, path.name): path for path in files}
        return tuple(
            (path.name, self._ticketed(f"/recordings/{key}/{quote(path.name)}")) for path in files
        )

    async def serve(self, request: Request) -> Response:
        """Return a file; what was not recorded since the server started is not found."""
        key, name = request.path_params["key"], request.path_params["name"]
        path = self._files.get((key, name))
        if path is None or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, filename=name, headers=HEADERS)
