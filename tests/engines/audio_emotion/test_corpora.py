"""Recordings are found by how each corpus names its files, and no speaker is on both sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.audio_emotion.corpora import CorpusError, Utterance, find, read_labels
from engines.audio_emotion.folds import deal, weights


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def found(folder: Path) -> list[tuple[str, str, str]]:
    return sorted((u.corpus, u.speaker, u.emotion) for u in find(folder))


def test_ravdess_without_songs_and_calm(tmp_path: Path):
    touch(tmp_path, "Actor_12/03-01-06-01-02-01-12.wav", "Actor_12/03-01-02-01-02-01-12.wav",
          "Actor_01/03-02-05-01-02-01-01.wav", "Actor_01/03-01-08-02-01-01-01.wav")  # fmt: skip
    assert found(tmp_path) == [
        ("ravdess", "ravdess-01", "surprise"),
        ("ravdess", "ravdess-12", "fear"),
    ]


def test_crema_d(tmp_path: Path):
    touch(tmp_path, "1001_DFA_ANG_XX.wav", "1002_IEO_HAP_HI.wav", "1002_IEO_XXX_HI.wav")
    assert found(tmp_path) == [
        ("crema-d", "crema-d-1001", "angry"),
        ("crema-d", "crema-d-1002", "happy"),
    ]


def test_emodb_without_boredom(tmp_path: Path):
    touch(tmp_path, "wav/03a01Fa.wav", "wav/16b10Wb.wav", "wav/08a01La.wav", "wav/readme.wav")
    assert found(tmp_path) == [("emodb", "emodb-03", "happy"), ("emodb", "emodb-16", "angry")]


def test_mead_without_contempt(tmp_path: Path):
    touch(tmp_path, "M003/audio/angry/level_1/001.m4a", "W009/audio/disgusted/level_3/011.m4a",
          "W009/audio/contempt/level_3/011.m4a")  # fmt: skip
    assert found(tmp_path) == [("mead", "mead-M003", "angry"), ("mead", "mead-W009", "disgust")]


def test_esd(tmp_path: Path):
    touch(tmp_path, "0011/Angry/0011_000351.wav", "0004/Surprise/train/0004_001401.wav")
    assert found(tmp_path) == [("esd", "esd-0004", "surprise"), ("esd", "esd-0011", "angry")]


def test_a_list_is_read_relative_to_itself_and_absolutely(tmp_path: Path):
    touch(tmp_path, "a/one.wav", "b/two.wav")
    labels = tmp_path / "a/list.csv"
    labels.write_text(
        f"file,speaker,emotion\none.wav,anna,Fearful\n{tmp_path / 'b/two.wav'},ben,joy\n"
        "one.wav,anna,bored\n"
    )
    assert [(u.path.name, u.speaker, u.emotion) for u in read_labels(labels)] == [
        ("one.wav", "anna", "fear"),
        ("two.wav", "ben", "happy"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("file,speaker\na.wav,x\n", "emotion"),
        ("file,speaker,emotion\n", "no rows"),
        ("file,speaker,emotion\nnone.wav,x,happy\n", "none.wav"),
        ("file,speaker,emotion\nlabels.csv,x,bored\n", "no row"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, text: str, says: str):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(CorpusError, match=says):
        find(tmp_path)


def test_a_folder_without_recordings_says_so(tmp_path: Path):
    touch(tmp_path, "holiday.wav")
    with pytest.raises(CorpusError, match="no file is named"):
        find(tmp_path)


def utterances() -> list[Utterance]:
    made: list[Utterance] = []
    for number in range(60):
        corpus = "small" if number % 6 == 0 else "large"
        emotion = ("happy", "sad", "sad", "sad", "angry")[number % 5]
        made.append(Utterance(Path(f"{number}.wav"), corpus, f"{corpus}-{number % 7}", emotion))
    return made


def test_every_speaker_is_in_one_fold_and_every_fold_has_speakers_of_each_corpus():
    dealt = deal(utterances(), 3)
    assert set(dealt) == {u.speaker for u in utterances()}
    for corpus in ("small", "large"):
        assert {dealt[u.speaker] for u in utterances() if u.corpus == corpus} == {0, 1, 2}


def test_rare_emotions_are_drawn_as_often_as_common_ones():
    given = utterances()
    often = weights(given)
    assert often.sum() == pytest.approx(1)
    by_emotion = {
        emotion: sum(w for w, u in zip(often, given, strict=True)
                     if u.emotion == emotion and u.corpus == "large")
        for emotion in ("happy", "sad", "angry")
    }  # fmt: skip
    assert np.ptp(list(by_emotion.values())) == pytest.approx(0, abs=1e-9)


def test_a_few_minutes_of_ordinary_talk_do_not_make_everything_neutral():
    talk = [Utterance(Path(f"t{n}.wav"), "talk", f"talk-{n % 3}", "neutral") for n in range(20)]
    given = utterances() + talk
    often = weights(given)
    assert sum(w for w, u in zip(often, given, strict=True) if u.corpus == "talk") < 0.2
