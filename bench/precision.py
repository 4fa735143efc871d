"""``visavis bench precision``: the face mesh in fewer bits, beside MediaPipe's own.

Each way must keep to the bounds of ``visavis bench engines`` and be quicker than fp32 to be of use:

- *bf16*: OpenVINO's, where the processor multiplies such numbers.
- *fp16*: as it is built for GPUs. ONNX Runtime stores pictures and weights so on a processor too;
  how near the points are holds for both, its time here says nothing.
- *int8*: convolutions but the last, which place the points, by static quantisation: weights per
  channel, pictures by their range in an animated portrait (NASA, public domain) and nothing else.
"""

from __future__ import annotations

import argparse
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.landmarks import ALL, Comparison, compare, verdict
from bench.portrait import moving
from bench.quality.clips import Clip, decode, known
from bench.quality.data import DataMissing
from bench.report import Row, table, write_json
from engines.engine import Engine, EngineError, File, Options, open_engine
from engines.landmarks.follow import DETECTOR, MESH
from engines.landmarks.networks import SOURCES
from engines.landmarks.picture import Picture
from engines.landmarks.tracker import LandmarkTracker
from engines.landmarks.weights import FromWheel
from engines.spec import Array, Spec

SPEC = SOURCES[MESH].spec

CALIBRATION = 60
"""Pictures of the portrait that the ranges are taken from."""

Way = Callable[[], Engine]


def run(argv: Sequence[str]) -> int:
    """Measure, print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser("visavis bench precision", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="F", help="write the rows to F")
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="with this in their name")
    parser.add_argument("--frames", type=int, default=40, help="of each clip, at most")
    args = parser.parse_args(argv)
    try:
        clips = [c for c in known() if not args.clips or any(n in c.path.name for n in args.clips)]
    except DataMissing as error:
        print(f"skipped: {error}")
        return 0
    with TemporaryDirectory() as folder:
        rows = list(
            itertools.chain.from_iterable(
                _rows(name, way, clips, args.frames) for name, way in ways(Path(folder)).items()
            )
        )
    print(table(rows))
    print(verdict(rows))
    if args.json:
        write_json(rows, args.json)
    return 0


def ways(folder: Path) -> Mapping[str, Way]:
    """Return how to open the mesh in each precision; what is made for it goes into ``folder``."""
    weights = FromWheel(MESH)

    def opened(source: Any, backend: str, options: Options) -> Engine:
        return open_engine(SPEC, source, [backend], options).engine

    return {
        "fp32, openvino": lambda: opened(weights, "openvino", Options()),
        "bf16, openvino": lambda: opened(weights, "openvino", Options(precision="bf16")),
        "int8, openvino": lambda: opened(File(int8(weights, folder)), "openvino", Options()),
        "fp32, onnxruntime": lambda: opened(weights, "onnxruntime", Options()),
        "fp16 as stored, onnxruntime": lambda: opened(
            File(weights.onnx("half")), "onnxruntime", Options()
        ),
    }


def _rows(name: str, way: Way, clips: Sequence[Clip], frames: int) -> Iterator[Row]:
    try:
        tracker = LandmarkTracker(_detector(), way())
    except EngineError as error:
        print(f"{name} is left out: {error}")
        return
    tracker.warm_up()
    whole = Comparison()
    for clip in clips:
        tracker.reset()
        seen = compare(tracker, list(itertools.islice(decode(clip.path), frames)))
        whole.add(seen)
        yield seen.row(f"{clip.path.stem} | {name}")
    tracker.close()
    yield whole.row(f"{ALL} | {name}")


def _detector() -> Engine:
    return open_engine(SOURCES[DETECTOR].spec, FromWheel(DETECTOR)).engine


def int8(weights: FromWheel, folder: Path) -> Path:
    """Return the mesh with its convolutions quantised, as ONNX."""
    import onnx
    from onnxruntime import quantization

    source, out = weights.onnx("native"), folder / "int8.onnx"
    graph = onnx.load(str(source)).graph
    sizes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    names = [n.name for n in graph.node if n.op_type == "Conv" and not _places(sizes[n.input[1]])]
    method: Any = quantization
    logging.disable(logging.WARNING)  # it advises on what was done already
    try:
        method.quantize_static(
            str(source),
            str(out),
            _Calibration(crops()),
            quant_format=method.QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_quantize=names,
            per_channel=True,
            activation_type=method.QuantType.QUInt8,
            weight_type=method.QuantType.QInt8,
        )
    finally:
        logging.disable(logging.NOTSET)
    return out


def _places(kernel: tuple[int, ...]) -> bool:
    """Tell whether a convolution's kernel is one of those that turn features into positions."""
    return kernel[1] == 32 and kernel[2:] in ((3, 3), (2, 2))


def crops() -> list[Array]:
    """Return what the mesh is shown of the animated portrait."""
    seen = Watched(open_engine(SPEC, FromWheel(MESH)).engine)
    tracker = LandmarkTracker(_detector(), seen)
    for frame in moving(640, 480, CALIBRATION):
        tracker.step(Picture(frame.planes, frame.full_range))
    tracker.close()
    return seen.shown


class Watched:
    """An engine that keeps what it is shown."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.spec: Spec = engine.spec
        self.backend = engine.backend
        self.shown: list[Array] = []

    def __call__(self, inputs: dict[str, Array], /) -> Mapping[str, Array]:
        """Run once."""
        self.shown.append(inputs["image"].copy())
        return self._engine(inputs)

    def close(self) -> None:
        """Give back memory; idempotent."""
        self._engine.close()


class _Calibration:
    """Pictures one by one, as the quantiser asks for them."""

    def __init__(self, pictures: Sequence[Array]) -> None:
        self._left = iter(pictures)

    def get_next(self) -> dict[str, Array] | None:
        """Return the next picture; None after the last."""
        picture = next(self._left, None)
        return None if picture is None else {"image": picture}
