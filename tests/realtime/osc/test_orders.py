from __future__ import annotations

import pytest

from realtime.osc.orders import Order, Orders
from realtime.osc.packets import Argument, OscText
from realtime.server.messages import understood


def heard(*messages: tuple[str, tuple[Argument, ...]], orders: Orders | None = None) -> list[Order]:
    orders = orders or Orders()
    read = list(orders.read(OscText(address, arguments) for address, arguments in messages))
    for order in read:
        understood(order)  # each is a message of the protocol
    return read


@pytest.mark.parametrize(
    ("address", "arguments", "order"),
    [
        ("/visavis/emotion", ("Sad",), {"type": "edit", "emotion": "sad"}),
        ("/visavis/emotion", ("off",), {"type": "edit", "emotion": None}),
        ("/visavis/intensity", (0.5,), {"type": "edit", "intensity": 0.5}),
        ("/visavis/ramp", (500,), {"type": "edit", "ramp_ms": 500.0}),
        ("/visavis/mouth", (0,), {"type": "edit", "mouth": 0.0}),
        ("/visavis/preset", ("friendly",), {"type": "preset", "name": "friendly"}),
        ("/visavis/panic", (), {"type": "panic"}),
        ("/visavis/panic", (1.0,), {"type": "panic"}),
        ("/visavis/rest", (), {"type": "rest"}),
        ("/visavis/freeze", (0,), {"type": "show", "frozen": False}),
        ("/visavis/freeze", (True,), {"type": "show", "frozen": True}),
        (
            "/visavis/face/jawopen",
            (0.3,),
            {"type": "edit", "coefficients": {"jawOpen": 0.3}},
        ),
    ],
)
def test_each_address_asks_for_one_thing(
    address: str, arguments: tuple[Argument, ...], order: Order
) -> None:
    assert heard((address, arguments)) == [order]


def test_an_avatars_face_comes_in_pieces_and_acts_at_once() -> None:
    assert heard(
        ("/VMC/Ext/OK", (1,)),
        ("/VMC/Ext/Bone/Pos", ("Head", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
        ("/VMC/Ext/Blend/Val", ("jawOpen", 0.25)),
        ("/VMC/Ext/Blend/Val", ("MouthSmileLeft", 7.0)),
        ("/VMC/Ext/Blend/Val", ("eyeBlinkLeft", 0.0)),
        ("/VMC/Ext/Blend/Val", ("Joy", 1.0)),
        ("/VMC/Ext/Blend/Apply", ()),
    ) == [{"type": "edit", "coefficients": {"jawOpen": 0.25, "mouthSmileLeft": 1.0}}]


def test_a_point_comes_axis_by_axis() -> None:
    orders = Orders()
    heard(("/visavis/valence", (0.5,)), orders=orders)
    assert heard(("/visavis/arousal", (-0.2,)), orders=orders) == [
        {"type": "edit", "valence": 0.5, "arousal": -0.2}
    ]


def test_a_button_that_is_let_go_is_no_second_panic() -> None:
    assert heard(("/visavis/panic", (0.0,))) == []


def test_a_face_whose_sender_falls_silent_is_let_go_once() -> None:
    orders = Orders()
    assert orders.release() is None
    heard(("/VMC/Ext/Blend/Val", ("jawOpen", 0.25)), ("/VMC/Ext/Blend/Apply", ()), orders=orders)
    assert orders.driven
    assert orders.release() == {"type": "edit", "coefficients": {}}
    assert orders.release() is None
    assert heard(("/VMC/Ext/Blend/Apply", ()), orders=orders) == []


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/visavis/emotion", ()),
        ("/visavis/emotion", (3,)),
        ("/visavis/intensity", ("much",)),
        ("/visavis/intensity", (float("nan"),)),
        ("/visavis/intensity", (True,)),
        ("/visavis/intensity", ()),
        ("/visavis/shout", (1,)),
        ("/visavis/freeze", ("on",)),
        ("/VMC/Ext/Blend/Val", ("jawOpen",)),
        ("/VMC/Ext/Blend/Val", (0.5, "jawOpen")),
        ("/VMC/Ext/Blend/Val", ("jawOpen", float("inf"))),
    ],
)
def test_what_makes_no_sense_is_counted_and_changes_nothing(
    address: str, arguments: tuple[Argument, ...]
) -> None:
    orders = Orders()
    messages = [OscText(address, arguments), OscText("/visavis/eyes", (0.5,))]
    assert list(orders.read(messages)) == [{"type": "edit", "eyes": 0.5}]
    assert orders.malformed == 1


def test_what_is_for_others_is_passed_over() -> None:
    orders = Orders()
    assert list(orders.read([OscText("/avatar/parameters/Viseme", (3,))])) == []
    assert (orders.ignored, orders.malformed) == (1, 0)
