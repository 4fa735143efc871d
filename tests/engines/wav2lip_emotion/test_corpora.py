"""What the names of the corpora's files say, and which clips make a pair."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.wav2lip_emotion import corpora
from engines.wav2lip_emotion.corpora import Kind, NoClips, find, pairs
from engines.wav2lip_emotion.store import About


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_mead_is_read_from_the_front_with_its_own_sound(tmp_path: Path):
    lay(
        tmp_path,
        "W009/video/front/surprised/level_3/001.mp4",
        "W009/video/left_30/surprised/level_3/001.mp4",
        "W009/audio/surprised/level_3/001.m4a",
    )
    (clip,) = find("mead", tmp_path, rights="research")
    assert clip.about == About("W009", "surprise", 3, "001", "001.mp4", "research")
    assert clip.sound == tmp_path / "W009/audio/surprised/level_3/001.m4a"


def test_mead_as_others_hand_it_on(tmp_path: Path):
    lay(tmp_path, "mead_dreamtalk_W011_disgusted_level3_001.mp4", "M003_front_sad_level2_012.mp4")
    first, second = find("mead", tmp_path)
    assert (first.about.speaker, first.about.emotion) == ("M003", "sad")
    assert (second.about.speaker, second.about.emotion) == ("W011", "disgust")
    assert (first.about.level, first.about.sentence) == (2, "012")


@pytest.mark.parametrize(
    ("kind", "names", "about"),
    [
        (
            "ravdess",
            ["Actor_07/01-01-06-02-02-01-07.mp4", "Actor_07/02-01-06-02-02-01-07.mp4",
             "Actor_07/01-02-06-02-02-01-07.mp4", "Actor_07/01-01-02-02-02-01-07.mp4"],
            About("07", "fear", 2, "02-01", "01-01-06-02-02-01-07.mp4"),
        ),
        (
            "crema-d",
            ["VideoFlash/1001_DFA_ANG_HI.flv", "AudioWAV/1001_DFA_ANG_HI.wav"],
            About("1001", "angry", 3, "DFA", "1001_DFA_ANG_HI.flv"),
        ),
        (
            "lrs2",
            ["main/5535415699068794046/00001.mp4", "main/readme/00001.mp4"],
            About("5535415699068794046", None, 0, "00001", "5535415699068794046/00001.mp4"),
        ),
        (
            "folder",
            ["ann/hello.mp4", "ann/hello.flac"],
            About("ann", None, 0, "hello", "hello.mp4"),
        ),
    ],
)  # fmt: skip
def test_each_corpus_is_read_by_its_names(
    tmp_path: Path, kind: Kind, names: list[str], about: About
):
    (clip,) = find(kind, lay(tmp_path, *names))
    assert clip.about == about
    sound = [name for name in names if name.endswith((".wav", ".flac"))]
    assert clip.sound == (tmp_path / sound[0] if sound else clip.video)


def test_a_plain_folder_may_be_of_one_speaker(tmp_path: Path):
    lay(tmp_path, "a.mp4", "b.mov", "notes.txt")
    assert {c.about.speaker for c in find("folder", tmp_path)} == {"a", "b"}
    assert {c.about.speaker for c in find("folder", tmp_path, speaker="s1")} == {"s1"}


def test_a_folder_of_something_else_is_said(tmp_path: Path):
    lay(tmp_path, "holiday.mp4")
    with pytest.raises(NoClips, match="no clip that is named as in ravdess"):
        find("ravdess", tmp_path)


def test_a_pair_is_one_speaker_with_the_same_words_at_the_strongest():
    clips = [
        About("ann", "neutral", 1, "one"),
        About("ann", "neutral", 1, "two"),
        About("ann", "happy", 1, "one"),
        About("ann", "happy", 3, "one"),
        About("bob", "happy", 3, "two"),
    ]
    assert list(pairs(clips, "neutral", "happy")) == [(clips[0], clips[3])]


def test_every_reader_is_offered():
    assert set(corpora._READERS) == set(Kind.__args__)  # pyright: ignore
