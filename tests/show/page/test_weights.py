"""The bars of pairs by weight on the page."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.publish import Histogram, RunRecord
from nikdedup.show.page import weight_bars
from nikdedup.show.page.weights import HEIGHT, LETTERS, TICKS
from tests.breaking import RECORD

A_TELEPHONE = 280
"""Pixels that the bars have on a telephone."""


def run_of(counts: list[int], first: float = -3.0, review: float = -1.0, confirmed: float = 1.0) -> RunRecord:
    edges = [first + at for at in range(len(counts) + 1)]
    limits = {"review_log2": review, "confirmed_log2": confirmed, "shipped_confirmed_log2": confirmed}
    return RunRecord.model_validate(
        RECORD | {"histogram": {"edges": edges, "counts": counts}, "thresholds": limits}
    )


def test_each_interval_is_a_bar_in_the_colour_of_its_zone() -> None:
    found = weight_bars(run_of([0, 5, 0, 20, 0, 7]), "en")
    assert found is not None
    assert [bar.zone for bar in found.bars] == ["below", "review", "review", "confirmed", "confirmed"]
    assert [(bar.x, bar.width) for bar in found.bars[:2]] == [("0.00", "20.00"), ("20.00", "20.00")]
    assert [float(bar.height) > 0 for bar in found.bars] == [True, False, True, False, True]
    assert found.bars[2].height == f"{HEIGHT:.1f}"
    assert all(float(bar.top) + float(bar.height) == pytest.approx(HEIGHT) for bar in found.bars)
    assert dict(found.zones).keys() == {"below", "review", "confirmed"}
    assert found.thresholds == (("20.00", "−1.0", "start"), ("60.00", "1.0", "end"))


def test_a_zone_or_threshold_that_is_not_there_is_not_shown() -> None:
    found = weight_bars(run_of([3, 4], first=5.0), "id")
    assert found is not None
    assert [zone for zone, _ in found.zones] == ["confirmed"]
    assert found.thresholds == ()


def test_without_pairs_there_are_no_bars() -> None:
    run = run_of([0, 0])
    assert weight_bars(run, "id") is None
    run.histogram = Histogram()
    assert weight_bars(run, "id") is None


@given(
    st.lists(st.integers(0, 10**8), min_size=1, max_size=120).filter(any),
    st.floats(-90, 90, allow_nan=False),
)
def test_labels_do_not_touch(counts: list[int], first: float) -> None:
    """Letters are 6.5 pixels broad; a label of the heights needs its line."""
    found = weight_bars(run_of(counts, first=first), "id")
    assert found is not None
    heights = [float(y) for y, _ in found.heights]
    assert all(below - above >= LETTERS - 0.1 for below, above in pairwise(heights))
    assert len(found.weights) <= TICKS
    ends = [
        (float(x) / 100 * A_TELEPHONE - 3.25 * len(text), float(x) / 100 * A_TELEPHONE + 3.25 * len(text))
        for x, text in found.weights
    ]
    assert all(left[1] < right[0] for left, right in pairwise(ends))
