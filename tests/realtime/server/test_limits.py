"""A call's time runs out with a word before, and not where no end is set."""

from __future__ import annotations

import asyncio

import pytest

from realtime.server.limits import TimeLimit


async def heard(minutes: float, *, cancelled: bool = False) -> list[tuple[str, str]]:
    """Return what is said in a loop whose clock runs through an hour at once."""
    loop = asyncio.get_running_loop()
    said: list[tuple[str, str]] = []
    at: list[float] = []

    def later(delay: float, call: object, sentence: str) -> asyncio.TimerHandle:
        at.append(delay)
        return loop.call_at(loop.time() + delay / 36_000, call, sentence)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "call_later", later)
        limit = TimeLimit(
            minutes, lambda s: said.append(("warn", s)), lambda s: said.append(("end", s))
        )
    if cancelled:
        limit.cancel()
        limit.cancel()
    await asyncio.sleep(0.15)
    return said


def test_the_person_is_told_a_minute_before_the_end() -> None:
    (warn, soon), (end, over) = asyncio.run(heard(30))
    assert (warn, end) == ("warn", "end")
    assert "30 minutes" in soon
    assert "30 minutes" in over


def test_a_very_short_call_just_ends() -> None:
    assert [kind for kind, _ in asyncio.run(heard(0.5))] == ["end"]


def test_without_a_limit_or_after_the_call_nothing_is_said() -> None:
    assert asyncio.run(heard(0)) == []
    assert asyncio.run(heard(30, cancelled=True)) == []
