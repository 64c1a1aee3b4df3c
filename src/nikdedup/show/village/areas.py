"""Areas of a map: a GeoJSON file whose features bear the codes of kecamatan or desa."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from nikdedup.errors import InputError
from nikdedup.runtime.files import read_file

SHAPES = ("Polygon", "MultiPolygon")
LEVELS = {6: "kecamatan", 10: "desa"}
"""Digits of a code, and what it names."""


def read_areas(path: Path) -> dict[str, dict[str, Any]]:
    """Return the geometry of each area of a GeoJSON file by its code of 6 or 10 digits.

    The property that holds the codes is found by itself: the first that is a code of its own in every area.

    Args:
        path: the file.

    Raises:
        InputError: where the file is no GeoJSON of areas, or has no codes.
    """
    features = _features(path)
    shapes = [one.get("geometry") for one in features]
    if not all(isinstance(shape, dict) and shape.get("type") in SHAPES and _sound(shape) for shape in shapes):
        raise InputError(f"{path.name}: a feature is no area; allowed: {', '.join(SHAPES)}")
    told = [found if isinstance(found := one.get("properties"), dict) else {} for one in features]
    for name in dict.fromkeys(key for properties in told for key in properties):
        codes = [_code(properties.get(name)) for properties in told]
        sizes = {len(code) for code in codes}
        if len(sizes) == 1 and sizes <= set(LEVELS) and len(set(codes)) == len(codes):
            return {code: dict(shape or {}) for code, shape in zip(codes, shapes, strict=True)}
    raise InputError(
        f"{path.name}: no property holds a code of its own for every area; "
        "allowed: codes of kecamatan (6 digits) or desa (10 digits)"
    )


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(read_file(path).decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path.name}: no such file") from None
    except OSError as fault:
        raise InputError(f"{path.name}: cannot be read ({fault.strerror or type(fault).__name__})") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path.name}: not GeoJSON; allowed: a FeatureCollection") from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise InputError(f"{path.name}: not GeoJSON; allowed: a FeatureCollection")
    if not features:
        raise InputError(f"{path.name}: holds no areas")
    return features


def _sound(shape: dict[str, Any]) -> bool:
    """Say whether coordinates are lists of finite numbers all the way down."""
    waiting = [shape.get("coordinates")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list) and one:
            waiting += one
        elif isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one):
            return False
    return True


def _code(value: object) -> str:
    """Return a code without dots; empty for what is none.

    >>> _code("62.12.01"), _code(621201), _code("Murung")
    ('621201', '621201', '')
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).replace(".", "").strip()
    return text if text.isascii() and text.isdecimal() else ""
