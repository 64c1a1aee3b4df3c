"""The units a rule is asked about, and the cases they hang together in.

A unit is what one rule decides at once: a person of two or more records, the holders of one
NIK, or two records under review. A case is everything that hangs together.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import polars as pl

from nikdedup.columnar.components import components
from nikdedup.columnar.distinct import distinct
from nikdedup.settle.facts import undamaged

NEAR_TIE_LOG2 = 0.5
"""Bits by which two counterparts of a record may differ and are as strong as each other."""


@dataclass(frozen=True)
class Cases:
    """Tables of one run of `decide`, only for the records that need a decision.

    records: one row per record, with record_key, known_by (the key that ids derive from), key_order, person_id,
    case_id, scope (person, shared_nik, review), other_row.
    edges: pairs that decide something, with `role`, kind and evidence. members: unit, row, focus (false
    where the record only informs the unit). unit_edges: unit and the edges inside it.
    """

    records: pl.DataFrame
    edges: pl.DataFrame
    members: pl.DataFrame
    unit_edges: pl.DataFrame

    def shares(self, many: int) -> list[Cases]:
        """Return the cases shared out whole, none of the shares empty; pairs that no record is left of fall away."""
        if many < 2:
            return [self]
        share = self.records["case_id"].hash() % many
        return [self._of(self.records.filter(share == one)) for one in share.unique()]

    def _of(self, records: pl.DataFrame) -> Cases:
        held = records["row"].implode()
        return Cases(
            records,
            self.edges.filter(pl.col("row_l").is_in(held)),
            self.members.filter(pl.col("row").is_in(held)),
            self.unit_edges.filter(pl.col("row_l").is_in(held)),
        )


def units_of(records: pl.DataFrame, edges: pl.DataFrame) -> Cases:
    """Return the cases with the members and edges of every unit.

    records: row, record_id, person_id and what the facts read. edges: row_l < row_r, role, relation, band,
    weight_log2 and the marks of links. Records without a deciding pair fall away.
    """
    return _with_units(_relevant(records, edges), edges)


def _relevant(records: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Return the records with strongest counterpart, scope and case; those without a pair fall away.

    Of a person's record without a number the strongest with one stands first: what becomes of it hangs on that NIK,
    not on another record without. Among those nearly as strong one with a number goes first, then the order of the
    keys decides: weights move a little with every row that comes or goes, and what is proposed shall not turn on that.
    """
    deciding = edges.filter(pl.col("role") != "inside")
    both = pl.concat(
        deciding.select(pl.col(here).alias("row"), pl.col(there).alias("other_row"), "weight_log2", "role")
        for here, there in (("row_l", "row_r"), ("row_r", "row_l"))
    )
    without = pl.col("nik_verdict").is_in(["temporary", "missing"])
    both = both.join(records.select("row", _without=without), on="row", how="left")
    others = records.select(other_row="row", order="key_order", _with=undamaged & ~without)
    both = both.join(others, on="other_row", how="left").with_columns(
        _leads=(
            pl.col("_without")
            & pl.col("_with")
            & (pl.col("role") == "person")
            & pl.col("weight_log2").is_not_null()
        ).fill_null(False)
    )
    best = pl.col("weight_log2").max().over("row", "_leads")
    both = both.with_columns(_near=(pl.col("weight_log2") >= best - NEAR_TIE_LOG2).fill_null(False))
    order, down = ["row", "_leads", "_near", "_with", "order"], [False, True, True, True, False]
    strongest = both.sort(order, descending=down, nulls_last=True)
    strongest = strongest.unique("row", keep="first", maintain_order=True).select("row", "other_row", "role")
    shared = both.filter(pl.col("role") == "shared_nik").select("row").unique()
    records = records.join(strongest, on="row", how="inner", maintain_order="left").with_columns(
        pl.col("row").is_in(shared["row"].implode()).alias("in_shared_nik"),
        (pl.len().over("person_id") > 1).alias("_many"),
    )
    scope = pl.when(pl.col("_many")).then(pl.lit("person")).otherwise(pl.col("role")).alias("scope")
    records = records.with_columns(scope).drop("role", "_many").sort("row")
    return records.with_columns(_case_ids(records, deciding), _nik_groups(records, edges))


def _case_ids(records: pl.DataFrame, edges: pl.DataFrame) -> pl.Series:
    """Return one label per record: K- and 16 hexadecimal digits of a hash over the keys of all that hang together.

    By a pair, a person, or a NIK whose holders are decided together. So a case that gains or loses a record is
    another case, and one that does not keeps its label.
    """
    ends = [records["row"].search_sorted(edges[side]).to_numpy() for side in ("row_l", "row_r")]
    person = len(records) + distinct(records["person_id"])[1].astype(np.int64)
    held = distinct(records.select(pl.when("in_shared_nik").then("nik_clean")).to_series())[1]
    holders = np.flatnonzero(held)
    nik = int(person.max(initial=0)) + held[holders].astype(np.int64)
    labels = _components(len(records), [ends, [np.arange(len(records)), person], [holders, nik]])
    table = records.select("known_by", label=pl.Series(labels))
    keys = table.sort("label", "known_by").group_by("label", maintain_order=True).agg("known_by")
    together = keys["known_by"].list.join("\x1f")
    digests = [blake2b(text, digest_size=8).hexdigest() for text in together.cast(pl.Binary).to_list()]
    named = keys.select("label", case_id="K-" + pl.Series(digests, dtype=pl.String))
    return table.join(named, on="label", how="left", maintain_order="left")["case_id"]


def _nik_groups(records: pl.DataFrame, edges: pl.DataFrame) -> pl.Series:
    """Return the NIK of each record, or one label for NIKs that must_links declare one person's."""
    must = edges.filter(pl.col("must_link"))
    if must.is_empty():
        return records["nik_clean"].alias("nik_group")
    number = records.select(pl.col("nik_clean").fill_null(pl.col("record_id")).rank("dense"))["nik_clean"]
    ends = [records["row"].search_sorted(must[side]).to_numpy() for side in ("row_l", "row_r")]
    hubs = len(records) + number.to_numpy().astype(np.int64) - 1
    labels = _components(len(records), [ends, [np.arange(len(records)), hubs]])
    return pl.Series("nik_group", labels).cast(pl.String)


def _components(records: int, links: list[list[np.ndarray]]) -> np.ndarray:
    """Return a component label per record; nodes beyond `records` are hubs (a person, a NIK)."""
    left, right = (np.concatenate([pair[side] for pair in links]) for side in (0, 1))
    return components(records + int(right.max(initial=0)) + 1, left, right)[:records]


def _with_units(records: pl.DataFrame, edges: pl.DataFrame) -> Cases:
    scope = pl.col("scope")
    persons = records.filter(scope == "person").select(_unit("p", pl.col("person_id")), "row", focus=True)
    holders = records.filter(pl.col("in_shared_nik")).select(
        _unit("n", pl.coalesce("nik_clean", "case_id")), "row", focus=scope == "shared_nik"
    )
    looked = records.filter(scope == "review").select(_unit("r", pl.col("row")), "row", "other_row")
    members = pl.concat(
        [
            persons,
            holders,
            looked.select("unit", "row", focus=True),
            looked.select("unit", row="other_row", focus=False),
        ]
    )
    person_edges = edges.filter(pl.col("role").is_in(["person", "inside"])).join(
        persons.select("unit", row_l="row"), on="row_l"
    )
    holder_edges = edges.filter(pl.col("role") == "shared_nik").join(
        holders.select("unit", row_l="row"), on="row_l"
    )
    ends = looked.select(
        "unit", row_l=pl.min_horizontal("row", "other_row"), row_r=pl.max_horizontal("row", "other_row")
    )
    review_edges = edges.join(ends, on=["row_l", "row_r"])
    unit_edges = pl.concat([person_edges, holder_edges, review_edges.select(person_edges.columns)])
    return Cases(records, edges, members.sort("unit", "row"), unit_edges)


def _unit(letter: str, label: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(letter), label).alias("unit")
