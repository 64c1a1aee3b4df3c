"""The parts of the report: what they count agrees with the run, everything is masked, the commands exist."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import pairwise

import polars as pl
import pytest

from nikdedup import cli, schema
from nikdedup.publish import DecoysFound
from nikdedup.show import figures, numbers, page
from nikdedup.show.page.desk import HEIGHT, PACE, WIDTH
from nikdedup.show.page.examples import MOST
from nikdedup.show.page.faults import SHADES
from nikdedup.show.plots import desk
from nikdedup.show.report import report_html
from nikdedup.show.texts import say
from tests.show.page.conftest import LANGS


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_shows_nobody(html, found, lang):
    """NIKs, cards, words of names and addresses, days of birth: in part, as initials, as years, not at all."""
    text = html[lang].upper()
    residents = found.residents
    for column in ("nik", "no_kk"):
        told = [value for value in residents[column].drop_nulls() if len(value) > 8]
        assert [value for value in told if value in text or value[6:14] in text] == []
    words = {
        word
        for column in ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah", "alamat")
        for value in residents[column].drop_nulls()
        for word in re.findall(r"[A-Z]{5,}", value.upper())
    }
    shown = {
        word for part in found.residents["kec_name"].drop_nulls().unique() for word in part.upper().split()
    }
    fixed = set(re.findall(r"[A-Z]{5,}", report_html(found.record, found.decisions, lang).upper()))
    examples = "".join(re.findall(r'<div class="example">.*?</div>', html[lang], re.DOTALL))
    places = {
        word for place in found.residents["tmpt_lhr"].drop_nulls().unique() for word in place.upper().split()
    }
    reasons = {
        word
        for told in found.decisions[f"reasons_{lang}"].drop_nulls()
        for word in re.findall(r"[A-Z]{5,}", told.upper())
    }
    assert words & set(re.findall(r"[A-Z]{5,}", examples.upper())) - shown - fixed - places - reasons == set()
    days = {f"{day}" for day in residents["tgl_lhr_clean"].drop_nulls()} | {
        f"{day:%d-%m-%Y}" for day in residents["tgl_lhr_clean"].drop_nulls()
    }
    assert [day for day in days if day in text] == []


def test_each_kind_has_its_examples_with_differences_and_reason(found):
    told = page.examples_by_kind(found.scanned, found.decisions, found.record, "id")
    with_other = found.decisions.filter(pl.col("other_row").is_not_null())
    assert [name[0] for name, _ in told] == [k for k in schema.KINDS if (with_other["kind"] == k).any()]
    for name, pairs in told:
        cases = with_other.filter(kind=name[0])["case_id"].n_unique()
        assert len(pairs) == min(MOST, cases)
        assert len({(pair.row_a, pair.row_b) for pair in pairs}) == len(pairs)
        for pair in pairs:
            decision = found.decisions.filter(row=pair.row_a).row(0, named=True)
            assert (decision["kind"], decision["other_row"]) == (name[0], pair.row_b)
            assert pair.reason
            sides = found.residents.filter(pl.col("row").is_in([pair.row_a, pair.row_b]))
            differs = {line.name: line.differs for line in pair.lines}
            assert differs[say("part.nik", "id")] == (sides["nik_clean"].fill_null("").n_unique() == 2)
            assert differs[say("page.recorded", "id")] == (sides["recorded"].n_unique() == 2)
    kinds = dict(told)
    same_nik = [
        line
        for name in kinds
        if name[0] in "AD"
        for pair in kinds[name]
        for line in pair.lines
        if line.name == "NIK"
    ]
    assert same_nik
    assert not any(line.differs for line in same_nik)


def test_examples_do_not_depend_on_the_order_of_the_decisions(found):
    told = page.examples_by_kind(found.scanned, found.decisions, found.record, "en")
    assert page.examples_by_kind(found.scanned, found.decisions.reverse(), found.record, "en") == told


def test_the_bridge_says_the_same_shares_as_the_table_below_it(found, seen):
    steps = {step.name: step for step in page.bridge_steps(seen.coverage, "id")}
    before, after = figures.coverage(found.record).sides
    for name, side in (("before", before), ("after", after)):
        assert steps[say(f"word.{name}", "id")].figure == numbers.percent(side.share, "id", floor=True)
    assert say("page.bridge_all", "id") in steps, "the generated extract has dead and moved"
    needed = numbers.integer(after.missing_to_target, "id")
    assert f"({needed})" in steps[say("plot.to_record", "id")].figure
    assert all(
        step.left >= 0 and step.left + step.width <= 1000 and step.width > 0 for step in steps.values()
    )
    assert len({step.target for step in steps.values()}) == 1


def test_kecamatan_add_up_to_the_extract_and_the_one_with_most_left_to_do_stands_first(found, seen):
    table = page.areas_of(seen, found.decisions, {}, "en")
    columns = list(zip(*(cells for _, cells in table.rows), strict=True))
    by = dict(zip(table.headers[1:], ([value for _, value in column] for column in columns), strict=True))
    assert sum(by["Records"]) == found.record.counts.records
    assert sum(by["Proposals"]) == found.record.counts.decisions
    assert sum(by["Must hold a KTP"]) == seen.coverage.before.due
    assert by["Still missing"] == sorted(by["Still missing"], reverse=True)
    assert table.more == 0


def test_without_coverage_kecamatan_are_listed_by_what_is_proposed(found, seen):
    table = page.areas_of(page.Seen(residents=seen.residents), found.decisions, {}, "en")
    assert table.headers[1:] == ("Records", "Proposals")
    proposals = [cells[1][1] for _, cells in table.rows]
    assert proposals == sorted(proposals, reverse=True)


def test_an_extract_of_many_kecamatan_shows_the_first_and_says_how_many_more(found):
    codes = [f"62{at:04}2001" for at in range(900)]
    columns = {"row": range(900), "flags": [[]] * 900, "wilayah_clean": codes}
    many = pl.DataFrame(columns, schema_overrides={"flags": pl.List(pl.String)})
    table = page.areas_of(page.Seen(residents=many.lazy()), schema.empty(schema.DECISIONS), {}, "id")
    assert (len(table.rows), table.more) == (300, 600)


def test_the_heat_map_shades_by_what_is_in_it(found):
    table = page.heat_map(found.scanned, "en")
    assert len(table.headers) == 1 + len(table.rows[0][1])
    cells = [cell for _, row in table.rows for cell in row]
    assert all((text == "0") == (shade == 0) for text, shade in cells)
    assert max(shade for _, shade in cells) == SHADES
    assert not page.heat_map(None, "en")


def test_the_desk_holds_the_numbers_of_the_run_and_its_picture_stays_inside(found):
    told = page.desk_of(found.record, found.pairs, "en")
    rows = desk(found.record, found.pairs.filter(pl.col("band").is_not_null()), PACE)
    data = json.loads(told.data)
    assert data["at"][data["now"]] == found.record.thresholds.confirmed_log2
    assert data["review"] == [row["review"] for row in rows]
    assert told.figures["joined"] == numbers.integer(rows[told.now]["joined"], "en")
    assert told.figures["moved"] == "0"
    assert told.x == data["x"][told.now]
    for curve in told.curves:
        points = [tuple(map(float, point.split(","))) for point in f"{curve.line} {curve.band}".split()]
        assert all(0 <= x <= WIDTH and -0.1 <= y <= HEIGHT for x, y in points)
    assert page.desk_of(found.record, schema.empty(schema.PAIRS), "en") is None


def test_the_desk_says_what_decoys_expect_where_they_were_enough(found):
    curve = {
        "from_log2": -2.0,
        "step_log2": 0.5,
        "false_matches": [9.0] * 40,
        "low": [4.0] * 40,
        "high": [16.0] * 40,
    }
    measured = {
        "status": "measured",
        "false_match_rate": 0.001,
        "low": 0.0,
        "high": 0.004,
        "by_weight": curve,
    }
    record = found.record.model_copy(update={"decoys": DecoysFound.model_validate(measured)})
    told = page.desk_of(record, found.pairs, "en")
    assert told.figures["decoys"] == "9.0 (4 to 16)"
    data = json.loads(told.data)
    assert [at for at, n in zip(data["at"], data["decoys"], strict=True) if n is None] == [
        at for at in data["at"] if at < -2
    ]
    few = found.record.model_copy(
        update={"decoys": DecoysFound.model_validate(measured | {"status": "not_measurable"})}
    )
    assert page.desk_of(few, found.pairs, "en").figures["decoys"] == numbers.NONE


@pytest.mark.parametrize("lang", LANGS)
def test_what_to_do_next_is_three_steps_whose_commands_exist(lang, capsys):
    steps = page.next_steps(lang)
    assert len(steps) == 3
    for step in steps:
        for line in step.command.splitlines():
            program, verb, *rest = line.split()
            assert program == "nikdedup"
            assert cli.code_of([verb, "--help"]) == 0
            told = capsys.readouterr().out
            assert [word for word in rest if word.startswith("--") and word not in told] == []
            assert "{" not in line
    assert "{" not in page.places_note(lang)
    read = steps[2].command.splitlines()[0].split()
    assert read[3].endswith("/*.xlsx"), "worklist.json and worklist.parquet are no answers"
    assert read[read.index("--lists") + 1] == steps[1].command.split()[-3]


@pytest.mark.parametrize(
    ("people", "target", "said"),
    [
        (100, 0.992, "nobody was found twice"),
        (90, 0.992, "10 more than there are people"),
        (90, 0.5, "has reached the target"),
    ],
)
def test_the_headline_says_what_was_found(run, people, target, said):
    run.counts.records, run.counts.people = 100, people
    for side in figures.coverage(run).sides:
        side.missing_to_target = 0 if target == 0.5 else 5
    run.counts.coverage.target = target
    told = page.headline_sentence(run, "en")
    assert said in told
    assert told.endswith(".")
    assert "{" not in told
    run.counts.coverage = None
    assert "coverage" not in page.headline_sentence(run, "en")


def test_headings_go_down_one_step_at_a_time(html):
    for text in html.values():
        levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_figures_have_a_text_beside_them(html):
    for text in html.values():
        pictures = re.findall(r"<svg[^>]*>", text)
        assert pictures
        assert all('aria-hidden="true"' in picture for picture in pictures), "and are not read mark by mark"
        told = re.findall(r'role="img" aria-label="([^"]+)"', text)
        assert len(told) == text.count("<figure")
        assert all(len(unescape(one)) > 30 for one in told)


def test_the_page_is_small(html):
    assert max(len(text.encode()) for text in html.values()) < 1_500_000
