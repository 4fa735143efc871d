"""Frames change threads in two ways: the newest one, or all of them in order."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from realtime.box import Box, Closed, Latest, Lossless, Ripening

PATIENCE = 10.0


@pytest.fixture(
    params=[Latest, lambda: Lossless[int](4), lambda: Ripening[int](lambda item: 0.0)],
    ids=["latest", "lossless", "ripening"],
)
def box(request: pytest.FixtureRequest) -> Box[int]:
    return request.param()


def aside(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def drained(box: Box[int]) -> list[int]:
    items: list[int] = []
    try:
        while True:
            items.append(box.get())
    except Closed:
        return items


def test_the_newest_wins_and_the_older_are_counted():
    box = Latest[int]()
    for item in range(5):
        box.put(item)
    assert box.get() == 4
    assert box.dropped == 4
    box.put(5)
    assert box.get() == 5
    assert box.dropped == 4


@pytest.mark.parametrize(
    "make", [lambda: Latest[int](spare=1), lambda: Ripening[int](lambda item: 0.0, spare=1)]
)
def test_one_moment_of_trouble_costs_nothing_and_lasting_trouble_no_time(
    make: Callable[[], Latest[int]],
):
    box = make()
    for item in range(-Latest.SPELL, 3):
        box.put(item)
        assert box.get() == item
    box.put(3)
    box.put(4)
    assert (box.get(), box.get()) == (3, 4)
    assert box.dropped == 0
    got: list[int] = []
    for item in range(5, 65, 3):  # three come for each that is taken, as to a stage of 100 ms
        for late in range(3):
            box.put(item + late)
        got.append(box.get())
    assert got == list(range(7, 67, 3)), "the newest, always"
    for item in range(100, 101 + Latest.SPELL):
        box.put(item)
        assert box.get() == item
    box.put(998)
    box.put(999)
    assert (box.get(), box.get()) == (998, 999), "it has been quick for long"


def test_nothing_is_lost_and_the_order_stays():
    box = Lossless[int](2)

    def feed() -> None:
        for item in range(200):
            box.put(item)
        box.close()

    feeder = aside(feed)
    assert drained(box) == list(range(200))
    feeder.join(PATIENCE)


def test_a_full_box_holds_its_writer_until_there_is_room():
    box = Lossless[int](2)
    box.put(0)
    box.put(1)
    done = threading.Event()

    def third() -> None:
        box.put(2)
        done.set()

    writer = aside(third)
    assert not done.wait(0.05)
    assert box.get() == 0
    assert done.wait(PATIENCE)
    writer.join(PATIENCE)
    assert (box.get(), box.get()) == (1, 2)


def test_get_waits_for_an_item(box: Box[int]):
    got: list[int] = []
    reader = aside(lambda: got.append(box.get()))
    box.put(7)
    reader.join(PATIENCE)
    assert got == [7]


def test_closing_wakes_a_waiting_reader(box: Box[int]):
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(Closed):
            box.get()
        ended.set()

    reader = aside(read)
    box.close()
    assert ended.wait(PATIENCE)
    reader.join(PATIENCE)


def test_closing_wakes_a_writer_that_waits_for_room():
    box = Lossless[int](1)
    box.put(0)
    ended = threading.Event()

    def write() -> None:
        with pytest.raises(Closed):
            box.put(1)
        ended.set()

    writer = aside(write)
    box.close()
    assert ended.wait(PATIENCE)
    writer.join(PATIENCE)


def test_what_was_handed_over_before_the_end_is_still_read(box: Box[int]):
    box.put(1)
    box.close()
    assert box.get() == 1
    with pytest.raises(Closed):
        box.get()


def test_nothing_goes_into_a_closed_box(box: Box[int]):
    box.close()
    with pytest.raises(Closed):
        box.put(1)


def test_the_reader_learns_why_it_was_closed(box: Box[int]):
    cause = OSError("the camera is gone")
    box.close(cause)
    box.close()
    box.close(ValueError("a later reason does not hide the first"))
    with pytest.raises(Closed) as end:
        box.get()
    assert end.value.__cause__ is cause


def test_an_end_in_order_has_no_cause(box: Box[int]):
    box.close()
    with pytest.raises(Closed) as end:
        box.get()
    assert end.value.__cause__ is None


def test_an_item_that_is_not_ripe_waits_beside_the_others():
    ripe: set[int] = set()
    box = Ripening[int](lambda item: 0.0 if item in ripe else 5.0)
    for item in (1, 2, 3):
        box.put(item)
    got: list[int] = []
    taker = aside(lambda: got.append(box.get()))
    taker.join(0.05)
    assert got == []
    ripe |= {1, 2}
    box.nudge()
    taker.join(PATIENCE)
    assert got == [2]
    assert box.dropped == 1
    ripe.add(3)
    assert box.get() == 3
    assert box.dropped == 1


def test_an_item_ripens_by_itself_when_its_time_has_come():
    asked: list[int] = []

    def wait(item: int) -> float:
        asked.append(item)
        return 0.02 if len(asked) < 4 else 0.0

    box = Ripening[int](wait)
    box.put(1)
    assert box.get() == 1
    assert 4 <= len(asked) < 10


def test_where_all_are_ripe_the_newest_wins():
    box = Ripening[int](lambda item: 0.0)
    for item in range(5):
        box.put(item)
    assert box.dropped == 4
    assert box.get() == 4
    box.put(5)
    box.close()
    assert drained(box) == [5]


def test_what_never_ripens_does_not_pile_up():
    box = Ripening[int](lambda item: 9.0)
    for item in range(100):
        box.put(item)
    assert box.dropped == 100 - Ripening.MOST
    box.close()
    assert drained(box) == [99]
    with pytest.raises(Closed):
        box.put(100)
