"""Turns a table of plain values into a frozen dataclass, and says exactly what does not fit."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from math import isfinite
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Limits = Mapping[str, tuple[float, float]]


class ConfigError(Exception):
    """A setting is unknown, of the wrong type or out of its range; the text names it in full."""


def read(kind: type[T], table: Mapping[str, object], limits: Limits) -> T:
    """Return a ``kind`` with the values of ``table`` over its defaults.

    Fields may be numbers, strings, true or false, literals, enums by their value, fixed tuples,
    tuples of any length, mappings, further dataclasses, and any of these or None. ``limits``
    gives the least and greatest value of numbers by full name.

    Raises:
        ConfigError: a key is unknown, or its value is of the wrong type or out of its limits.
    """
    return cast("T", _record(kind, table, "", limits))


def _record(kind: Any, table: object, name: str, limits: Limits) -> object:
    entries = _table(table, name)
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    values: dict[str, object] = {}
    for key, raw in entries.items():
        full = f"{name}.{key}" if name else key
        if key not in known:
            raise ConfigError(f"unknown key {full!r}{_nearest(key, known, name)}")
        values[key] = _value(hints[key], raw, full, limits)
    for field in fields(kind):
        if field.name not in values and field.default is field.default_factory is MISSING:
            raise ConfigError(f"{name}.{field.name}".lstrip(".") + " is missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error


def _value(hint: Any, raw: object, name: str, limits: Limits) -> object:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (hint,) = (arg for arg in args if arg is not type(None))  # T or None is the only union
        return _value(hint, raw, name, limits)
    if origin is Literal:
        return _word(raw, args, name)
    if origin is tuple:
        return _sequence(args, raw, name, limits)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(args, raw, name, limits)
    if is_dataclass(hint):
        return _record(hint, raw, name, limits)
    if issubclass(hint, Enum):
        return hint(_word(raw, [member.value for member in hint], name))
    if hint in (int, float):
        return _number(hint, raw, name, limits)
    if type(raw) is not hint:
        raise ConfigError(f"{name} must be {_NAMES[hint]}, not {_describe(raw)}")
    return raw


def _number(hint: type, raw: object, name: str, limits: Limits) -> float:
    fits = type(raw) is int or (hint is float and type(raw) is float)
    value = cast("float", raw)
    if not fits or not _is_finite(value):
        raise ConfigError(f"{name} must be {_NAMES[hint]}, not {_describe(raw)}")
    limit = _limit(name, limits)
    if limit is not None and not limit[0] <= value <= limit[1]:
        raise ConfigError(f"{name} must be {limit[0]:g} to {limit[1]:g}, not {value:g}")
    return hint(value)


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number with hundreds of digits
        return False


def _limit(name: str, limits: Limits) -> tuple[float, float] | None:
    """Return the limits of ``name``, or of the nearest table above it that has any.

    ``table.*.key`` stands for that key in every table inside ``table``.
    """
    anywhere = f"{name.partition('.')[0]}.*.{name.rpartition('.')[2]}"
    if anywhere in limits:
        return limits[anywhere]
    while name not in limits and "." in name:
        name = name.rpartition(".")[0]
    return limits.get(name)


def _word(raw: object, words: Iterable[object], name: str) -> object:
    known = [str(word) for word in words]
    if raw in known:
        return raw
    hint = _nearest(raw, known, "") if isinstance(raw, str) else ""
    raise ConfigError(f"{name} must be one of {', '.join(known)}, not {_describe(raw)}{hint}")


def _sequence(args: tuple[Any, ...], raw: object, name: str, limits: Limits) -> tuple[object, ...]:
    if not isinstance(raw, list):
        raise ConfigError(f"{name} must be a list, not {_describe(raw)}")
    items = cast("list[object]", raw)
    kinds = (args[0],) * len(items) if args[-1] is ... else args
    if len(items) != len(kinds):
        raise ConfigError(f"{name} must have {len(kinds)} values, not {len(items)}")
    return tuple(_value(kind, item, name, limits) for kind, item in zip(kinds, items, strict=True))


def _mapping(args: tuple[Any, ...], raw: object, name: str, limits: Limits) -> dict[object, object]:
    kind_of_key, kind_of_value = args
    return {
        _value(kind_of_key, key, name, limits): _value(kind_of_value, item, f"{name}.{key}", limits)
        for key, item in _table(raw, name).items()
    }


def _table(raw: object, name: str) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{name} must be a table, not {_describe(raw)}")
    return cast("Mapping[str, object]", raw)


def _nearest(key: str, known: list[str], table: str) -> str:
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    full = f"{table}.{close[0]}" if close and table else "".join(close)
    return f" (did you mean {full!r}?)" if close else f" (known: {', '.join(known)})"


_NAMES: dict[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
}


def _describe(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float, str)):
        return repr(raw)
    if raw is None:
        return "null"
    return "a table" if isinstance(raw, Mapping) else "a list"
