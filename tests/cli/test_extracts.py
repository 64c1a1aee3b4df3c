"""`nikdedup profile` and `nikdedup clean` from the command line: files, exit codes, faults in one line."""

import stat
import subprocess
import sys
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import nikdedup
from nikdedup.cli import main

NIK = "6212014107609001"
NEVER = "the extract as it came is never overwritten"
ROWS = [
    {
        "NO": "1",
        "NIK": f"'{NIK}",
        "NAMA": "SITI  AMINAH",
        "TGL LAHIR": "1/7/1960",
        "KET": "=1+SUM(A1)",
        "TGL UBAH": "30-06-2026",
    },
    {
        "NO": "2",
        "NIK": "62120101O7809002",
        "NAMA": "M. ALI",
        "TGL LAHIR": "01-07-1980",
        "KET": "-",
        "TGL UBAH": "01-02-2020",
    },
    {
        "NO": "3",
        "NIK": "6212010107809005",
        "NAMA": "NUR HAYATI",
        "TGL LAHIR": "01-07-1980",
        "KET": None,
        "TGL UBAH": "01-02-2020",
    },
]
FRAME = pl.DataFrame(ROWS)
CLEAN = FRAME.with_columns(
    NIK=pl.Series([NIK, "62120101O7809002", "6212010107809005"]),
    NAMA=pl.Series(["SITI AMINAH", "M. ALI", "NUR HAYATI"]),
    **{"TGL LAHIR": pl.Series(["01-07-1960", "01-07-1980", "01-07-1980"])},
)


@pytest.fixture
def extract(tmp_path):
    FRAME.write_csv(tmp_path / "masuk.csv", separator=";")
    return tmp_path / "masuk.csv"


def run(monkeypatch, capsys, *arguments):
    """Return exit code, output and error of a command in this process."""
    monkeypatch.setattr(sys, "argv", ["nikdedup", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        main()
    out, err = capsys.readouterr()
    return exit_.value.code, out, err


def test_as_an_office_calls_it(extract, tmp_path):
    out = tmp_path / "bersih.csv"
    command = [sys.executable, "-m", "nikdedup.cli", "clean", str(extract), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Diterapkan" in done.stdout
    assert "AMINAH" not in done.stdout
    assert out.read_bytes().startswith(b"NO;NIK;NAMA;TGL LAHIR;KET;TGL UBAH\n")
    assert (
        (tmp_path / "bersih.changes.csv").read_bytes().startswith(b"\xef\xbb\xbfBerkas;Lembar;Baris;Kolom;")
    )


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx"])
def test_same_shape_in_every_format(suffix, extract, tmp_path, monkeypatch, capsys):
    out = tmp_path / f"bersih{suffix}"
    code, text, _ = run(monkeypatch, capsys, "clean", extract, "--out", out, "--lang", "en")
    assert code == 0
    assert f"Clean extract: {out}" in text
    again = nikdedup.clean(out)
    formula = CLEAN["KET"][0] if suffix == ".parquet" else "'=1+SUM(A1)"
    assert again.frame.equals(CLEAN.with_columns(KET=pl.Series([formula, "-", None])))
    assert not again.changes["applied"].any()
    listed = tmp_path / f"bersih.changes{suffix}"
    changes = nikdedup.clean(extract, out).changes
    assert suffix != ".parquet" or pl.read_parquet(listed).equals(changes)
    reasons = ["date_format", "id_separators", "letters_for_digits", "name_expanded", "spaces"]
    assert sorted(changes["reason"]) == sorted([*reasons, *(["formula"] if suffix != ".parquet" else [])])
    assert changes.filter(pl.col("reason") == "id_separators").row(0)[1:] == (
        "masuk.csv", None, 2, "NIK", f"'{NIK}", NIK, "id_separators", True, True,
    )  # fmt: skip
    if sys.platform != "win32":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (out, listed)}
        assert modes == {0o600}
    assert {path.name for path in tmp_path.iterdir()} == {"masuk.csv", out.name, listed.name}


def test_ids_are_text_cells_of_a_workbook(extract, tmp_path, monkeypatch, capsys):
    run(monkeypatch, capsys, "clean", extract, "--out", tmp_path / "bersih.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "bersih.xlsx").active
    assert [cell.value for cell in sheet[1]] == list(FRAME.columns)
    assert (sheet["B2"].value, sheet["B2"].data_type) == (NIK, "s")
    assert sheet["E2"].data_type == "s"


def test_all_changes_when_told(extract, tmp_path, monkeypatch, capsys):
    listed = tmp_path / "daftar.csv"
    code, _, _ = run(
        monkeypatch,
        capsys,
        "clean",
        extract,
        "--out",
        tmp_path / "b.parquet",
        "--apply",
        "all",
        "--changes",
        listed,
    )
    assert code == 0
    frame = pl.read_parquet(tmp_path / "b.parquet")
    assert frame["NIK"][1] == "6212010107809002"
    assert frame["NAMA"][1] == "MUHAMMAD ALI"
    assert set(pl.read_csv(listed, separator=";")["Keadaan"]) == {"Diterapkan"}


def test_several_inputs_are_stacked(tmp_path):
    a = pl.DataFrame({"NAMA": ["SITI AMINAH"], "NIK": [f"'{NIK}"], "KET": ["x"]})
    b = pl.DataFrame({"NAMA": ["RUSLAN ALI"], "No. NIK": ["6212 0101 0780 9005"], "KET": ["y"]})
    found = nikdedup.clean([a, b], reference_date="2026-06-30")
    assert found.headers == ["NAMA", "NIK", "KET", "No. NIK"]
    assert found.frame.rows() == [
        ("SITI AMINAH", NIK, "x", None),
        ("RUSLAN ALI", None, "y", "6212010107809005"),
    ]
    assert found.changes.select("row", "column").rows() == [(0, "NIK"), (1, "No. NIK")]


def test_rows_that_are_no_records_are_left_out_and_listed(tmp_path):
    lines = [
        "DAFTAR PENDUDUK",
        "NIK;NAMA;KET;KET",
        f"{NIK};SITI AMINAH;a;b",
        "NIK;NAMA;KET;KET",
        "6212010107809005;NUR HAYATI;c;d",
        ";JUMLAH;2;",
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    found = nikdedup.clean(tmp_path / "a.csv", tmp_path / "b.csv", reference_date="2026-06-30")
    assert found.headers == ["NIK", "NAMA", "KET", "KET"]
    left_out = found.changes.select("row", "source_row", "column", "reason").rows()
    assert left_out == [
        (None, 1, None, "row_title"),
        (None, 4, None, "row_header_repeated"),
        (None, 6, None, "row_total"),
    ]
    assert (tmp_path / "b.csv").read_text(encoding="utf-8-sig").splitlines() == [lines[1], lines[2], lines[4]]
    assert nikdedup.clean(tmp_path / "b.csv", reference_date="2026-06-30").changes.is_empty()
    assert found.frame.columns == ["NIK", "NAMA", "KET", "KET_2"]


def faults(extract, tmp_path):
    return [
        (["--out", extract], "--out masuk.csv: is an input; " + NEVER),
        (["--out", tmp_path / "b.csv", "--changes", extract], "--changes masuk.csv: is an input; " + NEVER),
        (
            ["--out", tmp_path / "b.csv", "--changes", tmp_path / "b.csv"],
            "--changes b.csv: is the same file as --out",
        ),
        (["--out", tmp_path / "b.txt"], "--out b.txt: allowed are .parquet, .csv, .xlsx"),
        (["--out", tmp_path / "tiada" / "b.csv"], "--out b.csv: the folder tiada does not exist"),
        (["--out", tmp_path / "b.csv", "--apply", "some"], None),
        (["--out", tmp_path / "b.csv", "--reference-date", "kemarin"], None),
    ]


@pytest.mark.parametrize("number", range(7))
def test_wrong_options_are_told_in_one_line(number, extract, tmp_path, monkeypatch, capsys):
    arguments, message = faults(extract, tmp_path)[number]
    before = extract.read_bytes()
    code, out, err = run(monkeypatch, capsys, "clean", extract, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message is None or err == f"nikdedup: {message}\n"
    assert extract.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["masuk.csv"]


def test_an_input_by_another_name_is_still_the_input(extract, tmp_path, monkeypatch, capsys):
    link = tmp_path / "lain.csv"
    link.hardlink_to(extract)
    assert run(monkeypatch, capsys, "clean", extract, "--out", link)[0] == 2


def test_a_failed_write_leaves_nothing(extract, tmp_path, monkeypatch):
    (tmp_path / "b.csv").write_text("lama")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nikdedup.show.extract_file._write_csv", full)
    with pytest.raises(nikdedup.RunError, match="No space left"):
        nikdedup.clean(extract, tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == "lama"
    assert {path.name for path in tmp_path.iterdir()} == {"masuk.csv", "b.csv"}


def test_profile_prints_and_writes(extract, tmp_path, monkeypatch, capsys):
    code, out, err = run(
        monkeypatch, capsys, "profile", extract, "--out", tmp_path / "p.parquet", "--lang", "en"
    )
    assert (code, err) == (0, "")
    assert "Profile of the data as of 2026-06-30" in out
    assert NIK not in out
    frame = pl.read_parquet(tmp_path / "p.parquet")
    assert frame.filter(section="reasons", measure="nik_letters_for_digits")["rows"].to_list() == [[1]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tiada.csv"], "tiada.csv: no such file or folder"),
        (["masuk.csv", "--out", "p.csv"], "--out p.csv: allowed is .parquet"),
        (["masuk.csv", "--out", "tiada/p.parquet"], "--out p.parquet: the folder tiada does not exist"),
    ],
)
def test_profile_faults(arguments, message, extract, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, capsys, "profile", *arguments) == (2, "", f"nikdedup: {message}\n")


def test_same_input_same_bytes(extract, tmp_path):
    for suffix in (".csv", ".xlsx", ".parquet"):
        first, second = (Path(tmp_path / f"{name}{suffix}") for name in "ab")
        nikdedup.clean(extract, first)
        nikdedup.clean(extract, second)
        assert first.read_bytes() == second.read_bytes()
