"""Write docs/reasons.md: every reason code a run may give, as the package has it, in English and Indonesian.

python scripts/reasons.py
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "reasons.md"
HEAD = """# Reason codes

Written by `make docs` from the tables of the package. Codes are a promise to readers: new ones come, none is renamed.
Kode alasan: arti setiap kode dalam bahasa Indonesia ada di kolom terakhir.

## In `flags` of `residents.parquet`

What was found about one record. *proved*: the file itself proves it; *look*: a person should. A value that says nothing
is taken as missing; the original stays beside it.

"""
DECIDED = """
## In `reasons` of `decisions.parquet`

Why a record got its action: *rule* is said by the rule, *for* and *against* are the evidence of the pair with
`other_row`, *note* stands on the record itself or stays open beside its decision.

"""
HELD = """
## What holds a pair back

Why a pair that weighs enough to be joined is for a person to review all the same, as `explain` says.

"""
SKIPPED = """
## In `input.skipped` of `run.json`

Rows that are no records.

"""
COST = """
## In `input.cost` of `run.json`

What the extract does not say, and what a run therefore cannot know.

"""


def page() -> str:
    """Return the page as Markdown."""
    flags = {code: ("proved" if one["certain"] else "look", one) for code, one in _table("reasons").items()}
    decided = {code: (one["part"], one) for code, one in _table("sentences")["code"].items()}
    held, skipped, cost = (
        {code: ("", one) for code, one in _table("show")[name].items()}
        for name in ("held", "skipped", "cost")
    )
    parts = ((HEAD, flags), (DECIDED, decided), (HELD, held), (SKIPPED, skipped), (COST, cost))
    return "".join(said + _lines(codes) for said, codes in parts)


def _lines(codes: dict[str, tuple[str, dict[str, Any]]]) -> str:
    marked = any(mark for mark, _ in codes.values())
    lines = [
        "| code | | English | Indonesia |\n|---|---|---|---|\n"
        if marked
        else "| code | English | Indonesia |\n|---|---|---|\n"
    ]
    for code, (mark, one) in codes.items():
        lines.append(f"| `{code}` | {f'{mark} | ' if marked else ''}{one['en']} | {one['id']} |\n")
    return "".join(lines)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("nikdedup").joinpath(f"data/{name}.toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
