"""The first record of many units at once is the one that sorting each unit by itself puts first."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.schema import USABLE_NIK
from nikdedup.settle.facts import ORDER_KEYS
from nikdedup.settle.policy import load_policy
from nikdedup.settle.survivors import survivors
from tests.settle.household import record, residents_of

POLICY = load_policy()
RULES = {rule.name: rule for rule in POLICY.rules if rule.order and "record_key" not in rule.order}
"""Rules by which records can be as good as each other."""
DAYS = (None, date(2012, 1, 1), date(2018, 1, 1))

MEMBER = st.fixed_dictionaries({
    "unit": st.integers(0, 2),
    "nik": st.sampled_from(["6212010107809001", "6212010107809003", None]),
    "verdict": st.sampled_from(["valid", "invalid", "missing"]),
    "class": st.sampled_from(["captured", "unique"]),
    "recorded_on": st.sampled_from(DAYS),
    "changed": st.sampled_from(DAYS),
})  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(
    st.lists(MEMBER, min_size=1, max_size=10),
    st.lists(st.sampled_from(sorted(RULES)), min_size=3, max_size=3),
    st.randoms(use_true_random=False),
)
def test_the_first_of_each_unit(members, rules, rng):
    units = [one.pop("unit") for one in members]
    places = rng.sample(range(1, len(members) + 1), len(members))
    table = residents_of([record(row, **facts) for row, facts in enumerate(members)])
    table = table.with_columns(
        pl.Series("unit", [f"p{unit}" for unit in units]), pl.Series("rule", [rules[unit] for unit in units]),
        pl.Series("key_order", places),
    ).sort("unit", "row")  # fmt: skip
    found = survivors(table, POLICY).sort("unit")
    assert found.rows(named=True) == [_first(rows) for rows in table.partition_by("unit")]


def _first(unit: pl.DataFrame) -> dict[str, object]:
    rule = RULES[unit["rule"][0]]
    keys = unit.select(ORDER_KEYS[key].alias(key) for key in dict.fromkeys(POLICY.order_keys(rule)))
    lines = []
    for row, key in zip(unit.iter_rows(named=True), keys.iter_rows(named=True), strict=True):
        whole = row["nik_verdict"] in USABLE_NIK and row["nik_clean"] is not None
        sound = whole or row["nik_verdict"] in ("temporary", "missing")
        rank = (not sound, *(_last_where_null(key[name]) for name in POLICY.order_keys(rule)))
        stays = row["nik_clean"] if whole and rule.same_nik == "settle" else row["row"]
        lines.append((rank, row["key_order"], stays, row))
    rank, _, stays, best = min(lines, key=lambda line: line[:2])
    tied = any(line[0] == rank and line[2] != stays for line in lines)
    return {
        "unit": best["unit"], "tied": tied, "best_row": best["row"],
        "best_nik": best["nik_clean"], "best_kk": best["no_kk_clean"],
    }  # fmt: skip


def _last_where_null(value: int | None) -> tuple[bool, int]:
    return value is None, -(value or 0)
