"""Keeping libraries from telling their makers that they are used: pictures and habits stay here."""

from __future__ import annotations

import sys
from typing import Any, cast


def keep_quiet() -> None:
    """Take away what OpenVINO would report its import with; to be called before that.

    Imported as it comes, it sends an event to Google Analytics, under a number that it keeps in the
    home folder. Where its package for that cannot be imported, it goes without.
    """
    cast("dict[str, Any]", sys.modules).setdefault("openvino_telemetry", None)
