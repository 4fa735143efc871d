"""A burst is taken in at once, and each datagram goes where it belongs."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aioice import ice, stun
from aioice.candidate import Candidate

from realtime.server.datagrams import MOST, Greedy, take_all

HERE = ("127.0.0.1", 0)


class Receiver:
    """Stands for a connection; notes in which turn of the loop each packet came."""

    def __init__(self) -> None:
        self.turn = 0
        self.media: list[tuple[int, bytes]] = []
        self.requests: list[stun.Message] = []

    def data_received(self, data: bytes, component: int) -> None:
        self.media.append((self.turn, data))

    def request_received(self, message: stun.Message, addr: object, protocol: object) -> None:
        self.requests.append(message)

    def protocol_lost(self, protocol: object) -> None:
        pass


def packets(count: int) -> list[bytes]:
    return [bytes((0x80, number)) + b"media" * 20 for number in range(count)]


@pytest.mark.parametrize("count", [1, MOST, 3 * MOST])
def test_a_burst_takes_few_turns_of_the_loop_and_stays_in_order(count: int) -> None:
    receiver = Receiver()

    async def test() -> None:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: Greedy(receiver),  # type: ignore[arg-type]
            local_addr=HERE,
        )
        address = transport.get_extra_info("sockname")
        protocol.local_candidate = Candidate("", 1, "udp", 1, address[0], address[1], "host")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for packet in packets(count):
                sender.sendto(packet, address)
            sender.sendto(bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)), address)
        while not receiver.requests and receiver.turn < 500:
            receiver.turn += 1
            await asyncio.sleep(0)
        await protocol.close()

    asyncio.run(test())
    assert [data for _, data in receiver.media] == packets(count)
    assert len({turn for turn, _ in receiver.media}) <= -(-count // MOST)
    assert len(receiver.requests) == 1, "the other kind goes its own way"


def test_the_names_of_aioice_and_asyncio_that_are_used_are_still_there() -> None:
    take_all()
    assert vars(ice)["StunProtocol"] is Greedy

    async def test() -> None:
        connection = ice.Connection(ice_controlling=True)
        await connection.gather_candidates()
        used = vars(connection)["_protocols"]
        assert used
        assert all(isinstance(protocol, Greedy) for protocol in used)
        await connection.close()

    asyncio.run(test())
