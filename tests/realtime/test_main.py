"""The command line as a shell sees it: words in; output, one-line errors and exit codes out."""

import argparse
import os
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.__main__ import COMMANDS, main
from realtime.commands.errors import CommandError, Exit
from realtime.config import Config

Run = Callable[[argparse.Namespace, Config], int]
Install = Callable[[Run], None]


@pytest.fixture
def file_does(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a stand-in for the command ``file``, which takes IN and does what the test says."""

    def install(run: Run) -> None:
        def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:  # pyright: ignore[reportPrivateUsage]
            subparsers.add_parser("file").add_argument("IN")

        module = types.ModuleType("realtime.commands.file")
        vars(module).update(add_parser=add_parser, run=run)
        monkeypatch.setitem(sys.modules, "realtime.commands.file", module)

    return install


def failing(error: BaseException) -> Run:
    def run(args: argparse.Namespace, config: Config) -> int:
        raise error

    return run


def test_the_exit_code_is_the_commands(file_does: Install):
    file_does(lambda args, config: 5)
    assert main(["file", "a.mp4"]) == 5


@pytest.mark.parametrize("before", [True, False])
def test_settings_may_stand_before_or_after_the_command(
    file_does: Install, tmp_path: Path, before: bool
):
    path = tmp_path / "visavis.toml"
    path.write_text("[server]\nport = 9001\n[users.ada]\nhighest = 0.5\n", encoding="utf-8")
    seen: list[Config] = []
    file_does(lambda args, config: seen.append(config) or 0)
    settings = ["--config", str(path), "--user", "ada"]
    assert main([*settings, "file", "a"] if before else ["file", "a", *settings]) == 0
    assert (seen[0].server.port, seen[0].bounds.highest) == (9001, 0.5)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (CommandError("cannot read\n a.mp4", Exit.UNREADABLE), 3, "cannot read a.mp4"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ModuleNotFoundError("No module named 'av'"), 6, "No module named 'av' ('visavis doctor'"),
        (ZeroDivisionError("by zero"), 1, "unexpected ZeroDivisionError: by zero (-v shows where)"),
    ],
)
def test_an_error_is_one_line_and_a_code(
    file_does: Install,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    line: str,
):
    file_does(failing(error))
    assert main(["file", "a"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"visavis: {line}")
    assert err.count("\n") == 1


def test_verbose_shows_the_trace(file_does: Install, capsys: pytest.CaptureFixture[str]):
    file_does(failing(ZeroDivisionError("by zero")))
    assert main(["file", "a", "-v"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "required: COMMAND"),
        (["fiel"], "invalid choice: 'fiel'"),
        (["doctor", "--jsn"], "--jsn"),
        (["--config", "none.toml", "doctor"], "none.toml: No such file"),
        (["--user", "ada", "doctor"], "users.ada"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert complaint in err
    assert err.count("\n") == 1


def test_a_command_that_this_install_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(COMMANDS, "juggle", "not there")
    assert main(["juggle"]) == 6
    assert "no command 'juggle'" in capsys.readouterr().err


def test_help_lists_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(name in out for name in COMMANDS)
    assert "130  interrupted by Ctrl-C" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_is_there(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    assert f"usage: visavis {name}" in capsys.readouterr().out


def test_a_reader_that_goes_away_is_no_error():
    code = (
        "import sys, types, realtime.__main__ as m\n"
        "c = types.ModuleType('realtime.commands.file')\n"
        "c.add_parser = lambda s: s.add_parser('file')\n"
        "c.run = lambda a, c: [print('x' * 100) for _ in range(100000)] and 0\n"
        "sys.modules[c.__name__] = c\n"
        "sys.exit(m.main(['file']))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout
    assert child.stderr
    child.stdout.readline()
    child.stdout.close()
    with child.stderr:
        assert child.stderr.read() == b""
    assert child.wait() == Exit.NO_READER


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_sigterm_cleans_up(file_does: Install):
    cleaned: list[bool] = []

    def run(args: argparse.Namespace, config: Config) -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            cleaned.append(True)
        return 0

    before = signal.getsignal(signal.SIGTERM)
    file_does(run)
    with pytest.raises(SystemExit) as stop:
        main(["file", "a"])
    assert stop.value.code == 143
    assert cleaned
    assert signal.getsignal(signal.SIGTERM) is before
