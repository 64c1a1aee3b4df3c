"""Parquet files whose pages are not what their footer says: one plain line, and no process that ends."""

import io
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import LimitsConfig
from nikdedup.errors import InputError
from nikdedup.residents.read import pages
from nikdedup.residents.read.extract import read
from nikdedup.residents.read.pages import check_pages, footer

CASES = Path(__file__).parents[2] / "cases" / "attack"
PEOPLE = pl.DataFrame(
    {"NIK": [f"621201010790{9000 + i}" for i in range(300)], "NAMA": [f"ALI {i % 7}" for i in range(300)]}
)


@pytest.mark.parametrize("name", ["2.parquet", "hang.parquet"])
def test_files_that_ended_the_process(name: str) -> None:
    with pytest.raises(InputError) as caught:
        read(CASES / name)
    assert str(caught.value) == f"{name}: damaged, cannot be read to the end; export it again"


def test_numbers_taken_for_dates_are_values() -> None:
    found = nikdedup.dedupe(CASES / "date32_NIK.parquet", reference_date="2026-06-30")
    assert len(found.residents) == 67
    assert set(found.residents["nik_verdict"]) <= {"invalid", "missing", "suspect_truncated"}
    assert found.residents["nik"].null_count() == 0


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_moments_out_of_any_calendar(unit: str) -> None:
    whole = [-(2**62), 2**62, 0, None]
    frame = pl.DataFrame(
        {"NAMA": ["A", "B", "C", "D"], "TGL_LAHIR": pl.Series(whole).cast(pl.Datetime(unit))}
    )
    found = read(frame).frame["tgl_lhr"].to_list()
    assert found[2:] == ["1970-01-01", None]
    assert unit == "ns" or found[:2] == [str(-(2**62)), str(2**62)]


@pytest.mark.parametrize(
    "settings",
    [
        {}, {"use_dictionary": False}, {"data_page_version": "2.0"}, {"compression": "zstd"}, {"compression": "none"},
        {"data_page_size": 64}, {"row_group_size": 7}, {"write_page_checksum": True}, {"write_page_index": True},
        {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"}, {"write_statistics": False},
    ],
    ids=str,
)  # fmt: skip
def test_sound_files_need_no_second_look(
    settings: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_read_carefully", None)  # called, it would fail
    pq.write_table(PEOPLE.to_arrow(), tmp_path / "a.parquet", **settings)
    check_pages(tmp_path / "a.parquet", footer(tmp_path / "a.parquet"), LimitsConfig())
    PEOPLE.write_parquet(tmp_path / "b.parquet", row_group_size=100)
    check_pages(tmp_path / "b.parquet", footer(tmp_path / "b.parquet"), LimitsConfig())


def test_long_statistics_in_a_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "HEADER_BYTES", 8)
    PEOPLE.write_parquet(tmp_path / "a.parquet")
    check_pages(tmp_path / "a.parquet", footer(tmp_path / "a.parquet"), LimitsConfig())


def outcome(path: Path) -> str:
    """Return why a file was refused, empty where it was read."""
    try:
        read(path)
    except InputError as fault:
        return str(fault)
    return ""


def written() -> bytes:
    file = io.BytesIO()
    PEOPLE.write_parquet(file, compression="uncompressed")
    return file.getvalue()


SOUND = written()


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_few_wrong_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, wrong: list[tuple[int, int]]
) -> None:
    raw = bytearray(SOUND)
    for at, byte in wrong:
        raw[at] = byte
    path = tmp_path_factory.getbasetemp() / "wrong.parquet"
    path.write_bytes(raw)
    assert "\n" not in outcome(path)


def test_rows_without_bytes_are_a_bomb(tmp_path: Path) -> None:
    column = pa.repeat(pa.scalar("A"), 10_000_000)
    pq.write_table(pa.table({"NAMA": column}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(InputError, match=r"^a\.parquet: packed contents .* raise limits\.expansion$"):
        read(tmp_path / "a.parquet")


def test_a_long_value_that_a_dictionary_repeats_is_a_bomb(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0), 300_000), ["A" * 1000])
    pq.write_table(pa.table({"NAMA": column}), tmp_path / "a.parquet", compression="zstd")
    with pytest.raises(InputError, match=r"^a\.parquet: packed contents .* raise limits\.expansion$"):
        read(tmp_path / "a.parquet")


def test_a_short_value_on_every_row_is_none(tmp_path: Path) -> None:
    table = PEOPLE.sample(1_000, with_replacement=True, seed=1).with_columns(
        KABUPATEN=pl.lit("MURUNG RAYA" * 9)
    )
    table.write_parquet(tmp_path / "a.parquet")
    assert len(read(tmp_path / "a.parquet").frame) == 1_000
