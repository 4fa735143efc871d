"""A network is run by the first back-end that can, and what one thread sees is its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest

from engines.cache import Cache
from engines.engine import BACKENDS, EngineError, Options, load_backend, open_engine
from engines.landmarks.networks import SOURCES
from engines.landmarks.weights import FromWheel
from engines.spec import Array
from engines.survey import pattern

HERE = ("onnxruntime", "openvino", "torch")
"""The back-ends that any machine with the test extra has."""

NAME = "face_detector"


@pytest.mark.parametrize("backend", HERE)
@pytest.mark.parametrize("name", SOURCES)
def test_every_back_end_gives_the_same_numbers(cache: Cache, backend: str, name: str):
    source, options = SOURCES[name], Options(cache=cache)
    given = pattern(source.spec)
    engines = [
        open_engine(source.spec, FromWheel(name, cache), [who], options).engine
        for who in ("onnxruntime", backend)
    ]
    expected, found = (engine(given) for engine in engines)
    for tensor in source.spec.outputs:
        assert found[tensor.name].shape == tensor.shape
        np.testing.assert_allclose(found[tensor.name], expected[tensor.name], atol=2e-3)
    assert backend in engines[1].backend


def test_the_first_that_works_is_taken_and_each_refusal_has_its_reason(cache: Cache):
    source = SOURCES[NAME]
    order = ["tensorrt", "openvino", "onnxruntime"]
    opened = open_engine(source.spec, FromWheel(NAME, cache), order, Options(precision="bf16"))
    assert "openvino" in opened.engine.backend
    assert list(opened.refused) == ["tensorrt"]
    with pytest.raises(EngineError, match="onnxruntime: bf16 is not built here; fp32 is") as caught:
        open_engine(source.spec, FromWheel(NAME, cache), ["onnxruntime"], Options(precision="bf16"))
    assert list(caught.value.reasons) == ["onnxruntime"]


def test_an_unknown_back_end_is_refused_by_name():
    with pytest.raises(EngineError, match=r"no back-end 'cuda' \(known: tensorrt"):
        load_backend("cuda")


def test_a_library_that_is_absent_is_a_reason_and_not_an_end(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "engines.backends.openvino", None)
    opened = open_engine(
        SOURCES[NAME].spec, FromWheel(NAME, cache), ["openvino", "onnxruntime"], Options()
    )
    assert "not installed" in opened.refused["openvino"]


@pytest.mark.parametrize("backend", HERE)
def test_wrong_inputs_are_refused_in_words(cache: Cache, backend: str):
    source = SOURCES[NAME]
    engine = open_engine(source.spec, FromWheel(NAME, cache), [backend]).engine
    with pytest.raises(ValueError, match="face_detector takes image, not picture"):
        engine({"picture": np.zeros((1, 128, 128, 3), np.uint8)})
    with pytest.raises(ValueError, match=r"uint8 \[1, 128, 128, 3\], not float32"):
        engine({"image": np.zeros((1, 128, 128, 3), np.float32)})
    engine.close()
    engine.close()


@pytest.mark.parametrize("backend", HERE)
def test_no_thread_ever_sees_anothers_picture(cache: Cache, backend: str):
    """Two sessions share an engine, each with a picture of its own, as fast as they can."""
    source = SOURCES[NAME]
    engine = open_engine(source.spec, FromWheel(NAME, cache), [backend]).engine
    pictures = [pattern(source.spec), {"image": np.full((1, 128, 128, 3), 200, np.uint8)}]
    expected = [{k: v.copy() for k, v in engine(picture).items()} for picture in pictures]
    start, wrong = Barrier(len(pictures)), list[str]()

    def session(number: int) -> None:
        start.wait()
        for _ in range(8 if backend == "torch" else 60):
            seen = dict(engine(pictures[number]))
            for name, value in seen.items():
                if not np.allclose(value, expected[number][name], atol=1e-3):
                    wrong.append(name)

    threads = [Thread(target=session, args=(number,)) for number in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("backend", HERE)
def test_what_was_returned_stays_after_the_next_run(cache: Cache, backend: str):
    source = SOURCES[NAME]
    engine = open_engine(source.spec, FromWheel(NAME, cache), [backend]).engine
    first = engine(pattern(source.spec))["boxes"]
    before: Array = first.copy()
    engine({"image": np.full((1, 128, 128, 3), 7, np.uint8)})
    np.testing.assert_array_equal(first, before)


def test_no_run_time_is_loaded_before_it_is_chosen():
    code = (
        "import sys, engines.networks, engines.landmarks.follow, engines.survey\n"
        f"print([n for n in {[*BACKENDS, 'tensorrt_rtx', 'mediapipe']} if n in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("backend", HERE)
def test_an_engine_given_back_by_another_thread_leaves_signals_alone(cache: Cache, backend: str):
    """A server opens it in one thread and closes it in another, and is then asked to stop."""
    code = (
        "import gc, signal\n"
        "from pathlib import Path\n"
        "from threading import Thread\n"
        "from engines.cache import Cache\n"
        "from engines.engine import open_engine\n"
        "from engines.landmarks.networks import SOURCES\n"
        "from engines.landmarks.weights import FromWheel\n"
        f"weights = FromWheel({NAME!r}, Cache(Path({str(cache.folder)!r})))\n"
        f"held = [open_engine(SOURCES[{NAME!r}].spec, weights, [{backend!r}])]\n"
        "give_back = Thread(target=lambda: (held.pop().engine.close(), gc.collect()))\n"
        "give_back.start()\n"
        "give_back.join()\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('asked to stop'))\n"
        "signal.raise_signal(signal.SIGTERM)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "asked to stop"), done.stderr
