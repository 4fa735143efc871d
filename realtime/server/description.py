"""Reading an offer before anything is made for it: what cannot be answered costs almost nothing."""

from __future__ import annotations

from aiortc.rtcdtlstransport import X509_DIGEST_ALGORITHMS
from aiortc.sdp import MediaDescription, SessionDescription

from realtime.server.offer import OfferError, check_offer

PORTS = range(1 << 16)


def read_offer(sdp: str) -> list[str]:
    """Return the kinds of an offer's media, sorted.

    Raises:
        OfferError: it is broken, has no picture, or more than one, or something else, or does not
            say what a connection needs.
    """
    check_offer(sdp)
    try:
        media = SessionDescription.parse(sdp).media
    except Exception as error:  # aiortc's parser raises whatever its slicing raises
        raise OfferError("The session description cannot be read.") from error
    kinds = sorted(each.kind for each in media)
    if kinds not in (["video"], ["audio", "video"]):
        raise OfferError("An offer needs one picture and at most one sound, and nothing else.")
    for each in media:
        if missing := _missing(each):
            raise OfferError(f"The offer lacks {missing} for its {each.kind}.")
        if any(candidate.port not in PORTS for candidate in each.ice_candidates):
            raise OfferError("The offer names an address that there cannot be.")
    return kinds


def _missing(media: MediaDescription) -> str | None:
    """Return what of a connection's needs is not told; aiortc would fail over it much later."""
    ice = media.ice
    if ice is None or not ice.usernameFragment or not ice.password:
        return "an ICE name and password"
    if not media.rtcp_mux:
        return "rtcp-mux"
    fingerprints = media.dtls.fingerprints if media.dtls else ()
    if not any(each.algorithm.lower() in X509_DIGEST_ALGORITHMS for each in fingerprints):
        return "a certificate's fingerprint"
    return None
