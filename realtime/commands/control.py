"""``visavis control``: change, watch and list running calls from a shell or a script."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from realtime.bounds import HIGHEST, LOWEST
from realtime.commands import Subparsers
from realtime.commands.edit_options import WORDS, named, number
from realtime.commands.errors import CommandError, Exit
from realtime.commands.remote import ADDRESS, Line, Remote
from realtime.commands.voice_options import add_voice_options, voice_fields
from realtime.config import EDIT_LIMITS, Config
from realtime.types import Emotion

Message = dict[str, Any]

FIELDS = {"ramp": "ramp_ms"}
"""Options whose field has another name."""


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "change what a running call shows, or watch it"
    parser = subparsers.add_parser(
        "control",
        help=line,
        description=f"{line[0].upper()}{line[1:]}. What is not named stays as it is; without "
        "anything to change, what is shown is printed.",
    )
    place = parser.add_argument_group("which call")
    place.add_argument(
        "--url", default=ADDRESS, help=f"the server, as it printed it (default: {ADDRESS})"
    )
    place.add_argument("--session", metavar="ID", help="as --list tells it (default: the only one)")
    place.add_argument(
        "--token", metavar="T", help="the server's token; better given by VISAVIS_TOKEN"
    )
    place.add_argument(
        "--trust", type=Path, metavar="F", help="a certificate in PEM to trust for https"
    )
    _add_changes(parser.add_argument_group("what to change"))
    add_voice_options(parser, changes=True)
    told = parser.add_argument_group("what to print")
    told.add_argument("--list", action="store_true", help="the calls that run, and nothing else")
    told.add_argument(
        "--watch", action="store_true", help="every message of the server as a line of JSON"
    )
    told.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.set_defaults(run=run)


def _add_changes(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage]
    group.add_argument("--emotion", type=_emotion, metavar="E", help=f"{WORDS}; or off")
    group.add_argument(
        "--intensity", type=number(LOWEST, HIGHEST), metavar="X", help=f"{LOWEST:g} to {HIGHEST:g}"
    )
    group.add_argument("--valence", type=number(-1, 1), metavar="V", help="-1 to 1, with --arousal")
    group.add_argument("--arousal", type=number(-1, 1), metavar="A", help="-1 to 1")
    for part in ("brows", "eyes", "mouth"):
        group.add_argument(f"--{part}", type=number(0, 1), metavar="X", help="strength, 0 to 1")
    group.add_argument(
        "--ramp", type=number(*EDIT_LIMITS["ramp_ms"]), metavar="MS", help="how long a change takes"
    )
    group.add_argument(
        "--coefficient",
        type=_coefficient,
        action="append",
        metavar="NAME=X",
        help="an ARKit coefficient on top, 0 to 1; can be repeated",
    )
    group.add_argument(
        "--preset", metavar="NAME", help="a whole edit; what else is named changes it"
    )
    group.add_argument("--freeze", choices=("on", "off"), help="hold the picture")
    group.add_argument("--panic", action="store_true", help="drop the edit at once")
    group.add_argument(
        "--rest", action="store_true", help="the face is at rest now: this is how it looks"
    )


def run(args: argparse.Namespace, _config: Config) -> int:
    """Do it, and print how things stand then."""
    remote = Remote.of(args.url, args.token, args.trust)
    if args.list:
        _print_sessions(remote.sessions(), as_json=args.json)
        return Exit.FINE
    with remote.control(args.session) as line:
        state = _obeyed(line, list(_requests(args)))
        if args.json:
            print(json.dumps(state))
        elif not args.watch:
            print(described(state))
        if args.watch:
            _watch(line)
    return Exit.FINE


def _requests(args: argparse.Namespace) -> Iterator[Message]:
    """Yield what was asked for, in the order in which it makes sense."""
    if args.panic:
        yield {"type": "panic"}
    if args.rest:
        yield {"type": "rest"}
    if args.preset is not None:
        yield {"type": "preset", "name": args.preset}
    if (change := _edit(args)) is not None:
        yield change
    if voice := voice_fields(args):
        yield {"type": "follow", **voice}
    if args.freeze is not None:
        yield {"type": "show", "frozen": args.freeze == "on"}


def _edit(args: argparse.Namespace) -> Message | None:
    names = ("intensity", "valence", "arousal", "brows", "eyes", "mouth", "ramp")
    fields = {FIELDS.get(name, name): getattr(args, name) for name in names}
    fields = {name: value for name, value in fields.items() if value is not None}
    if (args.valence is None) != (args.arousal is None):
        raise CommandError("--valence and --arousal go together", Exit.USAGE)
    if args.emotion is not None:
        if args.valence is not None:
            raise CommandError("give --emotion, or --valence with --arousal, not both", Exit.USAGE)
        fields["emotion"] = None if args.emotion == "off" else args.emotion.value
    if args.coefficient:
        fields["coefficients"] = dict(args.coefficient)
    return {"type": "edit", **fields} if fields else None


def _obeyed(line: Line, requests: list[Message]) -> Message:
    """Send the requests; return the state once all of them have been followed."""
    for request in requests:
        line.say(request)
    line.say({"type": "ping", "t": 0})
    state: Message = {}
    for reply in line.replies():
        if reply["type"] == "pong":
            break
        if reply["type"] in ("hello", "edit", "show", "follow", "bounds"):
            state[reply["type"]] = {k: v for k, v in reply.items() if k != "type"}
    return state


def _watch(line: Line) -> None:
    """Print until the call ends, which is how it is meant to end."""
    try:
        for reply in line.replies(patience=None):
            print(json.dumps(reply), flush=True)
    except CommandError as error:
        if error.code is not Exit.NO_DEVICE:
            raise


def described(state: Message) -> str:
    """Return one line for a person."""
    edit, show = state["edit"], state["show"]
    if edit["valence"] is not None:
        what = f"valence {edit['valence']:g}, arousal {edit['arousal']:g}"
    else:
        what = edit["emotion"] or "no emotion"
    parts = [what]
    if what != "no emotion":
        parts.append(f"intensity {edit['intensity']:g}")
    parts += [f"{part} {edit[part]:g}" for part in ("brows", "eyes", "mouth") if edit[part] != 1]
    parts += [f"{name} {value:g}" for name, value in edit["coefficients"].items()]
    parts.append(f"ramp {edit['ramp_ms']:g} ms")
    parts += _of_the_voice(state["follow"])
    return ", ".join(parts + (["frozen"] if show["frozen"] else []))


def _of_the_voice(follow: Message) -> list[str]:
    parts = ["calm"] if follow["calm"] else []
    if follow["follow"] == "voice":
        parts.append(f"follows the voice at {follow['strength']:g}")
    return parts


def _print_sessions(sessions: list[Message], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(sessions))
        return
    for row in sessions:
        minutes, seconds = divmod(row["seconds"], 60)
        print(f"{row['session']}  call {row['call']}, since {minutes} min {seconds} s")
    if not sessions:
        print("No call is running.")


def _emotion(text: str) -> Emotion | str:
    return text if text == "off" else named(text)


def _coefficient(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not like jawOpen=0.4")
    return name, number(0, 1)(value)
