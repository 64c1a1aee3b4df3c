"""Family cards that a printed list gives once, on the row of the head, carried down to the members below.

Without proof a blank card is a blank card: most registers lack some. The proof is that cards stand on the
rows of heads alone, as the relation column says, or that parents are named in the family so made.
"""

from __future__ import annotations

import polars as pl

from nikdedup.residents.status import read_relation

_BLANK = 0.2
"""Share of records without a card, at the least."""
_HEADS = 0.9
"""Share of the cards that stand on heads, and of the heads that have a card, at the least."""
_LARGEST = 25
"""Members of one family, at the most."""
_NAMED = 0.1
"""Share of the records without a card whose parent must be named in the family above, where nothing else tells."""
_PARENTS = ("nama_lgkp_ibu", "nama_lgkp_ayah")


def carried_cards(fields: pl.DataFrame) -> pl.Series | None:
    """Return the family cards with those of heads carried down; None where the list does not give them so.

    fields: the records of one table in the order of its rows, as text.

    >>> family = pl.DataFrame({
    ...     "no_kk": ["6212010905109001", None, "6212010905109002", None],
    ...     "stat_hbkel": ["KEPALA KELUARGA", "ISTRI", "KEPALA KELUARGA", "ANAK"],
    ... })
    >>> carried_cards(family).to_list()
    ['6212010905109001', '6212010905109001', '6212010905109002', '6212010905109002']
    """
    if "no_kk" not in fields.columns or not fields.height:
        return None
    cards = fields["no_kk"]
    if cards.null_count() < _BLANK * len(cards) or not may_be_carried(fields):
        return None
    carried = cards.forward_fill()
    family = cards.is_not_null().cum_sum().alias("family")
    if family.to_frame().group_by("family").len()["len"].gt(_LARGEST).any():
        return None
    proven = _stand_on_heads(fields) if "stat_hbkel" in fields.columns else _parents_are_in(fields, family)
    return carried if proven else None


def may_be_carried(fields: pl.DataFrame) -> bool:
    """Say whether the first records of a table leave open that cards are those of heads alone: none stands twice."""
    if "no_kk" not in fields.columns or not fields.height:
        return False
    return fields["no_kk"][0] is not None and _are_once(fields["no_kk"])


def _are_once(cards: pl.Series) -> bool:
    """Say whether no card stands twice: a register repeats it for every member."""
    given = cards.drop_nulls()
    return given.n_unique() == len(given)


def _stand_on_heads(fields: pl.DataFrame) -> bool:
    """Say whether the cards are those of heads, and members have none."""
    head = (read_relation(fields["stat_hbkel"]) == 1).fill_null(False)
    given = fields["no_kk"].is_not_null()
    both = int((head & given).sum())
    return both >= _HEADS * int(given.sum()) and both >= _HEADS * int(head.sum())


def _parents_are_in(fields: pl.DataFrame, family: pl.Series) -> bool:
    """Say whether parents of members without a card are named in the family above, and seldom in the one below."""
    there = [name for name in _PARENTS if name in fields.columns]
    if not there:
        return False
    people = fields.select("nama_lgkp", *there, blank=pl.col("no_kk").is_null()).with_columns(family)
    names = people.select("family", parent=pl.col("nama_lgkp").str.to_uppercase().str.strip_chars()).unique()
    asked = pl.concat(
        [
            people.filter("blank").select("family", parent=pl.col(name).str.to_uppercase().str.strip_chars())
            for name in there
        ]
    ).drop_nulls()
    found = asked.join(names, on=["family", "parent"], how="semi").height
    near = (
        asked.with_columns(family=pl.col("family") + 1)
        .join(names, on=["family", "parent"], how="semi")
        .height
    )
    return found > 2 * near and found >= _NAMED * int(people["blank"].sum())
