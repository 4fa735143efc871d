"""``visavis file``: a video or a photograph in, the same with another emotion out.

What lies outside the face stays bit by bit as it was, so neither badge nor mark is put into the
pictures unless asked for; the file itself says what was done.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from realtime.box import Lossless
from realtime.build import build_filter, open_voice
from realtime.clock import MS, Deadline, SystemClock
from realtime.commands import Subparsers
from realtime.commands.edit_options import add_edit_options, edit_of, settings_of
from realtime.commands.errors import CommandError, Exit
from realtime.commands.generator_options import add_generator_options, generating
from realtime.commands.progress import progress
from realtime.commands.report_text import as_text
from realtime.commands.rest_option import add_rest_option, knowing_rest
from realtime.commands.tally import Tally
from realtime.commands.voice_options import add_voice_options, follow_of
from realtime.config import Config, FilterSettings
from realtime.filter import EmotionFilter
from realtime.presentation import Presentation
from realtime.provenance import Statement, as_words
from realtime.session import Hear, Reader, Session, SourceError, own_choice
from realtime.sinks.file import RECIPES, FileSink, UnwritableFileError
from realtime.sources.file import FileSource, depth_of
from realtime.sources.speech import Speech
from realtime.types import Edit, Frame, Show
from realtime.voice.account import follow_words
from realtime.voice.ear import VoiceError
from realtime.voice.filed import FiledVoice
from realtime.voice.follow import Guide

INTENSITY = 1.0
PLAIN = Show(badge=False, mark=False)
AHEAD = 4
"""Frames decoded before the filter asks for them."""
TRANSPARENT = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya")
"""How FFmpeg's names of layouts with an opacity begin."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to make of another.

    Attributes:
        old: what is read.
        new: what is written.
        edit: what the faces will show.
        settings: how the filter works.
        mark: whether the new file says what was done.
        show: whether its pictures carry a badge.
        guide: what the voice does to the faces.
        rest: how the person looks at rest; None learns it.
        warnings: what to tell the user once it is done.
    """

    old: Path
    new: Path
    edit: Edit
    settings: FilterSettings
    mark: bool = True
    show: Show = PLAIN
    guide: Guide = field(default_factory=Guide)
    rest: Path | None = None
    warnings: list[str] = field(default_factory=list[str])

    @property
    def statement(self) -> Statement | None:
        """What the new file says of itself, for people and for programs."""
        network = self.settings.network
        return Statement.of(self.edit, self.voice, network) if self.mark else None

    @property
    def voice(self) -> dict[str, object] | None:
        """What the voice does to the faces, in words; None where nobody listens."""
        return follow_words(self.guide.follow) if self.guide.follow.on else None


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    from realtime.photograph import SAVED

    line = "filter a video or a photograph into a new file"
    parser = subparsers.add_parser(
        "file",
        help=line,
        description=f"{line.capitalize()}: the same pictures, time stamps and sound, another face.",
        epilog="OUT is replaced if it is there, and left alone unless all of it could be made. "
        "An .mp4 plays everywhere, so it is 4:2:0 and of even size: a last odd row or column is "
        "doubled. An .mkv has the very pixels outside the face, and the sound as it was.",
    )
    parser.add_argument("input", metavar="IN", type=Path, help="a video or a photograph")
    parser.add_argument(
        "output",
        metavar="OUT",
        type=Path,
        help="by its ending: .mp4 (H.264), .webm (VP9), .mkv (FFV1, lossless); of a photograph: "
        + ", ".join(SAVED),
    )
    parser.add_argument("--report", metavar="R.json", type=Path, help="write what was done there")
    parser.add_argument(
        "--no-mark", action="store_true", help="do not note in OUT what was done to it"
    )
    parser.add_argument(
        "--badge",
        action="store_true",
        help="draw a small label into the pictures, as calls do (default: only the face changes)",
    )
    add_edit_options(parser, INTENSITY)
    add_rest_option(parser)
    add_generator_options(parser)
    add_voice_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Make the new file, and the report if one is wanted."""
    from realtime.photograph import is_photograph

    guide = Guide(follow_of(args, config), config.bounds)
    edit, warnings = edit_of(args, config, INTENSITY, led=guide.follow.on)
    show = replace(PLAIN, badge=args.badge)
    settings = generating(args, settings_of(args, config))
    mark = not args.no_mark
    job = Job(args.input, args.output, edit, settings, mark, show, guide, args.rest, warnings)
    _refuse_overwriting(job, args.report)
    still = is_photograph(job.old)
    _refuse_ending(job, still)
    if still and guide.follow.on:
        raise CommandError(f"{job.old}: a photograph has no voice to follow", Exit.USAGE)
    clock = SystemClock()
    start = clock.now()
    try:
        report = _photograph(job) if still else _clip(job)
    except SourceError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error
    except UnwritableFileError as error:
        raise CommandError(str(error), Exit.UNWRITABLE) from error
    report["took_s"] = round((clock.now() - start) / MS / 1000, 3)
    if args.report is not None:
        _write(args.report, as_text(report))
    for warning in job.warnings:
        print(f"visavis: {warning}", file=sys.stderr)
    return Exit.FINE


def _clip(job: Job) -> dict[str, object]:
    with ExitStack() as stack:
        source = stack.enter_context(FileSource(job.old))
        words = job.statement.as_text() if job.statement else ""
        sink = stack.enter_context(FileSink(job.new, source.clip, words))
        told = stack.enter_context(progress(job.old.name, source.clip.frames))
        tally = Tally(told)
        box = Lossless[Frame](AHEAD)
        voice = _voice(job, source, stack)
        session = Session(
            box,
            _filter(job),
            [sink, tally],
            budget=None,
            edit=job.edit,
            show=job.show,
            lead=voice or own_choice,
        )
        session.hear = _hearing(job, source)
        stack.enter_context(session)
        with Reader(source, box):
            session.run()
        sink.finish(source.last_duration)
    _warn_of_clip(job, source, sink)
    _warn_of_faces(job, tally)
    clip = source.clip
    heard: dict[str, object] = {} if voice is None else {"voice": voice.account()}
    return _report(job, tally) | {
        "kind": "clip",
        "frames_in": source.decoded,
        "rate": round(float(clip.rate), 3),
        "duration_s": round(source.duration_s, 3),
        "sound": sink.sound or ["none"],
        "damaged": source.damaged,
        "warnings": job.warnings,
        **heard,
    }


def _filter(job: Job, *, still: bool = False) -> EmotionFilter:
    """Return the filter, which knows how the person looks at rest if anybody says so."""
    filtering = knowing_rest(build_filter(job.settings, still=still), job.rest)
    filtering.reset()
    return filtering


def _voice(job: Job, source: FileSource, stack: ExitStack) -> FiledVoice | None:
    """Return what listens to the file's voice, where the face is to follow it."""
    if not job.guide.follow.on:
        return None
    speech = Speech(job.old)
    if speech.begin is None:
        job.warnings.append(f"{job.old}: there is no sound in it, so no voice to follow")
    try:
        estimator = open_voice()
    except VoiceError as error:
        raise CommandError(f"the voice cannot be followed: {error}", Exit.MISSING) from error
    stack.callback(estimator.close)
    origin = source.clip.origin
    return FiledVoice(estimator, iter(speech), job.guide, speech.begin or origin, origin)


def _hearing(job: Job, source: FileSource) -> Hear | None:
    """Return what brings the generator the file's sound; None where the edit is geometric alone."""
    if not job.settings.network:
        return None
    from realtime.voice.speech import FiledSpeech

    speech = Speech(job.old)
    origin = source.clip.origin
    return FiledSpeech(iter(speech), speech.begin or origin, origin)


def _photograph(job: Job) -> dict[str, object]:
    from realtime.photograph import PhotographError, read, write

    try:
        old = read(job.old)
    except PhotographError as error:
        raise SourceError(str(error)) from error
    _refuse_folder(job.new)
    look = _filter(job, still=True)
    try:
        filtered = look(_unheard(job, old.frame), job.edit, Deadline(None))
    finally:
        look.close()
    filtered = Presentation()(old.frame, filtered, job.edit, job.show)
    if filtered is None:
        raise SourceError(f"{job.old}: the filter had nothing to show for it")
    tally = Tally()
    tally.send(filtered)
    _warn_of_faces(job, tally)
    neighbour = job.new.with_name(f".visavis-{secrets.token_hex(4)}{job.new.suffix}")
    try:
        write(neighbour, replace(old, frame=filtered.frame), job.statement)
        os.replace(neighbour, job.new)
    except OSError as error:
        raise UnwritableFileError(job.new, f"cannot be written ({error.strerror})") from error
    finally:
        neighbour.unlink(missing_ok=True)
    return _report(job, tally) | {"kind": "photograph", "frames_in": 1, "warnings": job.warnings}


def _unheard(job: Job, frame: Frame) -> Frame:
    """Return a photograph as the generator takes it, where there is one."""
    if not job.settings.network:
        return frame
    from realtime.voice.speech import quiet

    return replace(frame, speech=quiet(frame, job.edit))


def _report(job: Job, tally: Tally) -> dict[str, object]:
    return {
        "input": str(job.old),
        "output": str(job.new),
        "edit": as_words(job.edit),
        "faces": job.settings.faces,
        "generator": job.settings.generator,
        "size": list(tally.size),
        "frames_out": tally.frames,
        "frames_without_face": tally.faces[0],
        "frames_by_faces": {str(n): count for n, count in sorted(tally.faces.items())},
        "rungs": dict(tally.rungs),
        "stages": tally.stages(),
    }


def _warn_of_clip(job: Job, source: FileSource, sink: FileSink) -> None:
    job.warnings.extend(sink.notes)
    counted = (
        (source.damaged, "of its pictures are damaged: they were concealed or left out"),
        (source.restamped, "of its pictures came no later than the one before: moved by a hair"),
        (source.resized, "of its pictures change size or layout: scaled to the first"),
        (source.clip.others, "of its tracks are neither picture nor sound: left out"),
    )
    job.warnings.extend(f"{job.old}: {count} {what}" for count, what in counted if count)
    if source.layout.startswith(TRANSPARENT):
        job.warnings.append(f"{job.old}: its transparency is left out")
    depth = depth_of(source.layout) if source.layout else 8
    if depth > 8:
        job.warnings.append(f"{job.old}: its {depth} bits a colour are rounded to 8")


def _warn_of_faces(job: Job, tally: Tally) -> None:
    if tally.faces[0] == tally.frames:
        job.warnings.append(f"{job.old}: no face was found in it, so nothing was changed")


def _refuse_overwriting(job: Job, report: Path | None) -> None:
    """Keep each of the three files from being another."""
    paths = {"IN": job.old, "OUT": job.new} | ({"--report": report} if report else {})
    names = list(paths)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            if _same(paths[first], paths[second]):
                raise CommandError(f"{first} and {second} are the same file", Exit.USAGE)
    if report is not None:
        _refuse_folder(report)


def _same(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise CommandError(f"{path}: is a folder", Exit.UNWRITABLE)
    if not path.parent.is_dir():
        raise CommandError(f"{path}: there is no folder {path.parent}", Exit.UNWRITABLE)


def _refuse_ending(job: Job, still: bool) -> None:
    from realtime.photograph import SAVED

    what, endings = ("photograph", SAVED) if still else ("video", RECIPES)
    if job.old.exists() and job.new.suffix.lower() not in endings:
        wanted = ", ".join(endings)
        raise CommandError(f"{job.new}: of a {what}, OUT must end in one of {wanted}", Exit.USAGE)


def _write(path: Path, text: str) -> None:
    neighbour = path.with_name(f".visavis-{secrets.token_hex(4)}.json")
    try:
        neighbour.write_text(text, encoding="utf-8")
        os.replace(neighbour, path)
    except OSError as error:
        raise CommandError(
            f"{path}: cannot be written ({error.strerror})", Exit.UNWRITABLE
        ) from error
    finally:
        neighbour.unlink(missing_ok=True)
