"""``visavis engines``: the networks, who runs them here, and what is kept of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engines.backends.tensorrt import CAPABILITIES
from engines.cache import Cache, Entry
from engines.engine import AUTO, BACKENDS, BackendUnavailable, EngineError, Options, open_engine
from engines.landmarks.networks import SourceMissing
from engines.networks import Network, known
from engines.survey import Verdict, placements, verify
from engines.wav2lip_emotion.signatures import ALL
from realtime.commands import Subparsers
from realtime.commands.errors import CommandError, Exit
from realtime.commands.progress import progress
from realtime.config import Config

ENGINE = ".engine"
"""Files that a back-end built; the others are networks that each of them reads."""


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    line = "list, build, verify or clear the networks and what was built of them"
    parser = subparsers.add_parser(
        "engines",
        help=line,
        description=line.capitalize() + ". import wav2lip FILE: make published weights ours.",
    )
    parser.add_argument("what", choices=ACTIONS, metavar="{" + ",".join(ACTIONS) + "}")
    parser.add_argument("of", nargs="*", metavar="wav2lip FILE", help="import: what, and its file")
    parser.add_argument(
        "--to", type=Path, metavar="W.pt", help="import: where to (default: beside FILE)"
    )
    parser.add_argument(
        "--weights",
        type=_weights,
        action="append",
        default=[],
        metavar="NETWORK=F.onnx",
        help="list, build, verify: this one too, of a training of yours: " + ", ".join(ALL),
    )
    parser.add_argument(
        "--backend", choices=BACKENDS, help="this one alone: " + ", ".join(BACKENDS)
    )
    parser.add_argument(
        "--precision", choices=("fp32", "fp16", "bf16"), default="fp32", help="of sums and weights"
    )
    parser.add_argument(
        "--gpu",
        nargs="+",
        choices=CAPABILITIES,
        default=(),
        metavar="SM89",
        help="build: for GPUs of these kinds, not for the one here: " + ", ".join(CAPABILITIES),
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, config: Config) -> int:
    """Do one of the four."""
    options = Options(precision=args.precision, cache=Cache())
    every = BACKENDS if args.what == "verify" else AUTO
    backends = [args.backend] if args.backend else list(every)
    if args.of and args.what != "import":
        raise CommandError(f"{args.what} takes no {args.of[0]!r}", Exit.USAGE)
    try:
        return ACTIONS[args.what](args, backends, options)
    except SourceMissing as error:
        raise CommandError(str(error), Exit.MISSING) from error


def _weights(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or name not in ALL:
        raise argparse.ArgumentTypeError(f"{text!r} is not NETWORK=F.onnx with one of {list(ALL)}")
    if not Path(path).is_file():
        raise argparse.ArgumentTypeError(f"{path}: there is no such file")
    return name, Path(path)


def _networks(args: argparse.Namespace, options: Options) -> Mapping[str, Network]:
    return known(options.cache, dict(args.weights))


def show(args: argparse.Namespace, backends: Sequence[str], options: Options) -> int:
    """Say where each network runs and why not elsewhere, then what lies in the cache."""
    as_is = replace(options, build=False)
    found = list(placements(_networks(args, options), backends, as_is))
    for place in found:
        print(f"{place.network}: {place.runs_on or 'nothing here can run it'}")
        for backend, reason in place.refused.items():
            print(f"  not on {backend}: {reason}")
    entries = options.cache.entries()
    print(f"\n{options.cache.folder}: {_count(len(entries), 'file')}")
    for entry in entries:
        print("  " + _line(entry))
    return Exit.FINE if all(place.runs_on for place in found) else Exit.MISSING


def build(args: argparse.Namespace, backends: Sequence[str], options: Options) -> int:
    """Make everything that can be made in advance; each is checked and kept."""
    failed = 0
    for name, network in _networks(args, options).items():
        for what, make in _jobs(network, backends, options, args.gpu):
            with progress(f"{name}: {what}", 100) as tell:
                steps = replace(options, progress=_on_the_bar(tell))
                try:
                    done = make(steps)
                except EngineError as error:
                    failed, done = failed + 1, "not built: " + "; ".join(error.reasons.values())
                except (BackendUnavailable, ImportError) as error:
                    failed, done = failed + 1, f"not built: {error}"
            print(f"{name}: {what}: {done}")
    return Exit.MISSING if failed and (args.backend or args.gpu) else Exit.FINE


def _on_the_bar(tell: Callable[[int], None]) -> Callable[[str, float], None]:
    def progress(phase: str, share: float) -> None:
        tell(round(100 * share))

    return progress


Job = tuple[str, Callable[[Options], str]]


def _jobs(
    network: Network, backends: Sequence[str], options: Options, gpus: Sequence[str]
) -> list[Job]:
    """Return what there is to build of one network."""

    def on(backend: str) -> Callable[[Options], str]:
        def make(steps: Options) -> str:
            engine = open_engine(network.spec, network.weights, [backend], steps).engine
            engine.close()
            return engine.backend

        return make

    def for_gpu(kind: str) -> Callable[[Options], str]:
        def make(steps: Options) -> str:
            from engines.backends import tensorrt

            onnx = network.weights.onnx(tensorrt.dialect(steps))
            return _line(steps.cache.inspect(tensorrt.fetch(network.spec, onnx, steps, kind)))

        return make

    if gpus:
        return [(f"tensorrt for {kind}", for_gpu(kind)) for kind in gpus]
    return [(backend, on(backend)) for backend in backends]


def check(args: argparse.Namespace, backends: Sequence[str], options: Options) -> int:
    """Compare every file with its note, and the numbers of the back-ends with each other."""
    broken = [entry for entry in options.cache.entries() if entry.fault]
    for entry in broken:
        print(f"{entry.path.name}: {entry.fault}; it will be made anew when it is needed")
    wrong = 0
    try:
        for verdict in verify(_networks(args, options), backends, options):
            print(f"{verdict.network} on {verdict.backend}: {_judged(verdict)}")
            wrong += verdict.off is not None and verdict.fault is not None
    except EngineError as error:
        raise CommandError(str(error), Exit.MISSING) from error
    return Exit.UNEXPECTED if wrong or broken else Exit.FINE


def _judged(verdict: Verdict) -> str:
    if verdict.off is None:
        return f"does not run: {verdict.fault}"
    return verdict.fault or f"agrees within {verdict.off:.1e} of its span"


def clear(args: argparse.Namespace, backends: Sequence[str], options: Options) -> int:
    """Delete what was made; it is made again when it is needed."""
    entries = options.cache.entries()
    if args.backend:
        entries = [entry for entry in entries if _is_of(entry, args.backend)]
    for entry in entries:
        options.cache.remove(entry)
    size = sum(entry.note.size for entry in entries if entry.note)
    print(f"{_count(len(entries), 'file')} deleted, {size / 2**20:.1f} MiB")
    return Exit.FINE


def bring(args: argparse.Namespace, backends: Sequence[str], options: Options) -> int:
    """Read weights that others published, and write them as trainings here take them."""
    if len(args.of) != 2 or args.of[0] != "wav2lip":
        raise CommandError("say which: visavis engines import wav2lip FILE", Exit.USAGE)
    try:
        from engines.wav2lip_emotion import published, training
    except ImportError as error:
        raise CommandError(f"{error}: pip install 'visavis[train]'", Exit.MISSING) from error
    old = Path(args.of[1])
    new = args.to or old.with_suffix(".visavis.pt")
    try:
        found = published.import_file(old, new)
    except training.TrainingError as error:
        raise CommandError(str(error), Exit.UNREADABLE) from error
    except OSError as error:
        raise CommandError(
            f"{new}: cannot be written ({error.strerror})", Exit.UNWRITABLE
        ) from error
    size = f"{_count(found.layers, 'layer')}, {found.parameters / 1e6:.1f} million numbers"
    print(f"{new}: Wav2Lip's {found.kind}, {size}\n{published.LICENCE}")
    return Exit.FINE


def _is_of(entry: Entry, backend: str) -> bool:
    return backend == "tensorrt" and entry.path.suffix == ENGINE


def _line(entry: Entry) -> str:
    if entry.note is None or entry.fault:
        return f"{entry.path.name}  {entry.fault}"
    note = entry.note
    facts = {**note.key, **note.about}
    short = "; ".join(f"{key} {value[:60]}" for key, value in facts.items() if len(value) < 64)
    return f"{Path(entry.path).name}  {note.size / 2**20:.1f} MiB, {note.made}  {short}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


ACTIONS: dict[str, Callable[[argparse.Namespace, Sequence[str], Options], int]] = {
    "list": show,
    "build": build,
    "verify": check,
    "clear": clear,
    "import": bring,
}
