from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.memory import Sample, growth, owned, tree, used

HOLD = """
import sys
held = bytearray({mib} << 20)
held[::4096] = b"x" * len(held[::4096])
print(1, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_memory_of_a_process_counts_what_it_started():
    nested = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD.format(mib=64)!r}])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(tree(process.pid)) == 2
        assert 64 < owned(process.pid) < used(process.pid) < 110
        process.communicate()
    assert used(process.pid) == 0


@pytest.mark.parametrize("slope", [0.0, 3.0])
def test_growth_is_the_trend_and_not_a_burst(slope: float):
    samples = [Sample(10.0 * i, 300 + slope * i / 6 + (40 if i == 7 else 0)) for i in range(30)]
    assert growth(samples) == pytest.approx(slope, abs=0.01)


def test_nothing_grows_in_a_single_moment():
    assert growth([Sample(0.0, 300.0)]) == 0
