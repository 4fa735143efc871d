"""The landmark networks as ONNX files in the user's cache, made out of MediaPipe's wheel once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from engines import importer, onnx_file, spec, tflite
from engines.cache import Cache, Made
from engines.landmarks import attention, networks
from engines.landmarks.networks import SOURCES
from engines.spec import Dialect


@dataclass(frozen=True, slots=True)
class FromWheel:
    """One network of ``SOURCES``.

    Attributes:
        name: which.
        cache: where its ONNX is kept.
    """

    name: str
    cache: Cache = field(default_factory=Cache)

    def onnx(self, dialect: Dialect) -> Path:
        """Return the network as a file.

        Raises:
            SourceMissing: MediaPipe or its network is absent or has changed.
        """
        source = SOURCES[self.name]
        key = {"source": source.digest, "dialect": dialect, "importer": _own_digest()}
        about = {"made from": f"{networks.WHEEL}, {source.path}"}
        return self.cache.fetch(
            f"{self.name}-{dialect}",
            ".onnx",
            key,
            lambda: Made(source.convert(source.read(), dialect), about),
        )


@cache
def _own_digest() -> str:
    """Return a digest of the code that makes the file: changed code makes another file."""
    modules = (tflite, onnx_file, importer, spec, attention, networks)
    texts = [Path(str(module.__file__)).read_bytes() for module in modules]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]
