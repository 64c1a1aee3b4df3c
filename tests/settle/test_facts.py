"""Facts are counted by numbers of units; a plain count, unit by unit, must say the same."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.settle.facts import FACTS, PAIR_FACTS, RECORD_FACTS, undamaged, unit_facts
from tests.settle.household import record

UNITS = ("p1", "p2", "nA", "r7")
NIKS = ("6212010107809001", "6212010107809003", None)

MEMBER = st.fixed_dictionaries({
    "unit": st.sampled_from(UNITS),
    "nik": st.sampled_from(NIKS),
    "verdict": st.sampled_from(["valid", "warning", "invalid", "temporary", "missing"]),
    "class": st.sampled_from(["belum", "captured", "failed", "in_dispute", "duplicate", "unique"]),
    "life": st.sampled_from(["alive", "dead", "moved", "inactive", None]),
    "passed_check": st.sampled_from([True, False, None]),
})  # fmt: skip
EDGE = st.fixed_dictionaries({
    "unit": st.sampled_from(UNITS),
    "kind": st.sampled_from(["A", "E", None]),
    "relation": st.sampled_from(["same_person", "twin", None]),
    "split": st.booleans(),
    "cannot_link": st.booleans(),
    "truncated_pair": st.booleans(),
    "level_mother": st.sampled_from([0, 6, None]),
    "birth_evidence": st.sampled_from(["birth_default", "birth_equal", None]),
})  # fmt: skip
EDGES = {
    "unit": pl.String(), "kind": pl.String(), "relation": pl.String(), "split": pl.Boolean(),
    "cannot_link": pl.Boolean(), "truncated_pair": pl.Boolean(), "level_mother": pl.UInt8(),
    "birth_evidence": pl.String(),
}  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(MEMBER, min_size=1, max_size=12), st.lists(EDGE, max_size=8), st.integers(1, 4))
def test_facts_are_what_is_counted_unit_by_unit(members, edges, large):
    rows = [record(row, **facts) for row, facts in enumerate(members)]
    group = [row["nik_clean"] if row["row"] % 3 else "one label" for row in rows]
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.Series("unit", [one["unit"] for one in members]), pl.Series("nik_group", group, pl.String),
        pl.lit(False).alias("in_shared_nik"), pl.col("row").alias("key_order"),
    )  # fmt: skip
    table = table.cast({name: pl.String for name in table.columns if table[name].dtype == pl.Null})
    table = table.cast({"nik_birth": pl.Date, "wajib_ktp_clean": pl.Boolean, "passed_check": pl.Boolean})
    pairs = pl.DataFrame(edges, schema=EDGES).filter(pl.col("unit").is_in(table["unit"].implode()))
    found = unit_facts(table.sort("unit", "row"), pairs, large=large)
    assert found["unit"].to_list() == sorted(set(table["unit"]))
    assert found.columns == ["unit", *FACTS]
    for line in found.iter_rows(named=True):
        here = table.filter(pl.col("unit") == line["unit"])
        links = pairs.filter(pl.col("unit") == line["unit"])
        plain = {name: here.select(fact.fill_null(False).sum()).item() for name, fact in RECORD_FACTS.items()}
        plain |= {name: links.select(fact.fill_null(False).sum()).item() for name, fact in PAIR_FACTS.items()}
        real = here.filter(undamaged)
        plain["undamaged_niks"] = real["nik_clean"].n_unique()
        plain["passed_niks"] = real.filter(pl.col("passed_check").fill_null(False))["nik_group"].n_unique()
        plain |= {"records": len(here), "large": int(len(here) > large)}
        assert line == {"unit": line["unit"], **plain}
