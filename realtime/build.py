"""The one place that names concrete classes.

Those that work on a face are imported when one is built: a server of calls leaves that to its
filters' processes, and is there a second sooner without what they need.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from realtime.clock import MS, Clock, SystemClock
from realtime.config import FilterSettings
from realtime.filter import EmotionFilter, Filter
from realtime.heap import few_arenas, leave_code, settle
from realtime.isolation import process
from realtime.isolation.keeper import KeptFilter
from realtime.isolation.process import FilterProcess
from realtime.stage import Meter

if TYPE_CHECKING:
    from realtime.face.finder import Finder
    from realtime.face.generator import Generator
    from realtime.voice.hearing import AnyEstimator
    from realtime.voice.speech import LiveSpeech

logger = logging.getLogger(__name__)

ON_PROCESSORS = 2
"""Back-ends that need no GPU."""

START_S = 60.0
"""Seconds that the first process may take: on a cold machine it compiles what others find done."""


class GeneratorError(Exception):
    """The generator that was asked for cannot be had; the text says why, and what would help."""


def build_filter(
    settings: FilterSettings, clock: Clock | None = None, *, still: bool = False
) -> EmotionFilter:
    """Return a filter, warmed up; ``still`` is for photographs: nothing is carried over.

    Raises:
        GeneratorError: one was asked for, and cannot be had.
    """
    from realtime.face.animator import Animator
    from realtime.face.renderer import Renderer
    from realtime.face.tracker import Tracker
    from realtime.face.warmup import warm_up

    warm_up()
    meter = Meter(clock or SystemClock())
    finder = find_faces(settings, still=still)
    generator = find_generator(settings, still=still)
    return EmotionFilter(
        Tracker(settings.faces, still=still, finder=finder),
        Animator(still=still),
        Renderer(),
        meter,
        show_unfiltered=settings.show_unfiltered,
        places=finder.places if generator is None else (generator.place, *finder.places),
        finish=generator,
    )


def find_faces(settings: FilterSettings, *, still: bool) -> Finder:
    """Return what finds faces, as the settings have it.

    Raises:
        TrackerError: it cannot be started.
    """
    from realtime.face.engine_finder import EngineFinder
    from realtime.face.finder import TrackerError
    from realtime.face.mediapipe_finder import MediapipeFinder

    if settings.landmarks == "mediapipe":
        return MediapipeFinder(still=still)
    try:
        return EngineFinder(still=still)
    except TrackerError as error:
        if settings.landmarks == "engine":
            raise
        logger.warning("%s; MediaPipe's own mesh is used", error)
        return MediapipeFinder(still=still, why=str(error))


def find_generator(settings: FilterSettings, *, still: bool) -> Generator | None:
    """Return what comes after the geometric edit, as the settings have it; None is nothing.

    Raises:
        GeneratorError: it was asked for, and cannot be had.
    """
    weights = _weights(settings)
    if weights is None:
        return None
    from engines.engine import EngineError
    from engines.wav2lip_emotion.opening import open_editor
    from realtime.face.generator import Generator

    try:
        editor, place = open_editor(weights)
    except EngineError as error:
        absent = [each for each in error.reasons.values() if "not installed" in each]
        mend = "; pip install 'visavis[engines]'" if len(absent) >= ON_PROCESSORS else ""
        raise GeneratorError(f"the generator cannot be used: {error}{mend}") from error
    return Generator(editor, place, still=still)


def _weights(settings: FilterSettings) -> Path | None:
    """Return the file of the generator that the settings ask for; None where they ask for none."""
    if settings.generator == "geometric":
        return None
    if settings.generator_weights is not None:
        return Path(settings.generator_weights).expanduser()
    from engines.wav2lip_emotion import shipped

    weights = shipped.known_weights()
    if settings.generator == "auto":
        return weights if shipped.BY_DEFAULT else None
    if weights is None:
        raise GeneratorError(
            "no weights for the generator wav2lip-emotion come with this visavis: train some, as"
            " docs/wav2lip-emotion.md says, and give them with --generator-weights F.onnx"
        )
    return weights


def settled(settings: FilterSettings) -> FilterSettings:
    """Return the settings with a generator that runs here, or "geometric"; "auto" is settled.

    A generator hears what is said a moment after its picture, which is shown later by as much.

    Raises:
        GeneratorError: one was asked for, and cannot be had.
    """
    geometric = replace(settings, generator="geometric")
    try:
        generator = find_generator(settings, still=True)
    except GeneratorError as error:
        if settings.generator != "auto" or settings.generator_weights is not None:
            raise
        logger.warning("%s; the geometric edit is used alone", error)
        return geometric
    if generator is None:
        return geometric
    generator.close()
    from engines.wav2lip_emotion.live import LOOK_AHEAD_MS
    from realtime.voice.speech import warm_up

    warm_up()  # here, and not in a call
    budget = settings.budget_ms + LOOK_AHEAD_MS
    return replace(settings, generator="wav2lip-emotion", budget_ms=budget)


def live_speech(settings: FilterSettings, clock: Clock) -> LiveSpeech | None:
    """Return what brings a live generator its sound; None where settled settings have none."""
    if not settings.network:
        return None
    from realtime.voice.speech import LiveSpeech

    return LiveSpeech(clock, round(settings.budget_ms * MS))


def kept(
    build: Callable[[], Filter], clock: Clock, preload: str = "realtime.preload"
) -> KeptFilter:
    """Return the filter that ``build`` makes, in a process of its own.

    ``build`` must be importable, with arguments that can be pickled. ``preload`` is the module that
    the process which others are forked from imports first.

    Raises:
        StartError: the process could not be started.
    """
    start = partial(FilterProcess, build, preload=preload)
    return KeptFilter(start, clock).wait(START_S)


def live_filter(settings: FilterSettings, clock: Clock) -> KeptFilter:
    """Return the filter for live pictures: one that hangs or dies is begun anew.

    Raises:
        StartError: it could not be started.
    """
    return kept(partial(build_filter, settings), clock, _loaded_for(settings))


def begin_early(settings: FilterSettings) -> None:
    """Load what live filters need, in the process that theirs are forked from, and do not wait."""
    process.begin_early(_loaded_for(settings))


def _loaded_for(settings: FilterSettings) -> str:
    own = settings.landmarks != "mediapipe"
    return "realtime.preload_engine" if own else "realtime.preload"


def open_voice() -> AnyEstimator:
    """Return what makes something of a voice.

    Raises:
        VoiceError: it cannot be loaded on this machine.
    """
    from engines.audio_emotion.opening import open_estimator
    from engines.engine import EngineError
    from realtime.voice.ear import VoiceError

    try:
        return open_estimator()
    except EngineError as error:
        raise VoiceError(str(error)) from error


def preload(*, engine: bool = False) -> None:
    """Load and compile all that a filter needs, for a process that others are forked from.

    Args:
        engine: it finds faces by our own engines, and MediaPipe is needed only where they fail.
    """
    from realtime.face.mediapipe_finder import load
    from realtime.face.warmup import load_engine, warm_up

    few_arenas()
    warm_up()
    if engine:
        load_engine()
    else:
        load()
    leave_code("libllvmlite")  # Numba's compiler, which has done its work
    settle()
