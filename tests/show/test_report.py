"""The report: one file, no network, no clock, no identities, the same bytes each time."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from nikdedup import schema
from nikdedup.show import charts, figures
from nikdedup.show.report import kinds_by_action, report_html, weight_counts


class _Balance(HTMLParser):
    VOID = ("meta", "br", "input", "hr", "img")

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", ["id", "en"])
def test_report_is_one_wellformed_page_without_network(run, pairs, decisions, lang):
    html = report_html(run, pairs, decisions, lang)
    reader = _Balance()
    reader.feed(html)
    assert reader.open == []
    assert f'<html lang="{lang}">' in html
    addresses = set(re.findall(r"https?://[^\"' <]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<script|<link|<iframe|@import|url\(http", html)


@pytest.mark.parametrize(
    "heading",
    [
        "Jenis data ganda",
        "Usulan tindakan",
        "Seberapa yakin",
        "Mutu data",
        "Pemeriksaan kewajaran",
        "Cara membaca",
    ],
)
def test_report_has_every_section(run, pairs, decisions, heading):
    assert heading in report_html(run, pairs, decisions, "id")


def test_report_shows_figures_decoys_thresholds_and_skipped(run, pairs, decisions):
    html = report_html(run, pairs, decisions, "id")
    for text in ("96,44% → 97,77%", "0,034%", "12,0 menjadi 13,5", "1.912.340", "1.200", "Digit ke-16 NIK"):
        assert text in html, text


def test_same_run_gives_same_bytes_and_timing_does_not_show(run, pairs, decisions):
    first = report_html(run, pairs, decisions, "id")
    run["timing"] = {"total": {"seconds": 99.125}}
    assert report_html(run, pairs, decisions, "id") == first
    assert report_html(run, pairs, decisions, "en") != first


def test_report_holds_no_identity(run, pairs, decisions, residents):
    html = report_html(run, pairs, decisions, "id")
    for column in ("nik", "no_kk", "nama_lgkp", "alamat"):
        assert not any(value in html for value in residents[column])
    assert not re.search(r"\d{16}", re.sub(r"<code>[0-9a-f]{64}</code>", "", html))


def test_foreign_text_is_escaped(run, pairs, decisions):
    run["input"]["sources"][0]["file"] = "<img src=x onerror=alert(1)>.csv"
    html = report_html(run, pairs, decisions, "id")
    assert "<img" not in html


def test_report_has_its_charts_and_the_figures_behind_them(run, pairs, decisions):
    html = report_html(run, pairs, decisions, "id")
    assert html.count("<svg") == 2
    assert "Bobot mulai" in html


def test_no_text_names_a_package_that_is_on_no_index():
    """Whoever wants nikdedup installs a clone: `pip install nikdedup` finds nothing."""
    root = Path(__file__).parents[2]
    shipped = [path for path in (root / "src").rglob("*") if path.suffix in (".py", ".toml", ".j2")]
    told = [*shipped, *root.glob("*.md"), *(root / "examples").glob("*"), root / "Makefile"]
    assert [
        path.name for path in told if re.search(r"install [^\n]*\bnikdedup\b", path.read_text("utf-8"))
    ] == []


def test_minimal_run_still_reports(run, decisions):
    run["counts"]["coverage"] = None
    for name in ("thresholds", "decoys", "histogram", "weights", "levels", "prior_log2", "health"):
        del run[name]
    run["passes"] = []
    html = report_html(run, schema.empty(schema.PAIRS), schema.empty(schema.DECISIONS), "en")
    assert "Coverage cannot be computed" in html
    assert "shipped threshold was used" in html


def test_kinds_by_action_totals(decisions):
    table = kinds_by_action(decisions, "en")
    assert table.headers == ("Action", "C", "–", "Total")
    assert table.total == ("Total", "3", "1", "4")


def test_weight_counts_keep_every_pair_in_its_step(pairs):
    found = weight_counts(pairs.with_columns(weight_log2=pl.Series([-0.5, 0.0, 3.9, 4.0])))
    assert found == {"edges": [-2.0, 0.0, 2.0, 4.0, 6.0], "counts": [1, 1, 1, 1]}


def test_charts_are_stable_localised_and_numbered_apart(run):
    first, second = charts.weight_histogram(run, "id"), charts.weight_histogram(run, "id")
    assert first == second
    bars = charts.coverage_bars(*figures.coverage(run), "id")
    assert "96,44%" in bars
    ids = re.findall(r'\bid="([^"]+)"', first + bars)
    assert len(ids) == len(set(ids))


def test_ids_of_vega_do_not_depend_on_how_many_charts_came_before():
    svg = '<svg width="10" height="5"><clipPath id="clip{n}"/><g clip-path="url(#clip{n})"/></svg>'
    assert charts._stable(svg.replace("{n}", "7")) == charts._stable(svg.replace("{n}", "12"))
    assert "url(#c" in charts._stable(svg.replace("{n}", "7"))


def test_importing_the_room_loads_no_heavy_module():
    import subprocess

    code = (
        "import sys;"
        "from nikdedup.show import charts, explain, explain_person, notebook, report, summary, workbook;"
        "heavy = {'altair','vl_convert','xlsxwriter','pandas','scipy','jinja2'} & set(sys.modules);"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
