"""Which pairs of a run somebody asks to see: by kind, band and kecamatan, or a sample that is the same each time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nikdedup.errors import ConfigError, InputError, argument
from nikdedup.residents.places import kecamatan_key, load_regions
from nikdedup.run.ran import Ran
from nikdedup.schema import KINDS, LEVELS
from nikdedup.show import Comparison, PairList, compare_records, mask_place, paired_records

BANDS = ("confirmed", "review")
LANGS = ("id", "en")
_MOST_LISTED = 30
"""Kecamatan that a message lists at most."""
_ORDER = ("weight_log2", "row_l", "row_r")


def with_kinds(pairs: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with their kind: that of a record whose strongest counterpart is the other one, else null.

    Args:
        pairs: as schema.PAIRS.
        decisions: as schema.DECISIONS.
    """
    sides = decisions.select(
        pl.min_horizontal("row", "other_row").alias("row_l"),
        pl.max_horizontal("row", "other_row").alias("row_r"),
        "kind", "row",
    )  # fmt: skip
    each = (
        sides.drop_nulls()
        .sort("row_l", "row_r", "row")
        .unique(["row_l", "row_r"], keep="first", maintain_order=True)
    )
    return pairs.join(each.drop("row"), on=["row_l", "row_r"], how="left", maintain_order="left")


def pairs_asked(ran: Ran, *, kind: str | None, band: str | None, kecamatan: str | None) -> pl.DataFrame:
    """Return the duplicate pairs that are asked for, with their kind, the surest first.

    Without a band they are the confirmed pairs, those for review and the NIKs held by two people.

    Args:
        ran: a finished run.
        kind: one of schema.KINDS; None for all.
        band: confirmed or review; None for all.
        kecamatan: code or name of the kecamatan in which one of the two lives; None for all.
    """
    _check("kind", kind, KINDS)
    _check("band", band, BANDS)
    wanted = pl.col("band").is_not_null() | (pl.col("relation") == "shared_nik")
    if band is not None:
        wanted = pl.col("band") == band
    found = with_kinds(ran.pairs.filter(wanted), ran.decisions)
    if kind is not None:
        found = found.filter(pl.col("kind") == kind)
    if kecamatan is not None:
        found = _living_in(found, kecamatan, ran)
    return found.sort(*_ORDER, descending=[True, False, False])


def sampled(pairs: pl.DataFrame, n: int, seed: int) -> pl.DataFrame:
    """Return n of the pairs, or all where there are fewer: one of each of n equal layers by weight, the surest first.

    The same pairs and seed give the same sample.

    Args:
        pairs: the surest first.
        n: how many.
        seed: of the draw.
    """
    for name, number, least in (("n", n, 1), ("seed", seed, 0)):
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
            raise ConfigError(f"{argument(name, number)}; allowed: a whole number, {least} or more")
    if len(pairs) <= n:
        return pairs
    edges = np.linspace(0, len(pairs), int(n) + 1).astype(np.int64)
    return pairs[np.random.default_rng(int(seed)).integers(edges[:-1], edges[1:])]


def pair_list(
    ran: Ran, pairs: pl.DataFrame, *, side_by_side: bool, show_identities: bool, lang: str | None
) -> PairList:
    """Return pairs with their records, as they are shown.

    Args:
        ran: a finished run.
        pairs: of it, with their kind.
        side_by_side: left and right columns instead of two lines each.
        show_identities: whether NIKs and names stand in full; masked otherwise.
        lang: `id` or `en`; that of the run where None.
    """
    _check("lang", lang, LANGS)
    told = lang or ran.config.run.lang
    residents = residents_of(ran, pl.concat([pairs["row_l"], pairs["row_r"]]).unique())
    table = paired_records(pairs, residents, ran.decisions, show_identities=show_identities, lang=told)
    return PairList(table, side_by_side, "en" if told == "en" else "id", not show_identities)


def comparison(ran: Ran, row_a: int, row_b: int, *, show_identities: bool, lang: str | None) -> Comparison:
    """Return two records side by side.

    Args:
        ran: a finished run.
        row_a: row of one record.
        row_b: row of the other.
        show_identities: whether NIKs and names stand in full; masked otherwise.
        lang: `id` or `en`; that of the run where None.
    """
    _check("lang", lang, LANGS)
    if row_a == row_b:
        raise InputError(f"row {row_a}: a row cannot be compared with itself; give two rows")
    residents = residents_of(ran, pl.Series([row_a, row_b]))
    further = sorted(ran.record.levels.keys() - set(LEVELS))
    told = lang or ran.config.run.lang
    return compare_records(
        row_a, row_b, residents, further=further, show_identities=show_identities, lang=told
    )


def residents_of(ran: Ran, rows: pl.Series) -> pl.DataFrame:
    """Return the published lines of some rows; InputError where the run kept no residents.

    Args:
        ran: a finished run.
        rows: their numbers.
    """
    if "flags" not in ran.scanned.collect_schema().names():
        raise InputError(f"this run was kept without residents ({argument('residents', False)})")
    return ran.scanned.filter(pl.col("row").is_in(rows.implode())).collect()


def _check(name: str, value: Any, allowed: Iterable[str]) -> None:
    if value is not None and value not in allowed:
        raise ConfigError(f"{argument(name, value)}; allowed: {', '.join(allowed)}")


def _living_in(pairs: pl.DataFrame, asked: str, ran: Ran) -> pl.DataFrame:
    """Return the pairs of which a record lives in a kecamatan; ConfigError where the run knows none of that name."""
    residents = ran.scanned
    key = kecamatan_key(residents.collect_schema().names())
    homes = residents.select("row", code=key).drop_nulls().collect()
    if homes.is_empty():
        raise InputError(f"{argument('kecamatan')}: this run does not say where anybody lives")
    there = sorted(homes["code"].unique())
    wanted = _codes(asked, there, ran.config.region_codes)
    rows = homes.filter(pl.col("code").is_in(wanted))["row"].implode()
    return pairs.filter(pl.col("row_l").is_in(rows) | pl.col("row_r").is_in(rows))


def _codes(asked: str, there: list[str], extra: Path | None) -> list[str]:
    """Return the codes that a code or a name means, of those that there are."""
    names = load_regions(extra).names
    plain = "".join(str(asked).split(".")).strip()
    word = " ".join(str(asked).upper().split())
    found = [code for code in there if code in (plain, word) or names.get(code, "").upper() == word]
    if not found:
        listed = [
            f"{code} {names.get(code, '')}".strip() if code.isdecimal() else mask_place(code)
            for code in there
        ]
        shown = [*listed[:_MOST_LISTED], *(["..."] if len(listed) > _MOST_LISTED else [])]
        raise ConfigError(
            f"{argument('kecamatan')}: nobody lives in such a one; allowed: {', '.join(shown) or 'none'}"
        )
    return found
