"""Every network that there is, by name: what it takes and gives, and where its weights lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines.audio_emotion import network as audio_emotion
from engines.cache import Cache
from engines.engine import File, Weights
from engines.landmarks.networks import SOURCES
from engines.landmarks.weights import FromWheel
from engines.spec import Spec


@dataclass(frozen=True, slots=True)
class Network:
    """A network before anyone runs it."""

    spec: Spec
    weights: Weights


def known(cache: Cache) -> Mapping[str, Network]:
    """Return the networks by name; none of them is read yet."""
    found = {name: Network(source.spec, FromWheel(name, cache)) for name, source in SOURCES.items()}
    return {**found, audio_emotion.NAME: Network(audio_emotion.SPEC, File(audio_emotion.WEIGHTS))}
