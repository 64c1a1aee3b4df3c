"""One line of CSV cut into cells: the same as Python's own reader, and whatever that one refuses."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.cells import cut
from nikdedup.residents.read.extract import read

CASES = Path(__file__).parents[2] / "cases" / "attack"


@given(st.text(alphabet='ab";, \t|', max_size=14), st.sampled_from(";,\t|"))
def test_as_the_library_reads_it(line: str, separator: str) -> None:
    assert cut(line, separator) == next(csv.reader([line], delimiter=separator), [])


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        pytest.param('ALI;"JL A\rRT 1"', ["ALI", "JL A\rRT 1"], id="lone carriage return"),
        pytest.param("ALI;JL\0A", ["ALI", "JL\0A"], id="NUL"),
        pytest.param('"' + "A" * 200_000 + '";B', ["A" * 200_000, "B"], id="beyond the library's limit"),
        pytest.param('"A;B', ["A;B"], id="never closed"),
    ],
)
def test_what_the_library_refuses(line: str, cells: list[str]) -> None:
    assert cut(line, ";") == cells


def test_a_lone_carriage_return_stays_in_its_cell() -> None:
    found = read(CASES / "cr.csv", config=Config())
    assert found.frame["nama_lgkp"].to_list() == ["ALI", "BUDI"]
    assert found.frame["alamat"].to_list() == ["JL A\rRT 1", "JL B"]


@pytest.mark.parametrize("sign", ['"', "A", "1", " ", "§"])
def test_a_separator_that_parts_nothing_is_a_title(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"sep={sign}\nNIK;NAMA\n6212010107909001;ALI\n", encoding="utf-8")
    found = read(path)
    assert found.frame["nama_lgkp"].to_list() == ["ALI"]
    assert [(row.source_row, row.reason) for row in found.skipped] == [(1, "title")]


def test_a_line_of_signs_for_a_separator_is_one_plain_line() -> None:
    with pytest.raises(InputError, match=r"^sep\.csv: no header row"):
        read(CASES / "sep.csv")
