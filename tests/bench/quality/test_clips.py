from __future__ import annotations

from pathlib import Path

import pytest

from bench.quality import clips, data

TABLE = """
| file | rights | what | id |
|---|---|---|---|
| a.mp4 | A | a person | 15 |
| b.mp4 | B | the same again | 15 |
| gone.mp4 | B | not on this machine | 16 |
| mead_dreamtalk_W009_disgusted_level3_001.mp4 | B | an actor | 30 |
| mead_dreamtalk_W009_neutral_level1_001.mp4 | B | an actor | 30 |
| c.mp4 | B | kept from tuning | 18 |

## models
| file | what |
|---|---|
| net.onnx | a network |
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.mp4").touch()
    for emotion in ("disgusted_level3", "neutral_level1"):
        (tmp_path / f"mead_dreamtalk_W009_{emotion}_001.mp4").touch()
    return tmp_path


def test_the_table_names_the_clips_that_exist(folder: Path) -> None:
    found = clips.table(TABLE, folder)
    assert [clip.path.name[:6] for clip in found] == ["a.mp4", "b.mp4", "mead_d", "mead_d", "c.mp4"]
    assert [clip.acted for clip in found] == [None, None, "disgust", "neutral", None]


def test_one_clip_a_person_and_acted_emotions_are_no_faces_to_edit(folder: Path) -> None:
    found = clips.table(TABLE, folder)
    tuned = clips.one_each(found)
    assert [(clip.person, clip.acted) for clip in tuned] == [(15, None), (30, "neutral")]
    assert [clip.person for clip in clips.one_each(found, held_out=True)] == [18]


def test_enough_people_are_held_out() -> None:
    assert len(set(clips.HELD_OUT)) >= 8


def test_absent_data_says_what_is_missing_and_how_to_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(data.VARIABLE, str(tmp_path))
    with pytest.raises(data.DataMissing, match=r"README\.md is absent; set VISAVIS_DATA"):
        clips.known()


def test_the_variable_may_name_the_folder_that_the_data_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "models").mkdir(parents=True)
    monkeypatch.setenv(data.VARIABLE, str(tmp_path))
    assert data.find("models") == tmp_path / "data" / "models"
