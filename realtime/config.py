"""Every setting in one frozen value, with its default; read from TOML, unknown keys refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from realtime.bounds import HIGHEST, LOWEST, Bounds
from realtime.schema import ConfigError, read
from realtime.types import Edit
from realtime.voice.follow import FOLLOW_LIMITS, Follow

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "CameraSettings",
    "Config",
    "ConfigError",
    "FilterSettings",
    "GeneratorChoice",
    "IceSettings",
    "Landmarker",
    "OscSettings",
    "RecordingSettings",
    "ServerSettings",
    "load",
]

Landmarker = Literal["auto", "engine", "mediapipe"]
"""Who finds the face."""

GeneratorChoice = Literal["auto", "geometric", "wav2lip-emotion"]
"""What makes the expression."""


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """How the filter works, whatever it is asked to show.

    Attributes:
        faces: edit the largest face alone, or each.
        budget_ms: how long after its capture a live frame may still be shown.
        show_unfiltered: show the camera's own picture when the filter cannot keep up.
        landmarks: who finds the face: MediaPipe itself, our engine on its networks, or the engine
            where it runs and MediaPipe where it does not.
        generator: what makes the expression: the geometric edit alone, or the generator on top of
            it; or that where its weights do better than the edit and it runs here.
        generator_weights: its weights, an ONNX file; None takes those that come with visavis.
        badge: a small label in live pictures while an edit is in force.
        mark: a pattern in them that only programs see; ``visavis mark`` finds it.
    """

    faces: Literal["largest", "all"] = "largest"
    budget_ms: float = 80.0
    show_unfiltered: bool = False
    landmarks: Landmarker = "auto"
    generator: GeneratorChoice = "auto"
    generator_weights: str | None = None
    badge: bool = True
    mark: bool = True

    @property
    def network(self) -> str:
        """The network that has a part in the face, by settled settings; "" where none has."""
        return self.generator if self.generator == "wav2lip-emotion" else ""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Which camera to open, what to ask of it, and where the filtered picture goes.

    Attributes:
        device: the camera, as ``visavis doctor`` lists it; None takes the first.
        virtual_device: the virtual camera; None takes the first.
        width: columns to ask for.
        height: rows to ask for.
        fps: frames a second to ask for; the rate that comes is measured.
        microphone: whose sound goes along, held as long as the picture; None leaves sound alone.
        virtual_microphone: where the sound goes; None takes the first, if there is a microphone.
        sound_offset_ms: how much later than the picture sound leaves, as `visavis calibrate` says.
    """

    device: str | None = None
    virtual_device: str | None = None
    width: int = 1280
    height: int = 720
    fps: float = 30.0
    microphone: str | None = None
    virtual_microphone: str | None = None
    sound_offset_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens, and how much it takes on.

    Attributes:
        host: address to listen on; 127.0.0.1 is this machine alone.
        port: TCP port of page, signalling and control.
        sessions: calls at the same time; one more is refused.
        tls_cert: certificate chain in PEM; with it and ``tls_key`` the server speaks https.
        tls_key: the certificate's private key in PEM.
        token_file: a file whose first line is the token that callers must show. Without one the
            environment's VISAVIS_TOKEN counts, and off loopback a new one is made at each start.
        origins: other sites whose pages may use this server, as ``https://name[:port]``.
        session_minutes: how long a call may last; 0 sets no end.
        max_pixels: largest picture that is taken from a caller; a larger one is scaled down.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    sessions: int = 4
    tls_cert: str | None = None
    tls_key: str | None = None
    token_file: str | None = None
    origins: tuple[str, ...] = ()
    session_minutes: float = 0.0
    max_pixels: int = 2_073_600


@dataclass(frozen=True, slots=True)
class IceSettings:
    """How a call finds its way through routers: STUN tells an address, TURN passes the call on.

    Attributes:
        servers: addresses such as ``stun:name:3478`` or ``turn:name:3478?transport=udp``.
        user: the name that goes into the TURN server's short-lived credentials.
        secret_file: a file whose first line is the secret shared with the TURN server (coturn's
            ``static-auth-secret``); without one the environment's VISAVIS_TURN_SECRET counts.
        minutes: how long a credential is good for.
    """

    servers: tuple[str, ...] = ()
    user: str = "visavis"
    secret_file: str | None = None
    minutes: float = 60.0


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """Where recordings go that a page asks the server for, and how much they may take.

    Attributes:
        allow: "loopback" records only while the server listens on this machine alone.
        folder: where the files go; ``~`` is the home of whoever runs the server.
        max_minutes: a recording that is longer ends by itself.
        max_megabytes: the same, for all its files together.
    """

    allow: Literal["loopback", "always", "never"] = "loopback"
    folder: str = "~/visavis-recordings"
    max_minutes: float = 120.0
    max_megabytes: float = 4000.0


@dataclass(frozen=True, slots=True)
class OscSettings:
    """Open Sound Control, for avatars and for stage and lighting programs; off unless given.

    Attributes:
        listen: HOST:PORT to hear edits and coefficients on.
        send: HOST:PORT to tell what the face shows, in the VMC protocol.
        anyone: listen on addresses that other machines reach too; OSC knows no password.
        capitals: tell "JawOpen" and not "jawOpen", for avatars that know only that.
    """

    listen: str | None = None
    send: str | None = None
    anyone: bool = False
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """All settings.

    Attributes:
        edit: what is shown until someone chooses otherwise.
        presets: whole edits by name, beside those that are built in.
        voice: what the voice does to the face, until someone chooses otherwise.
        bounds: how far any edit may go.
        users: bounds of single people, by name; they take the place of ``bounds``.
    """

    edit: Edit = field(default_factory=Edit)
    filter: FilterSettings = field(default_factory=FilterSettings)
    camera: CameraSettings = field(default_factory=CameraSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    ice: IceSettings = field(default_factory=IceSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    osc: OscSettings = field(default_factory=OscSettings)
    presets: Mapping[str, Edit] = field(default_factory=dict[str, Edit])
    voice: Follow = field(default_factory=Follow)
    bounds: Bounds = field(default_factory=Bounds)
    users: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])

    def of_user(self, name: str | None) -> Config:
        """Return these settings with ``name``'s bounds; None is a user without a name."""
        if name is None:
            return self
        if name not in self.users:
            raise ConfigError(f"users.{name}: there is no such user in the settings")
        return replace(self, bounds=self.users[name])


EDIT_LIMITS: dict[str, tuple[float, float]] = {
    "intensity": (LOWEST, HIGHEST),
    "affect": (-1.0, 1.0),
    "brows": (0.0, 1.0),
    "eyes": (0.0, 1.0),
    "mouth": (0.0, 1.0),
    "ramp_ms": (0.0, 60_000.0),
    "coefficients": (0.0, 1.0),
}
"""Least and greatest value of each number of an edit."""

LIMITS: dict[str, tuple[float, float]] = {
    **{f"edit.{name}": limit for name, limit in EDIT_LIMITS.items()},
    **{f"presets.*.{name}": limit for name, limit in EDIT_LIMITS.items()},
    **{f"voice.{name}": limit for name, limit in FOLLOW_LIMITS.items()},
    "filter.budget_ms": (1.0, 10_000.0),
    "camera.width": (16, 7680),
    "camera.height": (16, 4320),
    "camera.fps": (1.0, 240.0),
    "camera.sound_offset_ms": (-500.0, 500.0),
    "server.port": (0, 65_535),
    "server.sessions": (1, 64),
    "server.session_minutes": (0.0, 1440.0),
    "server.max_pixels": (4_096, 33_177_600),
    "ice.minutes": (1.0, 1440.0),
    "recording.max_minutes": (0.1, 1440.0),
    "recording.max_megabytes": (1.0, 1_000_000.0),
    "bounds": (LOWEST, HIGHEST),
    "users": (LOWEST, HIGHEST),
}
"""Least and greatest value of each number by its full name, or of all numbers in a table."""


def load(path: Path | None) -> Config:
    """Read ``path`` over the defaults; None gives the defaults.

    Raises:
        ConfigError: the file cannot be read, or a key in it is unknown or out of its range.
    """
    if path is None:
        return Config()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: {reason}") from error
    try:
        return read(Config, table, LIMITS)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error.__cause__
