"""What is wrong with settings: one plain line that names keys as the caller wrote them and says what is allowed."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from nikdedup.config.allowed import MOST
from nikdedup.config.sections import SECTIONS
from nikdedup.errors import argument

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


Place = tuple[int | str, ...]
"""Names of sections and keys from the outside in; a number counts those of a list."""


def one_line(faults: ValidationError, model: type[BaseModel], written: dict[Place, str] | None = None) -> str:
    """Say every fault of a pydantic validation in one plain line.

    Args:
        faults: what pydantic found.
        model: the model that was validated.
        written: name of a key as the caller wrote it, by its place in the model; dotted names for the others.
    """
    return "; ".join(said for _, said in placed(faults, model, written))


def placed(
    faults: ValidationError, model: type[BaseModel], written: dict[Place, str] | None = None
) -> list[tuple[Place, str]]:
    """Return the place in the model and the plain words of every fault of a pydantic validation.

    Args:
        faults: what pydantic found.
        model: the model that was validated.
        written: name of a key as the caller wrote it, by its place in the model; dotted names for the others.
    """
    names = written or {}
    told: list[tuple[Place, str]] = []
    allowed: dict[tuple[Place, str], list[str]] = {}
    for fault in faults.errors():
        place = tuple(part for part in fault["loc"] if part not in ("str", "list[str]"))
        name = names.get(place) or ".".join(map(str, place))
        said = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            told.append((place, _unknown(name, place, model, bare=written is not None)))
        elif fault["type"] == "missing":
            told.append((place, f"{argument(name) if place in names else name} is missing"))
        elif fault["type"] == "value_error" and "; " in said:
            told.append((place, f"{argument(name) if place in names else name}: {said}"))
        else:
            found = _shown(fault["input"])
            line = argument(name, found) if place in names else f"{name} = {found!r}"
            allowed.setdefault((place, line), []).append(_allowed(fault))
    return told + [
        (place, f"{line}; allowed: {' or '.join(all_)}") for (place, line), all_ in allowed.items()
    ]


def _shown(found: object) -> object:
    """Return a found value if it is short and plain; else its type, for a frame could hold identities."""
    if isinstance(found, int) and abs(found) > MOST:
        return "a number beyond all counts"
    if isinstance(found, str | int | float | date | Path | None) and len(str(found)) <= 80:
        return found
    if (
        isinstance(found, list | tuple)
        and len(found) <= 4
        and all(type(one) in (int, float) for one in found)
    ):
        return found
    return f"a text of {len(found)} characters" if isinstance(found, str) else type(found)


def _allowed(fault: ErrorDetails) -> str:
    """Return what a key may hold, in plain words; pydantic's own where it has no better."""
    limits = fault.get("ctx", {})
    plain = {
        "greater_than_equal": "{ge:g} or more",
        "less_than_equal": "{le:g} or less",
        "greater_than": "more than {gt:g}",
        "less_than": "less than {lt:g}",
        "literal_error": "{expected}",
        "finite_number": "a number",
        "model_type": "a table of keys",
    }
    kinds = {
        "int": "a whole number", "float": "a number", "bool": "true or false", "string": "text",
        "path": "a path", "dict": "a table of keys", "list": "a list",
    }  # fmt: skip
    if fault["type"] in plain:
        return plain[fault["type"]].format(**limits)
    said = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return kinds.get(fault["type"].split("_")[0], said)


def _unknown(name: str, place: Place, model: type[BaseModel], *, bare: bool) -> str:
    """Say that a key is unknown, and which known one is closest.

    bare: keys of sections stand without the section's name, as keywords do.
    """
    inside = _inside(model, place[:-1])
    known = {key: key for key in inside.model_fields}
    if SECTIONS.keys() <= known.keys():
        known |= {
            key: key if bare else f"{home}.{key}"
            for home, one in SECTIONS.items()
            for key in one.model_fields
        }
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    allowed = sorted(known.values()) if bare else sorted(inside.model_fields)
    hint = f"did you mean {known[close[0]]!r}?" if close else f"allowed: {', '.join(allowed)}"
    return f"unknown key {name!r}; {hint}"


def _inside(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """Return the model at a place in another one, in a list or behind a key of a table in it."""
    for name in place:
        if name in model.model_fields:
            model = _model_in(model.model_fields[str(name)].annotation) or model
    return model


def _model_in(kind: Any) -> type[BaseModel] | None:
    """Return the model that an annotation speaks of, be it of a list or of a table of them; None for none."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for one in get_args(kind) if (found := _model_in(one))), None)
