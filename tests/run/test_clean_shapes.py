"""What `clean` writes keeps the shape of what it was given: CSV files, folders, Parquet, frames."""

import csv
import gzip
import io
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.lab.generator import generate

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.excel import write_as_excel

CASES = Path(__file__).parents[1] / "cases"
TODAY = "2026-06-30"
NIK = "6212014107609001"
OTHER = "6212010107809005"


def cleaned(tmp_path, raw, name="masuk.csv", out="bersih.csv", **options):
    """Return the bytes of a file cleaned, and what was found."""
    (tmp_path / name).write_bytes(raw)
    found = nikdedup.clean(tmp_path / name, tmp_path / out, reference_date=TODAY, **options)
    return (tmp_path / out).read_bytes(), found


CSVS = {
    "cp1252, semicolons, CR LF": (
        f"NIK;Nama;Tempat\r\n'{NIK};SITI  AMINAH;Puruk Cahu é\r\n{OTHER};ALI;\r\n".encode("cp1252"),
        f"NIK;Nama;Tempat\r\n{NIK};SITI AMINAH;Puruk Cahu é\r\n{OTHER};ALI;\r\n".encode("cp1252"),
    ),
    "mark, every cell quoted": (
        f'\ufeff"NIK","Nama","Ket."\n"\'{NIK}","SITI  ""A""","x, y"\n"{OTHER}","ALI",""'.encode(),
        f'\ufeff"NIK","Nama","Ket."\n"{NIK}","SITI ""A""","x, y"\n"{OTHER}","ALI",""'.encode(),
    ),
    "UTF-16, tabs": (
        f"\ufeffNIK\tNama\n'{NIK}\tSITI  AMINAH\n".encode("utf-16-le"),
        f"\ufeffNIK\tNama\n{NIK}\tSITI AMINAH\n".encode("utf-16-le"),
    ),
    "cells of two lines, surplus cells, stray quotes": (
        f'NIK;Nama;Ket\n\'{NIK};SITI;"dua\nbaris"\n\'{OTHER};MUH. "ALI";a;lebih\n'.encode(),
        f'NIK;Nama;Ket\n{NIK};SITI;"dua\nbaris"\n{OTHER};MUH. "ALI";a;lebih\n'.encode(),
    ),
    "the sign of Excel, titles and totals": (
        f"sep=;\nDAFTAR\nNIK;Nama;Ket\n'{NIK};SITI;a\n\n;JUMLAH;1\n'{OTHER};ALI;b\n".encode(),
        f"sep=;\nNIK;Nama;Ket\n{NIK};SITI;a\n{OTHER};ALI;b\n".encode(),
    ),
}


@pytest.mark.parametrize("name", CSVS)
def test_a_csv_file_changes_in_its_cells_alone(name, tmp_path):
    raw, after = CSVS[name]
    data, found = cleaned(tmp_path, raw)
    assert data == after
    again, more = cleaned(tmp_path, data, "bersih.csv", "lagi.csv")
    assert again == data
    assert not more.changes["applied"].any()
    assert found.changes.filter("applied")["reason"].is_in(["id_separators", "spaces"]).sum() == 2


def test_a_packed_file_stays_packed(tmp_path):
    raw = f"NIK;Nama\n'{NIK};SITI\n".encode()
    data, _ = cleaned(tmp_path, gzip.compress(raw), "a.csv.gz", "b.csv.gz")
    assert gzip.decompress(data) == f"NIK;Nama\n{NIK};SITI\n".encode()
    assert (tmp_path / "b.changes.csv").exists()


def test_formulas_are_kept_from_running_and_numbers_are_not_harmed(tmp_path):
    cells = ["=1+1", "@SUM(A1)", "-5", "+62 812 5555", "-", "+A1*2", '=HYPERLINK("x")']
    lines = ["NIK;Nama;Ket", *(f"{NIK};ORANG {i};{_cell(text)}" for i, text in enumerate(cells))]
    data, found = cleaned(tmp_path, "\n".join(lines).encode())
    rows = list(csv.reader(io.StringIO(data.decode()), delimiter=";"))
    assert [row[2] for row in rows[1:]] == [
        "'=1+1",
        "'@SUM(A1)",
        "-5",
        "+62 812 5555",
        "-",
        "'+A1*2",
        f"'{cells[6]}",
    ]
    assert found.changes["reason"].to_list() == ["formula"] * 4


def _cell(text):
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


def test_a_formula_of_nothing_but_a_text_is_no_formula_to_be_kept_from_running(tmp_path):
    raw = f'NIK;Nama;Ket\n="{NIK}";SITI;"=""0812"""\n="{OTHER}";"ALI\nAKBAR";=A1\n'.encode()
    data, found = cleaned(tmp_path, raw)
    assert data == raw.replace(b";=A1", b";'=A1")
    assert found.changes["reason"].to_list() == ["formula"]
    frame = pl.DataFrame({"NIK": [f'="{NIK}"', OTHER], "NAMA": ["SITI  A", "ALI\n AKBAR"]})
    found = nikdedup.clean(frame, reference_date=TODAY)
    assert found.frame.rows() == [(NIK, "SITI A"), (OTHER, "ALI\n AKBAR")]
    assert found.changes["reason"].to_list() == ["formula_text", "spaces"]


csv_cells = st.text(st.sampled_from(list("AB 1'\";,+\n\té")), max_size=8)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from([NIK, f"'{NIK}", "0", ""]), csv_cells, csv_cells), min_size=1, max_size=8
    ),
    sign=st.sampled_from(";,\t"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=20, deadline=None)
def test_any_csv_file_is_as_it_was_but_for_what_is_listed(rows, sign, quoting, end, tmp_path_factory):
    folder = tmp_path_factory.mktemp("csv")
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=sign, quoting=quoting, lineterminator=end)
        writer.writerows(
            [["NIK", "NAMA", "KET"], *((nik, f"ORANG 1{name}", note) for nik, name, note in rows)]
        )
    before = nikdedup.clean(folder / "a.csv", reference_date=TODAY)
    found = nikdedup.clean(folder / "a.csv", folder / "b.csv", reference_date=TODAY)
    after = nikdedup.read(folder / "b.csv").frame
    came = nikdedup.read(folder / "a.csv").frame
    assert len(after) == len(came) == before.records
    applied = found.changes.filter("applied", pl.col("row").is_not_null())
    changed = {(row, column) for row, column in applied.select("row", "column").iter_rows()}
    for column, field in (("NIK", "nik"), ("NAMA", "nama_lgkp")):
        differ = came[field].ne_missing(after[field]).arg_true().to_list()
        assert {(row, column) for row in differ} <= changed
    again = nikdedup.clean(folder / "b.csv", folder / "c.csv", reference_date=TODAY)
    assert not again.changes.filter(pl.col("row").is_not_null())["applied"].any()
    assert (folder / "c.csv").read_bytes() == (folder / "b.csv").read_bytes()


def test_a_folder_keeps_each_input_in_its_own_shape(tmp_path):
    source = tmp_path / "tarikan"
    source.mkdir()
    (source / "a.csv").write_text(f"NIK;NAMA;JK\n'{NIK};SITI;PR\n{OTHER};ALI;1\n{OTHER};ALI B;LK\n")
    pl.DataFrame({"NIK": [OTHER], "NAMA": ["ALI  C"], "JK": ["1"]}).write_parquet(source / "b.parquet")
    book = openpyxl.Workbook()
    for title in ("BERIWIT", "BAHITOM"):
        sheet = book.create_sheet(title)
        sheet.append(["NIK", "NAMA", "JK"])
        sheet.append([f"'{NIK}", f"SITI {title}", "2"])
    book.save(source / "c.xlsx")
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    found = nikdedup.clean(source, f"{tmp_path}/bersih/", reference_date=TODAY)
    out = tmp_path / "bersih"
    assert sorted(path.name for path in out.iterdir()) == [
        "a.changes.csv", "a.csv", "b.changes.parquet", "b.parquet", "c.changes.xlsx", "c.xlsx",
    ]  # fmt: skip
    assert (out / "a.csv").read_text() == f"NIK;NAMA;JK\n{NIK};SITI;PR\n{OTHER};ALI;LK\n{OTHER};ALI B;LK\n"
    assert pl.read_parquet(out / "b.parquet").row(0) == (OTHER, "ALI C", "1")
    assert openpyxl.load_workbook(out / "c.xlsx").sheetnames == ["Sheet", "BERIWIT", "BAHITOM"]
    assert found.changes.select("row", "source_file").rows() == [
        (0, "a.csv"), (1, "a.csv"), (3, "b.parquet"), (4, "c.xlsx"), (5, "c.xlsx"),
    ]  # fmt: skip
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before
    with pytest.raises(nikdedup.InputError, match=r"out a\.csv: is an input"):
        nikdedup.clean(source, source)


def test_a_folder_with_one_list_of_all_changes(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"NIK,NAMA\n'{NIK},SITI\n")
    inputs = [tmp_path / "a.csv", tmp_path / "b.csv"]
    found = nikdedup.clean(
        inputs, tmp_path / "bersih", changes=tmp_path / "daftar.xlsx", reference_date=TODAY
    )
    assert sorted(path.name for path in (tmp_path / "bersih").iterdir()) == ["a.csv", "b.csv"]
    assert found.written == (
        tmp_path / "bersih" / "a.csv",
        tmp_path / "bersih" / "b.csv",
        tmp_path / "daftar.xlsx",
    )
    assert openpyxl.load_workbook(tmp_path / "daftar.xlsx").active.max_row == 3


def test_two_inputs_of_one_name_need_two_folders(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_text("NAMA\nSITI\n")
    with pytest.raises(nikdedup.InputError, match=r"two inputs have the name a\.csv"):
        nikdedup.clean([tmp_path / "x" / "a.csv", tmp_path / "y" / "a.csv"], tmp_path / "bersih")
    assert not (tmp_path / "bersih").exists()
    with pytest.raises(nikdedup.InputError, match="a frame has no name for a file"):
        nikdedup.clean(pl.DataFrame({"NAMA": ["SITI"]}), tmp_path / "bersih")


def test_a_folder_that_failed_is_not_left(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("NAMA\nSITI\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nikdedup.show.own_shape._write_bytes", full)
    with pytest.raises(nikdedup.RunError, match="No space left"):
        nikdedup.clean(tmp_path / "a.csv", tmp_path / "bersih")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_several_files_in_one_table_say_where_a_record_came_from(tmp_path):
    for name, key in (("a.csv", NIK), ("b.csv", OTHER)):
        (tmp_path / name).write_text(f"NIK,NAMA\n{key},SITI\n")
    inputs = [tmp_path / "a.csv", tmp_path / "b.csv"]
    nikdedup.clean(inputs, tmp_path / "c.csv", reference_date=TODAY)
    text = (tmp_path / "c.csv").read_text(encoding="utf-8-sig")
    assert text == f"NIK,NAMA,source_file\n{NIK},SITI,a.csv\n{OTHER},SITI,b.csv\n"
    both = nikdedup.clean([tmp_path / "c.csv", tmp_path / "a.csv"], reference_date=TODAY)
    assert both.frame["source_file"].to_list() == ["a.csv", "b.csv", "a.csv"]


def test_a_parquet_file_keeps_its_types(tmp_path):
    frame = pl.DataFrame({
        "NIK": [f"'{NIK}", OTHER],
        "NAMA": ["SITI", "ALI"],
        "TGL_LHR": [date(1960, 7, 1), date(1980, 7, 1)],
        "NO_RT": [1, 2],
        "BERAT": [50.5, None],
        "JK": pl.Series(["P", "L"], dtype=pl.Categorical()),
    })  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet")
    nikdedup.clean(tmp_path / "a.parquet", tmp_path / "b.parquet", reference_date=TODAY)
    after = pl.read_parquet(tmp_path / "b.parquet")
    assert after.equals(frame.with_columns(NIK=pl.Series([NIK, OTHER])))
    assert after.schema == frame.schema
    nikdedup.clean(tmp_path / "a.parquet", tmp_path / "c.csv", reference_date=TODAY)
    assert (tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines()[
        1
    ] == f"{NIK},SITI,1960-07-01,1,50.5,P"


FRAME = pl.DataFrame(
    {"NIK": [f"'{NIK}", OTHER], "NAMA": ["SITI", "ALI"], "LAHIR": [date(1960, 7, 1)] * 2, "N": [1, 2]}
)


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "pyarrow"])
def test_a_frame_comes_back_as_it_was_given(kind):
    given_ = {
        "polars": lambda: FRAME,
        "lazy": FRAME.lazy,
        "pandas": lambda: FRAME.to_pandas().set_index(pd.Index([7, 9])).astype({"N": "int32"}),
        "pyarrow": FRAME.to_arrow,
    }[kind]()
    frame = nikdedup.clean(given_, reference_date=TODAY, columns={"tgl_lhr": "LAHIR"}).frame
    assert type(frame) is type(given_)
    if isinstance(frame, pd.DataFrame):
        assert frame.dtypes.equals(given_.dtypes)
        assert frame.index.to_list() == [7, 9]
        assert frame["NIK"].to_list() == [NIK, OTHER]
        assert given_["NIK"].to_list() == FRAME["NIK"].to_list()
    elif isinstance(frame, pa.Table):
        assert frame.schema.equals(given_.schema)
        assert frame["NIK"].to_pylist() == [NIK, OTHER]
    else:
        assert frame.lazy().collect().equals(FRAME.with_columns(NIK=pl.Series([NIK, OTHER])))


def test_dates_and_numbers_of_a_pandas_frame_that_change():
    frame = pd.DataFrame({
        "NAMA": ["A", "B", "TOTAL"],
        "NIK": [NIK, OTHER, None],
        "TGL LAHIR": pd.to_datetime(["1960-01-07", None, None]),
        "JK": ["P", "L", None],
    })  # fmt: skip
    found = nikdedup.clean(frame, reference_date=TODAY, apply="all").frame
    assert found.dtypes.equals(frame.dtypes)
    assert found["TGL LAHIR"].to_list() == [pd.Timestamp("1960-07-01"), pd.Timestamp("1980-07-01")]


def as_an_office_types(frame):
    """Return an extract with dates, sexes, numbers and spaces as several clerks write them."""
    turn = pl.int_range(pl.len()) % 5
    day = pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False)
    ways = ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"]
    dated = pl.coalesce(
        *(pl.when(turn == i).then(day.dt.to_string(way)) for i, way in enumerate(ways)), pl.col("TGL_LHR")
    )
    sex = pl.col("JENIS_KLMIN")
    return frame.with_columns(
        dated,
        pl.when(turn == 1).then("'" + pl.col("NIK")).otherwise("NIK").alias("NIK"),
        pl.when(turn == 2).then(sex.replace({"LAKI-LAKI": "1", "PEREMPUAN": "2"})).otherwise(sex),
        pl.when(turn == 3).then(pl.col("NAMA_LGKP").str.replace(" ", "  ")).otherwise("NAMA_LGKP"),
    )


@pytest.mark.parametrize(("profile", "form"), [("hard", "csv"), ("murung-raya", "xlsx")])
def test_the_same_people_are_found_before_and_after(profile, form, tmp_path):
    path, given_ = tmp_path / "a.parquet", tmp_path / f"tarikan.{form}"
    generate(path, rows=1500, seed=90417, profile=profile)
    frame = pl.read_parquet(path)
    if form == "csv":
        write_as_excel(frame, given_)
    else:
        as_an_office_types(frame).write_excel(given_)
    out = tmp_path / f"bersih.{form}"
    found = nikdedup.clean(given_, out)
    assert found.changes["applied"].sum() > 500
    before, after = (nikdedup.dedupe(file).people["person_id"] for file in (given_, out))
    assert before.equals(after)
    again = nikdedup.clean(out, tmp_path / f"lagi.{form}")
    assert not again.changes["applied"].any()


def test_a_village_that_stood_above_its_records_is_not_lost(tmp_path):
    raw = f"NIK;NAMA;KET\nDESA BERIWIT;;\n'{NIK};SITI;x\nDESA BAHITOM;;\n{OTHER};ALI;y\n".encode()
    data, found = cleaned(tmp_path, raw)
    assert data == raw.replace(b"'", b"")
    assert found.changes["reason"].to_list() == ["id_separators"]
    nikdedup.clean(tmp_path / "masuk.csv", tmp_path / "tabel.parquet", reference_date=TODAY)
    assert pl.read_parquet(tmp_path / "tabel.parquet")["KEL_NAME"].to_list() == ["BERIWIT", "BAHITOM"]


def test_an_old_workbook_becomes_one_of_today(tmp_path):
    source = CASES / "formats" / "penduduk.xls"
    excel = nikdedup.clean(CASES / "formats" / "penduduk.xlsx", reference_date=TODAY)
    found = nikdedup.clean(source, f"{tmp_path}/bersih/", reference_date=TODAY)
    assert [path.name for path in found.written] == ["penduduk.xlsx", "penduduk.changes.xlsx"]
    assert found.changes.drop("source_file").equals(excel.changes.drop("source_file"))
    back = nikdedup.read(tmp_path / "bersih" / "penduduk.xlsx").frame
    assert back["nik"].to_list() == nikdedup.read(source).frame["nik"].to_list()
    assert back["kel_name"].to_list() == ["BERIWIT"] * 5
    with pytest.raises(nikdedup.InputError, match=r"out a\.xls: allowed are \.parquet, \.csv, \.xlsx"):
        nikdedup.clean(source, tmp_path / "a.xls")
