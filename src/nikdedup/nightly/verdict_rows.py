"""Answers of villages as rows of the ledger: read, added to, marked; and what they come to, as a list for the night."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import bindparam, select

from nikdedup.nightly.facts import fact, note
from nikdedup.nightly.ledger import insert
from nikdedup.nightly.tables import LISTS, VERDICT_LINKS, VERDICTS
from nikdedup.village import ENTRIES, REASON, standing_answers

if TYPE_CHECKING:
    from sqlalchemy import Connection

BEGUN = "verdicts"
"""The fact that says which run's folder the answers began with."""
_LINKS = [column.name for column in VERDICT_LINKS.columns if column.name != "seq"]
_MARKS = ("back_who", "back_at")


def begun(connection: Connection) -> str | None:
    """Return the folder of the run that the answers began with; None where none were read in."""
    return fact(connection, BEGUN)


def begin(connection: Connection, run: str) -> None:
    """Begin with answers; as it is where it was begun before."""
    if begun(connection) is None:
        note(connection, BEGUN, run)


def entries(connection: Connection) -> pl.DataFrame:
    """Return ENTRIES in the order in which they came."""
    return _numbered(connection).drop("seq")


def _numbered(connection: Connection) -> pl.DataFrame:
    """Return ENTRIES with the number of each."""
    asked = select(VERDICTS).order_by(VERDICTS.c.seq)
    kept = {"seq": pl.Int64(), **ENTRIES, "day": pl.String()}
    found = pl.DataFrame([tuple(row) for row in connection.execute(asked)], schema=kept, orient="row")
    return found.with_columns(pl.col("day").str.to_date("%Y-%m-%d"))


def keep(connection: Connection, kept: pl.DataFrame) -> None:
    """Add the entries that the ledger lacks, behind those it has, and the marks of taking back.

    kept: ENTRIES, those that the ledger has first.
    """
    before = _numbered(connection)
    n, last = len(before), 0 if before.is_empty() else int(before["seq"][-1])
    same = kept.head(n).select("entry", *_MARKS, seq=before["seq"], was=before["back_at"])
    assert same["entry"].equals(before["entry"]), "entries that were kept are missing"
    marked = same.filter(pl.col("back_at").is_not_null() & pl.col("was").is_null())
    if not marked.is_empty():
        asked = VERDICTS.update().where(VERDICTS.c.seq == bindparam("asked"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _MARKS}
        rows = marked.select(asked="seq", new_back_who="back_who", new_back_at="back_at").to_dicts()
        connection.execute(asked.values(**values), rows)
    insert(connection, VERDICTS, _rows(kept[n:], last + 1))


def _rows(new: pl.DataFrame, first: int) -> list[dict[str, Any]]:
    """Return entries as rows of the table; a server takes no text with a zero in it."""
    texts = pl.col(pl.String).str.replace_all("\0", "", literal=True)
    ready = (
        new.select(ENTRIES.keys()).with_columns(pl.col("day").dt.to_string("%Y-%m-%d")).with_columns(texts)
    )
    return ready.with_row_index("seq", offset=first).to_dicts()


def erase(connection: Connection, before: str, known: pl.Series | None) -> tuple[int, int]:
    """Take away what older answers still say of people who need not be remembered.

    Returns how many answers went, and how many stay with less in them.

    Of answers read in before a moment those go that hold no more, and those about a record that is no more; those that
    hold lose what a village has written in its own words, and a NIK that does not name the other record.

    Args:
        connection: one that changes are made on.
        before: the first moment that is kept.
        known: record keys of the night that is read; None before the first.
    """
    table = _numbered(connection)
    holds = pl.concat(standing_answers(table.drop("seq")))
    there = pl.lit(True) if known is None else _known(known)
    old = table.filter(pl.col("at") < before)
    stay = old.filter(pl.col("back_at").is_null() & pl.col("entry").is_in(holds["entry"].implode()) & there)
    gone = old.filter(~pl.col("seq").is_in(stay["seq"].implode()))
    naming = holds.filter(pl.col("with_nik").is_not_null())["entry"].implode()
    noted = stay.filter(pl.col("note").is_not_null())
    numbered = stay.filter(pl.col("nik").is_not_null() & ~pl.col("entry").is_in(naming))
    for numbers, change in (
        (gone, VERDICTS.delete()),
        (noted, VERDICTS.update().values(note=None)),
        (numbered, VERDICTS.update().values(nik=None)),
    ):
        if not numbers.is_empty():
            asked = [{"asked": seq} for seq in numbers["seq"]]
            connection.execute(change.where(VERDICTS.c.seq == bindparam("asked")), asked)
    still = table.filter(~pl.col("seq").is_in(gone["seq"].implode()) & pl.col("back_at").is_null())["entry"]
    kept = links(connection)
    keep_links(connection, kept.filter(pl.col("why").is_in((REASON + still).implode())))
    return len(gone), pl.concat([noted["seq"], numbered["seq"]]).n_unique()


def _known(keys: pl.Series) -> pl.Expr:
    other = pl.col("other_key")
    return pl.col("record_key").is_in(keys.implode()) & (other.is_null() | other.is_in(keys.implode()))


def keep_links(connection: Connection, links: pl.DataFrame) -> None:
    """Keep what answers come to, as `settle.constraints` has it, in the place of what they came to before."""
    connection.execute(VERDICT_LINKS.delete())
    insert(connection, VERDICT_LINKS, links.select(_LINKS).with_row_index("seq", offset=1).to_dicts())


def links(connection: Connection) -> pl.DataFrame:
    """Return what answers come to, as `settle.constraints` has it."""
    asked = select(*(VERDICT_LINKS.c[name] for name in _LINKS)).order_by(VERDICT_LINKS.c.seq)
    rows = [tuple(row) for row in connection.execute(asked)]
    return pl.DataFrame(rows, schema=dict.fromkeys(_LINKS, pl.String), orient="row")


def lists(connection: Connection) -> dict[str, dict[str, str | None]]:
    """Return the numbers of lists that were given out, and what each was made with."""
    rows = connection.execute(select(LISTS.c.list, LISTS.c.about).order_by(LISTS.c.list))
    return {str(number): dict(json.loads(about)) for number, about in rows}


def lists_given(connection: Connection, before: str) -> list[str]:
    """Return the numbers of lists that were given out before a moment."""
    asked = select(LISTS.c.list).where(LISTS.c.given < before).order_by(LISTS.c.list)
    return [str(number) for number in connection.execute(asked).scalars()]


def give_out(connection: Connection, number: str, about: str, *, given: str, who: str) -> None:
    """Write down that a list was given out; as it is where that was said before."""
    if number not in lists(connection):
        insert(connection, LISTS, [{"list": number, "given": given, "who": who, "about": about}])
