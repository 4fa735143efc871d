from __future__ import annotations

import logging
import random
import struct

import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_packet import OscPacket

from realtime.osc.packets import BUNDLE, MESSAGES, NOW, OscText, PacketError, bundle, decode, encode

SAID = [OscText("/a/b", ("x", 1.5, 3, True, None)), OscText("/c")]


def test_what_is_sent_others_read_and_so_do_we() -> None:
    datagram = bundle([encode(message) for message in SAID])
    theirs = [(m.message.address, tuple(m.message.params)) for m in OscPacket(datagram).messages]
    assert theirs == [(message.address, message.arguments) for message in SAID]
    assert OscBundle(datagram).num_contents == 2
    assert decode(datagram) == SAID
    assert decode(bundle([encode(SAID[0]), bundle([encode(SAID[1])])])) == SAID


HEAD = BUNDLE + NOW


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"hello",
        b"/no/end",
        b"/a\x00\x00,s\x00\x00never ends",
        b"/a\x00\x00,s\x00\x00\xff\xfe\x00\x00",
        b"/a\x00\x00,b\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00",
        b"/a\x00\x00,[[[\x00\x00\x00\x00",
        BUNDLE,
        HEAD + b"\x00",
        HEAD + struct.pack(">i", -4),
        HEAD + struct.pack(">i", 0),
        HEAD + struct.pack(">i", 2**31 - 1) + b"/a\x00\x00",
        HEAD + struct.pack(">i", 4) + b"ab\x00\x00",
        bundle([bundle([bundle([bundle([bundle([encode(OscText("/deep"))])])])])]),
        bundle([encode(OscText("/many"))] * (MESSAGES + 1)),
    ],
)
def test_what_is_no_osc_is_refused_at_once(
    datagram: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(PacketError):
        decode(datagram)
    assert not caplog.records, "a flood of these must not fill the log"


def test_ten_thousand_broken_datagrams_raise_nothing_else() -> None:
    dice = random.Random(7)
    whole = bundle([encode(message) for message in SAID])
    read = 0
    for _ in range(10_000):
        broken = bytearray(whole[: dice.randrange(len(whole) + 1)])
        for _ in range(dice.randrange(4)):
            if broken:
                broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            decode(bytes(broken))
            read += 1
        except PacketError:
            continue
    assert 0 < read < 9_000, "some are whole, most are not"
