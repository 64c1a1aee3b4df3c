"""One line of a CSV file cut into its cells, whatever stands in it."""

from __future__ import annotations

import re
from functools import cache


def cut(text: str, separator: str) -> list[str]:
    r"""Return the cells of one record; quotes that enclose a cell are taken off, others stay.

    What follows a closing quote belongs to its cell; a quote that never closes takes in the rest. Line ends, NULs and
    cells of any length are signs like others, which the reader of Python's library refuses.

    >>> cut('ALI;"JL. ""A"";1";MUH. "B"', ";")
    ['ALI', 'JL. "A";1', 'MUH. "B"']
    >>> cut('"JL A\rRT 1"x;"B;C', ";")
    ['JL A\rRT 1x', 'B;C']
    """
    quoted, cells, at = _quoted(separator), [], 0
    while text:
        if found := quoted.match(text, at):
            cells.append(found[1].replace('""', '"') + found[2])
            at = found.end()
        else:
            end = text.find(separator, at)
            at, begin = len(text) if end < 0 else end, at
            cells.append(text[begin:at])
        if at >= len(text):
            return cells
        at += len(separator)
    return []


@cache
def _quoted(separator: str) -> re.Pattern[str]:
    """Pattern of a cell in quotes, which may stay open to the end, and of what follows it."""
    return re.compile(rf'"((?:[^"]|"")*+)(?:"|\Z)([^{re.escape(separator)}]*)', re.DOTALL)
