"""Photographs of every kind come in upright and go out with what they carried."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image, ImageCms

from realtime.photograph import PhotographError, is_photograph, read, write
from realtime.picture import to_rgb
from realtime.provenance import Statement
from tests.realtime.clips import Film, make, planes_of

PIXELS = np.stack(planes_of(Film(layout="yuv444p"), 1), -1)
PICTURE = Image.fromarray(PIXELS)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tiff", "gif", "ppm"])
def test_a_still_picture_is_a_photograph(tmp_path: Path, ending: str) -> None:
    PICTURE.save(tmp_path / f"a.{ending}")
    assert is_photograph(tmp_path / f"a.{ending}")
    frame = read(tmp_path / f"a.{ending}").frame
    assert (frame.width, frame.height, frame.format) == (64, 48, "rgb24")


def test_the_contents_decide_and_not_the_name(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png")
    (tmp_path / "a.mp4").write_bytes((tmp_path / "a.png").read_bytes())
    assert is_photograph(tmp_path / "a.mp4")


def test_what_moves_or_is_none_is_no_photograph(tmp_path: Path) -> None:
    others = [PICTURE.rotate(90), PICTURE.rotate(180)]
    for ending in ("gif", "webp", "png"):
        PICTURE.save(tmp_path / f"moving.{ending}", save_all=True, append_images=others)
        assert not is_photograph(tmp_path / f"moving.{ending}")
    PICTURE.save(tmp_path / "stream.mjpeg", format="JPEG")
    (tmp_path / "text.png").write_text("good morning")
    for name in ("stream.mjpeg", "text.png", "absent.png", "."):
        assert not is_photograph(tmp_path / name)
    assert not is_photograph(make(tmp_path / "a.mp4"))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_to_hold_a_camera(tmp_path: Path, orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how Pillow numbers the way back
    stored = PICTURE if orientation == 1 else PICTURE.transpose(undo[orientation])  # pyright: ignore[reportArgumentType]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    photograph = read(tmp_path / "a.png")
    np.testing.assert_array_equal(photograph.frame.planes[0], PIXELS)
    write(tmp_path / "b.png", photograph, Statement())
    with closing(Image.open(tmp_path / "b.png")) as image:
        assert image.getexif().get(0x0112, 1) == 1
        np.testing.assert_array_equal(np.asarray(image), PIXELS)


@pytest.mark.parametrize("mode", ["P", "CMYK", "L", "1", "LA", "RGBA", "I;16"])
def test_every_kind_of_pixel(tmp_path: Path, mode: str) -> None:
    name = tmp_path / ("a.tiff" if mode == "CMYK" else "a.png")
    if mode == "I;16":
        deep = np.asarray(PICTURE.convert("L")).astype(np.uint16) * 257
        Image.fromarray(deep).save(name)
    else:
        PICTURE.convert(mode).save(name)
    photograph = read(name)
    gray = mode in ("L", "LA", "1", "I;16")
    expected = np.asarray(PICTURE.convert("L"))[..., None] if gray else PIXELS
    if mode in ("RGBA", "LA"):
        assert photograph.alpha is not None
    if mode not in ("1", "P"):
        assert np.abs(to_rgb(photograph.frame).astype(int) - expected).max() <= 2


def test_the_colour_profile_is_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB")).tobytes()
    PICTURE.save(tmp_path / "a.png", icc_profile=profile)
    for ending in ("png", "jpg", "webp"):
        write(tmp_path / f"b.{ending}", read(tmp_path / "a.png"), Statement())
        with closing(Image.open(tmp_path / f"b.{ending}")) as image:
            assert image.info["icc_profile"] == profile


def test_a_jpeg_without_transparency_is_laid_on_white(tmp_path: Path) -> None:
    clear = PICTURE.convert("RGBA")
    clear.putalpha(0)
    clear.save(tmp_path / "a.png")
    write(tmp_path / "b.jpg", read(tmp_path / "a.png"), Statement())
    with closing(Image.open(tmp_path / "b.jpg")) as image:
        assert np.asarray(image).min() >= 250


def test_a_damaged_photograph_is_named(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.jpg")
    contents = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(contents[: len(contents) * 2 // 3])
    assert is_photograph(tmp_path / "a.jpg")
    with pytest.raises(PhotographError, match=r"a\.jpg: the photograph is damaged"):
        read(tmp_path / "a.jpg")
