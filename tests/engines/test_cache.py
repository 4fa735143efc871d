"""What is kept is whole, says what it is, and is refused when it is not what it says."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engines.cache import Cache, Made, default_folder

KEY = {"library": "1.2", "gpu": "SM89"}
ROOT = Path(__file__).parents[2]


def counted(data: bytes = b"engine") -> tuple[Callable[[], Made], list[int]]:
    made: list[int] = []

    def make() -> Made:
        made.append(1)
        return Made(data, {"inputs": "image"})

    return make, made


def test_it_is_made_once_and_the_note_says_from_what(tmp_path: Path):
    cache, (make, made) = Cache(tmp_path / "new"), counted()
    path = cache.fetch("mesh", ".engine", KEY, make)
    assert cache.fetch("mesh", ".engine", dict(KEY), make) == path
    assert path.read_bytes() == b"engine"
    assert len(made) == 1
    note = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
    assert note["key"] == KEY
    assert note["about"] == {"inputs": "image"}
    assert note["size"] == 6


@pytest.mark.parametrize("change", ["library", "gpu"])
def test_another_version_or_gpu_is_another_entry(tmp_path: Path, change: str):
    cache, (make, made) = Cache(tmp_path), counted()
    one = cache.fetch("mesh", ".engine", KEY, make)
    other = cache.fetch("mesh", ".engine", {**KEY, change: "else"}, make)
    assert one != other
    assert len(made) == 2
    assert [entry.path for entry in cache.entries()] == sorted([one, other])


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:3])


def foreign(path: Path) -> None:
    path.write_bytes(b"ENGINE")


def without_note(path: Path) -> None:
    path.with_name(path.name + ".json").unlink()


def with_a_broken_note(path: Path) -> None:
    path.with_name(path.name + ".json").write_text("[1]", encoding="utf-8")


def with_the_note_of_another(path: Path) -> None:
    note = path.with_name(path.name + ".json")
    entries = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps({**entries, "key": {"gpu": "SM75"}}), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (cut_short, "cut short, at 3 of 6 bytes"),
        (foreign, "not the file that was written"),
        (without_note, "nothing beside it says what it is"),
        (with_a_broken_note, "nothing beside it says what it is"),
        (with_the_note_of_another, "another file's"),
    ],
)
def test_a_spoilt_file_is_refused_in_one_sentence_and_made_anew(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], None],
    reason: str,
):
    cache, (make, made) = Cache(tmp_path), counted()
    path = cache.fetch("mesh", ".engine", KEY, make)
    spoil(path)
    fault = cache.inspect(path).fault
    assert fault is not None
    assert reason in fault
    with caplog.at_level(logging.WARNING):
        assert cache.fetch("mesh", ".engine", KEY, make).read_bytes() == b"engine"
    assert len(made) == 2
    (said,) = caplog.messages
    assert reason in said
    assert cache.inspect(path).fault is None


def test_what_fails_leaves_nothing_behind(tmp_path: Path):
    def fail() -> Made:
        raise RuntimeError("no memory")

    cache = Cache(tmp_path)
    with pytest.raises(RuntimeError, match="no memory"):
        cache.fetch("mesh", ".engine", KEY, fail)
    assert cache.entries() == []
    make, made = counted()
    cache.fetch("mesh", ".engine", KEY, make)
    assert len(made) == 1


BUILDER = """
import sys, time
from pathlib import Path
from engines.cache import Cache, Made
folder = Path(sys.argv[1])
def make():
    with (folder / "builders").open("a") as file:
        file.write("x")
    time.sleep(0.3)
    return Made(b"engine" * 100_000)
path = Cache(folder / "cache").fetch("mesh", ".engine", {"gpu": "SM89"}, make)
print(len(path.read_bytes()))
"""


def test_of_processes_that_build_at_once_one_builds_and_all_have_it(tmp_path: Path):
    command = [sys.executable, "-c", BUILDER, str(tmp_path)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[0].strip() for process in running]
    assert said == ["600000"] * 3
    assert (tmp_path / "builders").read_text(encoding="utf-8") == "x"


def test_a_removed_entry_is_gone_with_its_note(tmp_path: Path):
    cache, (make, _) = Cache(tmp_path), counted()
    path = cache.fetch("mesh", ".engine", KEY, make)
    (entry,) = cache.entries()
    cache.remove(entry)
    assert not [name for name in os.listdir(tmp_path) if not name.endswith(".lock")]
    cache.remove(entry)
    assert not path.exists()


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("VISAVIS_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/visavis")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert default_folder() == Path.home() / ".cache" / "visavis"
