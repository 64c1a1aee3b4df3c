"""What is asked of a village: who is not recorded, who turns 17, and which records may be one person.

One line per row of a list. Each question is asked once in a village: a record that is asked about in part 1 stands in
part 2 only beside those it may be one person with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

import polars as pl

from nikdedup.residents.status import of_age
from nikdedup.schema import GONE
from nikdedup.village.roll import Roll

PARTS = ("unrecorded", "turns_17", "double")
ROWS: dict[str, pl.DataType] = {
    "key": pl.String(),  # what a returned row is known by
    "part": pl.String(),  # one of PARTS
    "number": pl.Int64(),  # of the row in its village, from 1
    "kecamatan_code": pl.String(),
    "kecamatan": pl.String(),
    "desa_code": pl.String(),  # of the village that is asked; null where nobody's desa is known
    "desa": pl.String(),
    "row": pl.Int64(),
    "record_key": pl.String(),
    "content": pl.String(),  # digest of what the list shows of the record: another one is a question anew
    "nik": pl.String(),
    "no_kk": pl.String(),
    "name": pl.String(),
    "sex": pl.String(),
    "birth": pl.Date(),
    "birth_text": pl.String(),
    "birth_place": pl.String(),
    "mother": pl.String(),
    "address": pl.String(),
    "rt": pl.String(),
    "rw": pl.String(),
    "home": pl.String(),  # desa of the record, where it is not the one that is asked
    "recorded": pl.String(),
    "recording_class": pl.String(),
    "case_id": pl.String(),
    "kind": pl.String(),
    "action": pl.String(),
    "weight_log2": pl.Float64(),
    "reasons": pl.List(pl.String()),
    "other_row": pl.Int64(),
    "other_key": pl.String(),  # record_key of the record it may be one person with; null without one
    "other_content": pl.String(),
    "other_nik": pl.String(),
    "other_recorded": pl.String(),
    "asked": pl.Boolean(),  # whether the village is to answer in this row
    "asked_at": pl.Int64(),  # number of the row in which it is asked instead; null where asked, or nowhere
}
IDENTITIES = (
    "nik",
    "no_kk",
    "name",
    "birth",
    "birth_text",
    "birth_place",
    "mother",
    "address",
    "rt",
    "rw",
    "other_nik",
)
"""Columns of ROWS that tell who somebody is."""
ASKED = ("propose_deactivation", "verify", "separate", "correct_nik")
"""Actions that a village can help to decide; copies and cards under one NIK need nobody's visit."""
SETTLED_BY_DESK = ("drop_copy", "close_kk")
_SHOWN = (
    "nik",
    "no_kk",
    "name",
    "sex",
    "birth_text",
    "birth_place",
    "mother",
    "desa_code",
    "recorded",
    "own_life",
)


@dataclass(frozen=True)
class Lists:
    """All lists of a run. number: what they are known by, the same for the same run and question. rows: ROWS.

    turning_before: the day before which somebody turns 17 who is listed; None where nobody was asked for.
    """

    number: str
    rows: pl.DataFrame
    day: date
    turning_before: date | None = None

    @property
    def villages(self) -> pl.DataFrame:
        """Return kecamatan and desa of each list in order, unknown places last, with its rows and questions."""
        keys = ["kecamatan_code", "kecamatan", "desa_code", "desa"]
        return self.rows.group_by(keys, maintain_order=True).agg(
            pl.len().alias("rows"), pl.col("asked").sum()
        )


def lists_of(
    roll: Roll,
    decisions: pl.DataFrame,
    fingerprint: str,
    *,
    turning_before: date | None = None,
    judged: pl.DataFrame | None = None,
) -> Lists:
    """Return the lists of all villages.

    Args:
        roll: the residents of a run.
        decisions: schema.DECISIONS.
        fingerprint: of the run's input.
        turning_before: list who turns 17 before this day.
        judged: record_key, content, other_key, other_content of what was answered already; it is not asked again.
    """
    number = blake2b(f"{fingerprint}/{turning_before}".encode(), digest_size=4).hexdigest().upper()
    residents = roll.residents.with_columns(_contents(roll.residents))
    proposed = _proposed(decisions, residents)
    # What villages have said of somebody's life is known from their answers, with the record as it was then.
    life = "life" if judged is None else "own_life"
    single = _single(residents.with_columns(life=life), proposed, roll.day, turning_before)
    double = _double(residents, proposed)
    rows = _without_judged(pl.concat([single, double], how="diagonal_relaxed"), judged)
    rows = _asked_once(_ordered(rows))
    return Lists(number, _keyed(rows, number), roll.day, turning_before)


def _contents(residents: pl.DataFrame) -> pl.Series:
    """Return a digest of what a list shows of each resident."""
    shown = residents.select(pl.concat_str([pl.col(name).fill_null("") for name in _SHOWN], separator="\x1f"))
    digests = [blake2b(text.encode(), digest_size=6).hexdigest() for text in shown.to_series()]
    return pl.Series("content", digests, dtype=pl.String)


def _proposed(decisions: pl.DataFrame, residents: pl.DataFrame) -> pl.DataFrame:
    """Return what is proposed for each record, with what is known of the record it may be one person with."""
    other = residents.select(
        other_row="row",
        other_key="record_key",
        other_content="content",
        other_nik="nik",
        other_recorded="recorded",
        _other_desa="desa_code",
    )
    return (
        decisions.select(
            "row",
            "case_id",
            "kind",
            "action",
            "weight_log2",
            "reasons",
            pl.coalesce(
                pl.when(pl.col("survivor_row") != pl.col("row")).then("survivor_row"), "other_row"
            ).alias("other_row"),
        )
        .join(other, on="other_row", how="left")
        .sort("row")
    )


def _single(
    residents: pl.DataFrame, proposed: pl.DataFrame, day: date, turning_before: date | None
) -> pl.DataFrame:
    """Return part 1: who must hold a KTP and is not recorded, and who turns 17."""
    told = residents.join(proposed, on="row", how="left", maintain_order="left")
    open_ = pl.col("once") & ~pl.col("life").is_in(GONE) & (pl.col("recorded") != "yes")
    open_ &= ~pl.col("action").is_in(SETTLED_BY_DESK).fill_null(False)
    turns = pl.lit(False)
    if turning_before is not None:
        turns = ~pl.col("wajib_ktp") & (pl.col("birth") <= of_age(turning_before - timedelta(days=1), 17))
    part = pl.when(pl.col("wajib_ktp")).then(pl.lit("unrecorded")).when(turns).then(pl.lit("turns_17"))
    single = told.with_columns(part=part).filter(open_ & pl.col("part").is_not_null())
    one_person = pl.col("kind") != "B"
    return _of_other(single, one_person.fill_null(True)).with_columns(
        home=pl.lit(None, pl.String), asked=pl.lit(True)
    )


def _of_other(rows: pl.DataFrame, keep: pl.Expr) -> pl.DataFrame:
    """Return rows of which those not to keep say nothing of another record."""
    names = [name for name in rows.columns if name.startswith("other_")]
    return rows.with_columns(pl.when(keep).then(pl.col(name)).alias(name) for name in names)


def _double(residents: pl.DataFrame, proposed: pl.DataFrame) -> pl.DataFrame:
    """Return part 2: every record of a case in each village that has a record of it."""
    cases = proposed.filter(pl.col("action").is_in(ASKED))["case_id"].unique()
    members = proposed.filter(pl.col("case_id").is_in(cases.implode())).join(
        residents.filter("once"), on="row", how="inner", maintain_order="left"
    )
    place = ["kecamatan_code", "kecamatan", "desa_code", "desa"]
    asked = members.select("case_id", *place).unique(maintain_order=True)
    rows = asked.join(
        members.rename({name: f"_{name}" for name in place}), on="case_id", how="inner", maintain_order="left"
    )
    here = pl.col("_desa_code").eq_missing(pl.col("desa_code"))
    concerns = here | pl.col("_other_desa").eq_missing(pl.col("desa_code"))
    return rows.with_columns(
        part=pl.lit("double"),
        home=pl.when(~here).then(pl.coalesce("_desa", "_kecamatan", pl.lit("?"))),
        asked=pl.col("action").is_in(ASKED) & pl.col("other_key").is_not_null() & concerns,
    ).filter(pl.col("asked").any().over("case_id", "kecamatan_code", "desa_code"))


def _without_judged(rows: pl.DataFrame, judged: pl.DataFrame | None) -> pl.DataFrame:
    """Return rows that nobody has answered as they are now; a case of which nothing is left to be asked goes whole."""
    if judged is None or judged.is_empty():
        return rows
    alone = judged.filter(pl.col("other_key").is_null()).select("record_key", "content").unique()
    about = pl.concat(
        judged.filter(pl.col("other_key").is_not_null()).select(
            record_key=f"{left}_key" if left == "other" else "record_key",
            content=f"{left}_content" if left == "other" else "content",
            other_key="record_key" if left == "other" else "other_key",
            other_content="content" if left == "other" else "other_content",
        )
        for left in ("record", "other")
    ).unique()
    rows = rows.with_row_index("_at")
    single = rows.join(alone, on=["record_key", "content"], how="semi")["_at"]
    pair = rows.join(about, on=["record_key", "content", "other_key", "other_content"], how="semi")["_at"]
    answered = pl.col("_at").is_in(pl.concat([single, pair]).unique().implode())
    rows = rows.with_columns(asked=pl.col("asked") & ~answered)
    still = (
        pl.when(pl.col("part") == "double")
        .then(pl.col("asked").any().over("case_id", "kecamatan_code", "desa_code"))
        .otherwise("asked")
    )
    return rows.filter(still).drop("_at")


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows by village and part, part 1 in the order in which a village is walked, cases together."""
    part = pl.col("part").replace_strict({name: i for i, name in enumerate(PARTS)}, return_dtype=pl.Int64)
    village = ["kecamatan_code", "desa_code"]
    walked = rows.sort(*village, part, "rw", "rt", "row", nulls_last=True).with_row_index("_walk")
    first = pl.when(pl.col("part") == "double").then(pl.col("_walk").min().over(*village, "case_id"))
    walked = walked.with_columns(first.alias("_case")).sort(
        *village, part, pl.coalesce("_case", "_walk"), "_walk", nulls_last=True
    )
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(village)
    return walked.with_columns(number.alias("number")).drop("_walk", "_case")


def _asked_once(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with asked true once per question in a village, and asked_at of the others.

    A record of part 1 is asked about there; of two records that may be one person the first one is asked.
    """
    village = ["kecamatan_code", "desa_code"]
    single = rows.filter((pl.col("part") != "double") & pl.col("asked")).select(
        *village, "row", _first="number"
    )
    rows = rows.join(single, on=[*village, "row"], how="left", nulls_equal=True, maintain_order="left")
    pair = [
        pl.min_horizontal("row", "other_row").alias("_l"),
        pl.max_horizontal("row", "other_row").alias("_r"),
    ]
    rows = rows.with_columns(pair)
    about = (
        pl.col("asked")
        & pl.col("_l").is_not_null()
        & pl.col("_r").is_not_null()
        & pl.col("other_row").is_not_null()
    )
    earliest = pl.when(about).then("number").min().over(*village, "_l", "_r")
    double = pl.col("part") == "double"
    at = pl.when(double & pl.col("_first").is_not_null()).then("_first").when(double & about).then(earliest)
    return (
        rows.with_columns(
            asked_at=pl.when(at != pl.col("number")).then(at),
        )
        .with_columns(asked=pl.col("asked") & pl.col("asked_at").is_null())
        .drop("_first", "_l", "_r")
    )


def _keyed(rows: pl.DataFrame, number: str) -> pl.DataFrame:
    """Return ROWS with the key of each: the number of the lists, twelve digits of its own and two that check it."""
    named = rows.select(
        pl.concat_str(
            [pl.col(name).fill_null("") for name in ("desa_code", "part", "record_key", "other_key")],
            separator="\x1f",
        )
    ).to_series()
    keys = pl.Series("key", [row_key(number, text) for text in named], dtype=pl.String)
    return rows.with_columns(keys).select(pl.col(name).cast(kind) for name, kind in ROWS.items())


def row_key(number: str, text: str) -> str:
    """Return the key of a row of the lists `number`; text: what the row is about."""
    own = blake2b(f"{number}\x1f{text}".encode(), digest_size=6).hexdigest().upper()
    return f"{number}-{own}-{check_digits(number + own)}"


def check_digits(text: str) -> str:
    """Return two digits by which a key that was changed by hand is seen.

    >>> check_digits("0A1B2C3D") == check_digits("0A1B2C3E")
    False
    """
    return blake2b(text.encode(), digest_size=1).hexdigest().upper()


def sound_key(key: str) -> bool:
    """Say whether a key has the form of one and its check digits.

    Args:
        key: as it stands in a cell.
    """
    parts = key.split("-")
    return len(parts) == 3 and len(parts[0]) == 8 and check_digits(parts[0] + parts[1]) == parts[2]
