"""What should happen to the records of one person, of one NIK, or of a pair to be looked at.

The library proposes, people decide. Every line of the result names its rule, its reasons and
what would change it, and is computed from people, pairs and residents alone.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import polars as pl

from nikdedup.config import Config
from nikdedup.match.cluster import Refused
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import DECISIONS
from nikdedup.settle.cases import gather
from nikdedup.settle.constraints import LINKS, closed_links
from nikdedup.settle.facts import ORDER_KEYS, RECORD_FACTS, damaged, undamaged, unit_facts
from nikdedup.settle.policy import Policy, Rule, load_policy
from nikdedup.settle.policy_check import SCOPES
from nikdedup.settle.sentences import EVIDENCE, LANGUAGES, row_label, write_sentences
from nikdedup.settle.shapes import shape_of, shape_text
from nikdedup.settle.units import Cases

LEAST_SHARE = 1 << 13
"""Records to a thread: fewer cost more in calls than they save."""
BEST = {"best_row": "row", "best_nik": "nik_clean", "best_kk": "no_kk_clean"}
"""What is asked of the record that stays, by column of the members."""
ROLES = {
    "tie": ("verify", None),
    "copy": ("drop_copy", "same_nik,listed_twice"),
    "card": ("close_kk", "same_nik,two_kk"),
    "damaged": ("correct_nik", None),
}
"""Action of the roles for which it is not the rule's, and the reasons that stand instead of the rule's."""
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

    The order of rows does not matter. A resident seen twice because the sources overlap is decided once.

    Args:
        people: as schema.PEOPLE.
        pairs: as schema.PAIRS.
        residents: row, record_id, the CLEAN, VERDICTS and EVIDENCE columns; source_file, source_sheet and
            source_row name the records in sentences if present.
        config: settings of the run.
        constraints: links of officers as `resolve_constraints` gives them.
        refused: joins that clustering refused.
        policy: the rules, those that config names if not given.

    Returns:
        Lines of schema.DECISIONS, sorted by decision_id.

    Raises:
        ConfigError: for a wrong policy.
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
    asked = set(members["rule"].unique())
    ordered = [
        _survivors(members, rule, policy) for rule in policy.rules if rule.order and rule.name in asked
    ]
    kept = {name: members.schema[column] for name, column in BEST.items()}
    nobody = pl.DataFrame(schema={"unit": pl.String(), "tied": pl.Boolean(), **kept})
    best = pl.concat([nobody, *ordered])
    focus = members.filter(pl.col("focus")).join(best, on="unit", how="left", maintain_order="left")
    return (
        focus.join(_rule_table(policy), on="rule", how="left", maintain_order="left")
        .with_columns(_role())
        .with_columns(_action(), _survivor_row(), _reasons_of_role())
    )


def _first_rule(facts: pl.DataFrame, policy: Policy, scope: str) -> pl.DataFrame:
    """Return unit and rule: the first rule of the scope whose conditions all hold."""
    rules = policy.of_scope(scope)
    chosen = pl.coalesce([pl.when(rule.fits()).then(pl.lit(rule.name)) for rule in rules])
    return facts.filter(pl.col("unit").str.starts_with(_UNIT_LETTER[scope])).select(
        "unit", chosen.alias("rule")
    )


def _survivors(members: pl.DataFrame, rule: Rule, policy: Policy) -> pl.DataFrame:
    """Return unit, BEST and tied for the units of one rule: the first by its order keys.

    A damaged number never goes before a sound one, whatever else speaks for its record. Records under one NIK
    are no tie: whichever of them stays, the NIK does.
    """
    order = [f"_{key}" for key in policy.order_keys(rule)]
    keys = ["_sound", *order]
    own = pl.concat_str(pl.lit("row "), "row")
    one_nik = pl.when(undamaged).then("nik_clean").otherwise(own) if rule.same_nik == "settle" else own
    read = dict.fromkeys(["unit", "rule", "key_order", "nik_verdict", *order, *BEST.values()])
    ranked = (
        members.select(*read)
        .filter(pl.col("rule") == rule.name)
        .with_columns(damaged.not_().cast(pl.Int64).alias("_sound"), one_nik.alias("_stays"))
        .sort("unit", *keys, "key_order", descending=[False, *[True] * len(keys), False], nulls_last=True)
    )
    as_the_first = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).first().over("unit")) for key in keys)
    tied = (as_the_first & (pl.col("_stays") != pl.col("_stays").first().over("unit"))).any().over("unit")
    first = (pl.col("unit") != pl.col("unit").shift(1)).fill_null(True)
    best = {name: pl.col(column) for name, column in BEST.items()}
    return ranked.with_columns(tied=tied).filter(first).select("unit", "tied", **best)


def _rule_table(policy: Policy) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "rule": [rule.name for rule in policy.rules],
            "_survivor": [rule.survivor for rule in policy.rules],
            "_others": [rule.others for rule in policy.rules],
            "_displaces": [rule.displaces for rule in policy.rules],
            "_settles": [rule.scope == "person" and rule.same_nik == "settle" for rule in policy.rules],
            "_reasons": [",".join(rule.reasons) or None for rule in policy.rules],
        },
        schema_overrides={"_survivor": pl.String, "_reasons": pl.String},
    )


def _role() -> pl.Expr:
    """Return survivor, other or tie; of others copy or card where they hold the survivor's NIK, and damaged.

    Whatever the rule says of the others: the NIK that stays is never sent for deactivation, nor is a number that
    the file has damaged, as it may be anybody's.
    """
    tied = pl.col("tied").fill_null(False)
    best = (pl.col("row") == pl.col("best_row")).fill_null(False)
    deactivated = pl.col("_others") == "propose_deactivation"
    equal = (pl.col("nik_clean") == pl.col("best_nik")).fill_null(False)
    same_nik = equal & ~damaged & (deactivated | (pl.col("_settles") & undamaged))
    other_card = (pl.col("no_kk_clean") != pl.col("best_kk")).fill_null(False)
    return (
        pl.when(tied)
        .then(pl.lit("tie"))
        .when(best)
        .then(pl.lit("survivor"))
        .when(same_nik & other_card)
        .then(pl.lit("card"))
        .when(same_nik)
        .then(pl.lit("copy"))
        .when(deactivated & damaged)
        .then(pl.lit("damaged"))
        .otherwise(pl.lit("other"))
        .alias("role")
    )


def _action() -> pl.Expr:
    acts = {role: pl.lit(action) for role, (action, _) in ROLES.items()} | {"survivor": pl.col("_survivor")}
    return _by_role(acts, "_others").alias("action")


def _reasons_of_role() -> pl.Expr:
    """Return the codes by comma that stand for the role, else those of the rule."""
    codes = {role: pl.lit(reasons) for role, (_, reasons) in ROLES.items() if reasons}
    return _by_role(codes, "_reasons").alias("rule_reasons")


def _by_role(values: dict[str, pl.Expr], otherwise: str) -> pl.Expr:
    """Return the value of each record's role, else what stands in the column `otherwise`."""
    return pl.coalesce(
        *(pl.when(pl.col("role") == role).then(value) for role, value in values.items()), otherwise
    )


def _survivor_row() -> pl.Expr:
    """The kept record for a person; the owner of a NIK stands only for himself, as nobody else is he."""
    role = pl.col("role")
    gone = role.is_in(["copy", "card"])
    survivor = role == "survivor"
    stands = pl.col("_displaces") & (role != "tie") & ((pl.col("scope") == "person") | survivor)
    stands |= gone | (survivor & gone.any().over("unit"))
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
    ends = ends.join(cases.records.select(third_row="row", order="key_order"), on="third_row", how="left")
    ordered = ends.sort("row", "weight_log2", "order", descending=[False, True, False], nulls_last=True)
    return ordered.unique("row", keep="first", maintain_order=True).drop("weight_log2", "order")


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

    >>> _decision_ids(pl.DataFrame({"case_id": ["K-1"], "known_by": ["1"], "rule": ["review"]})).item()
    'K-1-aa5328982058'
    """
    keys = table.select(pl.concat_str("case_id", "known_by", "rule", separator="\x1f")).to_series()
    digests = [blake2b(key.encode(), digest_size=6).hexdigest() for key in keys.to_list()]
    return (table["case_id"] + "-" + pl.Series(digests, dtype=pl.String)).alias("decision_id")
