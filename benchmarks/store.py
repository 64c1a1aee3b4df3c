"""Results as JSON lines, one per profile, size, seed and contestant; the newest measurement stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "results.jsonl"

Result = dict[str, Any]


def load(file: Path = FILE) -> list[Result]:
    """Return the stored results; none where there is no file yet."""
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def merged(old: list[Result], new: list[Result]) -> list[Result]:
    """Return old and new results in a stable order, the new ones in place of old ones of the same question.

    >>> a = {"profile": "hard", "rows": 10, "seed": 1, "peer": "ours", "wall_s": 2.0}
    >>> merged([a], [{**a, "wall_s": 1.0}])[0]["wall_s"]
    1.0
    """
    by_question = {_question(result): result for result in [*old, *new]}
    return [by_question[question] for question in sorted(by_question)]


def _question(result: Result) -> tuple[str, int, int, str]:
    return result["profile"], result["rows"], result["seed"], result["peer"]


def save(results: list[Result], file: Path = FILE) -> None:
    """Write the results, one line each, whole or not at all."""
    partial = file.with_suffix(".partial")
    text = "".join(json.dumps(_short(one), ensure_ascii=False, sort_keys=True) + "\n" for one in results)
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)


def _short(value: Any) -> Any:
    """Return the value with six decimals: no more is measured, and no run of digits looks like a NIK."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items()}
    return [_short(inner) for inner in value] if isinstance(value, list) else value
