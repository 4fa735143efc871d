"""What holds for all tests: nothing of them is left in the user's own folders."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is made of networks in a folder of these tests."""
    before = os.environ.get("VISAVIS_CACHE")
    os.environ["VISAVIS_CACHE"] = str(tmp_path_factory.mktemp("visavis"))
    yield
    if before is None:
        del os.environ["VISAVIS_CACHE"]
    else:
        os.environ["VISAVIS_CACHE"] = before


def pytest_configure() -> None:
    """Let Ctrl-C be one: whoever starts tests in the background of a script has it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
