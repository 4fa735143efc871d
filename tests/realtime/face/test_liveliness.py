"""A held expression lives a little, and never more than that."""

from __future__ import annotations

import numpy as np

from realtime.face import basis
from realtime.face.liveliness import enliven

ONE = np.ones(52, np.float32)
MINUTE = [i * 33_333_333 for i in range(1800)]


def test_nothing_stays_nothing():
    assert not enliven(np.zeros(52, np.float32), 5_000_000_000).any()


def test_it_swells_and_ebbs_gently_about_what_was_asked():
    held = np.stack([enliven(ONE, now) for now in MINUTE])
    assert np.abs(held - 1).max() < 0.2
    assert np.ptp(held[:, 0]) > 0.02
    assert np.abs(np.diff(held, axis=0)).max() < 0.005, "it is seen to move"


def test_the_sides_differ_a_little_and_the_middle_belongs_to_both():
    left, right, middle = (
        enliven(ONE, 0)[basis.INDEX[name]]
        for name in ("mouthSmileLeft", "mouthSmileRight", "browInnerUp")
    )
    assert 0.01 < abs(left - right) / middle < 0.15
    assert (left + right) / 2 == middle


def test_the_same_moment_is_the_same_expression():
    np.testing.assert_array_equal(enliven(ONE, 7_000_000_000), enliven(ONE, 7_000_000_000))
