"""One cache for all engines' tests, so that the networks are read out of the wheel once."""

from __future__ import annotations

import pytest

from engines.cache import Cache


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))
