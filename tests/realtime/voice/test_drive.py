"""What a voice makes of a face: a recorded list of estimates, and the edits that follow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from engines.audio_emotion.estimate import Estimate
from realtime.bounds import Bounds
from realtime.clock import MS
from realtime.types import PANIC, Edit, Emotion
from realtime.voice.drive import CALM, LETTING_GO_MS, Driven, drive, edited
from realtime.voice.follow import Follow, Guide
from realtime.voice.reading import reading_of
from tests.realtime.voice.voices import QUIET, estimate

VOICE = Follow(follow="voice")
CHOSEN = Edit(Emotion.HAPPY, 0.3, mouth=0.5, ramp_ms=200.0)
TENTH = 100 * MS


def shown(
    heard: Sequence[Estimate], follow: Follow = VOICE, chosen: Edit = CHOSEN, **bounds: object
) -> list[Edit]:
    """Return the edit after each of the estimates, a tenth of a second apart."""
    guide, driven, edits = Guide(follow, Bounds(**bounds)), Driven(), list[Edit]()  # pyright: ignore
    for i, each in enumerate(heard):
        at = (i + 1) * TENTH
        driven = drive(driven, reading_of(each, at, silent=False), guide)
        edits.append(edited(chosen, driven, guide, at))
    return edits


def test_the_face_shows_what_is_heard_with_the_rest_of_what_was_chosen() -> None:
    (edit,) = shown([estimate("sad", 0.9)])
    assert (edit.emotion, edit.intensity, edit.mouth) == (Emotion.SAD, 0.8, 0.5)
    assert edit.ramp_ms == VOICE.smoothing_ms


def test_the_surer_the_voice_the_more_is_shown_and_below_the_least_nothing() -> None:
    amounts = [shown([estimate("sad", c)])[0].intensity for c in (0.5, 0.7, 0.95)]
    assert amounts == sorted(amounts)
    assert 0.4 < amounts[0] < amounts[2] == VOICE.strength
    assert shown([estimate("sad", 0.4)]) == [CHOSEN]


def test_strength_scales_it() -> None:
    (edit,) = shown([estimate("fear", 0.9)], replace(VOICE, strength=0.2))
    assert edit.intensity == pytest.approx(0.2)


def test_a_little_more_or_less_is_one_smooth_way_and_not_a_new_one_each_time() -> None:
    wavering = [estimate("angry", 0.6 + 0.02 * (i % 3)) for i in range(30)]
    assert len(set(shown(wavering))) == 1
    rising = shown([estimate("angry", 0.5 + 0.01 * i) for i in range(40)])
    starts = [i for i in range(1, 40) if rising[i] != rising[i - 1]]
    assert 1 <= len(starts) <= 4
    assert all(b - a >= VOICE.smoothing_ms / 100 for a, b in itertools.pairwise(starts))


def test_without_speech_or_certainty_the_face_goes_back_gently() -> None:
    for end in (QUIET, estimate(None)):
        edits = shown([estimate("sad", 0.9)] * 8 + [end] * 15)
        assert edits[7].emotion is Emotion.SAD
        assert edits[8] == replace(CHOSEN, ramp_ms=LETTING_GO_MS)
        assert edits[-1] == CHOSEN


def test_what_is_shown_does_not_flicker_at_the_edge_of_certainty() -> None:
    edge = [estimate("sad", VOICE.sure + (0.02 if i % 2 else -0.02)) for i in range(1, 40)]
    assert {edit.emotion for edit in shown(edge)} == {Emotion.SAD}


def test_the_map_says_what_is_shown_instead() -> None:
    follow = replace(VOICE, map={"angry": "calm", "sad": "surprise", "happy": "own"})
    angry, sad, happy, neutral = (
        shown([estimate(heard, 0.9)], follow)[0] for heard in ("angry", "sad", "happy", "neutral")
    )
    assert (angry.emotion, angry.intensity) == (Emotion.NEUTRAL, CALM)
    assert sad.emotion is Emotion.SURPRISE
    assert happy == neutral == CHOSEN


def test_calm_holds_an_angry_or_frightened_voice_near_neutral_and_leaves_the_rest() -> None:
    calm = Follow(calm=True)
    for upset in (estimate("angry", 0.7), estimate("fear", 0.6)):
        (edit,) = shown([upset], calm)
        assert (edit.emotion, edit.intensity) == (Emotion.NEUTRAL, CALM)
    assert shown([estimate("happy", 0.9)], calm) == [CHOSEN]
    both = replace(VOICE, calm=True)
    assert shown([estimate("angry", 0.9)], both)[0].emotion is Emotion.NEUTRAL
    assert shown([estimate("sad", 0.9)], both)[0].emotion is Emotion.SAD


def test_calm_needs_not_know_whether_it_is_anger_or_fear() -> None:
    torn = estimate(None, angry=0.35, fear=0.3)
    assert shown([torn], Follow(calm=True))[0].emotion is Emotion.NEUTRAL
    assert shown([torn]) == [CHOSEN], "but neither is shown"


def test_by_affect_the_point_is_shown_unless_the_map_names_something_else() -> None:
    follow = replace(VOICE, by="affect", map={"angry": "calm"})
    sad, angry = (shown([estimate(heard, 0.9)], follow)[0] for heard in ("sad", "angry"))
    assert sad.affect is not None
    assert sad.affect[0] < -0.3
    assert sad.affect[1] < -0.2
    assert sad.emotion is None
    assert angry.emotion is Emotion.NEUTRAL
    wavering = [estimate("sad", 0.9 - 0.02 * (i % 2)) for i in range(20)]
    assert len(set(shown(wavering, follow))) == 1


def test_the_voice_asks_for_nothing_that_the_bounds_forbid() -> None:
    angry = [estimate("angry", 0.95)]
    assert shown(angry, forbidden=(Emotion.ANGRY,)) == [CHOSEN]
    assert shown(angry, highest=0.5)[0].intensity == 0.5


def test_the_voice_ends_no_panic() -> None:
    assert shown([estimate("happy", 0.95)], chosen=PANIC) == [PANIC]


def test_off_leaves_the_face_alone() -> None:
    assert shown([estimate("happy", 0.95)] * 3, Follow()) == [CHOSEN] * 3
