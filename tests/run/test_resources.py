"""What a run will need, told from the size of its input alone."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import Config, ConfigError
from nikdedup.run.resources import (
    BASE_BYTES,
    RECORD_BYTES,
    check_memory,
    disk_needed,
    memory_needed,
    records_of,
)


def as_csv(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_csv(folder / "a.csv")
    return folder / "a.csv"


def as_gz(frame: pl.DataFrame, folder: Path) -> Path:
    (folder / "a.csv.gz").write_bytes(gzip.compress(frame.write_csv().encode()))
    return folder / "a.csv.gz"


def as_workbook(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_excel(folder / "a.xlsx")
    return folder / "a.xlsx"


def as_parts(frame: pl.DataFrame, folder: Path) -> Path:
    frame.head(200).write_parquet(folder / "a.parquet")
    frame.tail(400).write_parquet(folder / "b.parquet")
    return folder


def damaged(_: pl.DataFrame, folder: Path) -> Path:
    (folder / "a.parquet").write_bytes(b"PAR1 and no more")
    return folder / "a.parquet"


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        pytest.param(lambda frame, _: frame, 600, 600, id="polars"),
        pytest.param(lambda frame, _: frame.to_pandas(), 600, 600, id="pandas"),
        pytest.param(lambda frame, _: frame.to_arrow(), 600, 600, id="pyarrow"),
        pytest.param(lambda frame, _: [frame, frame], 1200, 1200, id="two frames"),
        pytest.param(as_parts, 600, 600, id="parquet"),
        pytest.param(as_csv, 580, 620, id="csv, by the length of its lines"),
        pytest.param(as_gz, 400, 900, id="packed csv, by its size"),
        pytest.param(as_workbook, 400, 900, id="workbook, by its size"),
        pytest.param(lambda frame, _: frame.lazy(), 0, 0, id="lazy frame cannot be told"),
        pytest.param(damaged, 0, 0, id="damaged file cannot be told"),
    ],
)
def test_records_of(
    given: Callable[[pl.DataFrame, Path], Any], least: int, most: int, small_extract: Path, tmp_path: Path
) -> None:
    data = given(pl.read_parquet(small_extract), tmp_path)
    assert least <= records_of(data) <= most


def test_needs_grow_with_the_records(small_extract: Path) -> None:
    assert memory_needed(small_extract, 0) == BASE_BYTES
    assert memory_needed(small_extract, 1_000) == BASE_BYTES + 1_000 * RECORD_BYTES
    assert disk_needed(2_000) == 2 * disk_needed(1_000) > 0


def test_a_text_file_is_held_in_memory_too(small_extract: Path, tmp_path: Path) -> None:
    path = as_csv(pl.read_parquet(small_extract), tmp_path)
    assert memory_needed(path, 600) == memory_needed(small_extract, 600) + 2 * path.stat().st_size


@pytest.mark.parametrize(
    ("options", "records", "refused"),
    [
        pytest.param({}, 10**9, False, id="no limit"),
        pytest.param({"memory": BASE_BYTES + 600 * RECORD_BYTES}, None, False, id="just enough"),
        pytest.param({"memory": BASE_BYTES + 600 * RECORD_BYTES - 1}, None, True, id="one byte short"),
        pytest.param({"memory": BASE_BYTES + 10 * RECORD_BYTES, "sample": 10}, None, False, id="a sample"),
        pytest.param({"memory": "1GB"}, 10**6, True, id="more records than it seemed"),
    ],
)
def test_check_memory(
    options: dict[str, Any], records: int | None, refused: bool, small_extract: Path
) -> None:
    config = Config().with_options(**options)
    if not refused:
        check_memory(small_extract, config, records=records)
        return
    with pytest.raises(ConfigError, match=r"^memory: \d+ MB are allowed; about \d+ MB are needed for "):
        check_memory(small_extract, config, records=records)


def test_a_lazy_frame_is_counted_once_it_is_read(small_extract: Path) -> None:
    from nikdedup import dedupe

    frame = pl.scan_parquet(small_extract)
    with pytest.raises(ConfigError, match="needed for 600 records"):
        dedupe(frame, memory=BASE_BYTES)
