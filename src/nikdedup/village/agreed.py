"""Which answers stand, and what follows: statuses and counts of today, and constraints of the next run.

Of one village the later answer stands. Two villages that disagree about a record or a pair leave it open. Unknown
whereabouts change nothing: a missing person is never dead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from nikdedup.schema import GONE, USABLE_NIK
from nikdedup.settle import CONSTRAINTS
from nikdedup.village.book import ENTRIES
from nikdedup.village.roll import Roll
from nikdedup.village.words import answers

STANDING: dict[str, pl.DataType] = {
    **ENTRIES,
    "about": pl.String(),  # the record or pair an answer speaks of
    "life": pl.String(),  # what follows, see words.Answer
    "pair": pl.String(),
    "with_nik": pl.String(),  # of a pair: the NIK that the village named, in the place of the record that was proposed
}
"""Answers that stand, with what follows from each."""
REASON = "verdict "
"""What stands before the entry that a constraint comes from, as its reason."""


def standing_answers(entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the answers that stand, and those that two villages disagree about.

    Args:
        entries: ENTRIES in the order in which they came.

    Returns:
        Two tables of STANDING.
    """
    table = answers()
    life = {code: one.life for code, one in table.items() if one.life}
    pair = {code: one.pair for code, one in table.items() if one.pair}
    held = entries.filter(pl.col("back_at").is_null() & pl.col("answer").is_not_null()).with_row_index(
        "_order"
    )
    says_of_two = pl.col("answer").replace_strict(pair, default=None, return_dtype=pl.String)
    held = held.with_columns(
        life=pl.col("answer").replace_strict(life, default=None, return_dtype=pl.String),
        with_nik=pl.when(says_of_two == "same").then("nik"),
    )
    of_two = pl.col("other_key").is_not_null() | pl.col("with_nik").is_not_null()
    held = held.with_columns(pair=pl.when(of_two).then(says_of_two)).with_columns(about=_about())
    told = pl.coalesce(pl.col("day").cast(pl.String), pl.col("at").str.slice(0, 10))
    latest = (
        held.with_columns(_told=told)
        .sort("_told", "_order")
        .unique(["kecamatan_code", "desa_code", "about"], keep="last", maintain_order=True)
        .sort("_order")
    )
    says = pl.coalesce("pair", "answer")
    disagree = latest.filter(says.n_unique().over("about") > 1)
    agreed = latest.filter(says.n_unique().over("about") == 1)
    return agreed.select(STANDING.keys()), disagree.select(STANDING.keys())


def _about() -> pl.Expr:
    """Return what an answer speaks of: a pair in either order where it is about two records, else the record."""
    ends = (pl.min_horizontal("record_key", "other_key"), pl.max_horizontal("record_key", "other_key"))
    both = pl.concat_str(*ends, separator="\x1f")
    named = pl.concat_str("record_key", pl.lit("\x1fnik "), "with_nik")
    return pl.when(pl.col("pair").is_not_null()).then(pl.coalesce(named, both)).otherwise("record_key")


def judged_of(entries: pl.DataFrame) -> pl.DataFrame:
    """Return what is not asked again: record_key, content, other_key and other_content of answers that stand.

    Args:
        entries: ENTRIES in the order in which they came.
    """
    return standing_answers(entries)[0].select(
        "record_key",
        "content",
        other_key=pl.when(pl.col("part") == "double").then("other_key"),
        other_content=pl.when(pl.col("part") == "double").then("other_content"),
    )


def roll_after(roll: Roll, entries: pl.DataFrame) -> Roll:
    """Return the roll as it is by the villages' word: life, displaced and said_recorded.

    Of two records that are one person the recorded one stays; else the one in whose row the village answered goes.
    Who is dead or gone in the extract stays so, whatever a village says. What the run was told of answers gives way to
    the answers as they are now.

    Args:
        roll: the residents of a run.
        entries: ENTRIES; records that the run does not have say nothing.
    """
    agreed, _ = standing_answers(entries)
    here = roll.residents
    life = (
        agreed.filter(pl.col("life").is_not_null())
        .select("record_key", _life="life")
        .unique("record_key", keep="last")
    )
    recorded = agreed.filter(pl.col("answer") == "recorded")["record_key"]
    gone, kept = _displaced(here, agreed), _two_people(agreed)
    key = pl.col("record_key")
    residents = (
        here.join(life, on="record_key", how="left", maintain_order="left")
        .with_columns(
            life=pl.when(pl.col("own_life").is_in(GONE))
            .then("own_life")
            .otherwise(pl.coalesce("_life", "own_life")),
            displaced=(pl.col("displaced") & ~key.is_in(kept.implode())) | key.is_in(gone.implode()),
            said_recorded=key.is_in(recorded.implode()),
        )
        .drop("_life")
    )
    return replace(roll, residents=residents)


def _two_people(agreed: pl.DataFrame) -> pl.Series:
    """Return the records of pairs that are two people: what was proposed for them falls."""
    two = agreed.filter(pl.col("pair") == "different")
    return pl.concat([two["record_key"], two["other_key"]]).unique()


def _displaced(residents: pl.DataFrame, agreed: pl.DataFrame) -> pl.Series:
    """Return the records that count no more, one of each pair of one person, where both still count."""
    now = residents.select("record_key", "recorded", "life", "displaced")
    same = _as_named(agreed.filter(pl.col("pair") == "same"), residents.filter("once"))
    pairs = (
        same.select("record_key", "other_key")
        .join(now, on="record_key", how="inner")
        .join(
            now.rename(lambda name: f"other_{name}" if name != "record_key" else "other_key"),
            on="other_key",
            how="inner",
        )
    )
    counts = [~pl.col(f"{side}life").is_in(GONE) & ~pl.col(f"{side}displaced") for side in ("", "other_")]
    stays = (pl.col("recorded") == "yes") & (pl.col("other_recorded") != "yes")
    goes = pl.when(stays).then("other_key").otherwise("record_key").alias("goes")
    return pairs.filter(counts[0] & counts[1]).select(goes)["goes"].unique()


def _as_named(pairs: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with the one record of the NIK that a village named as the other, without NIKs that lead nowhere.

    holders: record_key and nik of the records that a NIK may name.
    """
    one = holders.select(with_nik="nik", _named="record_key").drop_nulls().unique("with_nik", keep="none")
    told = pairs.join(one, on="with_nik", how="left", maintain_order="left")
    other = pl.when(pl.col("with_nik").is_null()).then("other_key").otherwise("_named")
    told = told.with_columns(other_key=other).drop("_named")
    return told.filter(pl.col("other_key").is_not_null() & (pl.col("other_key") != pl.col("record_key")))


class Told(NamedTuple):
    """What the next run is told. unnamed: answers about records that are gone; torn: pairs that contradict others."""

    constraints: pl.DataFrame
    unnamed: int
    torn: int


def constraints_of(entries: pl.DataFrame, residents: pl.DataFrame, *, by_id: bool) -> Told:
    """Return what answers come to, as a list for `settle.load_constraints`: pairs, and who is dead or gone.

    Records are named by the record id of the extract, else by their key, with an undamaged NIK beside it that holds
    where another cell of the record has changed. Answers that contradict each other through others (a is b, b is c,
    a is not c) are left out, all that hang together.

    Args:
        entries: ENTRIES in the order in which they came.
        residents: record_key, record_id, nik_clean and nik_verdict of a run.
        by_id: whether record ids are a column of the extract.
    """
    agreed, _ = standing_answers(entries)
    usable = pl.col("nik_verdict").is_in(USABLE_NIK)
    named = residents.select(
        "record_key",
        record_id=pl.when(by_id).then("record_id"),
        nik=pl.when(usable & ~pl.lit(by_id)).then("nik_clean"),
        key=pl.when(~pl.lit(by_id)).then("record_key"),
    )
    pairs = agreed.filter(pl.col("pair").is_not_null()).unique("about", keep="last", maintain_order=True)
    holders = residents.filter(usable).select("record_key", nik="nik_clean")
    both = _with_names(_as_named(pairs, holders), named, "record_key", "l")
    both = _with_names(both, named, "other_key", "r")
    torn = _torn(both.select("record_key", "other_key", "pair"))
    kinds = {"same": "must_link", "different": "cannot_link"}
    links = both.filter(~torn).with_columns(kind=pl.col("pair").replace_strict(kinds))
    lives = agreed.filter(pl.col("life").is_not_null()).unique("record_key", keep="last", maintain_order=True)
    statuses = _with_names(lives, named, "record_key", "l").with_columns(kind="life")
    found = pl.concat([links, statuses], how="diagonal_relaxed").with_columns(
        who=pl.coalesce("desa", "who"),
        when=pl.coalesce(pl.col("day").cast(pl.String), pl.col("at").str.slice(0, 10)),
        why=pl.lit(REASON) + pl.col("entry"),
        until=pl.lit(None, pl.String),
        source=pl.concat_str("file", "sheet", "cell", separator=", ", ignore_nulls=True),
    )
    unnamed = len(pairs) + len(lives) - len(both) - len(statuses)
    return Told(found.select(CONSTRAINTS), unnamed, int(torn.sum()))


def _with_names(answers: pl.DataFrame, named: pl.DataFrame, by: str, side: str) -> pl.DataFrame:
    """Return answers with the names of the record in column `by`; those about records that are gone are left out."""
    told = named.select(by=pl.col("record_key"), **{
        f"{name}_{side}": pl.col(column)
        for name, column in (("record_id", "record_id"), ("nik", "nik"), ("record_key", "key"))
    })  # fmt: skip
    return answers.join(told, left_on=by, right_on="by", how="inner", maintain_order="left")


def _torn(pairs: pl.DataFrame) -> pl.Series:
    """Return which pairs hang together with two that must be one person and cannot be."""
    group: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    for left, right in pairs.filter(pl.col("pair") == "same").select("record_key", "other_key").iter_rows():
        group[root(left)] = root(right)
    ends = [(root(left), root(right)) for left, right in pairs.select("record_key", "other_key").iter_rows()]
    bad = {
        left
        for (left, right), pair in zip(ends, pairs["pair"], strict=True)
        if pair == "different" and left == right
    }
    return pl.Series([bool(bad & {*both}) for both in ends], dtype=pl.Boolean)
