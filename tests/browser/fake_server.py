"""A server made of nothing but messages, for what the page says and how it takes the answers."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect


class FakeServer:
    """Notes what the page says; answers when told to."""

    def __init__(self, page: Page) -> None:
        self.said: list[dict[str, Any]] = []
        self.protocols: list[str] = []
        self.calls = 0
        self._socket: WebSocketRoute | None = None
        self._page = page
        page.route_web_socket("**/call", self._accept)

    def _accept(self, socket: WebSocketRoute) -> None:
        self.calls += 1
        self._socket = socket
        self.protocols = list(socket.protocols)
        socket.on_message(lambda text: self.said.append(json.loads(text)))
        self.tell("hello", protocol="visavis/1", version="9", session="s", presets=["stern"])

    def tell(self, kind: str, **fields: object) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps({"type": kind, **fields}))

    def close(self, code: int) -> None:
        assert self._socket is not None
        self._socket.close(code=code)

    def called(self, times: int) -> bool:
        """Tell whether the page has called so often, or does within a few seconds."""
        for _ in range(60):
            if self.calls >= times:
                break
            self._page.wait_for_timeout(50)
        return self.calls == times

    def last(self, kind: str) -> dict[str, Any]:
        """Return the latest of its kind, once the page has had time to say it."""
        self._page.wait_for_timeout(250)
        return [message for message in self.said if message["type"] == kind][-1]


def start(page: Page) -> None:
    page.get_by_role("button", name="Start").click()


def pressed(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
