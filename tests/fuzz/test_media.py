"""Harmed media: what opens them gives pictures, or one sentence; it never breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
import pytest

from bench.fuzz.mutation import mutated_bytes
from bench.portrait import portrait
from realtime import photograph
from realtime.session import SourceError
from realtime.sources.file import FileSource

KINDS = {".mp4": "libx264", ".mkv": "libx264", ".webm": "libvpx"}
COUNT = 30


def clip(path: Path) -> bytes:
    """Return the bytes of a second of video."""
    with cast("Any", av).open(str(path), "w") as out:
        stream = out.add_stream(KINDS[path.suffix], rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(10):
            rgb = np.full((48, 64, 3), 20 * i, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize("ending", KINDS)
def test_a_harmed_clip_gives_pictures_or_a_sentence(tmp_path: Path, ending: str) -> None:
    whole = clip(tmp_path / f"whole{ending}")
    path = tmp_path / f"harmed{ending}"
    sentences: list[str] = []
    for seed in range(COUNT):
        path.write_bytes(mutated_bytes(whole, seed))
        try:
            with FileSource(path) as source:
                for _ in source.frames():
                    pass
        except SourceError as error:
            sentences.append(str(error))
    assert sentences
    assert all(path.name in s and "\n" not in s for s in sentences)


def test_a_harmed_photograph_gives_a_picture_or_a_sentence(tmp_path: Path) -> None:
    small = cv2.resize(portrait(), (96, 96))
    _, whole = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    path = tmp_path / "harmed.jpg"
    sentences: list[str] = []
    for seed in range(4 * COUNT):
        path.write_bytes(mutated_bytes(whole.tobytes(), seed, head=600))
        try:
            if photograph.is_photograph(path):
                photograph.read(path)
        except photograph.PhotographError as error:
            sentences.append(str(error))
    assert sentences
    assert not any("\n" in s for s in sentences)
