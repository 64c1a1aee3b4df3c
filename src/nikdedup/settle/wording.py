"""The sentences of decisions, in both languages: data/sentences.toml."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=1)
def templates() -> dict[str, Any]:
    """Return the sentence table: `frame`, `rule` and `code`, each with `id` and `en`."""
    return tomllib.loads((files("nikdedup") / "data" / "sentences.toml").read_text(encoding="utf-8"))
