"""Guessing tokens is slow, and only for whoever guesses."""

from __future__ import annotations

import pytest

from realtime.server.attempts import ADDRESSES, ALLOWED, WINDOW, Attempts, household


def failed(times: int, address: str = "192.0.2.7") -> Attempts:
    attempts = Attempts()
    for i in range(times):
        attempts.fail(address, i)
    return attempts


def test_a_few_slips_are_forgiven_and_the_next_has_to_wait_a_minute() -> None:
    assert failed(ALLOWED - 1).wait("192.0.2.7", ALLOWED) == 0
    attempts = failed(ALLOWED)
    assert attempts.wait("192.0.2.7", ALLOWED) == pytest.approx(WINDOW, rel=1e-6)
    assert attempts.wait("192.0.2.8", ALLOWED) == 0
    assert attempts.wait("192.0.2.7", WINDOW + 1) == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = failed(ALLOWED)
    for i in range(ADDRESSES):
        attempts.fail(f"198.51.{i // 256}.{i % 256}", i)
    assert attempts.wait("192.0.2.7", ALLOWED) == 0, "quiet for longest, forgotten first"


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_one_machine_has_many_addresses(address: str, same: str) -> None:
    assert household(address) == household(same)
    assert household("2001:db8:1:3::5") != household(address)
