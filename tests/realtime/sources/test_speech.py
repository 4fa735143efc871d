"""The sound of a file for who listens: at 16 kHz, at its place in time, whatever the file."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from realtime.sources.speech import RATE, Speech
from tests.realtime.clips import Film, make
from tests.realtime.voice.films import spoken
from tests.realtime.voice.voices import voice


def test_all_of_the_sound_comes_in_pieces_with_the_time_at_which_it_begins(tmp_path: Path) -> None:
    film = spoken(tmp_path / "a.mkv", voice("sad", 2.0, 48_000), late=0.5)
    speech = Speech(film)
    assert speech.begin == pytest.approx(0.5, abs=0.002)
    whole = np.concatenate(list(speech))
    assert len(whole) == pytest.approx(2 * RATE, abs=RATE / 50)
    assert np.abs(whole).max() > 0.1
    assert [p.tolist() for p in Speech(film)] == [p.tolist() for p in speech], "the same each time"


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.webm", "libopus")])
def test_coded_sound_is_read_too(tmp_path: Path, name: str, codec: str) -> None:
    picture = "libvpx" if name.endswith("webm") else "libx264"
    speech = Speech(make(tmp_path / name, Film(frames=25, sound=codec, codec=picture)))
    whole = np.concatenate(list(speech))
    assert len(whole) == pytest.approx(RATE, abs=0.1 * RATE)


def test_a_film_without_sound_has_none(tmp_path: Path) -> None:
    speech = Speech(make(tmp_path / "a.mp4", Film(frames=3)))
    assert speech.begin is None
    assert list(speech) == []


def test_a_gap_in_the_sound_is_silence_so_that_what_follows_keeps_its_place(tmp_path: Path) -> None:
    """As recorders leave it where the microphone was away."""
    path = tmp_path / "a.mkv"
    with closing(av.open(str(path), mode="w")) as out:
        stream = out.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for begin in (0, 3):
            block = av.AudioFrame.from_ndarray(np.full((1, 48_000), 9000, np.int16), "s16", "mono")
            block.sample_rate, block.time_base = 48_000, Fraction(1, 48_000)
            block.pts = begin * 48_000
            out.mux(stream.encode(block))
    whole = np.concatenate(list(Speech(path)))
    assert len(whole) == pytest.approx(4 * RATE, abs=RATE / 50)
    loud = np.abs(whole) > 0.1
    assert loud[: RATE - 200].all()
    assert not loud[RATE + 200 : 3 * RATE - 200].any()
    assert loud[3 * RATE + 200 :].mean() > 0.95
