"""How often an address may show a wrong token; pure, so that a minute can be tried at once."""

from __future__ import annotations

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address

from realtime.clock import MS

ALLOWED = 10
WINDOW = 60_000 * MS
ADDRESSES = 1024
"""Addresses remembered; the one that has been quiet the longest is forgotten first."""


class Attempts:
    """Counts failed tries by address over the last minute."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[int]] = OrderedDict()

    def wait(self, address: str, now: int) -> int:
        """Return the nanoseconds for which ``address`` is not listened to; 0 lets it try."""
        failures = self._failures.get(household(address))
        if failures is None or len(failures) < ALLOWED:
            return 0
        return max(0, failures[0] + WINDOW - now)

    def fail(self, address: str, now: int) -> None:
        """Note a wrong token."""
        key = household(address)
        self._failures.setdefault(key, deque(maxlen=ALLOWED)).append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)


def household(address: str) -> str:
    """Return what stands for one caller: an IPv6 host has a whole /64 to come from."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return found.exploded[:19]
