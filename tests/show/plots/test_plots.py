"""result.plot: every picture is whole, small, masked, in both languages, light and dark, and draws itself."""

from __future__ import annotations

import inspect
import io
import itertools
import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import vl_convert

import nikdedup
from nikdedup.errors import ConfigError, InputError
from nikdedup.publish import DecoysFound
from nikdedup.residents import REASONS
from nikdedup.run.plots import Plots
from nikdedup.run.result import Result
from nikdedup.show.plots import Look, picture
from nikdedup.show.plots.look import DARK, LIGHT
from nikdedup.show.plots.quality import COLUMN_OF, NO_FAULT

LANGS = ("id", "en")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return a run of made-up residents."""
    path = tmp_path_factory.mktemp("plots") / "extract.parquet"
    nikdedup.generate(path, rows=1500, seed=1903)
    return nikdedup.dedupe(path, lang="en")


@pytest.fixture(scope="module")
def joined(found: Result) -> tuple[int, int]:
    """Return two records that the run has joined."""
    return found.pairs.filter(band="confirmed").sort("weight_log2", "row_l").row(3)[:2]


@pytest.fixture(scope="module")
def calls(joined: tuple[int, int]) -> dict[str, tuple[Any, ...]]:
    """Return every picture with the arguments it is asked for."""
    return {
        "weights": (),
        "threshold": (),
        "passes": (),
        "waterfall": joined,
        "m_u": (),
        "term_frequencies": ("mother",),
        "completeness": (),
        "coverage": (),
        "quality": (),
        "nik": (joined[0],),
        "family": (joined[1],),
        "person": (joined[0],),
        "missing_evidence": (),
    }


NAMES = (
    "weights", "threshold", "passes", "waterfall", "m_u", "term_frequencies", "completeness", "coverage", "quality",
    "nik", "family", "person", "missing_evidence",
)  # fmt: skip


def test_every_picture_is_tried(calls):
    assert set(calls) == set(NAMES) == {name for name in vars(Plots) if not name.startswith("_")}


def rows_of(spec: Any) -> list[dict[str, Any]]:
    """Return the different rows of data in a specification, in their order."""
    found = {json.dumps(row): row for rows in _data(spec) for row in rows}
    return list(found.values())


def _data(part: Any) -> Iterator[list[dict[str, Any]]]:
    if isinstance(part, list):
        for one in part:
            yield from _data(one)
    elif isinstance(part, dict):
        yield from part.get("datasets", {}).values()
        if isinstance(part.get("data"), dict) and "values" in part["data"]:
            yield part["data"]["values"]
        yield from _data([part.get(key, []) for key in ("layer", "hconcat", "vconcat")])


def drawn(spec: dict[str, Any]) -> str:
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_small_masked_and_draws_itself_in_both_languages(found, calls, name):
    told = {}
    for lang in LANGS:
        spec = getattr(found.plot(lang=lang, dark=lang == "en"), name)(*calls[name]).to_dict()
        text = json.dumps(spec, ensure_ascii=False)
        assert len(text) < 300_000
        assert seen_in(text, found) == set()
        svg = drawn(spec)
        assert (DARK if lang == "en" else LIGHT)["paper"] in svg
        assert "NaN" not in svg
        assert "undefined" not in svg
        told[lang] = spec["title"]["text"]
        assert told[lang] in svg
    assert told["id"] != told["en"]


def seen_in(text: str, found: Result) -> set[str]:
    """Return identities of the run that can be read in a text: NIKs, cards, words of names, days of birth."""
    residents = found.residents
    numbers = {value for name in ("nik", "no_kk") for value in residents[name].drop_nulls() if len(value) > 8}
    middles = {value[6:14] for value in numbers}
    words = {
        word
        for name in ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
        for value in residents[name].drop_nulls()
        for word in re.findall(r"[A-Z]{4,}", value)
    }
    days = {f"{day}" for day in residents["tgl_lhr_clean"].drop_nulls()}
    return ({one for one in numbers | middles | days if one in text}) | (
        words & set(re.findall(r"\w+", text))
    )


def test_the_scan_sees_a_name(found):
    name = found.residents["nama_lgkp"][0]
    assert seen_in(f'{{"label": "{name}"}}', found)


def example(name: str) -> str:
    """Return the call that a method shows."""
    told = inspect.getdoc(getattr(Plots, name)) or ""
    found = re.search(r"Example:\n    `([^`]+)`", told)
    assert found, name
    return found[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_what_comes_out_with_an_example(found, name):
    told = inspect.getdoc(getattr(Plots, name)) or ""
    assert told.startswith("Return")
    assert "Returns:" in told
    call = example(name)
    assert call.startswith(f"result.plot.{name}(")
    assert eval(call, {"result": found}).to_dict()["title"]["text"]


@pytest.fixture(scope="module")
def lonely() -> Result:
    """Return a run in which nothing was found."""
    return nikdedup.dedupe(pl.DataFrame({"NIK": ["6212014107809001"], "NAMA_LGKP": ["SITI"]}), lang="en")


@pytest.mark.parametrize("name", ["weights", "threshold", "passes", "m_u", "coverage", "missing_evidence"])
def test_where_there_is_nothing_to_draw_the_picture_says_so(lonely, name):
    spec = getattr(lonely.plot, name)().to_dict()
    assert spec["mark"]["text"] == "There is nothing to draw."
    assert "There is nothing to draw." in drawn(spec)


# What each picture shows


def test_weights_count_every_pair_of_the_histogram(found):
    rows = [row for row in rows_of(found.plot.weights().to_dict()) if "n" in row]
    assert sum(row["n"] for row in rows) == sum(found.record.histogram.counts)
    asked = found.pairs.filter(pl.col("band").is_not_null())
    expected = float((1 - asked["probability"]).sum())
    assert sum(row["false"] or 0 for row in rows) == pytest.approx(expected, abs=0.01)
    assert all(row["false"] is None for row in rows if row["to"] <= found.record.thresholds.review_log2)


def with_decoys(found: Result, **told: Any) -> Result:
    """Return the run with decoys that were measured."""
    curve = {"from_log2": 0.0, "step_log2": 0.5, "false_matches": [9.0, 5.0, 2.0, 0.0],
             "low": [4.0, 2.0, 0.0, 0.0], "high": [16.0, 11.0, 7.0, 3.0]}  # fmt: skip
    decoys = {
        "status": "measured",
        "false_matches": 2.0,
        "false_match_rate": 0.001,
        "low": 0.0,
        "high": 0.004,
    }
    record = found.record.model_copy(
        update={"decoys": DecoysFound.model_validate(decoys | {"by_weight": curve} | told)}
    )
    return replace(found, record=record)


def test_decoys_by_weight_are_drawn_bar_by_bar_and_over_the_threshold(found):
    plot = with_decoys(found).plot
    bars = {row["from"]: row["decoys"] for row in rows_of(plot.weights().to_dict()) if "decoys" in row}
    assert bars[0.0] == 9.0 - 2.0
    assert bars[1.0] == 2.0
    assert {told for at, told in bars.items() if at > 1} == {0.0}
    assert {told for at, told in bars.items() if at < 0} == {None}
    desk = {row["at"]: row for row in rows_of(plot.threshold().to_dict()) if "most" in row}
    assert min(desk) >= 0.0
    assert [desk[0.5][name] for name in ("least", "decoys", "most")] == [2.0, 5.0, 11.0]
    assert desk[max(desk)]["decoys"] == 0.0
    drawn(plot.weights().to_dict()), drawn(plot.threshold().to_dict())


@pytest.mark.parametrize("name", ["weights", "threshold"])
def test_a_run_that_kept_no_curve_of_decoys_says_so(found, name):
    plot = with_decoys(found, by_weight=None).plot
    spec = getattr(plot, name)().to_dict()
    assert "kept no measurement" in " ".join(spec["title"]["subtitle"])
    assert [row for row in rows_of(spec) if row.get("decoys") is not None or "most" in row] == []


def test_the_desk_agrees_with_the_run_at_its_own_threshold(found):
    rows = [row for row in rows_of(found.plot.threshold(pairs_per_hour=10).to_dict()) if "joined" in row]
    now = next(row for row in rows if row["at"] == found.record.thresholds.confirmed_log2)
    assert now["moved"] == 0
    assert now["joined"] == found.record.counts.confirmed_pairs
    assert now["review"] == found.record.counts.review_pairs
    assert now["hours"] == pytest.approx(now["review"] / 10, abs=0.05)
    assert all(row["low"] <= row["false"] <= row["high"] or row["false"] < 1 for row in rows)
    joins = [row["joined"] for row in sorted(rows, key=lambda row: row["at"])]
    assert joins == sorted(joins, reverse=True)


@pytest.mark.parametrize("pace", [0, -1, True, "many", float("nan"), float("inf")])
def test_a_pace_that_is_none_is_refused(found, pace):
    with pytest.raises(ConfigError, match="allowed: a number above 0"):
        found.plot.threshold(pairs_per_hour=pace)


def test_passes_show_all_that_brought_something(found):
    rows = [row for row in rows_of(found.plot.passes().to_dict()) if "n" in row]
    kept = sum(one.candidates + one.unique for one in found.record.passes if one.candidates)
    assert sum(row["n"] for row in rows) == kept


def test_the_waterfall_ends_at_the_weight_of_the_pair(found, joined):
    spec = found.plot.waterfall(*joined).to_dict()
    total = [row for row in rows_of(spec) if row.get("tone") == "total"][-1]
    assert total["end"] == pytest.approx(found.explain(*joined).weight_log2, abs=1e-3)


def test_the_waterfall_refuses_a_record_with_itself(found):
    with pytest.raises(InputError, match="cannot be compared with itself"):
        found.plot.waterfall(3, 3)


def test_m_over_u_is_the_weight(found):
    rows = [row for row in rows_of(found.plot.m_u().to_dict()) if row.get("u", 1) < 1]
    assert rows
    assert all(math.log2(row["m"] / row["u"]) == pytest.approx(row["weight"], abs=0.03) for row in rows)


@pytest.mark.parametrize("field", ["name", "birth"])
def test_frequencies_count_every_record_that_has_a_value(found, field):
    rows = rows_of(found.plot.term_frequencies(field).to_dict())
    column = {"name": "nama_lgkp_clean", "birth": "tgl_lhr_clean"}[field]
    values = found.residents[column].drop_nulls()
    assert sum(row["records"] for row in rows) == len(values)
    assert sum(row["values"] for row in rows) == values.n_unique()
    alone = next(row for row in rows if row["band"] == "1")
    assert alone["bits"] == pytest.approx(math.log2(len(values)), abs=0.01)


def test_frequencies_of_no_field_are_refused(found):
    with pytest.raises(ConfigError, match="allowed: name, mother"):
        found.plot.term_frequencies("telepon")


def test_every_column_is_whole(found):
    rows = [row for row in rows_of(found.plot.completeness().to_dict()) if "n" in row]
    parts = pl.DataFrame(rows).unique().group_by("field").agg(pl.col("n").sum())
    assert set(parts["n"]) == {found.record.counts.records}
    assert parts.height == len(found.record.quality.present)
    unread = found.residents.filter(pl.col("nik").is_not_null() & pl.col("nik_clean").is_null()).height
    assert next(row["n"] for row in rows if row["field"] == "NIK" and row["order"] == 1) == unread > 0


def test_the_bridge_leads_from_today_to_the_target(found):
    rows = rows_of(found.plot.coverage().to_dict())
    steps = [row for row in rows if "step" in row]
    coverage = found.record.counts.coverage
    assert coverage is not None
    assert coverage.after is not None
    last = steps[-1]
    assert last["end"] == coverage.target
    assert last["label"].endswith(f"({coverage.after.missing_to_target:,})")
    changes = [row for row in steps if row["tone"] in ("change", "against")]
    for earlier, later in itertools.pairwise(changes):
        assert later["start"] == pytest.approx(earlier["end"])
    assert changes[-1]["end"] == pytest.approx(coverage.after.share)
    assert sum(row["due"] for row in rows if "due" in row) == coverage.after.wajib_ktp


def test_faults_are_counted_once_for_a_record_and_column(found):
    rows = [row for row in rows_of(found.plot.quality().to_dict()) if row["column"] == "NIK"]
    assert sum(row["of"] for row in rows) == found.record.counts.records
    against = [code for code in REASONS if code.startswith("nik_") and code not in NO_FAULT]
    bad = found.residents.filter(pl.col("flags").list.set_intersection(against).list.len() > 0)
    assert sum(row["n"] for row in rows) == bad.height > 0


def test_a_fault_is_one_of_its_own_column():
    for code in REASONS:
        if not code.startswith(("row_", "sheet_", "source_", "cell_", "flag_", "parents_")):
            assert any(code.startswith(prefix) for prefix in COLUMN_OF), code
    assert set(REASONS) >= NO_FAULT


def test_a_nik_is_compared_with_its_columns(found):
    flagged = found.residents.filter(pl.col("flags").list.contains("nik_sex_differs"))
    agreeing = found.residents.filter(pl.col("flags").list.len() == 0)
    for some, told in ((flagged, "✗ sex column: differs"), (agreeing, "✓ sex column: agrees")):
        assert told in json.dumps(found.plot.nik(some["row"][0]).to_dict(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("number", "told"),
    [("62120141078", "does not have 16 digits"), ("", "missing"), ("0000011407809001", "temporary")],
)
def test_what_is_no_nik_has_no_anatomy(found, number, told):
    spec = found.plot.nik(number).to_dict()
    assert spec["mark"]["text"] == "There is nothing to draw."
    assert told in " ".join(spec["title"]["subtitle"])


def test_a_nik_alone_is_masked(found):
    text = json.dumps(found.plot.nik("6212014107809001").to_dict(), ensure_ascii=False)
    assert "621201••••••••01" in text
    assert not re.search("4107809|1980-07|01-07", text)


def test_all_members_of_a_card_are_drawn(found):
    card = found.residents.group_by("no_kk_clean").len().sort("len", "no_kk_clean")[-1]
    spec = found.plot.family(card["no_kk_clean"][0]).to_dict()
    assert f"Members: {card['len'][0]}." in spec["title"]["subtitle"][0]
    named = {(row["x"], row["y"]) for row in rows_of(spec) if "below" in row}
    assert len(named) == card["len"][0]


def test_nobody_has_the_card(found):
    for card in ("6212010000009999", "", "-"):
        with pytest.raises(InputError) as caught:
            found.plot.family(card)
        assert str(caught.value).startswith("this family card: not in this run; allowed: ")
    alone = nikdedup.dedupe(
        pl.DataFrame({"NIK": ["6212014107809001"], "NAMA_LGKP": ["SITI"], "NO_KK": ["0"]})
    )
    with pytest.raises(InputError, match=r"^row 0: has no number of a family card that could be read$"):
        alone.plot.family(0)


@pytest.mark.parametrize("call", ["nik", "family", "person"])
def test_a_row_that_is_not_there_is_refused(found, call):
    with pytest.raises(InputError, match=r"no such row|not in this run"):
        getattr(found.plot, call)(10**6)


def test_every_date_of_every_record_is_on_the_line(found, joined):
    person = found.people.filter(row=joined[0])["person_id"][0]
    rows = found.people.filter(person_id=person)["row"]
    dates = found.residents.filter(pl.col("row").is_in(rows.implode())).select(
        "tgl_entri_clean", "tgl_ubah_clean", "ektp_created_clean"
    )
    events = [row for row in rows_of(found.plot.person(person).to_dict()) if "event" in row]
    assert len(events) == sum(dates[name].count() for name in dates.columns)


def test_missing_evidence_is_level_0(found):
    rows = rows_of(found.plot.missing_evidence().to_dict())
    review = found.pairs.filter(band="confirmed")
    told = next(row for row in rows if row["field"] == "Father's name" and row["band"] == "confirmed")
    assert (told["n"], told["of"]) == (int((review["level_father"] == 0).sum()), review.height)


def test_a_run_without_residents_says_so(found, tmp_path):
    path = tmp_path / "extract.parquet"
    found.residents.select("nik", "nama_lgkp", "tgl_lhr", "jenis_klmin").head(50).write_parquet(path)
    kept = nikdedup.dedupe(path, lang="en", residents=False, report=False)
    bare = nikdedup.open(kept.write(tmp_path / "run"))
    for spec in (bare.plot.term_frequencies().to_dict(), bare.plot.quality().to_dict()):
        assert "not kept" in spec["title"]["subtitle"][0]
    with pytest.raises(InputError, match="without residents"):
        bare.plot.nik(0)


# What every picture can do


def test_a_language_that_is_none_is_refused(found):
    with pytest.raises(ConfigError, match="allowed: id, en"):
        found.plot(lang="fr")


def test_pictures_are_changed_and_keep_their_look(found):
    dark = found.plot(dark=True)
    chart = dark.weights().properties(width=300).configure_axis(labelFontSize=9)
    spec = chart.to_dict()
    assert spec["width"] == 300
    assert spec["background"] == DARK["paper"]
    assert spec["config"]["axis"]["labelFontSize"] == 9
    assert spec["config"]["axis"]["labelColor"] == DARK["soft"]


@pytest.mark.parametrize("sign", ["__or__", "__and__"])
def test_pictures_stand_beside_others(found, sign):
    dark = found.plot(dark=True)
    both = getattr(dark.weights(), sign)(dark.passes())
    spec = both.to_dict()
    assert spec["background"] == DARK["paper"]
    assert spec["resolve"]["scale"] == {"color": "independent", "shape": "independent"}
    svg = drawn(spec)
    assert "How sure the pairs are" in svg
    assert "What each pass found" in svg


def test_a_page_needs_no_network_and_evaluates_nothing(found, tmp_path):
    found.plot.weights().save(tmp_path / "weights.html")
    page = (tmp_path / "weights.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe-eval" not in policy[1]
    assert policy[1].count("sha256-") == 2  # Vega and the picture
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)
    assert '"ast": true' in page
    told = io.StringIO()
    found.plot.weights().save(told, format="html")
    assert "Content-Security-Policy" in told.getvalue()


def test_no_text_of_a_picture_becomes_a_script(found, tmp_path):
    bad = "</script><script>alert(1)</script>"
    found.plot.weights().properties(title=bad).save(tmp_path / "bad.html")
    page = (tmp_path / "bad.html").read_text(encoding="utf-8")
    assert bad not in page
    assert r"\u003c/script>" in page


@pytest.mark.parametrize("ending", ["png", "svg", "json"])
def test_pictures_are_saved_in_other_formats(found, tmp_path, ending):
    path = tmp_path / f"passes.{ending}"
    found.plot.passes().save(str(path))
    assert path.stat().st_size > 1000


def test_no_picture_under_OO(monkeypatch, found):
    monkeypatch.setattr(sys, "flags", type("Flags", (), {"optimize": 2})())
    with pytest.raises(InputError, match="-OO"):
        picture({"mark": "point", "data": {"values": []}}, Look())


def test_the_same_run_gives_the_same_picture(found):
    first, second = (json.dumps(found.plot.weights().to_dict()) for _ in range(2))
    assert first == second


def test_a_place_that_is_no_region_is_not_named(found, tmp_path):
    """Of an extract without codes the column of kecamatan may hold anything, and each value stands for itself."""
    path = tmp_path / "extract.parquet"
    residents = found.residents.select(
        "nik", "nama_lgkp", "tgl_lhr", "jenis_klmin", "stat_kwn", "ektp_status"
    )
    told = pl.Series(
        "kec_name", [("MURUNG", "RUMAH SURATNO", "PASAR WARSITI")[row % 3] for row in range(len(residents))]
    )
    residents.with_columns(told).write_parquet(path)
    run = nikdedup.dedupe(path, lang="en", reference_date="2026-06-30")
    for chart in (run.plot.coverage(), run.plot.quality()):
        spec = chart.to_dict()
        text = json.dumps(spec, ensure_ascii=False)
        assert "SURATNO" not in text
        assert "WARSITI" not in text
        places = {row["place"] for row in rows_of(spec) if "place" in row}
        assert places >= {"MURUNG", "••• 1", "••• 2"}
