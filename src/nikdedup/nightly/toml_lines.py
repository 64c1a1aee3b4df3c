"""On which line of a TOML file each key stands: tomllib reads values, and forgets where they were."""

from __future__ import annotations

import re

Place = tuple[str | int, ...]
"""Names of tables and keys from the outside in; a number counts the tables of a list."""

_TABLE = re.compile(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
_INSIDE = re.compile(r"""[{,]\s*([\w-]+)\s*=""")


def lines_of(text: str) -> dict[Place, int]:
    r"""Return the line of every table and key, from 1; keys of an inline table stand on the line of the table.

    >>> lines_of('state = "s"\n[[source]]\npath = "a"\n[health]\nrecords_lost = 0.1\n')[("source", 0, "path")]
    3
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    within: str | None = None  # the quotes of a text of several lines
    for number, line in enumerate(text.splitlines(), start=1):
        if within is not None:
            within = None if within in line else within
        elif heading := _TABLE.match(line):
            table = _parts(heading[2])
            if heading[1]:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
            found.setdefault(table[:1], number)
        elif key := _KEY.match(line):
            place = (*table, *_parts(key[1]))
            found[place] = number
            value = line[key.end() :]
            found |= {(*place, inner): number for inner in _INSIDE.findall(value)}
            within = next((quotes for quotes in ('"""', "'''") if value.count(quotes) == 1), None)
    return found


def line_of(lines: dict[Place, int], place: Place) -> int:
    """Return the line of a key, else of the nearest table around it; 1 where there is none."""
    for end in range(len(place), 0, -1):
        if place[:end] in lines:
            return lines[place[:end]]
    return 1


def _parts(key: str) -> Place:
    return tuple(next(part for part in found if part) for found in _PART.findall(key))
