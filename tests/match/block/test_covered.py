"""Which share of the records a pass compares with all others of their block."""

from __future__ import annotations

import pytest

from tests.match.registry import evidence, found_in


@pytest.mark.parametrize(("together", "covered"), [(5, 1.0), (12, 0.4)])
def test_records_of_blocks_above_the_budget_are_not_covered(together, covered):
    crowd = [{"name": f"BUDI {chr(65 + i)}", "born": "1980-03-17", "sex": "L"} for i in range(together)]
    alone = [{"name": "SITI", "born": f"1991-02-{day:02d}", "sex": "P"} for day in range(1, 9)]
    passes = {one.name: one for one in found_in(evidence(*crowd, *alone), max_block=10).passes}
    assert passes["birth_sex"].covered == pytest.approx(covered)
    assert passes["birth_sex"].as_dict()["covered"] == passes["birth_sex"].covered
