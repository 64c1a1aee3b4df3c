"""The report: one file, no network, no clock, no identities, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from functools import partial
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import ValidationError

from nikdedup import schema
from nikdedup.publish import Coverage, Covered, Histogram, Input
from nikdedup.show import charts, drawing, figures
from nikdedup.show.notebook import result_html
from nikdedup.show.report import kinds_by_action, report_html
from nikdedup.show.summary import summary_text
from nikdedup.show.texts import say
from tests.show.conftest import read_back


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
def test_report_is_one_wellformed_page_without_network(run, decisions, lang):
    html = report_html(run, decisions, lang)
    reader = _Balance()
    reader.feed(html)
    assert reader.open == []
    assert f'<html lang="{lang}">' in html
    addresses = set(re.findall(r"https?://[^\"' <]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<script [^>]*|<link|<iframe|@import|url\(|\bstyle=|\bon[a-z]+=", html)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_policy_of_the_page_lets_its_own_style_and_script_through_and_nothing_else(run, decisions, lang):
    html = report_html(run, decisions, lang)
    policy = dict(
        part.strip().split(" ", 1)
        for part in unescape(re.search(r'Security-Policy" content="([^"]+)"', html)[1]).split(";")
    )
    for kind in ("style", "script"):
        inside = re.findall(f"<{kind}>(.*?)</{kind}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert len(inside) == html.count(f"<{kind}") == 1
        assert policy[f"{kind}-src"] == f"'sha256-{digest}'"
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in html


def test_report_has_every_section(run, decisions):
    html = report_html(run, decisions, "id")
    headings = ("Jenis data ganda", "Usulan tindakan", "Seberapa yakin", "Mutu data", "Pemeriksaan kewajaran")
    assert [one for one in (*headings, "Cara membaca") if one not in html] == []


def test_report_shows_figures_decoys_thresholds_and_skipped(run, decisions):
    html = report_html(run, decisions, "id")
    for text in ("96,44% → 97,77%", "0,034%", "12,0 menjadi 13,5", "1.912.340", "1.200", "Digit ke-16 NIK"):
        assert text in html, text


def test_same_run_gives_same_bytes(run, decisions):
    first = report_html(run, decisions, "id")
    assert report_html(run, decisions, "id") == first
    assert report_html(run, decisions, "en") != first


def test_report_holds_no_identity(run, decisions, residents):
    html = report_html(run, decisions, "id")
    for column in ("nik", "no_kk", "nama_lgkp", "alamat"):
        assert not any(value in html for value in residents[column])
    assert not re.search(r"\d{16}", re.sub(r"<code>[0-9a-f]{64}</code>", "", html))


def test_foreign_text_is_escaped(run, decisions):
    run.input.sources[0].file = "<img src=x onerror=alert(1)>.csv"
    html = report_html(run, decisions, "id")
    assert "<img" not in html


def test_report_has_its_charts_and_the_figures_behind_them(run, decisions):
    html = report_html(run, decisions, "id")
    assert html.count("<svg") == 4, "coverage for wide pages and for a telephone, weights with their scale"
    assert "Bobot mulai" in html


def width_of(svg):
    return int(re.search(r"max-width:(\d+)px", svg)[1])


@pytest.mark.parametrize("lang", ["id", "en"])
def test_charts_for_a_telephone_are_not_made_smaller_to_fit(run, lang):
    """A page of 390 pixels has 358 for its content; letters of a chart that is scaled down are lost."""
    found = figures.coverage(run)
    draw = partial(charts.coverage_bars, found)
    narrow, wide = (width_of(drawing.svg(draw(lang, narrow=size), lang)) for size in (True, False))
    assert 300 <= narrow <= 358 < wide


def ends_of_labels(svg):
    """Return left and right end of each label of the horizontal axis, at 6.5 pixels a letter."""
    axis = svg.partition('aria-label="X-axis')[2].partition("role-axis-title")[0]
    found = re.findall(r'transform="translate\(([-\d.]+),[-\d.]+\)"[^>]*>([^<]+)</text>', axis)
    anchors = re.findall(r'text-anchor="(\w+)"[^>]*>[^<]+</text>', axis)
    assert set(anchors) == {"middle"}, "a label at the end of the axis must not lean over to the next one"
    return [(float(x) - 3.25 * len(text), float(x) + 3.25 * len(text)) for x, text in found]


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("share", [0.02, 0.71, 0.9425, 1.0])
def test_labels_of_the_coverage_axis_do_not_touch(share, narrow):
    before, after = (
        {"wajib_ktp": n, "recorded": int(share * n), "missing_to_target": 0} for n in (10_000, 9_900)
    )
    found = Coverage(**before, target=0.992, after=Covered(**after))
    ends = ends_of_labels(drawing.svg(charts.coverage_bars(found, "id", narrow=narrow), "id"))
    assert 2 <= len(ends) <= 11
    assert all(left[1] < right[0] for left, right in pairwise(ends))


def test_tables_too_broad_for_a_telephone_are_laid_out_row_by_row(run, decisions):
    broad, slim = figures.passes(run, "id"), figures.kinds(run, "id")
    assert broad.stacks
    assert not slim.stacks
    assert 358 / (16 * broad.cell_rem) >= 2, "at least two figures stand side by side"
    html = report_html(run, decisions, "id")
    body = html[html.index("Cara data dipertemukan") :]
    for header in broad.headers[1:]:
        assert f'data-of="{header}"' in body, "without its header a figure says nothing"


def test_report_of_a_run_without_decisions_pairs_and_status(run):
    run.counts = run.counts.model_copy(
        update={"coverage": None, "kinds": {}, "actions": {}, "relations": {}, "decisions": 0, "records": 1}
    )
    run.histogram = Histogram()
    for lang in ("id", "en"):
        html = report_html(run, schema.empty(schema.DECISIONS), lang)
        assert "<svg" not in html
        assert html.count(say("word.none", lang)) >= 2


LACKING = {
    "unused": [
        {
            "file": "a.csv",
            "sheet": None,
            "header": "KET",
            "column": 7,
            "share": 0.5,
            "may_be": ["ektp_status"],
        },
        {"file": "a.csv", "sheet": None, "header": "•••(9)", "column": 9, "share": 1.0, "may_be": []},
    ],
    "cost": [{"code": "no_status", "rows": 100_000}, {"code": "no_mother", "rows": 250}],
    "how": {"kel_name": ["sheet_name"], "nik": ["header"]},
}


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "id",
            [
                "PERHATIAN",
                "cakupan tidak dapat dihitung",
                "(250 dari 100.000 baris)",
                "'KET'",
                "kolom ke-9 (judulnya",
            ],
        ),
        (
            "en",
            [
                "ATTENTION",
                "coverage cannot be computed",
                "(250 of 100,000 rows)",
                "'KET'",
                "column 9 (its header",
            ],
        ),
    ],
    ids=["id", "en"],
)
def test_what_no_column_told_is_said_loudly_everywhere(run, decisions, lang, said):
    assert say("reading.title", lang) not in report_html(run, decisions, lang)
    run.input = read_back(Input, run.input.model_dump() | LACKING)
    text, page, cell = (
        summary_text(run, lang), report_html(run, decisions, lang), result_html(run, lang=lang),
    )  # fmt: skip
    plain = " ".join(text.split())
    for one in said:
        assert one in plain
        assert one in unescape(page)
    for one in said[1:]:
        assert one in unescape(cell)
    assert page.index(say("reading.title", lang)) < page.index(say("headline.records", lang)), (
        "before any figure"
    )
    assert text.index(say("reading.title", lang)) > text.index(say("report.actions", lang)), (
        "where a screen ends"
    )
    assert max(map(len, text.splitlines())) <= 100
    for shown in (plain, page):
        assert say("reading.told", lang) in shown
        assert say("told.sheet_name", lang, field="KEL_NAME", headers="") in shown


def test_no_text_names_a_package_that_is_on_no_index():
    """Whoever wants nikdedup installs a clone: `pip install nikdedup` finds nothing."""
    root = Path(__file__).parents[2]
    shipped = [path for path in (root / "src").rglob("*") if path.suffix in (".py", ".toml", ".j2")]
    told = [
        *shipped,
        *root.glob("*.md"),
        *(path for path in (root / "examples").rglob("*") if path.suffix != ".pyc" and path.is_file()),
        root / "Makefile",
    ]
    assert [
        path.name for path in told if re.search(r"install [^\n]*\bnikdedup\b", path.read_text("utf-8"))
    ] == []


def test_minimal_run_still_reports(run):
    run.counts.coverage, run.decoys, run.histogram = None, None, Histogram()
    run.weights, run.levels, run.health, run.passes = {}, {}, [], []
    html = report_html(run, schema.empty(schema.DECISIONS), "en")
    assert "Coverage cannot be computed" in html
    assert "shipped threshold was used" in html


def test_kinds_by_action_totals(decisions):
    table = kinds_by_action(decisions, "en")
    assert table.headers == ("Action", "C", "–", "Total")
    assert table.total == ("Total", "3", "1", "4")


def test_charts_are_stable_localised_and_numbered_apart(run):
    first, second = (drawing.svg(charts.coverage_bars(figures.coverage(run), "id"), "id") for _ in range(2))
    assert first == second
    assert "96,44%" in first
    narrow = drawing.svg(charts.coverage_bars(figures.coverage(run), "id", narrow=True), "id")
    ids = re.findall(r'\bid="([^"]+)"', first + narrow)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_charts_are_altair_s_too_with_the_same_picture(run, narrow):
    """altair checks a specification against the schema of Vega-Lite when it reads it."""
    steps = [("start", 0.0, -20.0), ("name", -20.0, -8.0), ("total", 0.0, -8.0)]
    drawn = [
        charts.coverage_bars(figures.coverage(run), "id", narrow=narrow),
        charts.waterfall(steps, run.thresholds.model_dump(), "id"),
    ]
    for spec in drawn:
        read = drawing.altair_chart(spec)
        assert drawing.svg(read.to_dict(), "id") == drawing.svg(spec, "id")
        assert "Judul" in drawing.svg(read.properties(title="Judul").to_dict(), "id")


def test_a_chart_that_vega_lite_does_not_know_is_not_read(run):
    spec = charts.coverage_bars(figures.coverage(run), "id")
    spec["layer"][0]["mark"]["colour"] = "#30353c"
    with pytest.raises(ValidationError):
        drawing.altair_chart(spec)


def test_ids_of_vega_do_not_depend_on_how_many_charts_came_before():
    svg = '<svg width="10" height="5"><clipPath id="clip{n}"/><g clip-path="url(#clip{n})"/></svg>'
    assert drawing._stable(svg.replace("{n}", "7")) == drawing._stable(svg.replace("{n}", "12"))
    assert "url(#c" in drawing._stable(svg.replace("{n}", "7"))


def test_importing_the_room_loads_no_heavy_module():
    import subprocess

    code = (
        "import sys;"
        "from nikdedup.show import charts, drawing, explain, explain_person, notebook, report, summary, workbook;"
        "heavy = {'altair','vl_convert','xlsxwriter','pandas','scipy','jinja2'} & set(sys.modules);"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
