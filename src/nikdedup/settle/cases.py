"""The records that need a decision and the pairs between them.

Everything else is left alone: of a million residents the decisions read some ten thousands.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from nikdedup.columnar.grouping import grouped
from nikdedup.match.cluster import Refused
from nikdedup.residents import COUNT, HASH, SAME_RESIDENT, knows_most, record_keys
from nikdedup.schema import CLEAN, EVIDENCE, GONE, KIN, VERDICTS
from nikdedup.settle.facts import READ
from nikdedup.settle.kinds import PAIR_COLUMNS, pair_evidence
from nikdedup.settle.sentences import level_code
from nikdedup.settle.statuses import STATUSES
from nikdedup.settle.units import Cases, units_of

_PAIR_FIELDS = (
    "relation",
    "band",
    "weight_log2",
    "probability",
    "level_name",
    "level_mother",
    "level_father",
)
_SOURCE = ("_source", "source_file", "source_sheet", "source_row")
_RECORDING = ("recorded", "recording_class", "passed_check", "ektp_created_clean")
_KNOWN_BY = ("known_by", "key_order")
_OVERLAP_KEY = ("person_id", *SAME_RESIDENT)
_ASKED = {*READ, *PAIR_COLUMNS, *SAME_RESIDENT, *_RECORDING, "flags"}
_FIELDS = tuple(name for name in (*CLEAN, *VERDICTS, *EVIDENCE) if name in _ASKED)
"""Columns of residents that decisions read; of cases that are gathered those alone that rules read."""

_DECISIVE = pl.col("band").is_in(["confirmed", "review"]) | (pl.col("relation") == "shared_nik")
"""Pairs that something is decided about."""


def rows_involved(people: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Return the rows of the records in a person of two or more or in a decisive pair, sorted.

    A few more may be among them, see `_shared_label`; they concern nobody.

    Args:
        people: as schema.PEOPLE.
        pairs: as schema.PAIRS.
    """
    many = people.filter(_shared_label(people["person_id"])).select("row")
    decisive = pairs.filter(_DECISIVE)
    sides = [decisive.select(row=side) for side in ("row_l", "row_r")]
    return pl.concat([many, *sides])["row"].unique().sort()


def gather(
    people: pl.DataFrame,
    pairs: pl.DataFrame,
    residents: pl.DataFrame,
    links: pl.DataFrame,
    *,
    refused: Refused,
    statuses: pl.DataFrame | None = None,
    opaque: bool = False,
) -> Cases:
    """Return the cases of a run; rows of `residents` that nothing concerns are not touched.

    links: as `closed_links` gives them, with all consequences, possibly empty. refused: joins that
    clustering refused; their pairs are marked with the reason. statuses: STATUSES that officers have declared.
    """
    decisive = pairs.filter(_DECISIVE).select("row_l", "row_r", *_PAIR_FIELDS)
    records = _involved(people, pairs, residents)
    records, kept = _fold_overlaps(records)
    records = _with_statuses(records, pl.DataFrame(schema=STATUSES) if statuses is None else statuses, kept)
    inside = pairs.filter(pl.col("relation").is_in(KIN) & pl.col("band").is_null()).select(
        "row_l", "row_r", *_PAIR_FIELDS
    )
    edges = _edges(
        _renamed(decisive, kept),
        _renamed(inside, kept),
        records,
        _renamed(links, kept),
        refused,
    )
    edges = pair_evidence(_with_sides(edges, records), opaque=opaque).drop(
        f"{name}_{s}" for name in PAIR_COLUMNS for s in "lr"
    )
    edges = edges.with_columns(
        level_code(field).alias(f"{field}_evidence") for field in ("name", "mother", "father")
    )
    return units_of(records.drop(name for name in _FIELDS if name not in READ), edges)


def _involved(people: pl.DataFrame, pairs: pl.DataFrame, residents: pl.DataFrame) -> pl.DataFrame:
    """Return the records in a person of two or more or in a decisive pair, with all columns we read."""
    rows = rows_involved(people, pairs)
    columns = [*_FIELDS, *(name for name in _SOURCE if name in residents.columns)]
    wanted = pl.col("row").is_in(rows.implode())
    keys = [name for name in ("record_key", *HASH, COUNT) if name in residents.columns]
    found = residents.lazy().filter(wanted).select("row", "record_id", *keys, *columns).sort("row").collect()
    found = found.drop(keys).with_columns(record_keys(found)).with_columns(known_by="record_key")
    persons = people.lazy().filter(wanted).select("row", "person_id").collect()
    found = found.join(persons, on="row", how="left", maintain_order="left")
    return found.with_columns(_key_order(found))


def _with_statuses(records: pl.DataFrame, statuses: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return records with what was declared of them, or of a copy, as their status, and who has said so."""
    said = {
        "status_said": "status", "said_who": "who", "said_when": "when", "said_until": "until",
        "said_line": "line", "said_source": "source",
    }  # fmt: skip
    told = statuses.join(kept, on="row", how="inner", maintain_order="left").select(
        row="kept", **{name: pl.col(column) for name, column in said.items()}
    )
    records = records.join(
        told.unique("row", keep="first", maintain_order=True), on="row", how="left", maintain_order="left"
    )
    itself = pl.col("flag_status_clean").is_in(GONE).fill_null(False)
    stands = pl.when(~itself)
    return records.with_columns(stands.then(name).alias(name) for name in said).with_columns(
        flag_status_clean=pl.coalesce("status_said", "flag_status_clean")
    )


def _key_order(records: pl.DataFrame) -> pl.Series:
    """Return the place of each record by its key, shorter first, then by text: what breaks ties."""
    size = pl.col("record_key").str.len_bytes()
    order = records.select(pl.arg_sort_by(size, "record_key", "row")).to_series().to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(1, len(order) + 1)
    return pl.Series("key_order", place)


def _shared_label(labels: pl.Series) -> pl.Series:
    """Return whether a label occurs again, by its hash: ten times faster than comparing the text.

    Two labels of one hash let a record through that concerns nobody; it has no pair and falls away later.
    """
    again = np.zeros(len(labels), bool)
    again[grouped((labels.hash().to_numpy() >> np.uint64(1)).view(np.int64))[0]] = True
    return pl.Series(again)


def _fold_overlaps(records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records without copies of a resident seen in several sources, and row -> kept.

    Only records with the flag source_overlap fold; the k-th copy in one source belongs to the k-th in
    another. The first row stands for all, with what the copy that knows most says of the recording, and known
    by the smallest key of them: cases keep their ids when a copy comes, goes, or lies in another source.
    """
    flagged = pl.col("flags").list.contains("source_overlap").fill_null(False)
    if not records.select(flagged.any()).item():
        return records, records.select("row", kept="row")
    source = [name for name in records.columns if name == "_source"] or list(_source_columns(records))
    group = ["_flagged", *_OVERLAP_KEY, *source]
    slot = pl.col("key_order").rank("ordinal").over(group) if source else pl.lit(0)
    table = records.with_columns(flagged.alias("_flagged"), knows_most().alias("_known")).with_columns(
        slot.alias("_slot")
    )
    group = [*_OVERLAP_KEY, "_slot", "_flagged"]
    best = [pl.col(name).sort_by("_known", "row").first().over(group) for name in _RECORDING]
    known_by = [pl.col(name).sort_by("key_order").first().over(group) for name in _KNOWN_BY]
    first = pl.col("row").min().over(group)
    table = table.with_columns(
        pl.when("_flagged").then(first).otherwise("row").alias("kept"),
        *(
            pl.when("_flagged").then(value).otherwise(name).alias(name)
            for name, value in zip((*_RECORDING, *_KNOWN_BY), (*best, *known_by), strict=True)
        ),
    )
    folded = table.filter(pl.col("row") == pl.col("kept")).select(records.columns)
    return folded, table.select("row", "kept")


def _source_columns(records: pl.DataFrame) -> tuple[str, ...]:
    return tuple(name for name in ("source_file", "source_sheet") if name in records.columns)


def _renamed(pairs: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs between kept records, row_l < row_r; pairs with rows that concern nobody fall away."""
    ends = pairs
    for side in "lr":
        names = kept.select(pl.col("row").alias(f"row_{side}"), pl.col("kept").alias(f"_{side}"))
        ends = ends.join(names, on=f"row_{side}", how="inner", maintain_order="left")
    lower, upper = pl.min_horizontal("_l", "_r"), pl.max_horizontal("_l", "_r")
    return ends.filter(pl.col("_l") != pl.col("_r")).with_columns(row_l=lower, row_r=upper).drop("_l", "_r")


def _edges(
    decisive: pl.DataFrame,
    inside: pl.DataFrame,
    records: pl.DataFrame,
    links: pl.DataFrame,
    refused: Refused,
) -> pl.DataFrame:
    """Return one row per pair with role: person, shared_nik, review, or inside (informs, joins nothing)."""
    found = pl.concat([decisive.with_columns(_inside=False), inside.with_columns(_inside=True)])
    order = ["row_l", "row_r", "_inside", "weight_log2"]
    found = found.sort(order, descending=[False, False, False, True], nulls_last=True)
    found = _mark_links(found.unique(order[:2], keep="first", maintain_order=True), links)
    for side in "lr":
        person = records.select(pl.col("row").alias(f"row_{side}"), pl.col("person_id").alias(f"_{side}"))
        found = found.join(person, on=f"row_{side}", how="left", maintain_order="left")
    found = found.with_columns(_role().alias("role"), (pl.col("_l") == pl.col("_r")).alias("_same"))
    open_review = (pl.col("role") == "review") & pl.col("band").is_not_null() & ~pl.col("cannot_link")
    found = found.filter(
        (pl.col("role") == "shared_nik") | open_review | (pl.col("_same") & (pl.col("role") != "review"))
    )
    found = _mark_refused(found.drop("_inside", "_same", "_l", "_r"), refused)
    return _with_missing_edges(found, records)


def _mark_refused(edges: pl.DataFrame, refused: Refused) -> pl.DataFrame:
    """Append split, and for the pairs of refused joins split_reason, row_a, row_b, chain_records, chain_links.

    Every pair for review inside a chain that was too large counts as refused with it.
    """
    ends = ["row_l", "row_r"]
    edges = edges.join(refused.joins, on=ends, how="left", maintain_order="left").rename({"reason": "_why"})
    chains = refused.chains.with_columns(chain_records=pl.len().over("chain").cast(pl.Int64))
    left = chains.rename({"row": "row_l", "links": "chain_links"})
    right = chains.select(row_r="row", _chain="chain")
    edges = edges.join(left, on="row_l", how="left", maintain_order="left")
    edges = edges.join(right, on="row_r", how="left", maintain_order="left")
    open_pair = pl.col("role") == "review"
    in_chain = open_pair & (pl.col("chain") == pl.col("_chain")).fill_null(False)
    why = pl.when(in_chain).then(pl.lit("chain_too_large")).when(open_pair).then("_why")
    edges = edges.with_columns(
        why.alias("split_reason"),
        *(pl.when(in_chain).then(name).alias(name) for name in ("chain_records", "chain_links")),
    ).drop("_why", "chain", "_chain")
    kept_apart = open_pair & (pl.col("band") == "confirmed").fill_null(False)
    return edges.with_columns(split=pl.col("split_reason").is_not_null() | kept_apart)


def _role() -> pl.Expr:
    return (
        pl.when("_inside")
        .then(pl.lit("inside"))
        .when(pl.col("relation") == "shared_nik")
        .then(pl.lit("shared_nik"))
        .when(pl.col("_l") == pl.col("_r"))
        .then(pl.lit("person"))
        .otherwise(pl.lit("review"))
    )


def _mark_links(edges: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Append must_link and cannot_link; links nobody compared become edges without a weight."""
    marks = links.group_by("row_l", "row_r").agg(
        (pl.col("kind") == "must_link").any().alias("must_link"),
        (pl.col("kind") == "cannot_link").any().alias("cannot_link"),
        link_who=pl.col("who").drop_nulls().first(),
        link_when=pl.col("when").filter(pl.col("who").is_not_null()).first(),
        link_until=pl.col("until").filter(pl.col("who").is_not_null()).first(),
        link_line=pl.col("line").filter(pl.col("who").is_not_null()).first(),
        link_source=pl.col("source").filter(pl.col("who").is_not_null()).first(),
    )
    keys = ["row_l", "row_r"]
    uncompared = marks.join(edges, on=keys, how="anti").select(
        *keys, relation=pl.lit("same_person"), _inside=pl.col("cannot_link")
    )
    edges = pl.concat([edges, uncompared], how="diagonal").join(marks, on=keys, how="left")
    return edges.with_columns(pl.col("must_link", "cannot_link").fill_null(False)).sort(keys)


def _with_missing_edges(edges: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Add an uncompared edge for each record of a person that no edge of its own connects.

    Joined by must_link alone, or folded away from its pair: it hangs on the first other record by its key.
    """
    decided = edges.filter(pl.col("role") != "inside")
    joined = pl.concat([decided.select(row="row_l"), decided.select(row="row_r")]).unique()
    alone = records.join(joined, on="row", how="anti").select("row", "person_id")
    ranked = records.join(alone, on="person_id", how="semi").sort("person_id", "key_order")
    firsts = ranked.group_by("person_id", maintain_order=True).agg(
        pl.col("row").first().alias("_first"), pl.col("row").get(1, null_on_oob=True).alias("_next")
    )
    other = pl.when(pl.col("row") == pl.col("_first")).then("_next").otherwise("_first")
    lonely = alone.join(firsts, on="person_id").select("row", other.alias("_other")).drop_nulls()
    bare = lonely.select(
        row_l=pl.min_horizontal("row", "_other"),
        row_r=pl.max_horizontal("row", "_other"),
        relation=pl.lit("same_person"),
    ).unique()
    bare = bare.with_columns(role=pl.lit("person"), must_link=False, cannot_link=False, split=False)
    edges = edges.join(bare, on=["row_l", "row_r"], how="anti")
    return pl.concat([edges, bare], how="diagonal").sort("row_l", "row_r")


def _with_sides(edges: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Append what the kinds read of both records, with suffix _l and _r."""
    for side in "lr":
        sides = records.select(pl.col("row", *PAIR_COLUMNS).name.suffix(f"_{side}"))
        edges = edges.join(sides, on=f"row_{side}", how="left", maintain_order="left")
    return edges
