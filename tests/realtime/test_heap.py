"""Memory that is no longer needed goes back, and nothing that is needed goes with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from realtime import heap

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")

COUNT = """
import re, sys, threading
from realtime import heap

def resident(name, kind="Rss"):
    text = open("/proc/self/smaps").read()
    parts = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", text)
    found = [p for p in parts if name in p.partition("\\n")[0]]
    return sum(int(kb) for p in found for kb in re.findall(kind + r": +(\\d+) kB", p)) // 1024
"""


def told(program: str) -> list[str]:
    words = [sys.executable, "-c", COUNT + program]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


def test_what_many_small_things_took_is_given_back():
    before, after = told(
        """
things = [bytes(3000) for _ in range(40_000)]
kept = things[::100]
del things
print(resident("[heap]"))
heap.give_back()
print(resident("[heap]"))
"""
    )
    assert int(before) > 100
    assert int(after) < int(before) / 3


def test_threads_share_two_pools():
    (pools,) = told(
        """
heap.few_arenas()
held, gate = [], threading.Barrier(9)
def work():
    held.append([bytes(9000) for _ in range(100)])
    gate.wait()
for _ in range(8):
    threading.Thread(target=work).start()
gate.wait()
addresses = {id(things[-1]) >> 26 for things in held}
print(len(addresses))
"""
    )
    assert int(pools) <= 3  # the first one grows, and may lie across a boundary of 64 MiB


def test_a_librarys_code_leaves_memory_and_still_runs():
    before, after, twice = told(
        """
import sqlite3
database = sqlite3.connect(":memory:")
database.execute("create table t(a)")
database.executemany("insert into t values (?)", [(i,) for i in range(100)])
print(resident("libsqlite3", "Rss"))
heap.leave_code("libsqlite3")
print(resident("libsqlite3", "Rss"))
print(database.execute("select 2 * sum(a) from t order by 1").fetchone()[0])
"""
    )
    if int(before) == 0:
        pytest.skip("sqlite is part of Python itself here")
    assert int(after) < int(before)
    assert int(twice) == 9900


def test_where_there_is_no_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(heap, "_glibc", lambda: None)
    heap.few_arenas()
    heap.give_back()
    heap.leave_code("libllvmlite")
