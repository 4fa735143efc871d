"""A report as JSON that people can read too: one line for each row of its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast


def as_text(report: Mapping[str, object]) -> str:
    """Return ``report`` as JSON; a list of objects has one of them on each line."""
    return _written(report, "") + "\n"


def _written(value: object, margin: str) -> str:
    inner = margin + "  "
    if isinstance(value, Mapping) and value:
        table = cast("Mapping[str, object]", value)
        parts = [
            f"{inner}{json.dumps(name)}: {_written(item, inner)}" for name, item in table.items()
        ]
        return _joined("{", parts, "}", margin)
    if isinstance(value, list) and value:
        rows = cast("list[Any]", value)
        tabular = isinstance(rows[0], Mapping)
        parts = [inner + (json.dumps(row) if tabular else _written(row, inner)) for row in rows]
        return _joined("[", parts, "]", margin)
    return json.dumps(value)


def _joined(begin: str, parts: list[str], end: str, margin: str) -> str:
    return f"{begin}\n" + ",\n".join(parts) + f"\n{margin}{end}"
