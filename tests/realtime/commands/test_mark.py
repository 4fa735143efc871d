"""``visavis mark`` on files of ours and of others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from realtime.__main__ import main
from realtime.mark import marked
from realtime.photograph import Photograph, write
from realtime.picture import from_rgb
from realtime.provenance import Statement
from realtime.types import Edit, Emotion
from tests.portrait import photograph
from tests.realtime.clips import make_of


def test_a_film_that_was_marked_for_a_while(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = np.asarray(photograph())
    sad = marked(from_rgb(plain), "sad").planes[0]
    film = make_of(tmp_path / "a.mkv", [plain] * 20 + [sad] * 20, rate=10)
    assert main(["mark", str(film)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "The file says: nothing of visavis."
    assert said[1].startswith("Its pictures: marked as sad in 1 of 2 stretches of 2 s")
    assert main(["mark", str(film), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["edited"] is True
    assert found["pictures"]["words"] == ["sad"]


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_a_photograph_tells_what_was_done_to_it(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"a.{ending}"
    frame = from_rgb(np.asarray(photograph()))
    write(path, Photograph(frame), Statement.of(Edit(Emotion.ANGRY, 0.7)))
    assert main(["mark", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["statement"]["emotion"], found["statement"]["intensity"]) == ("angry", 0.7)
    assert found["pictures"]["marked"] == 0
    assert b"algorithmicallyEnhanced" in path.read_bytes()
    write(path, Photograph(frame), None)
    assert b"visavis" not in path.read_bytes()


def test_others_files_are_not_accused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.asarray(photograph())).save(path)
    assert main(["mark", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["edited"] is False


def test_what_is_no_picture_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    assert main(["mark", str(tmp_path / "a.mp4")]) == 3
    assert capsys.readouterr().err.count("\n") == 1
