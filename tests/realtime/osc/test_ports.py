"""OSC over real sockets: heard, obeyed, let go, and shut down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import pytest

from realtime.clock import SystemClock
from realtime.config import ConfigError, OscSettings
from realtime.osc import ports
from realtime.osc.orders import Order
from realtime.osc.packets import OscText, bundle, encode
from realtime.osc.settings import OscPorts, address_of

ANY = "127.0.0.1:0"
FACE = bundle(
    [
        encode(OscText("/VMC/Ext/Blend/Val", ("jawOpen", 0.5))),
        encode(OscText("/VMC/Ext/Blend/Apply")),
    ]
)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def osc():
    opened = OscPorts(OscSettings(listen=ANY), SystemClock())
    yield opened
    opened.close()
    assert not [t for t in threading.enumerate() if t.name == "osc"]


def send(osc: OscPorts, *datagrams: bytes) -> None:
    assert osc.heard_at is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, osc.heard_at)


def test_orders_are_obeyed_and_rubbish_is_counted(osc: OscPorts) -> None:
    heard: list[Order] = []
    osc.obeyed_by(heard.append)
    send(osc, b"rubbish", encode(OscText("/visavis/intensity", ("x",))))
    send(osc, encode(OscText("/visavis/emotion", ("sad",))))
    until(lambda: heard)
    assert heard == [{"type": "edit", "emotion": "sad"}]
    assert osc.listener is not None
    assert osc.listener.malformed == 2


def test_who_obeys_may_fail_without_ending_it(osc: OscPorts) -> None:
    heard: list[Order] = []

    def obey(order: Order) -> None:
        heard.append(order)
        raise RuntimeError

    osc.obeyed_by(obey)
    for word in ("sad", "happy"):
        send(osc, encode(OscText("/visavis/emotion", (word,))))
    until(lambda: len(heard) == 2)


def test_a_face_is_let_go_when_its_sender_falls_silent(
    osc: OscPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "SILENCE", 0.1)
    heard: list[Order] = []
    osc.obeyed_by(heard.append)
    send(osc, FACE)
    until(lambda: len(heard) == 2)
    assert [order["coefficients"] for order in heard] == [{"jawOpen": 0.5}, {}]


def test_a_flood_is_thinned_out_but_a_panic_is_heard(osc: OscPorts) -> None:
    heard: list[Order] = []
    osc.obeyed_by(heard.append)
    fader, panic = encode(OscText("/visavis/eyes", (0.5,))), encode(OscText("/visavis/panic"))
    send(osc, bundle([*[fader] * 500, panic]))
    until(lambda: {"type": "panic"} in heard)
    assert len(heard) < ports.ORDERS + 20
    assert osc.listener is not None
    assert osc.listener.surplus > 200


def test_a_sender_without_a_listener_loses_and_goes_on() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    sender = ports.Sender("127.0.0.1", port)
    for _ in range(5):
        sender(b"/a\x00\x00")
    sender.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (OscSettings(listen="9000"), "osc.listen: '9000' is not like 127.0.0.1:9000"),
        (OscSettings(send="127.0.0.1:x"), "osc.send: '127.0.0.1:x' is not like"),
        (OscSettings(listen="0.0.0.0:9000"), "OSC knows no password"),
        (OscSettings(listen="192.0.2.1:9000"), "osc.anyone = true allows it"),
    ],
)
def test_an_address_that_cannot_be_is_refused_at_the_start(
    settings: OscSettings, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        OscPorts(settings, SystemClock())


def test_addresses_of_both_kinds_are_read() -> None:
    assert address_of("osc.send", "[::1]:39539") == ("::1", 39539)
    assert address_of("osc.send", "studio:9000") == ("studio", 9000)
