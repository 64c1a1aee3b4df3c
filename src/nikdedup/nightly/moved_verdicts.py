"""Answers of villages that lie in files of a state, brought into its ledger: earlier versions kept them so.

It is done once, by whoever first holds the state. A move that is killed is gone on with: an entry that the ledger has
is not written again, and a file goes after the ledger has what stood in it. The rows of lists stay where they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from nikdedup.nightly import audit, verdict_rows
from nikdedup.nightly.facts import current
from nikdedup.nightly.moments import now, written
from nikdedup.runtime.users import user
from nikdedup.settle import load_constraints
from nikdedup.village import ABOUT, BOOK, CONSTRAINTS, LISTS, FileBook

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nikdedup.nightly.ledger import Ledger


def bring_in(folder: Path, ledger: Ledger, key: bytes) -> audit.Head | None:
    """Bring the answers in a state's files into its ledger, and return the new head of the audit; None without any.

    Args:
        folder: a state that is held for writing.
        ledger: its ledger.
        key: of its pseudonyms.

    Raises:
        InputError: where a file of them is damaged; nothing was brought in then.
    """
    book = FileBook(folder)
    if not book.exists:
        return None
    with ledger.changing() as connection:
        head = _written(book, connection, key)
    for path in (*(book.folder / LISTS).glob("*.json"), book.folder / BOOK, book.folder / ABOUT):
        path.unlink(missing_ok=True)  # the last one is what says that there is something to bring in
    return head


def _written(book: FileBook, connection: Connection, key: bytes) -> audit.Head:
    begun, found, rows = book.about()["run"], book.entries(), book.rows()
    verdict_rows.begin(connection, begun)
    there = verdict_rows.entries(connection)
    new = found.join(there, on=["entry", "at"], how="anti", maintain_order="left")
    verdict_rows.keep(connection, pl.concat([there, new]))
    for number in rows["list"].unique().sort():
        about = json.dumps(book.description(number))
        given = written(book.folder / LISTS / f"{number}.parquet")
        verdict_rows.give_out(connection, number, about, given=given, who=user())
    links = book.folder / CONSTRAINTS
    if there.is_empty() and links.is_file():
        verdict_rows.keep_links(
            connection, load_constraints(links).with_columns(pl.col(pl.Date).cast(pl.String))
        )
    answered = new.filter(pl.col("answer").is_not_null())
    return audit.add(
        connection, at=now(), who=user(), what="verdicts_moved", run=current(connection),
        details={"answers": len(answered)},
        rows=sorted({audit.pseudonym(key, one) for one in answered["record_key"]}),
    )  # fmt: skip
