"""Where the header of a sheet stands, with titles above it and sometimes a second line below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nikdedup.residents.read.columns import NAME
from nikdedup.residents.read.wording import field_named, is_of_a_person

PREVIEW = 60
"""Rows looked at for the header: title blocks of office lists are shorter than that."""

Row = Sequence[str | None]


@dataclass(frozen=True)
class Header:
    """The header of a sheet: its first row (0-based), how many rows it takes, one text per column."""

    index: int
    height: int
    names: list[str]

    def skipped(self, rows: Sequence[Row]) -> list[tuple[int, str]]:
        """Return (1-based row, reason) of the rows above the header."""
        return [(i + 1, "title" if _cells(row) else "blank") for i, row in enumerate(rows[: self.index])]


def find_header(rows: Sequence[Row], known: dict[str, str]) -> Header | None:
    """Find the header among the first rows: the one that names most fields, the name among them.

    rows: cells as text, null where empty. known: header key -> field.
    A line of part headers right below ("Tempat", "Tanggal" under "Lahir") belongs to the header.
    Returns None where no row holds a header of the name and no row holds two known headers.
    """
    scores = [_score(row, known) for row in rows[:PREVIEW]]
    best = max(scores, default=(0, 0))
    if best == (0, 0):
        return None
    index = scores.index(best)
    if index and (joined := _under_parents(rows[index - 1], rows[index], known)):
        return Header(index - 1, 2, joined)
    top = [(cell or "").strip() for cell in rows[index]]
    below = rows[index + 1] if index + 1 < len(rows) else []
    if not _is_second_line(rows[index], below, known):
        return Header(index, 1, top)
    return Header(index, 2, _two_lines(top, below, known))


def first_filled(rows: Sequence[Row]) -> Header:
    """Return the first row with two filled cells, else one, as if it were the header, for messages."""
    filled = [(min(len(_cells(row)), 2), -i) for i, row in enumerate(rows)]
    index = -max(filled)[1]
    return Header(index, 1, [(cell or "").strip() for cell in rows[index]])


def _score(row: Row, known: dict[str, str]) -> tuple[int, int]:
    """Return (1 if the name is there, number of fields); nothing for a single other known word."""
    fields = {field_named(cell, known) for cell in _cells(row)} - {None}
    return (int(NAME in fields), len(fields)) if NAME in fields or len(fields) > 1 else (0, 0)


def _cells(row: Row) -> list[str]:
    return [cell for cell in row if cell is not None and cell.strip()]


def _is_second_line(top: Row, below: Row, known: dict[str, str]) -> bool:
    """Say whether `below` holds part headers: only words, some known, and nothing under the name."""
    cells = _cells(below)
    under_name = any(
        field_named(head or "", known) in (NAME, "nik") and cell is not None and cell.strip()
        for head, cell in zip(top, below, strict=False)
    )
    if not cells or under_name or any(re.search(r"\d", cell) for cell in cells):
        return False
    gaps = [i for i, cell in enumerate(below) if cell and not (i < len(top) and (top[i] or "").strip())]
    joined = _two_lines([(cell or "").strip() for cell in top], below, known)
    named = [
        i
        for i, cell in enumerate(below)
        if cell and cell.strip() and (field_named(joined[i], known) or is_of_a_person(joined[i]))
    ]
    return bool(gaps) and 2 * len(named) >= len(cells)


def _under_parents(above: Row, row: Row, known: dict[str, str]) -> list[str] | None:
    """Return the header with the row above it, where that one says more of it ("Kelahiran" above "Tempat"); or None.

    A title above is no such row: it has a cell or two, a colon or a number, and makes no field of a part header.
    """
    cells = _cells(above)
    if len(cells) < 2 or any(re.search(r"[:\d]", cell) for cell in cells):
        return None
    joined = _two_lines([(cell or "").strip() for cell in above], row, known)
    alone = [field_named(cell or "", known) for cell in row]
    more = [
        name for name, field in zip(joined, alone, strict=False) if field is None and field_named(name, known)
    ]
    made = [name for name in more if name not in {(cell or "").strip() for cell in above}]
    return joined if made else None


def _two_lines(top: list[str], below: Row, known: dict[str, str]) -> list[str]:
    """Join a merged header with the part headers below it: "Lahir" + "Tempat" is "Tempat Lahir".

    Below a person's ("Data Ayah" + "Pekerjaan") a part is never taken for the resident's own.
    """
    names, parent = [], ""
    for i in range(max(len(top), len(below))):
        head = top[i] if i < len(top) else ""
        part = ((below[i] if i < len(below) else None) or "").strip()
        parent = head or parent
        both = f"{part} {parent}"
        alone = both if is_of_a_person(parent) and not is_of_a_person(part) else part
        orders = (both, f"{parent} {part}", alone)
        joined = next((name for name in orders if field_named(name, known)), "")
        names.append((joined or alone) if part else head)
    return names
