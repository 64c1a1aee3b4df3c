"""Parquet and frames: identity of records, text for ever, order of sources, overlap of libraries."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.residents.read.extract import SkippedRow, read
from nikdedup.schema import IDENTITY

PEOPLE = pl.DataFrame(
    {
        "NIK": ["6212010107909001", "6212014107909002", None],
        "NAMA_LGKP": ["SITI AMINAH", "  SLAMET ", "NURHAYATI"],
        "TGL_LHR": ["01-07-1990", "", "\u00a0"],
        "CATATAN": ["x", "y", "z"],
    }
)


def test_frame_has_identity_fields_and_source() -> None:
    extract = read(PEOPLE)
    assert extract.frame.columns == [*IDENTITY, "nik", "nama_lgkp", "tgl_lhr", "_source"]
    types = dict(extract.frame.schema)
    assert {name: types[name] for name in IDENTITY} == IDENTITY
    assert types["_source"] == pl.UInt32
    assert extract.frame.rows()[1] == (1, "1", None, None, 2, "6212014107909002", "  SLAMET ", None, 0)
    assert extract.frame["tgl_lhr"].to_list() == ["01-07-1990", None, None]
    assert extract.unmapped == ["CATATAN"]
    assert extract.mapping == {"nik": ["NIK"], "nama_lgkp": ["NAMA_LGKP"], "tgl_lhr": ["TGL_LHR"]}


def test_repr_shows_no_person() -> None:
    assert "SITI" not in repr(read(PEOPLE))
    assert "6212010107909001" not in repr(read(PEOPLE))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda f: f, id="polars"),
        pytest.param(lambda f: f.lazy(), id="lazy"),
        pytest.param(lambda f: f.to_pandas(), id="pandas"),
        pytest.param(lambda f: f.to_pandas().convert_dtypes(), id="pandas nullable"),
        pytest.param(lambda f: f.to_arrow(), id="arrow table"),
        pytest.param(lambda f: f.to_arrow().to_reader(), id="record batch reader"),
        pytest.param(lambda f: _Capsule(f), id="capsule"),
        pytest.param(lambda f: [f], id="list of one"),
    ],
)
def test_same_frame_of_any_library(make: object) -> None:
    expected = read(PEOPLE)
    found = read(make(PEOPLE))  # type: ignore[operator]
    assert found.frame.equals(expected.frame)
    assert found.fingerprint == expected.fingerprint


class _Capsule:
    """Nothing but the Arrow PyCapsule interface."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


def test_fingerprint_changes_with_a_value() -> None:
    other = PEOPLE.with_columns(NAMA_LGKP=pl.Series(["SITI AMINAH", "  SLAMET ", "NURHAYATY"]))
    assert read(other).fingerprint != read(PEOPLE).fingerprint


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(pl.Series([5, 12, None], dtype=pl.Int64), ["5", "12", None], id="integers"),
        pytest.param(pl.Series([5.0, 1.5, None]), ["5", "1.5", None], id="floats"),
        pytest.param(pl.Series([float("nan"), 1e20, -3.0]), [None, "1" + "0" * 20, "-3"], id="NaN and large"),
        pytest.param(pl.Series([Decimal("5.00"), Decimal("5.25"), None]), ["5", "5.25", None], id="decimals"),
        pytest.param(
            pl.Series([date(1990, 7, 1), None, date(2000, 12, 31)]),
            ["1990-07-01", None, "2000-12-31"],
            id="dates",
        ),
        pytest.param(
            pl.Series([datetime(1990, 7, 1), datetime(1990, 7, 1, 8, 5), None]),
            ["1990-07-01", "1990-07-01 08:05:00", None],
            id="date-times",
        ),
        pytest.param(pl.Series(["a", "b", None], dtype=pl.Categorical), ["a", "b", None], id="categories"),
        pytest.param(pl.Series([True, False, None]), ["true", "false", None], id="booleans"),
        pytest.param(pl.Series([b"a", b"\xc3\xa9", None]), ["a", "é", None], id="binary of Spark"),
        pytest.param(pl.Series([None, None, None]), [None, None, None], id="nulls"),
    ],
)
def test_any_type_becomes_text(values: pl.Series, expected: list[str | None], tmp_path: Path) -> None:
    frame = PEOPLE.with_columns(RT=values)
    frame.write_parquet(tmp_path / "a.parquet")
    for source in (frame, tmp_path / "a.parquet"):
        column = read(source).frame["no_rt"]
        assert column.dtype == pl.String
        assert column.to_list() == expected


def test_integer_nik_keeps_its_digits(tmp_path: Path) -> None:
    frame = pl.DataFrame({"NIK": [6212010107909001, 9107010107909003], "NAMA": ["A", "B"]})
    frame.write_parquet(tmp_path / "a.parquet")
    extract = read(tmp_path / "a.parquet")
    assert extract.frame["nik"].to_list() == ["6212010107909001", "9107010107909003"]
    assert extract.column_types["nik"] == "integer"


def test_float_nik_when_accepted_is_rendered_and_remembered() -> None:
    frame = pd.DataFrame({"NIK": [6212010107909001.0, None], "NAMA": ["A", "B"]})
    extract = read(frame, config=Config(accept_damaged_nik=True))
    assert extract.frame["nik"].to_list() == ["6212010107909001", None]
    assert extract.sources[0].column_types["nik"] == "float"


def test_pandas_mixed_objects_index_and_types() -> None:
    frame = pd.DataFrame(
        {
            "NIK": [6212010107909001, "6212014107909002", None],
            "NAMA": ["A", None, float("nan")],
            "TGL_LHR": [pd.Timestamp("1990-07-01"), "1-7-1990", pd.NaT],
        },
        index=pd.Index(["r1", "r2", "r3"], name="rec_id"),
    )
    extract = read(frame, config=Config(record_id="rec_id"))
    assert extract.frame["record_id"].to_list() == ["r1", "r2"]
    assert extract.frame["nik"].to_list() == ["6212010107909001", "6212014107909002"]
    assert extract.frame["tgl_lhr"].to_list() == ["1990-07-01", "1-7-1990"]
    assert extract.column_types["nik"] == "mixed"
    assert extract.skipped == [SkippedRow(None, None, 3, "blank")]


def test_input_frame_is_left_alone() -> None:
    frame = PEOPLE.to_pandas()
    before = frame.copy()
    read(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_rows_count_over_sources_in_the_order_given(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name, people in (("b", ["C", "D"]), ("a", ["A", "B"])):
        pl.DataFrame({"NAMA": people}).write_parquet(tmp_path / "parts" / f"{name}.parquet")
    pl.DataFrame({"NAMA": ["E"], "NIK": ["6212010107909001"]}).write_parquet(tmp_path / "z.parquet")
    extract = read([tmp_path / "z.parquet", str(tmp_path / "parts"), PEOPLE])
    assert extract.frame["nama_lgkp"].to_list()[:5] == ["E", "A", "B", "C", "D"]
    assert extract.frame["row"].to_list() == list(range(8))
    assert extract.frame["_source"].to_list() == [0, 1, 1, 1, 1, 2, 2, 2]
    assert extract.frame["source_file"].to_list()[:4] == ["z.parquet", "a.parquet", "a.parquet", "b.parquet"]
    assert extract.frame["source_row"].to_list() == [1, 1, 2, 1, 2, 1, 2, 3]
    assert [(s.file, s.input, s.rows) for s in extract.sources][1:] == [
        ("a.parquet", 1, 2),
        ("b.parquet", 1, 2),
        (None, 2, 3),
    ]


def test_glob_and_lock_files(tmp_path: Path) -> None:
    for name in ("kec_02.parquet", "kec_01.parquet", "other.parquet"):
        pl.DataFrame({"NAMA": [name]}).write_parquet(tmp_path / name)
    (tmp_path / "~$kec_03.parquet").write_bytes(b"lock")
    (tmp_path / "_SUCCESS").write_bytes(b"")
    assert read(str(tmp_path / "kec_*.parquet")).frame["nama_lgkp"].to_list() == [
        "kec_01.parquet",
        "kec_02.parquet",
    ]
    assert read(tmp_path).frame.height == 3


def test_a_name_with_glob_signs_is_taken_as_it_is(tmp_path: Path) -> None:
    pl.DataFrame({"NAMA": ["A"]}).write_parquet(tmp_path / "data [1].parquet")
    assert read(tmp_path / "data [1].parquet").frame.height == 1


def test_parts_may_order_their_columns_as_they_like(tmp_path: Path) -> None:
    PEOPLE.write_parquet(tmp_path / "a.parquet")
    PEOPLE.select(reversed(PEOPLE.columns)).write_parquet(tmp_path / "b.parquet")
    frame = read(tmp_path).frame
    assert frame["nik"].to_list() == PEOPLE["NIK"].to_list() * 2


def test_no_records_are_listed_and_not_counted() -> None:
    frame = pl.DataFrame(
        {
            "NIK": ["6212010107909001", "NIK", None, None, "2", None, "6212010107909002"],
            "NAMA": ["A", "NAMA", None, "JUMLAH", "3", "TOTAL", None],
            "NAMA_IBU": ["X", "Nama Ibu", " ", None, "4", "Z", None],
            "TGL_LHR": ["01-07-1990", "Tgl Lahir", None, "125", "5", "31-12-1960", None],
        }
    )
    extract = read(frame)
    assert extract.frame["nama_lgkp"].to_list() == ["A", "TOTAL", None]
    assert extract.frame["row"].to_list() == [0, 1, 2]
    assert extract.frame["source_row"].to_list() == [1, 6, 7]
    assert extract.skipped == [
        SkippedRow(None, None, 2, "header_repeated"),
        SkippedRow(None, None, 3, "blank"),
        SkippedRow(None, None, 4, "total"),
        SkippedRow(None, None, 5, "header_repeated"),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 150, 1000])
def test_sample_is_the_first_records(size: int) -> None:
    blanks = pl.DataFrame(
        {"NIK": [None] * 200, "NAMA": [None] * 200}, schema={"NIK": pl.String, "NAMA": pl.String}
    )
    people = pl.DataFrame({"NIK": [None] * 200, "NAMA": [f"N{i}" for i in range(200)]}, schema=blanks.schema)
    data = [people.head(1), blanks.vstack(people)]
    full = read(data).frame
    sample = read(data, config=Config(sample=size))
    assert sample.frame.equals(full.head(size))
    assert all(row.source_row <= 200 for row in sample.skipped)


def test_record_id_column() -> None:
    frame = PEOPLE.with_columns(ID=pl.Series([7, 8, 9]))
    extract = read(frame, config=Config(record_id="id"))
    assert extract.frame["record_id"].to_list() == ["7", "8", "9"]
    assert "ID" not in extract.unmapped


cells = st.one_of(
    st.none(), st.text(alphabet=" AB6\u00a0\u200b'-", max_size=4), st.sampled_from(["JUMLAH", "NAMA", "(1)"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12))
def test_every_row_is_a_record_or_listed(rows: list[tuple[str | None, ...]]) -> None:
    always = ("6212010107909001", "SITI AMINAH", "01-07-1990")
    frame = pl.DataFrame(
        [*rows, always], schema=dict.fromkeys(["NIK", "NAMA", "TGL_LHR"], pl.String), orient="row"
    )
    extract = read(frame)
    kept, skipped = extract.frame["source_row"].to_list(), [row.source_row for row in extract.skipped]
    assert sorted([*kept, *skipped]) == list(range(1, frame.height + 1))
    for row, text in zip(kept, extract.frame["nama_lgkp"], strict=True):
        original = frame["NAMA"][row - 1]
        assert text == original or (text is None and not (original or "").strip(" \u00a0\u200b"))
    for row in extract.skipped:
        nik, name, _ = frame.row(row.source_row - 1)
        assert not (name or "").strip(" \u00a0\u200b'-B6A") or name in ("JUMLAH", "NAMA", "(1)")
        assert row.reason != "blank" or not (nik or "").strip(" \u00a0\u200b")


def test_read_is_the_same_every_time(tmp_path: Path) -> None:
    PEOPLE.write_parquet(tmp_path / "a.parquet")
    first, second = read(tmp_path), read(tmp_path)
    assert first.frame.equals(second.frame)
    assert (first.fingerprint, first.sources) == (second.fingerprint, second.sources)


def test_arrow_columns_that_repeat_a_name_are_told() -> None:
    table = pa.table([["6212010107909001"], ["1"], ["A"]], names=["NIK", "NIK", "NAMA"])
    with pytest.raises(Exception, match="columns 'NIK' and 'NIK' both claim nik"):
        read(table)
