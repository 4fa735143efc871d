"""Each of Triton's kernels means what the reference does; small, for an interpreter is slow."""

from __future__ import annotations

import importlib
import math
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import reference
from kernels.reference import LOG_MEL_64, WAV2LIP, Colours, MelSpec

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SIZES = ((1, 1), (1, 9), (63, 65))
PICTURES = ((1, 1, 0), (1, 9, 3), (63, 65, 0), (17, 19, 3))


class On:
    """Calls the kernels of one device with numpy's arrays."""

    def __init__(self, device: str) -> None:
        self._torch: Any = importlib.import_module("torch")
        self._device = device

    def tensor(self, array: Any) -> Any:
        """Return the array on the device, its strides as they are."""
        shown = self._torch.from_numpy(np.ascontiguousarray(array))
        moved = shown.to(self._device, copy=True)
        if array.flags.c_contiguous:
            return moved
        spread = self._torch.zeros(
            [2 * n for n in array.shape], dtype=moved.dtype, device=self._device
        )[tuple(slice(None, None, 2) for _ in array.shape)]
        spread.copy_(moved)
        return spread

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call an operation, arrays on the device, and return arrays."""
        file = {"crop_rgb": "crop", "to_yuv420": "yuv"}.get(name, name)
        run = getattr(importlib.import_module(f"kernels.triton.{file}"), name)
        moved = [self._moved(a) for a in args]
        result = run(*moved, **{k: self._moved(v) for k, v in kwargs.items()})
        if isinstance(result, tuple):
            return tuple(part.cpu().numpy() for part in cast("tuple[Any, ...]", result))
        return result.cpu().numpy()

    def _moved(self, value: Any) -> Any:
        if isinstance(value, tuple):
            parts = cast("tuple[Any, ...]", value)
            return tuple(self._moved(part) for part in parts)
        # A crop's way is no picture: it stays on the host.
        moves = hasattr(value, "flags") and value.shape != (2, 3)
        return self.tensor(value) if moves else value


@pytest.fixture
def on(device: str) -> On:
    return On(device)


def noise(seed: int, *shape: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def spread(array: Any) -> Any:
    """Return an equal array that does not lie in one piece."""
    wide = np.repeat(array, 2, axis=-1)[..., ::2]
    assert array.size == 1 or not wide.flags.c_contiguous
    return wide


def assert_alike(got: Bytes, expected: Bytes) -> None:
    """Arithmetic in 32 bits may round a half the other way: one level of 255, and seldom."""
    assert got.shape == expected.shape
    assert np.abs(got.astype(int) - expected).max() <= 1
    assert (got != expected).mean() < 0.005 or got.size < 1000


def planes_of(layout: str, height: int, width: int) -> tuple[Bytes, ...]:
    if layout == "rgb24":
        return (noise(1, height, width, 3),)
    if layout == "gray":
        return (noise(1, height, width),)
    half = (-(-height // 2), -(-width // 2))
    return noise(1, height, width), noise(2, *half), noise(3, *half)


@pytest.mark.parametrize("layout", ["yuv420p", "gray", "rgb24"])
@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("border", ["edge", "black"])
def test_crop(on: On, layout: str, height: int, width: int, border: reference.Border):
    planes = planes_of(layout, height, width)
    c, s = 0.8 * math.cos(0.4), 0.8 * math.sin(0.4)
    way = np.array([[c, -s, 9.5], [s, c, -4.25]], np.float32)
    how: dict[str, Any] = {"mean": (9.0, 0.0, 99.0), "scale": 1.0, "border": border}
    how["colours"] = Colours(full_range=height == 1, matrix="bt709")
    expected = reference.crop_rgb(planes, way, (31, 18), **how)
    for given in (planes, tuple(spread(p) for p in planes)):
        # 8 bits would be off by half a level, and what is not is allowed twice that.
        assert np.abs(on("crop_rgb", given, way, (31, 18), **how) - expected).max() < 1


@pytest.mark.parametrize(("height", "width", "channels"), PICTURES)
@pytest.mark.parametrize("sharp", [True, False])
def test_warp(on: On, height: int, width: int, channels: int, sharp: bool):
    pixels = noise(1, height, width, channels) if channels else noise(1, height, width)
    shift = np.random.default_rng(2).normal(0, 4, (2, height, width)).astype(np.float32)
    expected = reference.warp(pixels, shift, sharp=sharp)
    assert_alike(on("warp", pixels, shift, sharp=sharp), expected)
    assert_alike(on("warp", spread(pixels), spread(shift), sharp=sharp), expected)


def test_no_shift_changes_no_pixel(on: On):
    pixels = noise(1, 40, 50)
    still = on("warp", pixels, np.zeros((2, 40, 50), np.float32), sharp=True)
    np.testing.assert_array_equal(still, pixels)


@pytest.mark.parametrize(("height", "width", "channels"), PICTURES)
def test_relight(on: On, height: int, width: int, channels: int):
    shape = (height, width, channels) if channels else (height, width)
    pixels, soft = noise(1, *shape), noise(2, *shape)
    light = np.random.default_rng(3).normal(0, 0.6, (2, height, width)).astype(np.float32)
    expected = reference.relight(pixels, soft, light, 16)
    assert_alike(on("relight", pixels, soft, light, 16), expected)
    assert_alike(on("relight", spread(pixels), spread(soft), spread(light), 16), expected)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_flush(on: On, height: int, width: int):
    chroma, luma = noise(1, height, width), noise(2, height, width)
    gain = np.random.default_rng(3).normal(0, 2, (height, width)).astype(np.float32)
    expected = reference.flush(chroma, luma, gain, 0.18, 16)
    assert_alike(on("flush", chroma, luma, gain, 0.18, 16), expected)
    assert_alike(on("flush", spread(chroma), spread(luma), spread(gain), 0.18, 16), expected)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_rasterise(on: On, height: int, width: int):
    rng = np.random.default_rng(height)
    vertices = rng.uniform(-9, 80, (12, 2)).astype(np.float32)
    triangles = rng.integers(0, 12, (6, 3)).astype(np.int32)
    triangles[0] = 4  # without an area
    values = rng.normal(0, 5, (12, 4)).astype(np.float32)
    expected = reference.rasterise(vertices, triangles, values, height, width)
    out = spread(np.full((4, height, width), 77, np.float32))
    got = on("rasterise", vertices, triangles, values, out)
    # On an edge rounding may fall to either side.
    clear = np.abs(got - expected).max(axis=0) < 2e-3
    assert clear.mean() > 0.99
    assert height == 1 or expected.any()


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_drape_adds_up_its_layers(on: On, height: int, width: int):
    rng = np.random.default_rng(height)
    layers = rng.normal(0, 1, (5, height, width)).astype(np.float32)
    where = (rng.uniform(-0.5, 1.5, (2, 9, 7)) * [[[width]], [[height]]]).astype(np.float32)
    weights = rng.normal(0, 1, (2, 5)).astype(np.float32)
    flat = layers.reshape(5, -1)
    summed = np.stack([reference.combine(w, flat) for w in weights]).reshape(2, height, width)
    got = on("drape", spread(layers), spread(where), weights=weights)
    np.testing.assert_allclose(got, reference.drape(summed, where), atol=1e-4)
    each = on("drape", layers, where)
    np.testing.assert_allclose(each, reference.drape(layers, where), atol=1e-5)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("full_range", [True, False])
def test_to_yuv420(on: On, height: int, width: int, full_range: bool):
    rgb, colours = noise(1, height, width, 3), Colours(full_range)
    for given in (rgb, spread(rgb)):
        got = on("to_yuv420", given, colours)
        for ours, theirs in zip(got, reference.to_yuv420(rgb, colours), strict=True):
            assert_alike(ours, theirs)


def test_to_yuv420_of_a_part(on: On):
    y, u, v = planes = planes_of("yuv420p", 63, 65)
    part = noise(4, 33, 25, 3)
    expected = reference.to_yuv420(part, at=(40, 30), out=(y.copy(), u.copy(), v.copy()))
    got = on("to_yuv420", part, at=(40, 30), out=planes)
    for ours, theirs in zip(got, expected, strict=True):
        assert_alike(ours, theirs)


@pytest.mark.parametrize(("picture", "most"), [*zip(PICTURES, (9, 9, 3, 2), strict=True)])
def test_blend(on: On, picture: tuple[int, int, int], most: int):
    height, width, channels = picture
    shape = (height, width, channels) if channels else (height, width)
    below, above = noise(1, *shape), noise(2, *shape)
    mask = np.random.default_rng(3).random((height, width)).astype(np.float32)
    for levels in (0, most):  # nine are more than the small ones have
        expected = reference.blend(below, above, mask, levels)
        assert_alike(on("blend", spread(below), above, spread(mask), levels), expected)


@pytest.mark.parametrize(
    "spec", [WAV2LIP, LOG_MEL_64, MelSpec(63, 21, 5, 300, 7000)], ids=["wav2lip", "64", "odd"]
)
def test_mel(on: On, spec: MelSpec):
    sound = np.random.default_rng(1).normal(0, 0.1, 1500).astype(np.float32)
    expected = reference.mel(sound, spec)
    np.testing.assert_allclose(on("mel", sound, spec), expected, atol=1e-3)
    assert np.ptp(expected) > 0.5
