"""What an offer may hold: its parser believes everything, so it is counted first."""

from __future__ import annotations

MAX_LINES = 1_000
MAX_MEDIA = 8
MAX_CANDIDATES = 64
"""A browser's offer has 100 to 300 lines, 2 media and up to a dozen addresses."""

MAX_NAMES = 4
"""Addresses told by a name, each of which is asked for in the local network for up to a second."""


class OfferError(Exception):
    """The session description cannot be answered; the text says why, in a sentence."""


def with_few_names(sdp: str) -> str:
    """Return the offer with no more addresses told by a name than are looked for.

    Browsers that may not film hide their addresses so. Whoever calls is found without them too, by
    what arrives.
    """
    kept: list[str] = []
    names = 0
    for line in sdp.splitlines(keepends=True):
        named = line.startswith("a=candidate") and ".local " in line
        names += named
        if not named or names <= MAX_NAMES:
            kept.append(line)
    return "".join(kept)


def check_offer(sdp: str) -> None:
    """Refuse an offer that no browser would make.

    Raises:
        OfferError: it has too many lines, media or addresses, or puts media together that are not
            there, or have one name.
    """
    lines = sdp.splitlines()
    media = sum(line.startswith("m=") for line in lines)
    candidates = sum(line.startswith("a=candidate") for line in lines)
    for count, limit, what in (
        (len(lines), MAX_LINES, "lines"),
        (media, MAX_MEDIA, "media"),
        (candidates, MAX_CANDIDATES, "addresses"),
    ):
        if count > limit:
            raise OfferError(f"An offer may have {limit} {what} at most.")
    names = [line for line in lines if line.startswith("a=mid:")]
    bundled = {
        f"a=mid:{name}"
        for line in lines
        if line.startswith("a=group:BUNDLE")
        for name in line.split()[1:]
    }
    if len(set(names)) < len(names) or not bundled <= set(names) or (names and len(names) != media):
        raise OfferError("The session description contradicts itself: its media have odd names.")
