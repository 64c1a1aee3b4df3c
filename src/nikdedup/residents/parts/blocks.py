"""A CSV file put on the shelf block by block, as it is read: never more of it is held than a block.

What a row means may depend on those around it: a title names the village of the rows below, a name runs on in the row
underneath, a total has signatures behind it. So a block ends above a record of which the rows around say nothing, and
the last group row goes along to the next one. Whether cards on the rows of heads alone are those of whole families,
only the whole table shows: a file in which no card stands twice among its first records is read as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import polars as pl

from nikdedup.columnar.spill import Shelf
from nikdedup.config import Config
from nikdedup.residents.parts.seen import Look
from nikdedup.residents.read import (
    LOOKED_AT,
    ColumnMap,
    Shaped,
    Table,
    block_end,
    columns_of,
    may_carry_cards,
    placed,
    shape,
)
from nikdedup.runtime.memory import give_back_freed_memory

RECORDS = "records"
"""Table on the shelf: the records of a part that was not left in its file."""


@dataclass
class Blocks:
    """The records of one table that lie on the shelf, and what the blocks say of the table together.

    parts: of each part its number on the shelf, and what was seen of it. how: field -> what told it.
    """

    table: Table
    parts: list[tuple[int, Look]] = field(default_factory=list)
    how: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    ragged: list[int] = field(default_factory=list)
    surplus: int = 0
    misquoted: list[int] = field(default_factory=list)

    def add(self, number: int, part: Shaped) -> None:
        """Take in a part: what a group row tells of any row, it tells of the table."""
        told = part.columns.how
        self.how |= {name: how for name, how in told.items() if how == "group_row" or name not in self.how}
        self.types |= part.types
        self.parts.append((number, Look.of(part)))


def put_in_blocks(
    index: int, tables: Iterator[Table], config: Config, shelf: Shelf, *, first: int
) -> Blocks | None:
    """Put the records of a table that comes in blocks on the shelf, as parts from number `first` on.

    None where only the whole table tells what its rows mean; nothing is on the shelf then.
    """
    head, tables = _begun(tables)
    columns = columns_of(head, config)
    if may_carry_cards(head, columns, config):
        return None
    found = Blocks(replace(head, frame=head.frame.clear()))
    del head  # no block is held while the others are read
    above: dict[str, Any] = {}
    for block in _ended(tables, columns, config):
        part = shape(block, config, known=columns, above=above)
        above = part.below or {}
        number = first + len(found.parts)
        rows = pl.int_range(part.fields.height, eager=True)
        shelf.put_table(RECORDS, number, placed(block, part, index=index, rows=rows))
        found.add(number, part)
        give_back_freed_memory()
        found.ragged += block.ragged
        found.surplus += block.surplus
        found.misquoted += block.misquoted
    return found


def _begun(tables: Iterator[Table]) -> tuple[Table, Iterator[Table]]:
    """Return the rows by which columns are told apart, or all, and the blocks with those that they were taken from."""
    begin, rows = [], 0
    for table in tables:
        begin.append(table)
        rows += _height(table)
        if rows >= LOOKED_AT:
            break
    head = joined(begin)
    begin.reverse()
    return head, chain((begin.pop() for _ in range(len(begin))), tables)


def _ended(tables: Iterator[Table], columns: ColumnMap, config: Config) -> Iterator[Table]:
    """Give the blocks with the rows that each ends in moved to the next one, down from where a block may end."""
    table = next(tables)
    for following in tables:
        end = block_end(table, columns, config)
        if end:
            yield _rows(table, 0, end)
            rest = replace(_rows(table, end, None), ragged=[], surplus=0, misquoted=[], skipped=[])
            table = joined([rest, following])
        else:
            table = joined([table, following])
    yield table


def joined(tables: list[Table]) -> Table:
    """Return blocks that follow each other as one."""
    numbers = [table.source_rows for table in tables if table.source_rows is not None]
    return replace(
        tables[0],
        frame=pl.concat([table.frame.collect() for table in tables]).lazy(),
        source_rows=pl.concat(numbers),
        ragged=[row for table in tables for row in table.ragged],
        surplus=sum(table.surplus for table in tables),
        misquoted=[row for table in tables for row in table.misquoted],
    )


def _rows(table: Table, begin: int, end: int | None) -> Table:
    """Return some rows of a table, and all else that is said of it."""
    assert table.source_rows is not None
    size = None if end is None else end - begin
    frame, rows = table.frame.slice(begin, size), table.source_rows.slice(begin, size)
    return replace(table, frame=frame.collect().lazy(), source_rows=rows)


def _height(table: Table) -> int:
    return 0 if table.source_rows is None else len(table.source_rows)
