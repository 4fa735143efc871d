"""Offers that no browser would make."""

from __future__ import annotations

import pytest

from realtime.server.offer import (
    MAX_CANDIDATES,
    MAX_NAMES,
    OfferError,
    check_offer,
    with_few_names,
)

CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.1 {port} typ host"


def test_an_offer_of_the_usual_size_passes() -> None:
    check_offer("\r\n".join(["v=0", "m=video 9 X 96", "m=audio 9 X 97", *["a=x"] * 250]))


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["m=video 9 UDP/TLS/RTP/SAVPF 96"] * 9, "8 media"),
        ([CANDIDATE.format(port=p) for p in range(MAX_CANDIDATES + 1)], "64 addresses"),
        (["a=x"] * 2000, "1000 lines"),
    ],
)
def test_what_would_keep_the_server_busy_is_refused(lines: list[str], what: str) -> None:
    with pytest.raises(OfferError, match=f"{what} at most"):
        check_offer("\r\n".join(lines))


@pytest.mark.parametrize(
    "lines",
    [
        ["a=group:BUNDLE 0 1", "m=video 9 X 96", "a=mid:0"],
        ["a=group:BUNDLE 0", "m=video 9 X 96", "a=mid:0", "m=audio 9 X 97", "a=mid:0"],
        ["m=video 9 X 96", "a=mid:0", "a=mid:1"],
        ["a=group:BUNDLE 0", "m=video 9 X 96"],
    ],
)
def test_media_whose_names_do_not_fit_are_refused(lines: list[str]) -> None:
    with pytest.raises(OfferError, match="contradicts itself"):
        check_offer("\r\n".join(["v=0", *lines]))


def test_only_a_few_addresses_told_by_a_name_are_looked_for() -> None:
    """Each may take a second, in which the place is taken and nobody is called."""
    named = [CANDIDATE.format(port=p).replace("192.0.2.1", f"{p}.local") for p in range(60)]
    plain = ["v=0", "m=video 9 X 96", CANDIDATE.format(port=1)]
    few = with_few_names("\r\n".join([*plain, *named, "a=mid:0", ""]))
    assert few == "\r\n".join([*plain, *named[:MAX_NAMES], "a=mid:0", ""])
