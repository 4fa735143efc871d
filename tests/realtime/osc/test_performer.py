from __future__ import annotations

from fractions import Fraction
from math import cos, radians, sin

import numpy as np
import pytest

from realtime.clock import MS
from realtime.face import basis, mesh
from realtime.osc.packets import OscText, decode
from realtime.osc.performer import Performer, turned
from realtime.types import Filtered, Floats, Frame, Landmarks, Rung


def picture(captured: int, **shown: float) -> Filtered:
    frame = Frame((np.zeros((8, 8), np.uint8),), "gray", captured, 0, Fraction(1, 30), 0)
    face = Landmarks(100 * mesh.canonical() + 200, 1.0, captured)
    values = dict.fromkeys(basis.ARKIT, 0.0) | shown if shown else {}
    return Filtered(frame, Rung.GEOMETRIC, (face,) if shown else (), shown=values)


def performed(*pictures: Filtered, capitals: bool = False) -> list[list[OscText]]:
    sent: list[bytes] = []
    performer = Performer(sent.append, capitals=capitals)
    for filtered in pictures:
        performer.send(filtered)
    return [decode(datagram) for datagram in sent]


def test_each_picture_is_one_bundle_that_a_vtuber_tool_understands() -> None:
    first, second = performed(picture(5 * MS, jawOpen=0.25), picture(38 * MS, jawOpen=0.5))
    assert first[0] == OscText("/VMC/Ext/OK", (1,))
    assert [m.arguments[0] for m in (first[1], second[1])] == pytest.approx([0.0, 0.033])
    bone = first[2]
    assert (bone.address, bone.arguments[0]) == ("/VMC/Ext/Bone/Pos", "Head")
    np.testing.assert_allclose(
        np.array(bone.arguments[1:], float), (0, 0, 0, 0, 0, 0, 1), atol=1e-3
    )
    values = {m.arguments[0]: m.arguments[1] for m in first if m.address == "/VMC/Ext/Blend/Val"}
    assert set(values) == set(basis.ARKIT)
    assert values["jawOpen"] == 0.25
    assert first[-1] == OscText("/VMC/Ext/Blend/Apply")


def test_without_a_face_it_says_so_and_moves_nothing() -> None:
    (said,) = performed(picture(0))
    assert [m.address for m in said] == ["/VMC/Ext/OK", "/VMC/Ext/T"]
    assert said[0].arguments == (0,)


def test_capitals_are_for_avatars_that_want_them() -> None:
    (said,) = performed(picture(0, jawOpen=0.25), capitals=True)
    names = [m.arguments[0] for m in said if m.address == "/VMC/Ext/Blend/Val"]
    assert "JawOpen" in names
    assert "jawOpen" not in names


def test_a_performer_that_is_off_says_nothing() -> None:
    sent: list[bytes] = []
    Performer(sent.append, lambda: False).send(picture(0, jawOpen=1.0))
    assert sent == []


def rows(degrees: float, axis: int) -> Floats:
    """Return the images of the axes of a head that is turned about one of the picture's axes."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    others = [i for i in range(3) if i != axis]
    out = np.eye(3, dtype=np.float32)
    out[np.ix_(others, others)] = [[c, s], [-s, c]]
    return out


FORWARDS = np.array([0.0, 0.0, -1.0], np.float32)


@pytest.mark.parametrize("degrees", [30, -30])
def test_the_head_turns_as_unity_counts(degrees: int) -> None:
    aside = rows(degrees, 1)
    x, y, z, w = turned(aside)
    assert (x, z) == pytest.approx((0, 0), abs=1e-6)
    assert (abs(y), w) == pytest.approx((sin(radians(15)), cos(radians(15))), abs=1e-3)
    assert np.sign(y) == np.sign(-(FORWARDS @ aside)[0]), "to its own right is positive"
    nod = rows(degrees, 0)
    assert np.sign(turned(nod)[0]) == np.sign((FORWARDS @ nod)[1]), "down is positive"
