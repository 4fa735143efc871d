"""The instruments of the browser's measurements, tried where the truth is known."""

from __future__ import annotations

import wave
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

from bench.call import counter
from bench.call.figures import Passage, ages, gaps, passage, rate
from bench.call.host import StallingMeter
from bench.call.webcam import write_camera, write_speech
from bench.portrait import moving
from realtime.clock import MS, ManualClock
from realtime.picture import plane_rows
from tests.realtime.steps import Step


def test_a_number_survives_a_coarse_codec() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 320), np.uint8)
    for number in (0, 1, 2730, 4095):
        luma = noise.copy()
        counter.draw(luma, number)
        blurred = np.clip(luma // 40 * 40 + noise % 50, 0, 255).astype(np.uint8)
        assert counter.read(blurred) == number


def test_a_picture_without_a_number_is_not_read_as_one() -> None:
    assert counter.read(np.full((48, 320), 128, np.uint8)) is None
    assert counter.read(np.random.default_rng(0).integers(0, 256, (48, 320), np.uint8)) is None


def test_the_cameras_file_is_what_chromium_can_show(tmp_path: Path) -> None:
    path = tmp_path / "camera.mjpeg"
    assert write_camera(path, moving(320, 240, 6)) == 6
    with closing(av.open(str(path), mode="r")) as file:
        pictures = list(file.decode(video=0))
    assert {picture.format.name for picture in pictures} == {"yuvj420p"}
    assert [counter.read(plane_rows(picture, 0)) for picture in pictures] == list(range(6))


def test_the_microphones_file_has_syllables(tmp_path: Path) -> None:
    path = tmp_path / "microphone.wav"
    write_speech(path, seconds=2)
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert len(sound) == 96_000
    loudness = np.sqrt((sound.reshape(-1, 960) ** 2).mean(axis=1))
    assert loudness.max() > 3000
    assert loudness.min() < 0.05 * loudness.max(), "there is a pause between syllables"


def test_ages_follow_the_latest_showing_of_a_number_that_goes_round() -> None:
    before = [(10.0 * i, i % 5) for i in range(20)]
    after = [(10.0 * i + 25, i % 5) for i in range(3, 15)]
    assert ages(before, after) == [25 * MS] * 12
    assert ages(before, [(4.0, 4), (50.0, -1), (0.0, 0)]) == [0]
    assert ages([(0.0, 7), (9000.0, 8)], [(10_070.0, 7), (10_090.0, 8)]) == [1090 * MS]


def test_gaps_and_rate() -> None:
    assert gaps([0.0, 20.0, 45.0]) == [20 * MS, 25 * MS]
    assert rate([(0.0, 0), (100.0, 1), (200.0, 2)]) == pytest.approx(10)
    assert rate([(5.0, 1)]) == 0


def test_only_the_named_stage_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()

    def sleep(seconds: float) -> None:
        clock.advance(round(seconds * 1000 * MS))

    monkeypatch.setattr("time.sleep", sleep)
    meter = StallingMeter(clock, "slow")
    for name in ("slow", "quick"):
        assert meter.time(Step(name, clock, lambda x: x + 1), 1) == 2
    assert meter.last == {"slow": 100 * MS, "quick": 0}


def numbered(*numbers: int) -> list[tuple[float, int]]:
    return [(float(i), number) for i, number in enumerate(numbers)]


SENT = (*range(2, 10), *range(10), *range(4))


@pytest.mark.parametrize(
    ("sent", "returned", "found"),
    [
        (SENT, (*range(2, 10), *range(8)), Passage(16, 0.0, 0, 0)),
        (SENT, (*range(2, 10), 0, 1, 2, 3, 5, 6, 7), Passage(16, 1 / 16, 0, 0)),
        (SENT, (2, 3, 5, 4, 6), Passage(5, 0.0, 1, 0)),
        (SENT, (2, 3, -1, 5), Passage(4, 1 / 4, 0, 1)),
        (SENT, (2, 2, 2, 3, 3), Passage(2, 0.0, 0, 0)),
        (SENT, (), Passage(0, 1.0, 0, 0)),
        ((0, 1, 2, 3, 4), (8, 9, 0, 1, 3), Passage(4, 1 / 4, 0, 0)),
    ],
    ids=["whole", "lost", "swapped", "unreadable", "repeated", "nothing", "some underway before"],
)
def test_what_became_of_the_pictures_is_found_across_the_turn(
    sent: tuple[int, ...], returned: tuple[int, ...], found: Passage
) -> None:
    assert passage(numbered(*sent), numbered(*returned), around=10) == found
