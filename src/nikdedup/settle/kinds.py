"""The kind of a duplicate pair, A to F, and what the NIKs, dates and families of two records say.

Source: docs/domain.md 6 (kinds), docs/contracts.md 2: one kind per pair, tested in the order F, B, D (same NIK, KK
differs), A, E, C.
"""

from __future__ import annotations

import polars as pl

from nikdedup.schema import USABLE_NIK

IDENTITY_FIELDS = (
    "nama_lgkp_clean",
    "jenis_klmin_clean",
    "tgl_lhr_clean",
    "tmpt_lhr_clean",
    "nama_lgkp_ibu_clean",
    "nama_lgkp_ayah_clean",
)
"""What copies without a number share; address and family card may differ."""

PAIR_COLUMNS = (
    *IDENTITY_FIELDS,
    "nik_clean",
    "nik_verdict",
    "nik_birth",
    "nik_sex",
    "no_kk_clean",
    "birth_default",
)
"""Columns of a record that `pair_evidence` reads, with suffix _l and _r."""

_NIK_DIGITS = r"^[0-9]{16}$"


def pair_evidence(pairs: pl.DataFrame, *, opaque: bool = False) -> pl.DataFrame:
    """Return the pairs with kind, truncated_pair and the evidence codes of NIK, birth, sex and KK appended.

    pairs: relation and the PAIR_COLUMNS of both sides. kind is null where the relation is neither
    same_person nor shared_nik, and where neither record has a number and they are no copies: that one person
    has several NIKs, nobody can say there. nik_evidence, birth_evidence, sex_evidence and kk_evidence hold one
    reason code or null (nothing to say). opaque: ids without the digits of a NIK, so never kind E.
    """
    table = pairs.with_columns(_number("l").alias("_number_l"), _number("r").alias("_number_r"))
    table = table.with_columns(
        _undamaged("l").alias("_real_l"),
        _undamaged("r").alias("_real_r"),
        (pl.lit(None, pl.Int64) if opaque else _digit_distance()).alias("_distance"),
    )
    table = table.with_columns(
        _same_nik().alias("_same_nik"), _truncated_pair().alias("truncated_pair"), _typo().alias("_typo")
    )
    table = table.with_columns(_kind().alias("kind"))
    table = table.with_columns(
        _nik_evidence().alias("nik_evidence"),
        _birth_evidence().alias("birth_evidence"),
        pl.when(_differ("jenis_klmin_clean")).then(pl.lit("sex_differs")).alias("sex_evidence"),
        pl.when(_equal("no_kk_clean")).then(pl.lit("kk_equal")).alias("kk_evidence"),
    )
    return table.drop("_number_l", "_number_r", "_real_l", "_real_r", "_distance", "_same_nik", "_typo")


def _equal(field: str) -> pl.Expr:
    return (pl.col(f"{field}_l") == pl.col(f"{field}_r")).fill_null(False)


def _differ(field: str) -> pl.Expr:
    return (pl.col(f"{field}_l") != pl.col(f"{field}_r")).fill_null(False)


def _undamaged(side: str) -> pl.Expr:
    return pl.col(f"nik_verdict_{side}").is_in(USABLE_NIK) & pl.col(f"nik_clean_{side}").is_not_null()


def _no_number(side: str) -> pl.Expr:
    return pl.col(f"nik_verdict_{side}").is_in(["temporary", "missing"])


def _number(side: str) -> pl.Expr:
    """Return what the digits of a NIK are taken from, by arithmetic for speed; the NIK itself stays text."""
    return pl.col(f"nik_clean_{side}").cast(pl.Int64, strict=False)


def _differing(places: range) -> pl.Expr:
    """Return in how many of the NIK's digits at `places` (0 is the first) the two sides differ."""
    left, right = pl.col("_number_l"), pl.col("_number_r")
    powers = [10 ** (15 - place) for place in places]
    return pl.sum_horizontal(((left // p) % 10 != (right // p) % 10).cast(pl.Int64) for p in powers)


def _digit_distance() -> pl.Expr:
    """Return in how many of 16 digits two NIKs differ; null unless both are 16 digits as typed."""
    comparable = pl.all_horizontal(
        pl.col(f"nik_clean_{side}").str.contains(_NIK_DIGITS)
        & pl.col(f"nik_verdict_{side}").is_in([*USABLE_NIK, "invalid"])
        for side in "lr"
    )
    return pl.when(comparable).then(_differing(range(16)))


def _typo() -> pl.Expr:
    """Return whether one NIK is the other one mistyped, rather than a second NIK of the same person.

    One or two digits apart is not enough: who is registered again in a neighbouring kecamatan gets the
    same date digits and a low serial. A typing error shows where a date or sex digit differs and no
    longer fits the record itself, or where the family card, or all else, is the same. Measured on 145
    typing errors and 870 second NIKs so close: 75 % of the first and 5 % of the second are called E.
    """
    near = (pl.col("_distance") > 0) & (pl.col("_distance") <= 2) & (pl.col("_real_l") | pl.col("_real_r"))
    misfit = pl.any_horizontal(
        pl.any_horizontal(
            pl.col(f"nik_verdict_{side}") == "invalid",
            pl.col(f"nik_birth_{side}") != pl.col(f"tgl_lhr_clean_{side}"),
            pl.col(f"nik_sex_{side}") != pl.col(f"jenis_klmin_clean_{side}"),
        )
        for side in "lr"
    )
    at_home = _equal("no_kk_clean") | (_identity_equal() & ~_differ("no_kk_clean"))
    return near.fill_null(False) & ((misfit.fill_null(False) & (_differing(range(6, 12)) > 0)) | at_home)


def _same_nik() -> pl.Expr:
    return pl.col("_real_l") & pl.col("_real_r") & _equal("nik_clean")


def _truncated_pair() -> pl.Expr:
    """Return whether a cut 16th digit is all that sets the two numbers apart (Excel keeps 15 digits)."""
    cut = (pl.col("nik_verdict_l") == "suspect_truncated") | (pl.col("nik_verdict_r") == "suspect_truncated")
    prefix = pl.col("nik_clean_l").str.slice(0, 15) == pl.col("nik_clean_r").str.slice(0, 15)
    return (cut & prefix).fill_null(False)


def _identity_equal() -> pl.Expr:
    return pl.all_horizontal(
        pl.col(f"{field}_l").eq_missing(pl.col(f"{field}_r")) for field in IDENTITY_FIELDS
    )


def _exact_copy() -> pl.Expr:
    """Return whether the two hold one NIK, or no number at all and nothing but the address tells them apart."""
    return pl.col("_same_nik") | (_identity_equal() & _no_number("l") & _no_number("r"))


def _broken() -> pl.Expr:
    """Return whether one number is whole and the other no NIK as it stands, or one is the other cut to 15 digits.

    No NIK is what has a wrong length, letters, or an impossible date.
    """
    invalid = {side: (pl.col(f"nik_verdict_{side}") == "invalid").fill_null(False) for side in "lr"}
    beside = (invalid["l"] & pl.col("_real_r")) | (invalid["r"] & pl.col("_real_l"))
    return beside | pl.col("truncated_pair")


def _kind() -> pl.Expr:
    same_person = pl.col("relation") == "same_person"
    temporary = (_no_number("l") & pl.col("_real_r")) | (_no_number("r") & pl.col("_real_l"))
    return (
        pl.when(same_person & temporary)
        .then(pl.lit("F"))
        .when(pl.col("relation") == "shared_nik")
        .then(pl.lit("B"))
        .when(same_person & pl.col("_same_nik") & _differ("no_kk_clean"))
        .then(pl.lit("D"))
        .when(same_person & _exact_copy())
        .then(pl.lit("A"))
        .when(same_person & (_broken() | pl.col("_typo")))
        .then(pl.lit("E"))
        .when(same_person & ~(pl.col("nik_clean_l").is_null() & pl.col("nik_clean_r").is_null()))
        .then(pl.lit("C"))
    )


def _nik_evidence() -> pl.Expr:
    """Digits apart speak for one person only where they look mistyped; else the NIKs just differ."""
    typo = (pl.col("kind") == "E").fill_null(False) & pl.col("_typo")
    return (
        pl.when(pl.col("_same_nik"))
        .then(pl.lit("nik_equal"))
        .when(pl.col("truncated_pair"))
        .then(pl.lit("nik_equal_but_cut"))
        .when(typo & (pl.col("_distance") == 1))
        .then(pl.lit("nik_one_digit"))
        .when(typo & (pl.col("_distance") == 2))
        .then(pl.lit("nik_two_digits"))
        .when(pl.col("_real_l") & pl.col("_real_r"))
        .then(pl.lit("nik_differs"))
        .otherwise(pl.lit("nik_not_comparable"))
    )


def _birth_evidence() -> pl.Expr:
    date_l, date_r = pl.col("tgl_lhr_clean_l"), pl.col("tgl_lhr_clean_r")
    swapped = (
        (date_l.dt.year() == date_r.dt.year())
        & (date_l.dt.day().cast(pl.Int32) == date_r.dt.month().cast(pl.Int32))
        & (date_l.dt.month().cast(pl.Int32) == date_r.dt.day().cast(pl.Int32))
    )
    default = pl.col("birth_default_l").fill_null(False) | pl.col("birth_default_r").fill_null(False)
    return (
        pl.when((date_l == date_r) & default)
        .then(pl.lit("birth_default"))
        .when(date_l == date_r)
        .then(pl.lit("birth_equal"))
        .when(swapped)
        .then(pl.lit("birth_swapped"))
        .when(date_l != date_r)
        .then(pl.lit("birth_differs"))
    )
