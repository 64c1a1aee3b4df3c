"""What should happen to the records of one person, of one NIK, or of a pair to be looked at.

The library proposes, people decide. Every line of the result names its rule, its reasons and
what would change it, and is computed from people, pairs and residents alone.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import polars as pl

from nikdedup.columnar.distinct import by_line
from nikdedup.config import Config
from nikdedup.match.cluster import Refused
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import DECISIONS
from nikdedup.settle.cases import gather
from nikdedup.settle.constraints import LINKS, closed_links
from nikdedup.settle.described import UNIT_LETTER, described, with_own_labels
from nikdedup.settle.facts import damaged, undamaged, unit_facts
from nikdedup.settle.policy import Policy, load_policy
from nikdedup.settle.policy_check import SCOPES
from nikdedup.settle.sentences import write_sentences
from nikdedup.settle.survivors import survivors
from nikdedup.settle.units import Cases

LEAST_SHARE = 1 << 13
"""Records to a thread: fewer cost more in calls than they save."""
ROLES = {
    "tie": ("verify", None),
    "copy": ("drop_copy", "same_nik,listed_twice"),
    "card": ("close_kk", "same_nik,two_kk"),
    "damaged": ("correct_nik", None),
}
"""Action of the roles for which it is not the rule's, and the reasons that stand instead of the rule's."""


def decide(
    people: pl.DataFrame,
    pairs: pl.DataFrame,
    residents: pl.DataFrame,
    *,
    config: Config,
    constraints: pl.DataFrame | None = None,
    refused: Refused | None = None,
    policy: Policy | None = None,
    statuses: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return one decision per record in a person of two or more, in a review pair, or sharing a NIK.

    The order of rows does not matter. A resident seen twice because the sources overlap is decided once.

    Args:
        people: as schema.PEOPLE.
        pairs: as schema.PAIRS.
        residents: row, record_id, the CLEAN, VERDICTS and EVIDENCE columns but for MATCHED; source_file,
            source_sheet and source_row name the records in sentences if present.
        config: settings of the run.
        constraints: links of officers as `resolve_constraints` gives them.
        refused: joins that clustering refused.
        policy: the rules, those that config names if not given.
        statuses: what officers have declared of records, as `resolve_statuses` gives it.

    Returns:
        Lines of schema.DECISIONS, sorted by decision_id.

    Raises:
        ConfigError: for a wrong policy.
    """
    policy = policy or load_policy(config.settle.policy, recording=config.settle.recording)
    links = closed_links(pl.DataFrame(schema=LINKS) if constraints is None else constraints)
    cases = gather(
        people, pairs, residents, links,
        refused=refused or Refused(), statuses=statuses, opaque=config.nik_scheme == "opaque",
    )  # fmt: skip
    if cases.records.is_empty():
        return pl.DataFrame(schema=DECISIONS)
    large = config.settle.large_cluster
    labelled = replace(cases, records=with_own_labels(cases.records))
    shares = labelled.shares(min(pl.thread_pool_size(), len(cases.records) // LEAST_SHARE))
    decided = side_by_side(lambda share: _decided(share, policy, large=large), shares)
    return pl.concat(decided).sort("decision_id")


def _decided(cases: Cases, policy: Policy, *, large: int) -> pl.DataFrame:
    """Return the decisions of whole cases; no case reads another one."""
    ruled = _apply_rules(cases, policy, large=large)
    found = described(ruled, cases, large=large)
    return write_sentences(found.with_columns(_decision_ids(found)), policy).select(
        pl.col(column).cast(kind) for column, kind in DECISIONS.items()
    )


def _apply_rules(cases: Cases, policy: Policy, *, large: int) -> pl.DataFrame:
    """Return one row per record to decide: unit, rule, role, action, survivor_row, rule_reasons."""
    members = cases.members.join(cases.records, on="row", how="left", maintain_order="left")
    facts = unit_facts(members, cases.unit_edges, large=large)
    units = pl.concat([_first_rule(facts, policy, scope) for scope in SCOPES])
    members = members.join(units, on="unit", how="left", maintain_order="left")
    best = survivors(members, policy)
    focus = members.filter(pl.col("focus")).join(best, on="unit", how="left", maintain_order="left")
    focus = focus.join(_rule_table(policy), on="rule", how="left", maintain_order="left").with_columns(
        _role()
    )
    return focus.with_columns(_survivor_row(), *by_line(focus, _action(), _reasons_of_role()))


def _first_rule(facts: pl.DataFrame, policy: Policy, scope: str) -> pl.DataFrame:
    """Return unit and rule: the first rule of the scope whose conditions all hold."""
    rules = policy.of_scope(scope)
    chosen = pl.coalesce([pl.when(rule.fits()).then(pl.lit(rule.name)) for rule in rules])
    return facts.filter(pl.col("unit").str.starts_with(UNIT_LETTER[scope])).select(
        "unit", chosen.alias("rule")
    )


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
    kept = pl.col("_displaces") & (role != "tie") & ((pl.col("scope") == "person") | survivor)
    kept |= gone | (survivor & gone.any().over("unit"))
    return pl.when(kept).then(pl.col("best_row")).alias("survivor_row")


def _decision_ids(table: pl.DataFrame) -> pl.Series:
    """Return the case and 12 hexadecimal digits of a hash over case, record and rule, per row.

    >>> _decision_ids(pl.DataFrame({"case_id": ["K-1"], "known_by": ["1"], "rule": ["review"]})).item()
    'K-1-aa5328982058'
    """
    keys = table.select(pl.concat_str("case_id", "known_by", "rule", separator="\x1f")).to_series()
    digests = [blake2b(key, digest_size=6).hexdigest() for key in keys.cast(pl.Binary).to_list()]
    return (table["case_id"] + "-" + pl.Series(digests, dtype=pl.String)).alias("decision_id")
