"""Which answers stand, and what follows: statuses and counts of today, and constraints of the next run.

Of one village the later answer stands. Two villages that disagree about a record or a pair leave it open. Unknown
whereabouts change nothing: a missing person is never dead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import polars as pl

from nikdedup.schema import GONE, USABLE_NIK
from nikdedup.village.book import ENTRIES
from nikdedup.village.roll import Roll
from nikdedup.village.words import answers

STANDING: dict[str, pl.DataType] = {**ENTRIES, "about": pl.String(), "life": pl.String(), "pair": pl.String()}
"""about: the record or pair an answer speaks of. life, pair: what follows, see words.Answer."""
REASON = "verdict "
"""What stands before the entry that a constraint comes from, as its reason."""


def standing(entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
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
    held = held.with_columns(
        life=pl.col("answer").replace_strict(life, default=None, return_dtype=pl.String),
        pair=pl.when(pl.col("other_key").is_not_null()).then(
            pl.col("answer").replace_strict(pair, default=None, return_dtype=pl.String)
        ),
    ).with_columns(about=_about())
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
    return pl.when(pl.col("pair").is_not_null()).then(both).otherwise("record_key")


def judged_of(entries: pl.DataFrame) -> pl.DataFrame:
    """Return what is not asked again: record_key, content, other_key and other_content of answers that stand.

    Args:
        entries: ENTRIES in the order in which they came.
    """
    return standing(entries)[0].select(
        "record_key",
        "content",
        other_key=pl.when(pl.col("part") == "double").then("other_key"),
        other_content=pl.when(pl.col("part") == "double").then("other_content"),
    )


def roll_after(roll: Roll, entries: pl.DataFrame) -> Roll:
    """Return the roll as it is by the villages' word: life, displaced and said_recorded.

    Of two records that are one person the recorded one stays; else the one in whose row the village answered goes.
    Who is dead or gone in the extract stays so, whatever a village says.

    Args:
        roll: the residents of a run.
        entries: ENTRIES; records that the run does not have say nothing.
    """
    agreed, _ = standing(entries)
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
            life=pl.when(pl.col("life").is_in(GONE)).then("life").otherwise(pl.coalesce("_life", "life")),
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
    pairs = (
        agreed.filter(pl.col("pair") == "same")
        .select("record_key", "other_key")
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


class Told(NamedTuple):
    """Constraints of the next run. unnamed: pairs that the list has no name for; torn: pairs that contradict others."""

    constraints: pl.DataFrame
    unnamed: int
    torn: int


def constraints_of(entries: pl.DataFrame, residents: pl.DataFrame, *, by_id: bool) -> Told:
    """Return the constraints that answers come to, as a list for `settle.constraints`.

    Answers that contradict each other through others (a is b, b is c, a is not c) are left out, all that hang together.

    Args:
        entries: ENTRIES in the order in which they came.
        residents: record_key, record_id, nik_clean and nik_verdict of a run.
        by_id: whether record ids are a column of the extract; else records are named by their undamaged NIK.
    """
    agreed, _ = standing(entries)
    pairs = agreed.filter(pl.col("pair").is_not_null()).unique("about", keep="last", maintain_order=True)
    usable = pl.col("nik_verdict").is_in(USABLE_NIK)
    named = residents.select(
        "record_key",
        id=pl.lit(None, pl.String) if not by_id else "record_id",
        nik=pl.lit(None, pl.String) if by_id else pl.when(usable).then("nik_clean"),
    )
    both = (
        pairs.join(
            named.rename({"id": "record_id_l", "nik": "nik_l"}),
            on="record_key",
            how="inner",
            maintain_order="left",
        )
        .join(
            named.rename({"record_key": "other_key", "id": "record_id_r", "nik": "nik_r"}),
            on="other_key",
            how="inner",
            maintain_order="left",
        )
        .with_columns(_l=pl.coalesce("record_id_l", "nik_l"), _r=pl.coalesce("record_id_r", "nik_r"))
    )
    tied = both.filter(pl.col("_l") != pl.col("_r"))
    constraints = tied.select(
        kind=pl.col("pair").replace_strict({"same": "must_link", "different": "cannot_link"}),
        record_id_l="record_id_l",
        record_id_r="record_id_r",
        nik_l="nik_l",
        nik_r="nik_r",
        who=pl.coalesce("desa", "who"),
        when=pl.coalesce(pl.col("day").cast(pl.String), pl.col("at").str.slice(0, 10)),
        why=pl.lit(REASON) + pl.col("entry"),
        until=pl.lit(None, pl.String),
    )
    torn = _torn(tied.select("_l", "_r", "pair"))
    return Told(constraints.filter(~torn), len(pairs) - len(constraints), int(torn.sum()))


def _torn(pairs: pl.DataFrame) -> pl.Series:
    """Return which pairs hang together with two that must be one person and cannot be."""
    group: dict[str, str] = {}

    def root(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    for left, right in pairs.filter(pl.col("pair") == "same").select("_l", "_r").iter_rows():
        group[root(left)] = root(right)
    ends = [(root(left), root(right)) for left, right in pairs.select("_l", "_r").iter_rows()]
    bad = {
        left
        for (left, right), pair in zip(ends, pairs["pair"], strict=True)
        if pair == "different" and left == right
    }
    return pl.Series([bool(bad & {*both}) for both in ends], dtype=pl.Boolean)
