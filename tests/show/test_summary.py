"""Figures and the printed summary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.show import figures
from nikdedup.show.figures import Coverage
from nikdedup.show.notebook import result_html
from nikdedup.show.summary import aligned, summary_text


@pytest.mark.parametrize(
    ("wajib", "recorded", "target", "missing"),
    [
        pytest.param(1000, 992, 0.992, 0, id="exactly reached"),
        pytest.param(1000, 991, 0.992, 1, id="one missing"),
        pytest.param(1001, 992, 0.992, 1, id="rounded up"),
        pytest.param(1000, 1000, 0.992, 0, id="above is not negative"),
        pytest.param(0, 0, 0.992, 0, id="nobody must"),
    ],
)
def test_missing_to_target(wajib, recorded, target, missing):
    assert Coverage(wajib, recorded, target).missing == missing


@given(st.integers(1, 10**7), st.integers(0, 10**7), st.floats(0.5, 1))
def test_missing_is_the_smallest_number_that_reaches_the_target(wajib, recorded, target):
    side = Coverage(wajib, recorded, target)
    assert recorded + side.missing >= target * wajib - 1e-5
    assert side.missing == 0 or recorded + side.missing - 1 < target * wajib + 1e-5


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "id",
            [
                "keadaan 30-06-2026",
                "100.000",
                "C · satu orang, beberapa NIK",
                "1.870",
                "96,44%",
                "97,77%",
                "1.028",
            ],
        ),
        (
            "en",
            [
                "as of 2026-06-30",
                "100,000",
                "C · one person, several NIKs",
                "1,870",
                "96.44%",
                "97.77%",
                "1,028",
            ],
        ),
    ],
    ids=["id", "en"],
)
def test_summary_says_what_was_found(run, lang, expected):
    text = summary_text(run, lang)
    assert all(part in text for part in expected)
    assert run["health"][1][f"text_{lang}"] in text
    assert max(map(len, text.splitlines())) <= 100


def test_summary_prints_on_an_office_console(run):
    for lang in ("id", "en"):
        summary_text(run, lang).encode("cp1252")


def test_summary_lists_kinds_in_order_with_those_without_a_kind_last(run):
    run["counts"]["decisions"] = sum(run["counts"]["kinds"].values()) + 7
    rows = figures.kinds(run, "en").rows
    assert [row[0][0] for row in rows[:-1]] == list("ABCDEF")
    assert rows[-1][:2] == ("no kind yet (to be reviewed)", "7")


def test_totals_add_up(run):
    for table in (figures.actions(run, "en"), figures.relations(run, "en"), figures.verdicts(run, "en")):
        parts = [int(row[1].replace(",", "")) for row in table.rows]
        assert sum(parts) == int(table.total[1].replace(",", ""))


def test_without_recording_status_the_summary_says_so(run):
    run["counts"]["coverage"] = None
    assert "tidak dapat dihitung" in summary_text(run, "id")


def test_extract_without_duplicates_has_no_empty_tables(run):
    run["counts"] |= {"kinds": {}, "actions": {}, "decisions": 0}
    run["health"] = []
    assert "Usulan tindakan" not in summary_text(run, "id")


def test_aligned_columns_end_together(run):
    lines = aligned(figures.actions(run, "id"))
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize("lang", ["id", "en"])
def test_notebook_view_escapes_and_has_no_script(run, lang):
    run["health"][1][f"text_{lang}"] = "<script>alert(1)</script>"
    html = result_html(run, lang=lang)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert figures.actions(run, lang).rows[1][1] in html
