"""The network that ships, on acted speech that does not: the face smiles and frowns with it."""

from __future__ import annotations

import csv
import os
from contextlib import closing
from pathlib import Path

import av
import pytest

from bench.call.webcam import RATE
from realtime.face.tracker import Tracker
from realtime.types import Floats
from tests.browser.test_voice import at_rest, await_both, call, switch
from tests.realtime.voice.voices import silence

pytestmark = pytest.mark.browser


def acted(emotion: str) -> list[Floats]:
    """Return what four speakers say with an emotion, strongly if they can, at 48 kHz."""
    named = os.environ.get("VISAVIS_SPEECH")
    if not named or not Path(named, "labels.csv").is_file():
        pytest.skip("VISAVIS_SPEECH names no folder with labels.csv and acted speech")
    with Path(named, "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["emotion"] == emotion]
    rows.sort(key=lambda row: row.get("intensity") != "strong")
    strongest: dict[str, str] = {}
    for row in rows:
        strongest.setdefault(row["speaker"], row["file"])
    parts: list[Floats] = []
    for name in list(strongest.values())[:4]:
        with closing(av.open(str(Path(named, name)))) as container:
            resampler = av.AudioResampler("flt", layout="mono", rate=RATE)
            for sound in container.decode(audio=0):
                parts += [p.to_ndarray()[0] for p in resampler.resample(sound)]
        parts.append(silence(0.3, RATE))
    return parts


@pytest.mark.data
@pytest.mark.slow
def test_acted_speech_as_the_microphone_changes_the_face(tmp_path: Path) -> None:
    parts = [*acted("happy"), silence(3, RATE), *acted("angry"), silence(3, RATE)]
    with (
        call(tmp_path, parts, "network") as page,
        closing(Tracker("largest", still=True)) as tracker,
    ):
        own = at_rest(page, tracker)
        switch(page, "Follow my voice", True)
        await_both(page, tracker, own, seconds=120)
