"""Offers that cannot be answered are known before anything is made for them."""

from __future__ import annotations

import pytest

from realtime.server.description import read_offer
from realtime.server.offer import OfferError
from tests.realtime.server.offers import GOOD, PICTURE, SOUND, offer

DATA = ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", *PICTURE[2:], "a=sctp-port:5000")


def test_a_picture_with_or_without_sound_is_an_offer() -> None:
    assert read_offer(GOOD) == ["video"]
    assert read_offer(offer(SOUND, PICTURE)) == ["audio", "video"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs one picture"),
        ("v=0", "needs one picture"),
        (offer(SOUND), "needs one picture"),
        (offer(PICTURE, PICTURE), "at most one sound"),
        (offer(PICTURE, DATA), "nothing else"),
        (offer(PICTURE, without="a=ice-ufrag"), "an ICE name and password for its video"),
        (offer(SOUND, PICTURE, without="a=ice-pwd"), "an ICE name and password for its audio"),
        (offer(PICTURE, without="a=fingerprint"), "a certificate's fingerprint"),
        (GOOD.replace("sha-256", "rot-13"), "a certificate's fingerprint"),
        (offer(PICTURE, without="a=setup"), "a certificate's fingerprint"),
        (offer(PICTURE, without="a=rtcp-mux"), "rtcp-mux"),
        (GOOD.replace("VP8/90000", "VP8"), "cannot be read"),
        (
            offer(PICTURE, more=("a=candidate:1 1 udp 1 192.0.2.1 99999 typ host",)),
            "an address that there cannot be",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(text: str, sentence: str) -> None:
    with pytest.raises(OfferError, match=rf"{sentence}.*\.$"):
        read_offer(text)
