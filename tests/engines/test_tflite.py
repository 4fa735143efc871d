"""A TensorFlow Lite file is read as what it is, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from engines import tflite
from engines.landmarks.networks import SOURCES
from engines.tflite import TfliteError


def test_the_mesh_is_read_with_its_operators_and_constants():
    network = tflite.read(SOURCES["face_mesh"].read())
    kinds = [step.kind for step in network.operators]
    assert kinds.count("CONV_2D") == 25
    assert kinds.count("PRELU") == 23
    (taken,) = (network.tensors[i] for i in network.inputs)
    assert (taken.shape, taken.dtype, taken.data) == ((1, 192, 192, 3), np.float32, None)
    kernels = [t.data for t in network.tensors if t.data is not None and t.dtype == np.float16]
    assert sum(kernel.size for kernel in kernels) > 500_000


@pytest.mark.parametrize("kept", [0, 6, 100, 50_000])
def test_a_file_that_was_cut_short_is_refused(kept: int):
    data = SOURCES["face_detector"].read()[:kept]
    with pytest.raises(TfliteError, match=r"not a TensorFlow Lite file|damaged"):
        tflite.read(data)


def test_an_operator_that_is_not_known_is_named():
    data = bytearray(SOURCES["face_detector"].read())
    known = dict(tflite.OPERATORS)
    tflite.OPERATORS.pop(19)
    try:
        with pytest.raises(TfliteError, match="operator number 19"):
            tflite.read(bytes(data))
    finally:
        tflite.OPERATORS.update(known)
