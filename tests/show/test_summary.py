"""Figures and the printed summary."""

from __future__ import annotations

import pytest

from nikdedup.show import figures
from nikdedup.show.notebook import result_html
from nikdedup.show.summary import aligned, summary_text


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
    assert run.health[1].text(lang) in text
    assert max(map(len, text.splitlines())) <= 100


def test_summary_prints_on_an_office_console(run):
    for lang in ("id", "en"):
        summary_text(run, lang).encode("cp1252")


def test_summary_lists_kinds_in_order_with_those_without_a_kind_last(run):
    run.counts.decisions = sum(run.counts.kinds.values()) + 7
    rows = figures.kinds(run, "en").rows
    assert [row[0][0] for row in rows[:-1]] == list("ABCDEF")
    assert rows[-1][:2] == ("no kind yet (to be reviewed)", "7")


def test_totals_add_up(run):
    for table in (figures.actions(run, "en"), figures.relations(run, "en"), figures.verdicts(run, "en")):
        parts = [int(row[1].replace(",", "")) for row in table.rows]
        assert sum(parts) == int(table.total[1].replace(",", ""))


def test_without_recording_status_the_summary_says_so(run):
    run.counts.coverage = None
    assert "tidak dapat dihitung" in summary_text(run, "id")


def test_extract_without_duplicates_has_no_empty_tables(run):
    run.counts.kinds, run.counts.actions, run.counts.decisions, run.health = {}, {}, 0, []
    assert "Usulan tindakan" not in summary_text(run, "id")


def test_aligned_columns_end_together(run):
    lines = aligned(figures.actions(run, "id"))
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize("lang", ["id", "en"])
def test_notebook_view_escapes_and_has_no_script(run, lang):
    setattr(run.health[1], f"text_{lang}", "<script>alert(1)</script>")
    html = result_html(run, lang=lang)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert figures.actions(run, lang).rows[1][1] in html
