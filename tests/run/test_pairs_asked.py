"""Pairs that somebody asks to see: which ones, how, and what differs."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

import nikdedup
from nikdedup import ConfigError, InputError, Result
from nikdedup.residents.places import load_regions


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    path = tmp_path_factory.mktemp("pairs") / "extract.parquet"
    nikdedup.generate(path, rows=3000, seed=11)
    return nikdedup.dedupe(path, lang="en")


def ends(found: Any) -> set[tuple[int, int]]:
    return set(found.table.select("row_l", "row_r").rows())


def test_without_a_question_they_are_all_duplicates(result: Result) -> None:
    wanted = result.pairs.filter(pl.col("band").is_not_null() | (pl.col("relation") == "shared_nik"))
    assert ends(result.duplicates()) == set(wanted.select("row_l", "row_r").rows())
    weights = result.duplicates().table["weight_log2"]
    assert weights.is_sorted(descending=True)
    assert "twin" not in result.duplicates().table["relation"].to_list()


@pytest.mark.parametrize("band", ["confirmed", "review"])
def test_of_a_band(result: Result, band: Any) -> None:
    found = result.duplicates(band=band)
    assert ends(found) == set(result.pairs.filter(band=band).select("row_l", "row_r").rows())
    assert set(found.frame["band"]) == {band}


@pytest.mark.parametrize("kind", ["A", "B", "C", "D", "E", "F"])
def test_of_a_kind(result: Result, kind: Any) -> None:
    """A pair has the kind of a decision that names the other record; every such decision has its pair."""
    told = result.decisions.filter(kind=kind).drop_nulls("other_row").select("row", "other_row").rows()
    found = ends(result.duplicates(kind=kind))
    assert found
    assert found <= {(min(pair), max(pair)) for pair in told}
    assert {row for pair in found for row in pair} >= {row for row, _ in told}


def test_of_a_kecamatan(result: Result) -> None:
    home = dict(result.residents.select("row", pl.col("wilayah_clean").str.head(6)).rows())
    code = result.duplicates().table.select(home_of=pl.col("wilayah_l").str.head(6))["home_of"].mode()[0]
    found = result.duplicates(kecamatan=code)
    assert ends(found) == {
        pair for pair in ends(result.duplicates()) if code in (home[pair[0]], home[pair[1]])
    }
    assert 0 < len(found) < len(result.duplicates())
    assert ends(result.duplicates(kecamatan=load_regions().names[code].lower())) == ends(found)
    assert ends(result.duplicates(kecamatan=f"{code[:2]}.{code[2:4]}.{code[4:]}")) == ends(found)


def test_two_rows_or_left_and_right(result: Result) -> None:
    rows, columns = result.duplicates().frame, result.duplicates(side_by_side=True).frame
    assert len(rows) == 2 * len(columns)
    assert rows["side"].to_list()[:4] == ["l", "r", "l", "r"]
    left = rows.filter(side="l").select("row", "nama_lgkp", "differs")
    assert left.rows() == columns.select("row_l", "nama_lgkp_l", "differs").rows()


def test_what_differs_is_told_by_values_that_are_masked(result: Result) -> None:
    """Two NIKs that look alike when masked are still marked as different, with the digits."""
    told = result.duplicates(show_identities=True).table
    shown = result.duplicates().table
    assert told["apart"].to_list() == shown["apart"].to_list()
    for pair in told.iter_rows(named=True):
        for part in ("nik", "nama_lgkp", "tgl_lhr"):
            values = (pair[f"{part}_l"], pair[f"{part}_r"])
            assert (part in pair["apart"]) == (None not in values and values[0] != values[1])
            assert (part in pair["blank"]) == (values.count(None) == 1)
    alike = shown.filter(pl.col("nik_l") == pl.col("nik_r"), pl.col("apart").list.contains("nik"))
    assert alike["note_nik"].drop_nulls().str.contains("digits").all()
    assert "class='d w'" in result.duplicates()._repr_html_()


def test_pairs_are_masked_unless_asked_for(result: Result, tmp_path: Path) -> None:
    masked, open_ = result.duplicates(), result.duplicates(show_identities=True)
    niks = {nik for nik in result.residents["nik"].drop_nulls() if len(nik) > 8}
    names = {name for name in result.residents["nama_lgkp"].drop_nulls() if len(name) > 5}
    book = openpyxl.load_workbook(masked.to_excel(tmp_path / "a.xlsx"))
    cells = "\n".join(str(cell.value) for line in book.active.iter_rows() for cell in line)
    for said in (repr(masked), masked.text(), masked._repr_html_(), str(masked.frame.rows()), cells):
        assert not [one for one in niks | names if one in said]
    assert set(open_.frame["nik"].drop_nulls()) & niks
    assert set(open_.frame["nama_lgkp"].drop_nulls()) & names


def test_a_workbook_to_work_through(result: Result, tmp_path: Path) -> None:
    found = result.duplicates(band="review", show_identities=True)
    path = found.to_excel(tmp_path / "periksa.xlsx")
    sheet = openpyxl.load_workbook(path).active
    headers = [cell.value for cell in sheet[1]]
    assert sheet.max_row == 1 + 2 * len(found)
    nik = headers.index("NIK") + 1
    assert [sheet.cell(row, nik).value for row in range(2, sheet.max_row + 1)] == found.frame["nik"].to_list()
    assert {sheet.cell(row, nik).data_type for row in range(2, sheet.max_row + 1)} == {"s"}
    for at, pair in enumerate(found.table.iter_rows(named=True)):
        assert sheet.cell(2 + 2 * at, nik).font.b == ("nik" in pair["apart"])
    [answers] = sheet.data_validations.dataValidation
    assert answers.formula1 == '"one person,two people,not clear"'
    again = found.to_excel(tmp_path / "lagi.xlsx")
    assert again.read_bytes() == path.read_bytes()


def test_plain_pandas(result: Result) -> None:
    frame = result.duplicates().to_pandas()
    assert type(frame) is pd.DataFrame
    assert (str(frame["row"].dtype), str(frame["nik"].dtype)) == ("Int64", "string")


def test_a_sample_is_the_same_each_time_and_covers_all_weights(result: Result) -> None:
    whole = result.duplicates(band="confirmed").table
    first, again, other = (result.sample_review(12, seed=seed, band="confirmed").table for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first.equals(other)
    assert len(set(first.select("row_l", "row_r").rows())) == 12
    at = {pair: place for place, pair in enumerate(whole.select("row_l", "row_r").rows())}
    layers = [at[pair] * 12 // len(whole) for pair in first.select("row_l", "row_r").rows()]
    assert all(abs(layer - place) <= 1 for place, layer in enumerate(layers))
    assert len(result.sample_review(50)) == min(50, len(result.duplicates(band="review")))


def test_two_records_side_by_side(result: Result) -> None:
    pair = result.pairs.filter(band="confirmed").row(3, named=True)
    row_a, row_b = pair["row_l"], pair["row_r"]
    shown, told = result.compare(row_a, row_b), result.compare(row_a, row_b, show_identities=True)
    by_row = {one["row"]: one for one in result.residents.iter_rows(named=True)}
    for line in told.frame.iter_rows(named=True):
        if line["field"] in ("nik", "nama_lgkp"):
            assert (line["a"], line["b"]) == tuple(
                by_row[row][f"{line['field']}_clean"] for row in (row_a, row_b)
            )
            assert line["differs"] == (line["a"] != line["b"])
    assert shown.differing == told.differing
    for said in (repr(shown), shown.text(), shown._repr_html_()):
        assert by_row[row_a]["nik"] not in said
        assert by_row[row_a]["nama_lgkp"] not in said
    assert set(result.compare(str(row_a), row_b).differing) == set(shown.differing)


def test_the_workbook_of_decisions_alone(result: Result, tmp_path: Path) -> None:
    path = result.to_excel(tmp_path / "usulan.xlsx")
    folder = result.write(tmp_path / "run")
    assert path.read_bytes() == (folder / "decisions.xlsx").read_bytes()


WRONG = {
    "kind": (lambda r: r.duplicates(kind="G"), "kind = 'G'; allowed: A, B, C, D, E, F"),
    "band": (lambda r: r.duplicates(band="x"), "band = 'x'; allowed: confirmed, review"),
    "no band": (lambda r: r.sample_review(5, band=None), "band = None; allowed: confirmed, review"),
    "lang": (lambda r: r.duplicates(lang="fr"), "lang = 'fr'; allowed: id, en"),
    "n": (lambda r: r.sample_review(0), "n = 0; allowed: a whole number, 1 or more"),
    "truth": (lambda r: r.sample_review(True), "n = True; allowed: a whole number, 1 or more"),
    "seed": (lambda r: r.sample_review(5, seed=-1), "seed = -1; allowed: a whole number, 0 or more"),
    "itself": (lambda r: r.compare(3, 3), "row 3: a row cannot be compared with itself; give two rows"),
    "row": (lambda r: r.compare(0, 3000), "row 3000: no such row; allowed 0 to 2999"),
    "ending": (lambda r: r.to_excel("a.csv"), "path a.csv: allowed is .xlsx"),
    "folder": (lambda r: r.duplicates().to_excel("no/a.xlsx"), "path a.xlsx: the folder no does not exist"),
}


@pytest.mark.parametrize(("ask", "said"), WRONG.values(), ids=[*WRONG])
def test_wrong_arguments_in_one_line(result: Result, ask: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(result)
    assert str(caught.value) == said


def test_a_kecamatan_that_is_not_there(result: Result) -> None:
    with pytest.raises(ConfigError) as caught:
        result.duplicates(kecamatan="Gambir")
    assert str(caught.value).startswith("kecamatan: nobody lives in such a one; allowed: 621201 Murung, 6")


def test_a_run_without_residents_says_so(small_extract: Path, tmp_path: Path) -> None:
    made = nikdedup.dedupe(small_extract, residents=False, report=False)
    bare = nikdedup.open(made.write(tmp_path / "run"))
    asked = (bare.duplicates, bare.sample_review, lambda: bare.compare(0, 1), bare.coverage)
    for ask in (*asked, lambda: bare.to_excel(tmp_path / "usulan.xlsx")):
        with pytest.raises(InputError, match=r"without residents \(residents = False\)"):
            ask()


def test_nothing_found_has_a_view() -> None:
    people = pl.DataFrame({"NIK": ["6212014107809001", "6212014107809002"], "NAMA_LGKP": ["SITI", "BUDI"]})
    empty = nikdedup.dedupe(people).duplicates()
    assert (len(empty), len(empty.frame)) == (0, 0)
    assert repr(empty) == "PairList(0 pairs)"
    assert "Pasangan: 0" in empty._repr_html_()
    assert empty.text() == "Pasangan: 0"


def test_an_opened_run_shows_the_same_pairs(result: Result, tmp_path: Path) -> None:
    again = nikdedup.open(result.write(tmp_path / "run"))
    assert again.duplicates().frame.equals(result.duplicates().frame)
    assert again.compare(0, 1).frame.equals(result.compare(0, 1).frame)


def test_of_a_kecamatan_that_an_extract_names_without_codes(tmp_path: Path) -> None:
    """As in coverage and pictures, the name stands for the code; one that is no region's is not listed in a fault."""
    one = {
        "NIK": "6212014107809001",
        "NAMA_LGKP": "SITI AMINAH",
        "TGL_LHR": "01-07-1980",
        "NAMA_LGKP_IBU": "MARYAM",
    }
    people = [one | {"KEC_NAME": "Xaniwa"}, one | {"KEC_NAME": "Murung"}, one | {"KEC_NAME": "Rumah Siti"}]
    found = nikdedup.dedupe(pl.DataFrame(people), reference_date="2026-06-30")
    assert len(found.duplicates()) > len(found.duplicates(kecamatan="xaniwa")) > 0
    with pytest.raises(ConfigError) as caught:
        found.duplicates(kecamatan="Gambir")
    assert "SITI" not in str(caught.value).upper()
