"""What a file may ask of the machine: each limit is a setting, and the refusal names it."""

import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from nikdedup.config import Config, LimitsConfig
from nikdedup.errors import LITTLE_MEMORY, InputError, RunError
from nikdedup.residents.read import guard
from nikdedup.residents.read.extract import read
from nikdedup.residents.read.guard import unpack


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(InputError) as caught:
        read(path, config=Config(limits=LimitsConfig(**limits)))
    assert caught.value.exit_code == 2
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


def people(folder: Path, extra: str = "X", width: int = 3, name: str = "a.csv") -> Path:
    """Write a list of two people, one cell of which is `extra`, with columns of no meaning up to `width`."""
    more = "".join(f",K{i}" for i in range(width - 3))
    rows = [
        f"6212010107909001,ALI,{extra}" + ",1" * (width - 3),
        "6212010107909002,BUDI,Y" + ",2" * (width - 3),
    ]
    text = "\n".join([f"NIK,NAMA,KET{more}", *rows, ""])
    path = folder / name
    path.write_bytes(gzip.compress(text.encode(), 1) if name.endswith(".gz") else text.encode())
    return path


def test_longest_cell(tmp_path: Path) -> None:
    path = people(tmp_path, "x" * 5_000)
    assert len(read(path).frame) == 2
    assert refusal(path, cell_bytes=4_999) == (
        "a.csv: a cell of 5,000 bytes in row 2; at most 4,999 are allowed; shorten it, or raise limits.cell_bytes"
    )
    assert len(read(path, config=Config(limits=LimitsConfig(cell_bytes=5_000))).frame) == 2


def test_longest_cell_of_a_frame_and_of_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame({"NAMA": ["ALI", "x" * 5_000]})
    frame.write_parquet(tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet", cell_bytes=4_999).startswith(
        "a.parquet: a cell of 5,000 bytes in row 2;"
    )
    with pytest.raises(
        InputError, match=r"^frame: a cell of 5,000 bytes in row 2; .* raise limits\.cell_bytes$"
    ):
        read(frame, config=Config(limits=LimitsConfig(cell_bytes=4_999)))


def test_a_line_that_never_ends_is_refused_before_it_is_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"NIK,NAMA\n1," + b"A," * 2_000_000)
    assert refusal(tmp_path / "a.csv").startswith(
        "a.csv: a line of 2,000,005 bytes or more; at most 1,000,000 are allowed"
    )


@pytest.mark.parametrize("width", [250, 1_500])
def test_wide_tables_are_read(width: int, tmp_path: Path) -> None:
    found = read(people(tmp_path, '"q"', width=width))
    assert found.frame["nama_lgkp"].to_list() == ["ALI", "BUDI"]


def test_most_columns(tmp_path: Path) -> None:
    path = people(tmp_path, width=2_500)
    assert refusal(path) == (
        "a.csv: 2,500 columns; at most 2,000 are allowed; leave some out, or raise limits.table_columns"
    )
    wide = read(path, config=Config(limits=LimitsConfig(table_columns=2_500)))
    assert wide.frame["nama_lgkp"].to_list() == ["ALI", "BUDI"]


def test_most_cells_of_one_line(tmp_path: Path) -> None:
    assert refusal(people(tmp_path, "," * 50), table_columns=20).startswith("a.csv: 53 columns; at most 20")


def test_most_columns_of_parquet(tmp_path: Path) -> None:
    pl.DataFrame({f"K{i}": ["1"] for i in range(30)}).write_parquet(tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet", table_columns=20).startswith("a.parquet: 30 columns; at most 20")


@pytest.fixture
def small_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have bombs begin at a megabyte, so that tests need not make large ones."""
    monkeypatch.setattr(guard, "FREE", 1 << 20)


@pytest.mark.usefixtures("small_bombs")
def test_packed_text_of_any_size_is_read() -> None:
    text = b"".join(b"%d;" % i for i in range(500_000))
    assert unpack(Path("a.csv.gz"), gzip.compress(text, 1), LimitsConfig()) == text
    assert (
        unpack(
            Path("a.csv.gz"), gzip.compress(b"") + gzip.compress(b"A") + gzip.compress(b"B"), LimitsConfig()
        )
        == b"AB"
    )


@pytest.mark.usefixtures("small_bombs")
@pytest.mark.parametrize("before", [b"", os.urandom(1 << 20)], ids=["at once", "behind an honest beginning"])
def test_a_bomb_of_zeros(before: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(before + bytes(5 << 20)))
    assert refusal(tmp_path / "a.csv.gz") == (
        "a.csv.gz: packed contents of more than 100 times their size, as an extract never has; "
        "export it again, or raise limits.expansion"
    )


@pytest.mark.parametrize("line", ["", ",,,,,,,,,", '" ", ,', "\t;"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_blank_lines_without_end_are_refused(line: str, encoding: str, tmp_path: Path) -> None:
    people = "NIK,NAMA\n6212010101909001,SITI AMINAH\n" * 20
    (tmp_path / "a.csv").write_text(people + f"{line}\n" * 990, encoding=encoding)
    found = refusal(tmp_path / "a.csv", blank_cells=1_000)
    assert found.endswith(
        "nearly all of them blank; delete the blank ones, or raise limits.blank_cells (1,000)"
    )


def test_short_lines_are_not_blank(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("NAMA,JK\n" + "SITI,P\n" * 500 + "\n" * 100)
    assert len(read(tmp_path / "a.csv", config=Config(limits=LimitsConfig(blank_cells=1_000))).frame) == 500


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_most_lines_of_a_file(name: str, tmp_path: Path) -> None:
    text = b"NIK,NAMA\n" + b'"6212010101909001,SITI AMINAH\n' * 1_000
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    found = refusal(tmp_path / name, rows=1_000)
    assert found == f"{name}: more than 1,000 lines; part the file, or raise limits.rows"
    assert len(read(tmp_path / name, config=Config(limits=LimitsConfig(rows=1_001))).frame) == 1_000


def test_lines_are_counted_before_the_file_is_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "nikdedup.residents.read.extract.read_bytes", lambda path: pytest.fail("held in memory")
    )
    (tmp_path / "a.csv").write_text("NIK,NAMA\n" + "6212010101909001,SITI\n" * 1_000)
    assert "limits.rows" in refusal(tmp_path / "a.csv", rows=1_000)


def test_most_files_of_a_run(tmp_path: Path) -> None:
    for number in range(3):
        people(tmp_path, name=f"{number}.csv")
    assert refusal(tmp_path, files=2) == (
        "3 files; at most 2 are allowed; put several into one, or raise limits.files"
    )
    assert len(read(tmp_path, config=Config(limits=LimitsConfig(files=3))).frame) == 6


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs names that are no files")
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "xlsx", "parquet"])
@pytest.mark.parametrize(
    ("make", "kind"),
    [(fifo, "a pipe"), (bound_socket, "a socket"), (device, "a device")],
    ids=["pipe", "socket", "device"],
)
def test_what_is_no_file_is_refused_at_once(
    make: Callable[[Path], None], kind: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path(f"a.{ending}"))
    assert refusal(Path(f"a.{ending}")) == f"a.{ending}: cannot be read ({kind}, not a file)"


def test_a_folder_called_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    assert refusal(tmp_path / "a.csv").startswith("a.csv: no readable file in this folder")


def test_a_name_too_long_for_the_system(tmp_path: Path) -> None:
    assert refusal(tmp_path / f"{'a' * 300}.csv").endswith("cannot be read (File name too long)")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_file_name_that_is_no_utf8(ending: str, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path / f"a.{ending}").replace(b"a.", b"\xff.")))
    frame = pl.DataFrame({"NIK": ["6212010107909001"], "NAMA": ["ALI"]})
    plain = tmp_path / f"b.{ending}"
    {"csv": frame.write_csv, "xlsx": frame.write_excel, "parquet": frame.write_parquet}[ending](plain)
    plain.rename(path)
    found = read(path)
    assert found.frame["source_file"].to_list() == [f"\ufffd.{ending}"]
    assert found.frame["nama_lgkp"].to_list() == ["ALI"]


def test_half_of_a_sign_in_a_frame() -> None:
    import pandas as pd

    found = read(pd.DataFrame({"NAMA": ["SITI \ud800", "ALI"], "\udcff": ["1", "2"]}))
    assert found.frame["nama_lgkp"].to_list() == ["SITI \ufffd", "ALI"]


@pytest.mark.parametrize("name", ["footer", "page"])
def test_a_file_is_not_called_damaged_where_memory_is_limited(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that is refused memory says of a sound file what it says of a damaged one."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"NIK": ["6212014107609001"] * 90, "NAMA": ["SITI"] * 90}).write_parquet(path)
    raw = path.read_bytes()
    path.write_bytes(raw[:-20] if name == "footer" else raw[:30] + bytes(20) + raw[50:])
    with pytest.raises(InputError) as open_to_all:
        read(path)
    assert "memory" not in str(open_to_all.value)
    monkeypatch.setattr(guard, "limited", lambda: True)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == "a.parquet: damaged, or too large for the memory allowed; export it again"


def test_a_reader_that_says_memory_is_short() -> None:
    with pytest.raises(RunError, match=LITTLE_MEMORY.partition("(")[0]), guard.readable("a.csv"):
        raise OSError(12, "Cannot allocate memory")
