"""What takes long to make, kept in the user's cache folder with a note on what it is.

An entry is a file and a readable JSON beside it. The JSON says what the file was made from and
with, and its SHA-256; the file's name carries a digest of the first. So another version, another
GPU or another network is another entry, and a file that was cut short or put there by something
else does not match its note: it is refused, said so once, and made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import cast

from engines.lock import locked

logger = logging.getLogger(__name__)

Key = Mapping[str, str]

SHORT = 12
"""Digits of a key's digest in a file's name."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the JSON beside a file says.

    Attributes:
        name: what the entry is for.
        key: everything that it depends on.
        sha256: of the file.
        size: of the file, bytes.
        made: when, UTC, for people.
        about: what else whoever made it said of it.
    """

    name: str
    key: Key
    sha256: str
    size: int
    made: str
    about: Key = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Made:
    """What was made for an entry, and what people may want to know of it."""

    data: bytes
    about: Key = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the cache as it is found.

    Attributes:
        path: the file itself.
        note: what is said of it; None where the note is absent or cannot be read.
        fault: why it would be refused, in one sentence; None when it is sound.
    """

    path: Path
    note: Note | None
    fault: str | None


def default_folder() -> Path:
    """Return ``VISAVIS_CACHE``, or where this system keeps what may be deleted at any time."""
    chosen = os.environ.get("VISAVIS_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "visavis" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "visavis"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "visavis"


class Cache:
    """Entries in one folder; several processes may use it at once."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def fetch(self, name: str, suffix: str, key: Key, make: Callable[[], Made]) -> Path:
        """Return the file for ``key``, made by ``make`` where it is not there and sound.

        Of two processes that want the same at once, one makes it and the other waits.
        """
        path = self.path(name, suffix, key)
        if self.inspect(path).fault is None:
            return path
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.name}.lock")):
            found = self.inspect(path)
            if found.fault is None:
                return path
            if path.exists():
                logger.warning("%s is made anew: %s", path.name, found.fault)
            made = make()
            self._write(path, made.data)
            digest = _sha256(made.data)
            note = Note(name, dict(key), digest, len(made.data), _now(), dict(made.about))
            text = json.dumps(asdict(note), indent=2, sort_keys=True) + "\n"
            self._write(_beside(path), text.encode())
        return path

    def path(self, name: str, suffix: str, key: Key) -> Path:
        """Return where the file for ``key`` lies or would lie."""
        text = json.dumps(dict(key), sort_keys=True)
        return self.folder / f"{name}-{_sha256(text.encode())[:SHORT]}{suffix}"

    def inspect(self, path: Path) -> Entry:
        """Compare a file with its note."""
        try:
            data = path.read_bytes()
        except OSError as error:
            return Entry(path, None, f"it cannot be read ({error.strerror})")
        note = _read_note(_beside(path))
        if note is None:
            return Entry(path, None, "nothing beside it says what it is")
        if path != self.path(note.name, path.suffix, note.key):
            return Entry(path, note, "the note beside it is another file's")
        if len(data) < note.size:
            return Entry(path, note, f"it was cut short, at {len(data)} of {note.size} bytes")
        if _sha256(data) != note.sha256:
            return Entry(path, note, "it is not the file that was written")
        return Entry(path, note, None)

    def entries(self) -> list[Entry]:
        """Return everything in the folder, by name."""
        if not self.folder.is_dir():
            return []
        files = (f for f in self.folder.iterdir() if f.is_file() and not f.name.startswith("."))
        return [self.inspect(path) for path in sorted(files) if path.suffix != NOTE]

    def remove(self, entry: Entry) -> None:
        """Delete a file with its note."""
        for path in (_beside(entry.path), entry.path):
            path.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file that is whole or not there."""
        handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise


NOTE = ".json"


def _beside(path: Path) -> Path:
    return path.with_suffix(path.suffix + NOTE)


def _read_note(path: Path) -> Note | None:
    try:
        entries = cast("dict[str, object]", json.loads(path.read_text(encoding="utf-8")))
        key, about = (_words(entries[field]) for field in ("key", "about"))
        name, digest, made = (str(entries[field]) for field in ("name", "sha256", "made"))
        return Note(name, key, digest, int(str(entries["size"])), made, about)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _words(entry: object) -> Key:
    return {str(key): str(value) for key, value in cast("dict[object, object]", entry).items()}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
