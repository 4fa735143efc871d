"""Every network that there is, by name: what it takes and gives, and where its weights lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engines.audio_emotion import network as audio_emotion
from engines.cache import Cache
from engines.engine import Weights
from engines.half import HalvedFile
from engines.landmarks.networks import SOURCES
from engines.landmarks.weights import FromWheel
from engines.spec import Spec
from engines.wav2lip_emotion import signatures
from engines.wav2lip_emotion.shipped import known_weights


@dataclass(frozen=True, slots=True)
class Network:
    """A network before anyone runs it."""

    spec: Spec
    weights: Weights


NONE: Mapping[str, Path] = {}


def known(cache: Cache, own: Mapping[str, Path] = NONE) -> Mapping[str, Network]:
    """Return the networks by name; none of them is read yet.

    Args:
        cache: where those are kept that are made of others' files.
        own: files of networks that come with no weights, or in place of those that do; by the names
            of ``signatures.ALL``.
    """
    found = {name: Network(source.spec, FromWheel(name, cache)) for name, source in SOURCES.items()}
    found[audio_emotion.NAME] = Network(
        audio_emotion.SPEC, HalvedFile(audio_emotion.WEIGHTS, cache)
    )
    shipped = known_weights()
    files = {} if shipped is None else {signatures.LIVE.name: shipped}
    for name, path in {**files, **own}.items():
        found[name] = Network(signatures.ALL[name], HalvedFile(path, cache))
    return found
