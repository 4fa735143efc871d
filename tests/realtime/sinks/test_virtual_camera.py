"""What arrives at the device that another program reads."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

from realtime.sinks.virtual_camera import NoVirtualCameraError, open_virtual_camera
from realtime.types import Filtered, Frame, PixelFormat, Rung
from tests.realtime.sinks.devices import I420, RGB, Devices, planes_in


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> Devices:
    return Devices(monkeypatch)


def filtered(value: int, width: int = 64, height: int = 48, full_range: bool = False) -> Filtered:
    rng = np.random.default_rng(value)
    luma = (value + rng.random((height, width)) * 8).astype(np.uint8)
    shape = (-(-height // 2), -(-width // 2))
    chroma = tuple(np.full(shape, v, np.uint8) for v in (90, 160))
    frame = Frame((luma, *chroma), "yuv420p", 0, 0, Fraction(1, 30), 0, full_range)
    return Filtered(frame, Rung.GEOMETRIC)


def test_pixels_arrive_as_they_are_and_in_order(devices: Devices) -> None:
    camera = open_virtual_camera(64, 48, 30, None)
    sent = [filtered(40 + 10 * i) for i in range(6)]
    for one in sent:
        camera.send(one)
    camera.close()
    camera.close()
    for one, flat in zip(sent, devices.shown, strict=True):
        for plane, arrived in zip(one.frame.planes, planes_in(flat, 64, 48), strict=True):
            np.testing.assert_array_equal(plane, arrived)
    how = devices.opened[0]
    assert (how["width"], how["height"], how["fps"], how["fourcc"]) == (64, 48, 30, I420)
    assert (camera.device_name, camera.sent, devices.closed) == ("/dev/fake", 6, 1)


def test_a_frame_after_the_end_is_dropped(devices: Devices) -> None:
    camera = open_virtual_camera(64, 48, 30, None)
    camera.close()
    camera.send(filtered(40))
    assert devices.shown == []


def test_the_device_asked_for_is_the_one_opened(devices: Devices) -> None:
    assert open_virtual_camera(64, 48, 30, "/dev/other").device_name == "/dev/other"


@pytest.mark.parametrize(
    ("size", "inside"),
    [
        ((128, 48), (slice(None), slice(32, 96))),  # bars left and right
        ((64, 96), (slice(24, 72), slice(None))),  # above and below
        ((32, 24), (slice(None), slice(None))),
        ((128, 96), (slice(None), slice(None))),
    ],
)
def test_another_size_is_fitted_with_its_shape_kept(
    devices: Devices, size: tuple[int, int], inside: tuple[slice, slice]
) -> None:
    camera = open_virtual_camera(*size, 30, None)
    camera.send(filtered(150))
    luma, u, _ = planes_in(devices.shown[0], *size)
    assert 148 <= luma[inside].min() <= luma[inside].max() <= 160
    bars = np.ones(luma.shape, bool)
    bars[inside] = False
    assert set(np.unique(luma[bars])) <= {16}
    assert set(np.unique(u)) <= {90, 128}
    camera.close()


def test_an_odd_frame_fits_an_even_device(devices: Devices) -> None:
    camera = open_virtual_camera(64, 48, 30, None)
    camera.send(filtered(150, 63, 47))
    luma, _, _ = planes_in(devices.shown[0], 64, 48)
    assert np.median(luma) > 148
    camera.close()


@pytest.mark.parametrize("layout", ["yuv422p", "yuv444p", "gray", "rgb24"])
def test_every_layout_arrives(devices: Devices, layout: PixelFormat) -> None:
    from realtime.picture import convert

    camera = open_virtual_camera(64, 48, 30, None)
    one = filtered(120)
    if layout == "gray":
        frame = Frame(one.frame.planes[:1], "gray", 0, 0, Fraction(1, 30), 0)
    else:
        frame = convert(one.frame, layout)
    camera.send(Filtered(frame, Rung.GEOMETRIC))
    luma, _, _ = planes_in(devices.shown[0], 64, 48)
    assert np.abs(luma.astype(int) - one.frame.planes[0]).max() <= 3
    camera.close()


def test_full_range_of_a_webcam_becomes_what_programs_expect(devices: Devices) -> None:
    camera = open_virtual_camera(64, 48, 30, None)
    white = filtered(0, full_range=True)
    planes = (np.full((48, 64), 255, np.uint8), *white.frame.planes[1:])
    camera.send(Filtered(white.frame.with_planes(planes), Rung.GEOMETRIC))
    luma, _, _ = planes_in(devices.shown[0], 64, 48)
    assert 234 <= luma.min() <= luma.max() <= 236
    camera.close()


def test_a_back_end_without_planes_gets_rgb(devices: Devices) -> None:
    devices.layouts = {RGB}
    camera = open_virtual_camera(64, 48, 30, None)
    gray = filtered(120)
    chroma = np.full((24, 32), 128, np.uint8)
    frame = gray.frame.with_planes((np.full((48, 64), 235, np.uint8), chroma, chroma))
    camera.send(Filtered(frame, Rung.GEOMETRIC))
    assert devices.shown[0].shape == (64 * 48 * 3,)
    assert devices.shown[0].min() >= 253
    camera.close()


def test_why_there_is_none_is_told_once(devices: Devices) -> None:
    with pytest.raises(NoVirtualCameraError) as raised:
        open_virtual_camera(64, 48, 30, "/dev/video7")
    assert raised.value.reasons == ("'fake' backend: /dev/video7 is not a virtual camera",)


def test_without_the_package_the_import_error_is_let_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(ImportError):
        open_virtual_camera(64, 48, 30, None)
