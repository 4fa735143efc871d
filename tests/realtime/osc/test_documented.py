"""docs/osc.md against the code."""

from __future__ import annotations

import re
from pathlib import Path

from realtime.osc.orders import Orders
from realtime.osc.packets import OscText
from realtime.osc.ports import MOST

TEXT = (Path(__file__).parents[3] / "docs/osc.md").read_text(encoding="utf-8")


def test_every_address_that_it_names_is_understood() -> None:
    heard = TEXT.partition("## In")[2]
    addresses = re.findall(r"`(/[\w/]+)`", heard)
    assert len(addresses) >= 13
    for address in addresses:
        orders = Orders()
        name = address.replace("NAME", "jawOpen")
        for arguments in ((), ("sad",), (0.5,), ("jawOpen", 0.5)):
            list(orders.read([OscText(name, arguments)]))
        assert orders.ignored == 0, address
        assert orders.malformed < 4, address
    assert f"{MOST:,} messages a second" in " ".join(heard.split())
