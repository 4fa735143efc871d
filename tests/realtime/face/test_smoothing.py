"""Steady when still, quick when moving."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.face.smoothing import OneEuro

PERIOD = 33_333_333


def smoothed(
    signal: NDArray[np.float64], *, cutoff: float = 1.0, beta: float = 5.0, unit: float = 1.0
) -> NDArray[np.float64]:
    """Run [T] through the filter, as [1, 1] points."""
    steady = OneEuro(cutoff, beta)
    values = signal.astype(np.float32)[:, None, None]
    return np.array([steady(v, i * PERIOD, unit)[0, 0] for i, v in enumerate(values)])


def test_the_jitter_of_a_still_face_falls():
    noise = np.random.default_rng(0).normal(0, 0.003, 300)
    out = smoothed(noise)
    assert np.diff(out).std() < 0.35 * np.diff(noise).std()
    assert abs(out.mean()) < 0.001


def test_a_moving_face_is_followed_with_little_lag():
    t = np.arange(90) / 30
    nod = 0.5 * np.sin(2 * np.pi * t)  # half an eye distance, once a second
    behind = np.abs(smoothed(nod) - nod)[10:]
    assert behind.max() < np.abs(np.diff(nod)).max(), "more than a frame late"


def test_more_beta_is_quicker_and_less_cutoff_is_steadier():
    ramp = np.linspace(0, 3, 60)
    slow, quick = (ramp - smoothed(ramp, beta=beta) for beta in (0.5, 10.0))
    assert quick[-1] < 0.5 * slow[-1]
    noise = np.random.default_rng(1).normal(0, 0.003, 300)
    assert smoothed(noise, cutoff=0.5).std() < smoothed(noise, cutoff=4.0).std()


def test_a_constant_stays_what_it_is():
    np.testing.assert_allclose(smoothed(np.full(30, 0.7)), 0.7, rtol=1e-6)


def test_a_face_twice_as_large_is_steadied_alike():
    walk = np.cumsum(np.random.default_rng(2).normal(0, 0.02, 60))
    np.testing.assert_allclose(smoothed(walk * 80, unit=80.0) / 80, smoothed(walk), rtol=1e-3,
                               atol=1e-4)  # fmt: skip


def test_after_a_gap_it_starts_where_the_face_is():
    steady = OneEuro(1.0, 1.0)
    here, there = np.zeros((4, 3), np.float32), np.ones((4, 3), np.float32)
    steady(here, 0)
    steady(here, PERIOD)
    np.testing.assert_array_equal(steady(there, PERIOD + 700_000_000), there)


def test_the_same_moment_twice_does_not_break_it():
    steady = OneEuro(1.0, 1.0)
    value = np.ones((4, 3), np.float32)
    steady(value, 5)
    assert np.isfinite(steady(value * 2, 5)).all()


def test_what_went_in_is_not_written_to():
    steady = OneEuro(1.0, 1.0)
    values = [np.full((2, 3), v, np.float32) for v in (0.0, 1.0, 2.0)]
    for i, value in enumerate(values):
        steady(value, i * PERIOD)
    assert [float(v[0, 0]) for v in values] == [0, 1, 2]
