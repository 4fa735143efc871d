"""Offers that no browser would make."""

from __future__ import annotations

import pytest

from realtime.server.offer import MAX_CANDIDATES, OfferError, check_offer

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
