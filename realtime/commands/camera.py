"""``visavis camera``: a camera in, a virtual camera out, for Zoom and every other program."""

from __future__ import annotations

import argparse
import platform
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from realtime.build import live_filter
from realtime.clock import MS, Clock, SystemClock
from realtime.commands import Subparsers
from realtime.commands.camera_recording import CameraRecording
from realtime.commands.edit_options import add_edit_options, edit_of, number, settings_of
from realtime.commands.errors import CommandError, Exit
from realtime.commands.face_keys import HELP, HELP_VOICE, face_keys
from realtime.commands.generator_options import add_generator_options, generating
from realtime.commands.osc_options import add_osc_options, opened
from realtime.commands.rest_option import add_rest_option, knowing_rest
from realtime.commands.sound_line import SoundLine, sound_line
from realtime.commands.speech_line import SpeechLine
from realtime.commands.status_line import StatusLine
from realtime.commands.steering import Steering
from realtime.commands.voice_line import VoiceLine, voice_line
from realtime.commands.voice_options import add_voice_options, follow_of
from realtime.config import CameraSettings, Config, FilterSettings
from realtime.filter import Filter
from realtime.health import VIRTUAL_CAMERA
from realtime.isolation.process import StartError
from realtime.logs import add_log_option
from realtime.session import Reader, Session, Sink, SourceError, own_choice
from realtime.sinks.paced import Paced
from realtime.sinks.virtual_camera import NoVirtualCameraError, VirtualCamera, open_virtual_camera
from realtime.sources.camera import CameraError, CameraSource
from realtime.sources.devices import open_camera
from realtime.sources.microphone import Microphone
from realtime.types import Edit, Show
from realtime.voice.drive import Aim
from realtime.voice.follow import Guide
from realtime.voice.reading import Reading

INTENSITY = 0.8


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "filter a camera into a virtual camera that Zoom and others can pick"
    parser = subparsers.add_parser(
        "camera",
        help=line,
        description=f"{line[0].upper()}{line[1:]}.",
        epilog="Ctrl-C ends it; that is how it is meant to end, so the exit code is then 0.",
    )
    parser.add_argument(
        "--camera",
        metavar="DEV",
        help="the camera, as visavis doctor lists it; a video file or a URL plays in its place, "
        "lavfi:GRAPH a drawing of FFmpeg's (default: the first camera)",
    )
    parser.add_argument(
        "--virtual-camera", metavar="DEV", help="where the picture goes (default: the first)"
    )
    parser.add_argument(
        "--microphone",
        metavar="DEV",
        help="whose sound goes along, in step with the picture; 'default' for the system's "
        "(default: none)",
    )
    parser.add_argument(
        "--virtual-microphone",
        metavar="DEV",
        help="where the sound goes (default: the first, if --microphone is given)",
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="size to ask for (default: 1280x720)"
    )
    parser.add_argument(
        "--fps", type=number(1, 240), metavar="N", help="rate to ask for (default: 30)"
    )
    parser.add_argument(
        "--no-badge", action="store_true", help="no label in the picture while the face is edited"
    )
    parser.add_argument(
        "--no-mark", action="store_true", help="no pattern in it that `visavis mark` would find"
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FOLDER",
        help="record there what the camera sees, what is shown, and the edits",
    )
    add_edit_options(parser, INTENSITY)
    add_rest_option(parser)
    add_generator_options(parser)
    add_voice_options(parser)
    add_osc_options(parser)
    add_log_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Filter until interrupted."""
    guide = Guide(follow_of(args, config), config.bounds)
    edit, warnings = edit_of(args, config, INTENSITY, led=guide.follow.on)
    for warning in warnings:
        print(f"visavis: {warning}", file=sys.stderr)
    settings = _settings(args, config.camera)
    filtering = generating(args, settings_of(args, config))
    clock = SystemClock()
    with ExitStack() as stack:
        osc = stack.enter_context(opened(args, config.osc, clock))
        source = _camera(settings, clock)
        stack.callback(source.close)
        width, height = (side // 2 * 2 for side in source.size)
        virtual = _virtual_camera(width, height, settings)
        stack.callback(virtual.close)
        sound = sound_line(settings, clock)
        if sound is not None:
            stack.enter_context(sound)
        speech = SpeechLine(filtering, clock)
        box = speech.box
        sinks: list[Sink] = [virtual if sound is None else Paced(virtual, clock, sound.delay)]
        tape = _recording(args, replace(config, filter=filtering), clock, edit, sound)
        if tape is not None:
            stack.enter_context(tape)
            box = tape.tapped(box)
            sinks.append(tape)
        line = voice_line(
            settings.microphone, clock, guide, sound, tape.driven if tape else _unheard
        )
        if line is not None:
            stack.enter_context(line)
        status = StatusLine(clock, lambda: source.rate, sound=_state(sound, line))
        session = Session(
            box,
            _filter(filtering, clock, args.rest),
            [*sinks, *osc.performers(), status],
            budget=round(filtering.budget_ms * MS),
            edit=edit,
            show=Show(
                badge=filtering.badge and not args.no_badge,
                mark=filtering.mark and not args.no_mark,
            ),
            lead=own_choice if line is None else line.voice,
        )
        speech.connect(session, _open_microphone(sound, line))
        stack.enter_context(session)
        asked = tape.asked if tape else _unnoted
        keys = stack.enter_context(face_keys(session, edit, asked, line and line.voice))
        osc.obeyed_by(Steering(session, config, asked, line and line.voice))
        way = f"{source.device_name} ({width}x{height}) goes to {virtual.device_name}"
        _announce(way, sound, line, keys=keys.on)
        with suppress(KeyboardInterrupt), Reader(source, box):
            _run(session)
    print(f"{virtual.sent} frames shown.", *([sound.lost()] if sound else []), sep="\n", flush=True)
    return Exit.FINE


def _recording(
    args: argparse.Namespace, config: Config, clock: Clock, edit: Edit, sound: SoundLine | None
) -> CameraRecording | None:
    if args.record is None:
        return None
    heard = sound is not None
    network = config.filter.network
    tape = CameraRecording(args.record, config.recording, clock, edit, sound=heard, network=network)
    if sound is not None:
        sound.microphone.heard = tape.heard
    return tape


def _open_microphone(sound: SoundLine | None, line: VoiceLine | None) -> Microphone | None:
    return next((each.microphone for each in (sound, line) if each is not None), None)


def _unheard(aim: Aim | None, reading: Reading) -> None:
    """Note nothing: nothing is recorded."""


def _announce(way: str, sound: SoundLine | None, line: VoiceLine | None, *, keys: bool) -> None:
    print(f"{way}; Ctrl-C ends.", flush=True)
    if sound is not None:
        print(f"{sound.route}, in step with the picture.", flush=True)
    if line is not None:
        print(f"The face follows the voice at {line.microphone.title}.", flush=True)
    if keys:
        print(HELP if line is None else f"{HELP} {HELP_VOICE}", flush=True)


def _state(sound: SoundLine | None, line: VoiceLine | None) -> Callable[[], str] | None:
    """Return what the status line says of sound and voice; None where there is neither."""
    states = [each.state for each in (sound, line) if each is not None]
    return (lambda: "  ".join(state() for state in states)) if states else None


def _unnoted(edit: Edit) -> None:
    """Note nothing: nothing is recorded."""


def _run(session: Session) -> None:
    try:
        session.run()
    except SourceError as error:
        raise CommandError(str(error), Exit.NO_DEVICE) from error


def _filter(settings: FilterSettings, clock: Clock, rest: Path | None) -> Filter:
    try:
        return knowing_rest(live_filter(settings, clock), rest)
    except StartError as error:
        raise CommandError(f"the filter could not be started: {error}", Exit.MISSING) from error


def _camera(settings: CameraSettings, clock: Clock) -> CameraSource:
    # Nothing ends such a pause early, and nothing needs to: none is longer than a frame lasts.
    pause = threading.Event().wait
    try:
        return CameraSource(partial(open_camera, settings, clock, pause), clock)
    except CameraError as error:
        raise CommandError(f"{error} (visavis doctor lists cameras)", Exit.NO_DEVICE) from error


def _virtual_camera(width: int, height: int, settings: CameraSettings) -> VirtualCamera:
    try:
        return open_virtual_camera(width, height, settings.fps, settings.virtual_device)
    except NoVirtualCameraError as error:
        mend = VIRTUAL_CAMERA.get(platform.system(), "")
        raise CommandError(f"{error}; to make one: {mend}", Exit.NO_DEVICE) from error
    except ImportError as error:
        raise CommandError(
            f"the virtual camera needs a package: pip install pyvirtualcam ({error})", Exit.MISSING
        ) from error


def _settings(args: argparse.Namespace, settings: CameraSettings) -> CameraSettings:
    given = {
        "device": args.camera,
        "virtual_device": args.virtual_camera,
        "microphone": args.microphone,
        "virtual_microphone": args.virtual_microphone,
        "fps": args.fps,
        "width": args.size and args.size[0],
        "height": args.size and args.size[1],
    }
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x720")
    if not (16 <= int(width) <= 7680 and 16 <= int(height) <= 4320):
        raise argparse.ArgumentTypeError(f"{text} is not between 16x16 and 7680x4320")
    return int(width), int(height)
