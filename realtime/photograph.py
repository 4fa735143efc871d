"""Still photographs: read upright, written with what they carried and the mark of the edit."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from realtime.picture import NANOSECOND, to_rgb
from realtime.provenance import Statement, stated
from realtime.types import Frame, Pixels

READ = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "JPEG2000", "PPM")
"""What is taken for a photograph, by Pillow's names."""

SAVED: dict[str, dict[str, Any]] = {
    ".png": {"format": "PNG"},
    ".jpg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    ".jpeg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    ".webp": {"format": "WEBP", "quality": 95, "method": 4},
}
"""How a photograph is written, by the ending of its name."""

USER_COMMENT = 0x9286
XMP_IN_PNG = "XML:com.adobe.xmp"
ASCII = b"ASCII\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture and what came with it.

    Attributes:
        frame: the picture, upright; gray or rgb24.
        alpha: [H, W] opacity, 0..255; None when all of it is opaque.
        profile: its ICC colour profile, or nothing.
        exif: camera, place and time as the file carried them, less the orientation.
    """

    frame: Frame
    alpha: Pixels | None = None
    profile: bytes = b""
    exif: bytes = field(default=b"", repr=False)


class PhotographError(Exception):
    """The photograph cannot be read or written; its text is a whole sentence."""


def is_photograph(path: Path) -> bool:
    """Tell whether ``path`` holds one still picture; what cannot be opened does not."""
    if path.suffix.lower() in (".mjpeg", ".mjpg"):  # a film of photographs, one after another
        return False
    try:
        with _quiet(), closing(Image.open(path, formats=READ)) as image:
            return image.format == "MPO" or getattr(image, "n_frames", 1) == 1
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return False


def read(path: Path) -> Photograph:
    """Return the photograph at ``path``, upright.

    Raises:
        PhotographError: it is damaged, or larger than memory should be spent on.
    """
    try:
        with _quiet(), closing(Image.open(path, formats=READ)) as stored:
            stored.load()
            image = ImageOps.exif_transpose(stored)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotographError(f"{path}: the photograph is damaged ({error})") from error
    if image.mode.startswith("I;16") or image.mode == "I":
        deep = np.asarray(image).astype(np.int64)
        image = Image.fromarray((deep >> 8).clip(0, 255).astype(np.uint8))
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A")).copy()
    gray = image.mode in ("L", "LA", "1")
    pixels = np.array(image.convert("L" if gray else "RGB"), dtype=np.uint8)
    frame = Frame(
        planes=(pixels,),
        format="gray" if gray else "rgb24",
        captured=0,
        pts=0,
        time_base=NANOSECOND,
        seq=0,
        full_range=True,
    )
    profile = image.info.get("icc_profile") if image.mode != "CMYK" else None
    return Photograph(frame, alpha, profile or b"", image.getexif().tobytes())


def statement_in(path: Path) -> Statement | None:
    """Return what the photograph says of having been edited; None when it says nothing.

    Raises:
        PhotographError: it is damaged.
    """
    try:
        with _quiet(), closing(Image.open(path, formats=READ)) as image:
            words: object = image.getexif().get_ifd(ExifTags.IFD.Exif).get(USER_COMMENT, b"")
            comment: object = image.info.get("Comment", "")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PhotographError(f"{path}: the photograph is damaged ({error})") from error
    text = words.decode("latin-1") if isinstance(words, bytes) else str(words)
    return stated(f"{text}\n{comment}")


def write(path: Path, photograph: Photograph, mark: Statement | None) -> None:
    """Write ``photograph`` to ``path``, in the format its ending says, with ``mark`` inside.

    Raises:
        OSError: the disk is full, or the file may not be written.
    """
    settings = dict(SAVED[path.suffix.lower()])
    frame = photograph.frame
    image = Image.fromarray(frame.planes[0] if frame.format == "gray" else to_rgb(frame))
    if photograph.alpha is not None:
        image.putalpha(Image.fromarray(photograph.alpha))
        if settings["format"] == "JPEG":
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    if photograph.profile:
        settings["icc_profile"] = photograph.profile
    if settings["format"] == "PNG":
        text = PngInfo()
        if mark is not None:
            text.add_text("Comment", mark.as_text())
            text.add_itxt(XMP_IN_PNG, mark.as_xmp().decode())
        settings["pnginfo"] = text
    elif mark is not None:
        settings["xmp"] = mark.as_xmp()
    settings["exif"] = _marked(photograph.exif, mark)
    image.save(path, **settings)


def _marked(exif: bytes, mark: Statement | None) -> bytes:
    tags = Image.Exif()
    if exif:
        tags.load(exif)
    if mark is not None:
        tags[ExifTags.Base.Software] = "visavis"
        words = mark.as_text().encode("ascii", "replace")
        tags.get_ifd(ExifTags.IFD.Exif)[USER_COMMENT] = ASCII + words
    return tags.tobytes()


@contextmanager
def _quiet() -> Generator[None]:
    """Keep Pillow's remarks about odd files to itself: what matters comes as an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
