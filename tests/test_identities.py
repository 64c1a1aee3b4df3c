"""Ids of decisions and cases name the same records whatever other rows come, go, are sorted, or lie in other files."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nikdedup import Result, dedupe, generate

DAY = {"reference_date": "2026-06-30", "threads": 1}
SLOW = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)

WHO = (0, 1, 2, 3, 5, 8, 9)
"""Places of the cells that say who a record is: NIK, card, name, sex, birth, mother, father."""

Record = tuple[str, ...]
Cases = dict[str, list[tuple[Record, str, str]]]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """500 residents of the hard profile; of some, complete copies, copies of another status, and broken NIKs."""
    path = tmp_path_factory.mktemp("hard") / "all.parquet"
    generate(path, rows=500, seed=34, profile="hard")
    frame = pl.read_parquet(path).cast(pl.String)
    copies = frame[10:40].with_columns(EKTP_STATUS=pl.lit("BELUM REKAM"))
    broken = frame[60:70].with_columns(pl.col("NIK").str.slice(0, 15))
    return pl.concat([frame, frame[0:20], copies, broken])


def decided(result: Result, order: pl.DataFrame) -> Cases:
    """Return case id -> (record as it came, rule, what is decided). order: the rows as they were given."""
    cells = [tuple(cell or "" for cell in row) for row in order.iter_rows()]
    cases: Cases = {}
    found = result.decisions.select("case_id", "row", "rule", "decision_id", "kind", "action")
    for case, row, rule, *told in found.iter_rows():
        cases.setdefault(case, []).append((cells[row], rule, ",".join(map(str, told))))
    return {case: sorted(found) for case, found in cases.items()}


def people(found: list[tuple[Record, str, str]]) -> list[Record]:
    """Return who the records of a case are, whatever their other cells say."""
    return sorted(tuple(record[at] for at in WHO) for record, _, _ in found)


def assert_ids_stay(before: Cases, after: Cases) -> int:
    """Hold two runs against each other; return how many cases are in both as they were.

    Two inputs may hold one resident: where one copy is left out, the other stands for the same person.
    """
    for case in before.keys() & after.keys():
        assert people(before[case]) == people(after[case]), "an id names other people"
    ruled = [
        {tuple(one[:2] for one in found): case for case, found in cases.items()} for cases in (before, after)
    ]
    both = ruled[0].keys() & ruled[1].keys()
    for told in both:
        old, new = ruled[0][told], ruled[1][told]
        assert (old, before[old]) == (new, after[new]), "a case or a decision is called otherwise"
    return len(both)


def shuffled(frame: pl.DataFrame, seed: int, away: int = 0) -> pl.DataFrame:
    """Return the rows in another order, `away` of them left out."""
    return frame[random.Random(seed).sample(range(len(frame)), len(frame) - away)]


@SLOW
@given(
    seed=st.integers(0, 10**6),
    away=st.integers(0, 60),
    files=st.integers(1, 3),
    suffix=st.sampled_from(["parquet", "csv"]),
)
def test_rows_that_go_or_are_sorted_or_split_leave_ids_as_they_are(
    seed: int,
    away: int,
    files: int,
    suffix: str,
    rows: pl.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    before = decided(dedupe(rows, **DAY), rows)
    order = shuffled(rows, seed, away)
    data: Any = order
    if files > 1:
        data = tmp_path_factory.mktemp("parts")
        for part in range(files):
            piece = order[part * len(order) // files : (part + 1) * len(order) // files]
            write = piece.write_csv if suffix == "csv" else piece.write_parquet
            write(data / f"{part}.{suffix}")
    after = decided(dedupe(data, **DAY), order)
    assert assert_ids_stay(before, after) > (len(before) * 3 // 4 if away < 10 else 0)


@SLOW
@given(seed=st.integers(0, 10**6), away=st.integers(0, 20))
@pytest.mark.parametrize("way", ["link", "overlap", "record_id"])
def test_ids_stay_across_inputs_and_with_record_ids(
    way: str, seed: int, away: int, rows: pl.DataFrame
) -> None:
    with_ids = rows.with_columns(ID=pl.format("R{}", pl.int_range(pl.len())))

    def run(register: pl.DataFrame, others: pl.DataFrame) -> Cases:
        order = pl.concat([register, others])
        if way == "link":
            return decided(dedupe(link=(register, others), **DAY), order)
        if way == "overlap":
            return decided(dedupe([register, others], **DAY), order)
        return decided(dedupe(order, record_id="ID", **DAY), order)

    table = with_ids if way == "record_id" else rows
    # An office sends its register, and a list drawn from it that knows less of the recording.
    register, others = table[:450], table[300:].with_columns(EKTP_STATUS=pl.lit("BELUM REKAM"))
    others = others[150:] if way == "record_id" else others
    before, after = run(register, others), run(shuffled(register, seed, away), shuffled(others, seed + 1))
    assert assert_ids_stay(before, after) > (len(before) // 2 if away < 5 else 0)
    if way == "record_id":
        keys = dedupe(register, record_id="ID", **DAY).decisions.select("record_id", "record_key")
        assert keys["record_id"].equals(keys["record_key"].alias("record_id"))


def test_the_copies_of_a_second_list_leave_the_cases_of_the_register_as_they_are(rows: pl.DataFrame) -> None:
    register = rows[:500]
    copies = register[100:400].with_columns(EKTP_STATUS=pl.lit("BELUM REKAM"))
    alone = decided(dedupe(register, **DAY), register)
    called = {case: people(found) for case, found in alone.items()}
    for inputs in ([register, copies], [copies, register]):
        result = dedupe(inputs, **DAY)
        both = decided(result, pl.concat(inputs))
        assert {case: people(found) for case, found in both.items()} == called
        keys = ["row", "record_key"]
        assert result.decisions.join(result.residents, on=keys, how="anti").is_empty(), "another row's key"
