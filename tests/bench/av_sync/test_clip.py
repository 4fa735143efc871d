"""The clip and its detectors, tried where the truth is known."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest

from bench.av_sync.clip import (
    FPS,
    GAPS,
    RATE,
    ROUND,
    light,
    marks,
    patch,
    sound,
    write_fake_devices,
    write_film,
)
from bench.av_sync.detect import beep_onsets, flash_onsets, level, pair, pair_through
from bench.portrait import moving
from realtime.clock import MS
from realtime.picture import plane_rows

SECONDS = 10.0
NOISE = np.random.default_rng(0)


def test_no_two_marks_are_equally_far_apart() -> None:
    assert len(set(GAPS)) == len(GAPS)
    turn = marks(2 * ROUND / FPS)
    gaps = np.diff(turn[: len(GAPS) + 1])
    assert len({round(gap / MS) for gap in gaps}) == len(GAPS)
    assert gaps.min() >= 700 * MS


def test_beeps_are_found_where_they_begin_in_noise_hum_and_half_as_loud() -> None:
    t = np.arange(round(SECONDS * RATE)) / RATE
    hum = 1500 * np.sin(2 * np.pi * 50 * t)
    heard = sound(SECONDS) * 0.5 + hum + NOISE.normal(0, 300, len(t))
    found = np.array(beep_onsets(heard, RATE, start=7 * MS))
    assert len(found) == len(marks(SECONDS))
    assert np.abs(found - 7 * MS - marks(SECONDS)).max() < 1 * MS


def test_there_is_nothing_to_find_in_silence_and_darkness() -> None:
    assert beep_onsets(np.zeros(RATE), RATE) == []
    assert beep_onsets(np.zeros(0), RATE) == []
    assert flash_onsets([(i * MS, 20.0 + i % 3) for i in range(50)]) == []
    assert flash_onsets([]) == []


def test_flashes_are_found_in_pictures() -> None:
    portrait = moving(320, 240, 1)[0]
    levels = [(n * 1000 * MS // FPS, level(light(portrait, n).planes[0])) for n in range(ROUND)]
    assert flash_onsets(levels) == marks(ROUND / FPS)
    assert patch(portrait.planes[0]).shape == (60, 40)


@pytest.mark.parametrize("early", [-900, -120, 0, 45, 300, 1500])
def test_flash_and_beep_are_paired_however_far_apart(early: int) -> None:
    flashes = [at + 33 * MS * (i % 2) for i, at in enumerate(marks(20))]
    beeps = [at - early * MS for at in marks(20)]
    offsets = pair(flashes[1:], beeps[:-2])
    assert len(offsets) == len(flashes) - 3
    assert {round(offset.ns / MS) - early for offset in offsets} == {0, 33}


def test_positive_is_sound_early() -> None:
    assert pair([2000 * MS], [1900 * MS])[0].ns == 100 * MS


def test_a_step_in_mid_stream_is_followed() -> None:
    flashes = [at + (200 * MS if at > 10_000 * MS else 0) for at in marks(20)]
    offsets = pair(flashes, marks(20))
    assert len(offsets) == len(flashes)
    assert {round(offset.ns / MS) for offset in offsets} == {0, 200}


def test_what_was_apart_going_in_does_not_count() -> None:
    beeps = marks(20)
    flashes = [at + 4321 * MS // 2 for at in beeps]
    flashes_out = [at + 80 * MS for at in flashes]
    beeps_out = [at + 65 * MS for at in beeps if at != beeps[3]]
    offsets = pair_through((flashes, flashes_out), (beeps, beeps_out))
    assert len(offsets) >= len(beeps) - 4, "all but those with no beep beside them"
    assert {offset.ns for offset in offsets} == {15 * MS}


def test_the_film_holds_both_in_step(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    write_film(path, 320, 240, 4.0)
    levels: list[tuple[int, float]] = []
    samples: list[np.ndarray[tuple[int, ...], np.dtype[np.int16]]] = []
    with closing(av.open(str(path), mode="r")) as file:
        for part in file.decode(video=0, audio=0):
            if isinstance(part, av.VideoFrame):
                levels.append((round((part.time or 0) * 1e9), level(plane_rows(part, 0))))
            elif isinstance(part, av.AudioFrame):
                samples.append(part.to_ndarray()[0])
    offsets = pair(flash_onsets(levels), beep_onsets(np.concatenate(samples), RATE))
    assert len(offsets) == len(marks(4.0))
    assert max(abs(offset.ns) for offset in offsets) < 2 * MS


def test_the_fake_devices_are_one_round_each(tmp_path: Path) -> None:
    camera, microphone = tmp_path / "camera.mjpeg", tmp_path / "microphone.wav"
    write_fake_devices(camera, microphone, 160, 120)
    with closing(av.open(str(camera), mode="r")) as file:
        lit = [level(plane_rows(picture, 0)) > 125 for picture in file.decode(video=0)]
    assert len(lit) == ROUND
    assert sum(lit) == 4 * len(GAPS)
    assert microphone.stat().st_size == 44 + 2 * RATE * ROUND // FPS
