"""run.json in bytes: its only writer, and its only reader, which refuses what somebody has edited in one line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from nikdedup.errors import InputError
from nikdedup.publish.layout import OUTPUTS
from nikdedup.publish.record import SCHEMA_VERSION, FileWritten, RunJson, RunRecord


def written(record: RunRecord, timing: Mapping[str, Any], files: Mapping[str, FileWritten]) -> bytes:
    """Return the content of run.json.

    Args:
        record: what the run says of itself.
        timing: seconds and memory of each stage.
        files: each file of the run by its name.
    """
    content = {
        **record.as_dict(),
        "timing": dict(timing),
        "files": {name: one.model_dump() for name, one in files.items()},
    }
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read(text: bytes, name: str) -> RunJson | None:
    """Return a run.json as it was written, or None where the text is no run's.

    InputError where a newer version wrote it, or a part of it has another type than every version wrote.
    name: of the folder.
    """
    try:
        content = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(content, dict)
        or "nikdedup" not in content
        or not isinstance(content.get("files"), dict)
    ):
        return None
    _check_version(content.get("schema_version"), name)
    strange = sorted(set(content["files"]) - set(OUTPUTS))
    if strange:
        raise InputError(
            f"{name}: run.json names {len(strange)} files that are no run's; allowed are {', '.join(OUTPUTS)}"
        )
    try:
        # As JSON, so that lists pass for tuples, and nothing else for anything else.
        return RunJson.model_validate_json(text)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False, include_context=False)[0]
        raise InputError(
            f"{name}: run.json is damaged ({_place(first['loc'])}: {_what(first)}); run dedupe again"
        ) from None


def _check_version(version: object, name: str) -> None:
    """Raise InputError for a greater schema_version than is known here; one that is no number is damage."""
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise InputError(
            f"{name}: a newer nikdedup wrote this run (schema_version {min(version, 10**6)}); "
            f"allowed: up to {SCHEMA_VERSION}; update nikdedup"
        )


def _finite(text: str) -> float:
    """Read a number that can be written again; ValueError for others, which no run wrote."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond all sense")
    return number


def _place(loc: tuple[int | str, ...]) -> str:
    """Return where a fault is; names that are not of our making are not repeated."""
    return ".".join(str(part) if re.fullmatch(r"\w{1,30}", str(part)) else "…" for part in loc) or "the file"


def _what(fault: Any) -> str:
    return str(fault["msg"]).removeprefix("Value error, ").lower()
