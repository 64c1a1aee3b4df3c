"""What is said of a decision: its strongest pair, reason codes, and how sentences call the records concerned."""

from __future__ import annotations

import polars as pl

from nikdedup.columnar.distinct import by_line
from nikdedup.settle.facts import RECORD_FACTS
from nikdedup.settle.sentences import EVIDENCE, LANGUAGES, row_label
from nikdedup.settle.shapes import shape_of, shape_text
from nikdedup.settle.units import Cases

UNIT_LETTER = {"person": "p", "shared_nik": "n", "review": "r"}
"""Scope of a rule -> first letter of the units that it decides."""


def described(ruled: pl.DataFrame, cases: Cases, *, large: int) -> pl.DataFrame:
    """Append kind, weight, evidence and reason codes of the strongest pair, and labels."""
    ends = ["row_l", "row_r"]
    evidence = [f"{field}_evidence" for field in EVIDENCE]
    strongest = cases.edges.select(
        *ends,
        "kind",
        "weight_log2",
        "probability",
        "must_link",
        "cannot_link",
        "link_who",
        "link_when",
        "link_until",
        "link_line",
        "link_source",
        *evidence,
    )
    table = ruled.with_columns(
        row_l=pl.min_horizontal("row", "other_row"), row_r=pl.max_horizontal("row", "other_row")
    ).join(strongest, on=ends, how="left", maintain_order="left")
    table = table.join(_open_edges(cases), on="row", how="left", maintain_order="left")
    table = table.join(_refusals(cases), on="row", how="left", maintain_order="left")
    table = _add_reasons(table.with_columns(_notes().alias("notes")), evidence)
    labels = cases.records.select("row", *_OWN_LABELS.values())
    table = table.join(_shapes(cases, labels, large), on="unit", how="left", maintain_order="left")
    return _with_labels(table, labels)


def _refusals(cases: Cases) -> pl.DataFrame:
    """Return row and its strongest pair that was refused a join: why, with whom (third_row), and by which two."""
    found = cases.edges.filter(pl.col("split_reason").is_not_null())
    why = ("split_reason", "row_a", "row_b", "chain_records", "chain_links", "weight_log2")
    ends = pl.concat(
        found.select(*why, row=here, third_row=there)
        for here, there in (("row_l", "row_r"), ("row_r", "row_l"))
    )
    ends = ends.join(cases.records.select(third_row="row", order="key_order"), on="third_row", how="left")
    ordered = ends.sort("row", "weight_log2", "order", descending=[False, True, False], nulls_last=True)
    return ordered.unique("row", keep="first", maintain_order=True).drop("weight_log2", "order")


def _shapes(cases: Cases, labels: pl.DataFrame, large: int) -> pl.DataFrame:
    """Return unit and shape_<lang>, the shape in words, of every person of more than `large` records."""
    persons = cases.members.filter(pl.col("unit").str.starts_with(UNIT_LETTER["person"]))
    many = persons.filter(pl.len().over("unit") > large).group_by("unit").agg(pl.col("row").sort())
    edges = cases.unit_edges.filter(pl.col("role") == "person").join(many, on="unit", how="semi")
    links = edges.group_by("unit").agg(pl.struct("row_l", "row_r", "weight_log2").alias("link"))
    found = many.join(links, on="unit", how="left").sort("unit")
    rows = found["row"].explode(empty_as_null=False)
    named = {row: names for row, *names in labels.filter(pl.col("row").is_in(rows.implode())).iter_rows()}
    words: dict[str, list[str]] = {f"shape_{lang}": [] for lang in LANGUAGES}
    for _, members, pairs in found.iter_rows():
        shape = shape_of(members, [tuple(pair.values()) for pair in pairs or []])
        for place, lang in enumerate(LANGUAGES):
            words[f"shape_{lang}"].append(shape_text(shape, lang, lambda row, i=place: named[row][i]))  # type: ignore[misc]
    return found.select("unit").with_columns(
        pl.Series(name, texts, dtype=pl.String) for name, texts in words.items()
    )


def _open_edges(cases: Cases) -> pl.DataFrame:
    """Return row, reviews and shares: in how many review and shared-NIK pairs a record is."""
    asked = cases.edges.filter(pl.col("role").is_in(["review", "shared_nik"]))
    ends = pl.concat(asked.select("role", row=side) for side in ("row_l", "row_r"))
    return ends.group_by("row").agg(
        (pl.col("role") == "review").sum().cast(pl.Int64).alias("reviews"),
        (pl.col("role") == "shared_nik").sum().cast(pl.Int64).alias("shares"),
    )


def _notes() -> pl.Expr:
    """Return the codes, by comma, of what stands on the record itself or stays open beside its decision."""
    own_review = (pl.col("scope") == "review").cast(pl.Int64)
    marks = {
        "nik_damaged": RECORD_FACTS["damaged"],
        "recording_failed": RECORD_FACTS["failed"],
        "status_deceased": RECORD_FACTS["deceased"],
        "status_moved": RECORD_FACTS["moved"],
        "status_inactive": RECORD_FACTS["inactive"],
        "status_declared": pl.col("status_said").is_not_null(),
        "must_link": pl.col("must_link"),
        "cannot_link": pl.col("cannot_link"),
        "shared_nik_open": (pl.col("shares") > 0) & (pl.col("scope") != "shared_nik"),
        "review_open": pl.col("reviews") > own_review,
    }
    codes = [pl.when(mark.fill_null(False)).then(pl.lit(code)) for code, mark in marks.items()]
    return pl.concat_str(codes, separator=",", ignore_nulls=True)


def _add_reasons(table: pl.DataFrame, evidence: list[str]) -> pl.DataFrame:
    """Append reasons: the rule's codes, a tie, the evidence, the notes; each once, in that order."""
    tie = pl.when(pl.col("role") == "tie").then(pl.lit("tie_without_order"))
    split, notes = "split_" + pl.col("split_reason"), pl.col("notes").replace("", None)
    codes = pl.concat_str("rule_reasons", tie, *evidence, split, notes, separator=",", ignore_nulls=True)
    reasons = codes.str.split(",").list.unique(maintain_order=True).alias("reasons")
    return table.with_columns(by_line(table, reasons))


_OWN_LABELS = {lang: f"_label_{lang}" for lang in LANGUAGES}


def with_own_labels(records: pl.DataFrame) -> pl.DataFrame:
    """Append _label_<lang>: how sentences call each record."""
    source_row = "source_row" if "source_row" in records.columns else None
    return (
        records.with_columns(_origin(records))
        .with_columns(
            row_label("row", source_row, "_origin", lang).alias(label) for lang, label in _OWN_LABELS.items()
        )
        .drop("_origin")
    )


_PLACES = {
    "row": "row",
    "other": "other_row",
    "survivor": "best_row",
    "third": "third_row",
    "a": "row_a",
    "b": "row_b",
}
"""Records that sentences name, and the columns that hold their rows."""


def _with_labels(table: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Append <place>_<lang> for every place of _PLACES: how sentences call those records."""
    for place, column in _PLACES.items():
        named = labels.rename(
            {"row": column, **{own: f"{place}_{lang}" for lang, own in _OWN_LABELS.items()}}
        )
        table = table.join(named, on=column, how="left", maintain_order="left")
    return table


def _origin(records: pl.DataFrame) -> pl.Expr:
    """Return file and sheet of each record where the records come from several, else null."""
    columns = [name for name in ("source_file", "source_sheet") if name in records.columns]
    if not columns or records.select(columns).n_unique() <= 1:
        return pl.lit(None, pl.String).alias("_origin")
    return pl.concat_str(columns, separator="/", ignore_nulls=True).replace("", None).alias("_origin")
