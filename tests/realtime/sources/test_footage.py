"""What training is given of a clip: an even rate, and sound that begins with the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from realtime.session import SourceError
from realtime.sources.footage import pictures, sound
from realtime.sources.speech import RATE
from tests.realtime.clips import Film, make


def test_thirty_a_second_become_twenty_five_and_last_as_long(tmp_path: Path):
    path = make(tmp_path / "a.mp4", Film(frames=30, rate=30, sound="aac"))
    seen = list(pictures(path, 25))
    assert len(seen) in (25, 26)
    own = list(pictures(path, 30))
    assert len(own) == 30
    for k in (5, 10, 20):  # each is the one that is on show then
        np.testing.assert_array_equal(seen[k], own[k * 30 // 25])


def test_twenty_five_stay_as_they_are(tmp_path: Path):
    path = make(tmp_path / "a.mp4", Film(frames=12, rate=25))
    assert len(list(pictures(path, 25))) == 12
    assert len(sound(path)) == 0


def test_sound_is_mono_and_as_long_as_the_pictures(tmp_path: Path):
    path = make(tmp_path / "a.mp4", Film(frames=25, rate=25, sound="aac"))
    heard = sound(path)
    assert len(heard) / RATE == pytest.approx(1, abs=0.1)
    assert 0.01 < np.abs(heard).max() <= 1.01


def test_a_file_that_is_no_clip_is_said(tmp_path: Path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a clip")
    with pytest.raises(SourceError, match=r"a\.mp4: cannot be read"):
        list(pictures(path, 25))
    with pytest.raises(SourceError, match=r"a\.mp4: cannot be read"):
        sound(path)
