"""Which dates decoys are taken from: many enough in extracts of any size, whatever the order of the records."""

from __future__ import annotations

import numpy as np
import pytest

from nikdedup.match.decoys.by_date import BUDGET, DATES, Share, asking, shares
from tests.match.registry import evidence, nik

DAYS = 25_000


def dates(records: int) -> np.ndarray:
    """Return the birth dates of so many records, spread over as many days as people live."""
    return (np.arange(records, dtype=np.int64) * 7_919 % DAYS).astype(np.int32)


@pytest.mark.parametrize("records", [100_000, 1_000_000, 10_000_000, 30_000_000])
def test_hundreds_of_dates_take_part_in_extracts_of_any_size(records):
    share = Share.of(dates(records), records)
    assert share.dates * DAYS >= 300
    pairs = (records / DAYS) ** 2 * DAYS * share.dates * share.records
    assert pairs <= max(BUDGET, records / 4) * 1.01
    assert share.one == pytest.approx(1 / 5 / (share.dates * share.records))


def test_all_dates_of_a_small_extract_take_part():
    assert Share.of(dates(2_000), 2_000) == Share(1.0, 1.0)
    assert Share.of(np.empty(0, np.int32), 10).records == 1.0


def test_the_dates_are_scattered_not_the_first_ones():
    """A large extract of a thousand dates: about DATES of them, from all over."""
    people = [{"name": "BUDI", "born": str(np.datetime64("1970-01-02") + day)} for day in range(1_000)]
    e = evidence(*people)
    some = Share(DATES / 1_000, 1.0)
    rows = asking(e, (some, some))
    assert 300 <= len(rows) <= 500
    assert (np.bincount(rows // 100, minlength=10) > 10).all()


def test_who_asks_does_not_depend_on_the_order():
    people = [
        {"name": f"{name} {second}", "born": "1980-03-17", "nik": nik("1980-03-17", 9001 + 10 * i + k)}
        for i, name in enumerate(("BUDI", "SITI", "AGUS", "RINA", "JOKO", "DEWI", "ARIF", "LINA"))
        for k, second in enumerate(("WIBOWO", "LESTARI", "KUDRAT", "NARANG", "BAJIK"))
    ]
    half = Share(1.0, 0.5)
    e, turned = evidence(*people), evidence(*people[::-1])
    names = {people[row]["name"] for row in asking(e, (half, half))}
    assert names == {people[::-1][row]["name"] for row in asking(turned, (half, half))}
    assert 5 <= len(names) <= 35
    assert shares(e) == shares(turned)
