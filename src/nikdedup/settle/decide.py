"""What should happen to the records of one person, of one NIK, or of a pair to be looked at.

The library proposes, people decide. Every line of the result names its rule, its reasons and
what would change it, and is computed from people, pairs and residents alone.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import polars as pl

from nikdedup.config import Config
from nikdedup.match.refused import Refused
from nikdedup.schema import DECISIONS
from nikdedup.settle.cases import gather
from nikdedup.settle.constraints import LINKS, closed_links
from nikdedup.settle.facts import ORDER_KEYS, RECORD_FACTS, unit_facts
from nikdedup.settle.policy import Policy, Rule, load_policy
from nikdedup.settle.policy_check import SCOPES
from nikdedup.settle.sentences import EVIDENCE, LANGUAGES, row_label, write_sentences
from nikdedup.settle.shapes import shape_of, shape_text
from nikdedup.settle.units import Cases
from nikdedup.threads import side_by_side

LEAST_SHARE = 1 << 13
"""Records to a thread: fewer cost more in calls than they save."""
_UNIT_LETTER = {"person": "p", "shared_nik": "n", "review": "r"}


def decide(
    people: pl.DataFrame,
    pairs: pl.DataFrame,
    residents: pl.DataFrame,
    *,
    config: Config,
    constraints: pl.DataFrame | None = None,
    refused: Refused | None = None,
    policy: Policy | None = None,
) -> pl.DataFrame:
    """Return one decision per record in a person of two or more, in a review pair, or sharing a NIK.

    people, pairs: schema.PEOPLE and schema.PAIRS. residents: row, record_id, the CLEAN, VERDICTS and
    EVIDENCE columns; source_file, source_sheet and source_row name the records in sentences if present.
    constraints: links of officers as `resolve_constraints` gives them. refused: joins that clustering
    refused. policy: the rules, those that config names if not given. The order of rows does not matter.
    Returns schema.DECISIONS sorted by decision_id. A resident seen twice because the sources overlap is
    decided once. ConfigError for a wrong policy.
    """
    policy = policy or load_policy(config.settle.policy, recording=config.settle.recording)
    links = closed_links(pl.DataFrame(schema=LINKS) if constraints is None else constraints)
    cases = gather(
        people, pairs, residents, links, refused=refused or Refused(), opaque=config.nik_scheme == "opaque"
    )
    if cases.records.is_empty():
        return pl.DataFrame(schema=DECISIONS)
    large = config.settle.large_cluster
    labelled = replace(cases, records=_with_own_labels(cases.records))
    shares = labelled.shares(min(pl.thread_pool_size(), len(cases.records) // LEAST_SHARE))
    decided = side_by_side(lambda share: _decided(share, policy, large=large), shares)
    return pl.concat(decided).sort("decision_id")


def recompute(
    decisions: pl.DataFrame,
    people: pl.DataFrame,
    pairs: pl.DataFrame,
    residents: pl.DataFrame,
    *,
    config: Config,
    constraints: pl.DataFrame | None = None,
    refused: Refused | None = None,
    policy: Policy | None = None,
) -> pl.DataFrame:
    """Return record_id, stored and again for every record whose decision does not come out as stored.

    stored and again are the decision ids, null where one side has none; an empty frame means that every
    decision is reproduced, sentences included.
    """
    again = decide(
        people, pairs, residents, config=config, constraints=constraints, refused=refused, policy=policy
    )
    whole = list(DECISIONS)
    gone = decisions.join(again, on=whole, how="anti", nulls_equal=True).select(
        "record_id", stored="decision_id"
    )
    new = again.join(decisions, on=whole, how="anti", nulls_equal=True).select(
        "record_id", again="decision_id"
    )
    return gone.join(new, on="record_id", how="full", coalesce=True).sort("record_id")


def _decided(cases: Cases, policy: Policy, *, large: int) -> pl.DataFrame:
    """Return the decisions of whole cases; no case reads another one."""
    ruled = _apply_rules(cases, policy, large=large)
    described = _describe(ruled, cases, policy, large=large)
    return write_sentences(described, policy).select(
        pl.col(column).cast(kind) for column, kind in DECISIONS.items()
    )


def _apply_rules(cases: Cases, policy: Policy, *, large: int) -> pl.DataFrame:
    """Return one row per record to decide: unit, rule, role, action, survivor_row, rule_reasons."""
    members = cases.members.join(cases.records, on="row", how="left", maintain_order="left")
    members = members.with_columns(key.alias(f"_{name}") for name, key in ORDER_KEYS.items())
    facts = unit_facts(members, cases.unit_edges, large=large)
    units = pl.concat([_first_rule(facts, policy, scope) for scope in SCOPES])
    members = members.join(units, on="unit", how="left", maintain_order="left")
    ordered = [_survivors(members, rule, policy) for rule in policy.rules if rule.order]
    best = pl.concat(
        [pl.DataFrame(schema={"unit": pl.String, "best_row": pl.Int64, "tied": pl.Boolean}), *ordered]
    )
    focus = members.filter(pl.col("focus")).join(best, on="unit", how="left", maintain_order="left")
    return (
        focus.join(_rule_table(policy), on="rule", how="left", maintain_order="left")
        .with_columns(_role())
        .with_columns(_action(), _survivor_row())
    )


def _first_rule(facts: pl.DataFrame, policy: Policy, scope: str) -> pl.DataFrame:
    """Return unit and rule: the first rule of the scope whose conditions all hold."""
    rules = policy.of_scope(scope)
    chosen = pl.coalesce([pl.when(rule.fits()).then(pl.lit(rule.name)) for rule in rules])
    return facts.filter(pl.col("unit").str.starts_with(_UNIT_LETTER[scope])).select(
        "unit", chosen.alias("rule")
    )


def _survivors(members: pl.DataFrame, rule: Rule, policy: Policy) -> pl.DataFrame:
    """Return unit, best_row and tied for the units of one rule: the first by its order keys."""
    keys = [f"_{key}" for key in policy.order_keys(rule)]
    ranked = members.filter(pl.col("rule") == rule.name).sort(
        "unit", *keys, "row", descending=[False, *[True] * len(keys), False], nulls_last=True
    )
    follows = pl.col("unit") == pl.col("unit").shift(-1)
    equal = pl.all_horizontal(follows, *(pl.col(key).eq_missing(pl.col(key).shift(-1)) for key in keys))
    first = (pl.col("unit") != pl.col("unit").shift(1)).fill_null(True)
    return (
        ranked.with_columns(equal.fill_null(False).alias("tied"))
        .filter(first)
        .select("unit", best_row="row", tied="tied")
    )


def _rule_table(policy: Policy) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "rule": [rule.name for rule in policy.rules],
            "_survivor": [rule.survivor for rule in policy.rules],
            "_others": [rule.others for rule in policy.rules],
            "_displaces": [rule.displaces for rule in policy.rules],
            "rule_reasons": [",".join(rule.reasons) or None for rule in policy.rules],
        },
        schema_overrides={"_survivor": pl.String, "rule_reasons": pl.String},
    )


def _role() -> pl.Expr:
    tied = pl.col("tied").fill_null(False)
    best = (pl.col("row") == pl.col("best_row")).fill_null(False)
    return (
        pl.when(tied)
        .then(pl.lit("tie"))
        .when(best)
        .then(pl.lit("survivor"))
        .otherwise(pl.lit("other"))
        .alias("role")
    )


def _action() -> pl.Expr:
    return (
        pl.when(pl.col("role") == "tie")
        .then(pl.lit("verify"))
        .when(pl.col("role") == "survivor")
        .then(pl.col("_survivor"))
        .otherwise(pl.col("_others"))
        .alias("action")
    )


def _survivor_row() -> pl.Expr:
    """The kept record for a person; the owner of a NIK stands only for himself, as nobody else is he."""
    stands = (
        pl.col("_displaces")
        & (pl.col("role") != "tie")
        & ((pl.col("scope") == "person") | (pl.col("role") == "survivor"))
    )
    return pl.when(stands).then(pl.col("best_row")).alias("survivor_row")


def _describe(ruled: pl.DataFrame, cases: Cases, policy: Policy, *, large: int) -> pl.DataFrame:
    """Append kind, weight, evidence and reason codes of the strongest pair, labels and decision_id."""
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
    return _with_labels(table, labels).with_columns(_decision_ids(table))


def _refusals(cases: Cases) -> pl.DataFrame:
    """Return row and its strongest pair that was refused a join: why, with whom (third_row), and by which two."""
    found = cases.edges.filter(pl.col("split_reason").is_not_null())
    why = ("split_reason", "row_a", "row_b", "chain_records", "chain_links", "weight_log2")
    ends = pl.concat(
        found.select(*why, row=here, third_row=there)
        for here, there in (("row_l", "row_r"), ("row_r", "row_l"))
    )
    ordered = ends.sort("row", "weight_log2", "third_row", descending=[False, True, False], nulls_last=True)
    return ordered.unique("row", keep="first", maintain_order=True).drop("weight_log2")


def _shapes(cases: Cases, labels: pl.DataFrame, large: int) -> pl.DataFrame:
    """Return unit and shape_<lang>, the shape in words, of every person of more than `large` records."""
    persons = cases.members.filter(pl.col("unit").str.starts_with(_UNIT_LETTER["person"]))
    many = persons.group_by("unit").agg(pl.col("row").sort()).filter(pl.col("row").list.len() > large)
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
    ends = pl.concat(cases.edges.select("role", row=side) for side in ("row_l", "row_r"))
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
        "must_link": pl.col("must_link"),
        "cannot_link": pl.col("cannot_link"),
        "shared_nik_open": (pl.col("shares") > 0) & (pl.col("scope") != "shared_nik"),
        "review_open": pl.col("reviews") > own_review,
    }
    codes = [pl.when(mark.fill_null(False)).then(pl.lit(code)) for code, mark in marks.items()]
    return pl.concat_str(codes, separator=",", ignore_nulls=True)


def _add_reasons(table: pl.DataFrame, evidence: list[str]) -> pl.DataFrame:
    """Append reasons: the rule's codes, a tie, the evidence, the notes; each once, in that order.

    The few combinations that occur are split into lists once, then joined back.
    """
    tie = pl.when(pl.col("role") == "tie").then(pl.lit("tie_without_order"))
    notes = pl.col("notes").replace("", None)
    table = table.with_columns(
        pl.concat_str(
            "rule_reasons",
            tie,
            *evidence,
            "split_" + pl.col("split_reason"),
            notes,
            separator=",",
            ignore_nulls=True,
        ).alias("_codes")
    )
    lists = table.select(pl.col("_codes").unique()).with_columns(
        pl.col("_codes").str.split(",").list.unique(maintain_order=True).alias("reasons")
    )
    return table.join(lists, on="_codes", how="left", maintain_order="left").drop("_codes")


_OWN_LABELS = {lang: f"_label_{lang}" for lang in LANGUAGES}


def _with_own_labels(records: pl.DataFrame) -> pl.DataFrame:
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


def _decision_ids(table: pl.DataFrame) -> pl.Series:
    """Return the case and 12 hexadecimal digits of a hash over case, record and rule, per row.

    >>> _decision_ids(pl.DataFrame({"case_id": ["K-1"], "record_id": ["1"], "rule": ["review"]})).item()
    'K-1-aa5328982058'
    """
    keys = table.select(pl.concat_str("case_id", "record_id", "rule", separator="\x1f")).to_series()
    digests = [blake2b(key.encode(), digest_size=6).hexdigest() for key in keys.to_list()]
    return (table["case_id"] + "-" + pl.Series(digests, dtype=pl.String)).alias("decision_id")
