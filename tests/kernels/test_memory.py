"""An operation that has run once asks for no more memory: a call runs each 30 times a second."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from kernels import cpu
from kernels.cpu.sample import sample
from kernels.reference import WAV2LIP

HEIGHT, WIDTH = 240, 320

ROOM = 8_000
"""Bytes for views, tuples and matrices; the smallest picture here has ten times as many."""

RNG = np.random.default_rng(0)
LUMA = RNG.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
CHROMA = LUMA[::2, ::2].copy()
RGB = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
FIELD = RNG.normal(0, 2, (2, HEIGHT, WIDTH)).astype(np.float32)
WAY = np.array([[1.2, 0.1, 5], [-0.1, 1.2, 40]], np.float32)
MASK = RNG.random((HEIGHT, WIDTH)).astype(np.float32)
MESH = RNG.uniform(0, 240, (40, 2)).astype(np.float32)
FACES = RNG.integers(0, 40, (30, 3)).astype(np.int32)
LAYERS = RNG.normal(0, 1, (9, HEIGHT * WIDTH)).astype(np.float32)
SOUND = RNG.normal(0, 0.1, 16_000).astype(np.float32)


def crop(rgb: bool, floats: bool) -> Callable[[], object]:
    kept, shape = cpu.Scratch(), (192, 192, 3)
    out = np.empty(shape, np.float32) if floats else np.empty(shape, np.uint8)
    planes = (RGB,) if rgb else (LUMA, CHROMA, CHROMA)
    return lambda: cpu.crop_rgb(planes, WAY, (192, 192), scale=1, scratch=kept, out=out)


def crop_channels_first() -> Callable[[], object]:
    kept, out = cpu.Scratch(), np.empty((3, 192, 192), np.float32).transpose(1, 2, 0)
    return lambda: cpu.crop_rgb((LUMA, CHROMA, CHROMA), WAY, (192, 192), scratch=kept, out=out)


def sampled() -> Callable[[], object]:
    way, out = WAY.astype(np.float64), np.empty((192, 192), np.uint8)
    return lambda: sample(LUMA, way, out)


def to_yuv420() -> Callable[[], object]:
    kept = cpu.Scratch()
    out = cpu.to_yuv420(RGB, scratch=kept)
    return lambda: cpu.to_yuv420(RGB, scratch=kept, out=out)


def to_yuv420_of_a_part() -> Callable[[], object]:
    kept = cpu.Scratch()
    out, part = cpu.to_yuv420(RGB, scratch=kept), RGB[60:180, 80:200]
    return lambda: cpu.to_yuv420(part, scratch=kept, at=(80, 60), out=out)


def warp(sharp: bool) -> Callable[[], object]:
    kept, out = cpu.Scratch(), LUMA.copy()
    return lambda: cpu.warp(out, FIELD, sharp=sharp, scratch=kept, out=out)


def relight() -> Callable[[], object]:
    out = LUMA.copy()
    return lambda: cpu.relight(out, LUMA, FIELD, 16)


def flush() -> Callable[[], object]:
    out = LUMA[::2, ::2].copy()
    return lambda: cpu.flush(out, LUMA[::2, ::2], FIELD[0, ::2, ::2], 0.1, 16)


def rasterise() -> Callable[[], object]:
    values = RNG.normal(0, 1, (40, 4)).astype(np.float32)
    out = np.empty((4, HEIGHT, WIDTH), np.float32)
    return lambda: cpu.rasterise(MESH, FACES, values, out)


def drape() -> Callable[[], object]:
    kept, out = cpu.Scratch(), np.empty((2, HEIGHT, WIDTH), np.float32)
    return lambda: cpu.drape(FIELD, FIELD, scratch=kept, out=out)


def combine() -> Callable[[], object]:
    weights, out = np.arange(9, dtype=np.float32), np.empty(HEIGHT * WIDTH, np.float32)
    return lambda: cpu.combine(weights, LAYERS, out)


def blend(below: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Callable[[], object]:
    kept, out = cpu.Scratch(), below.copy()
    return lambda: cpu.blend(out, below, MASK, 4, scratch=kept, out=out)


def mel() -> Callable[[], object]:
    ring = cpu.MelRing(WAV2LIP)
    return lambda: ring.push(SOUND)


@pytest.mark.parametrize(
    "ready",
    [
        pytest.param(lambda: crop(False, True), id="crop"),
        pytest.param(lambda: crop(False, False), id="crop to bytes"),
        pytest.param(lambda: crop(True, True), id="crop of RGB"),
        crop_channels_first,
        sampled,
        to_yuv420,
        to_yuv420_of_a_part,
        pytest.param(lambda: warp(True), id="warp, cubic"),
        pytest.param(lambda: warp(False), id="warp, linear"),
        relight,
        flush,
        rasterise,
        drape,
        combine,
        pytest.param(lambda: blend(LUMA), id="blend gray"),
        pytest.param(lambda: blend(RGB), id="blend RGB"),
        mel,
    ],
)
def test_nothing_is_allocated_that_grows_with_the_picture(
    ready: Callable[[], Callable[[], object]],
):
    run = ready()
    for _ in range(3):
        run()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(5):
            run()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < ROOM
    assert after - before < ROOM


def test_memory_that_grows_would_be_seen():
    """What numpy takes is traced: the test above could fail."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        assert (LUMA + 1).any()
        assert tracemalloc.get_traced_memory()[1] - before > ROOM
    finally:
        tracemalloc.stop()
