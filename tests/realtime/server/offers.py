"""An offer as short as one can be."""

from __future__ import annotations

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)

TRANSPORT = (
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:name",
    "a=ice-pwd:a password of 22 letters",
    FINGERPRINT,
    "a=setup:actpass",
    "a=rtcp-mux",
    "a=sendrecv",
)

PICTURE = ("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=rtpmap:96 VP8/90000", *TRANSPORT)
SOUND = ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 opus/48000/2", *TRANSPORT)


def offer(*media: tuple[str, ...], without: str = "", more: tuple[str, ...] = ()) -> str:
    """Return an offer of ``media``, without the lines that begin so, and with ``more`` at last."""
    lines = [line for each in media for line in each if not (without and line.startswith(without))]
    return "\r\n".join(("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", *lines, *more, ""))


GOOD = offer(PICTURE)
