"""What a run will need, told from the size of its input alone."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup import Config, ConfigError, dedupe
from nikdedup.run.inputs import Inputs, Kind
from nikdedup.run.resources import (
    BASE_BYTES,
    PART_ROWS,
    RECORD_BYTES,
    Cut,
    check_memory,
    check_whole,
    cut_of,
    disk_needed,
    memory_needed,
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
def test_records_are_told_without_reading_them(
    given: Callable[[pl.DataFrame, Path], Any], least: int, most: int, small_extract: Path, tmp_path: Path
) -> None:
    data = given(pl.read_parquet(small_extract), tmp_path)
    assert least <= Inputs.of(data).records <= most


def test_needs_grow_with_the_records(small_extract: Path) -> None:
    assert memory_needed(Inputs.of(small_extract), 0) == BASE_BYTES
    assert memory_needed(Inputs.of(small_extract), 1_000) == BASE_BYTES + 1_000 * RECORD_BYTES
    assert disk_needed(2_000) == 2 * disk_needed(1_000) > 0


def test_a_text_file_is_held_in_memory_too(small_extract: Path, tmp_path: Path) -> None:
    path = as_csv(pl.read_parquet(small_extract), tmp_path)
    assert (
        memory_needed(Inputs.of(path), 600)
        == memory_needed(Inputs.of(small_extract), 600) + 2 * path.stat().st_size
    )


@pytest.mark.parametrize(
    ("options", "records", "refused"),
    [
        pytest.param({}, 10**9, False, id="no limit"),
        pytest.param({"memory": BASE_BYTES + 600 * RECORD_BYTES}, None, False, id="just enough"),
        pytest.param({"memory": "300MB"}, None, True, id="not in parts either"),
        pytest.param({"memory": BASE_BYTES + 600 * RECORD_BYTES - 1}, 600, True, id="one byte short"),
        pytest.param({"memory": BASE_BYTES + 10 * RECORD_BYTES, "sample": 10}, None, False, id="a sample"),
        pytest.param({"memory": "1GB"}, 10**6, True, id="more records than it seemed"),
    ],
)
def test_check_memory(
    options: dict[str, Any], records: int | None, refused: bool, small_extract: Path
) -> None:
    config = Config().with_options(**options)
    if not refused:
        check_memory(Inputs.of(small_extract), config, records=records)
        return
    with pytest.raises(ConfigError, match=r"^memory: \d+ MB are allowed; about \d+ MB are needed for "):
        check_memory(Inputs.of(small_extract), config, records=records)


def test_a_lazy_frame_is_counted_once_it_is_read(small_extract: Path) -> None:
    frame = pl.scan_parquet(small_extract)
    with pytest.raises(ConfigError, match="needed for 600 records"):
        dedupe(frame, memory=BASE_BYTES)


def holding(records: int, kind: Kind = "parquet", *, files: int = 1, size: int = 0) -> Inputs:
    """Return inputs of so many records, in files of a size."""
    inputs = Inputs(tuple((0, Path(f"{i}.{kind}")) for i in range(files)))
    vars(inputs)["sizes"] = {kind: [(size, records // files)] * files}
    return inputs


def test_a_sample_is_one_part() -> None:
    assert cut_of(holding(10**7), Config(), threads=2) is not None
    assert cut_of(holding(10**7), Config().with_options(sample=10), threads=2) is None


@pytest.mark.parametrize("kind", ["csv", "gz", "workbook", "frame"])
def test_what_is_read_as_a_whole_is_cut_only_where_it_does_not_fit(kind: Kind) -> None:
    inputs = holding(3_000_000, kind)
    assert cut_of(inputs, Config(), threads=2) is None
    found = cut_of(inputs, Config().with_options(memory="5GB"), threads=2)
    assert found is not None
    assert found.memory_needed(inputs, inputs.records, Config()) <= 5 * 10**9


def test_a_csv_file_is_never_held() -> None:
    config = Config().with_options(residents=False, report=False)
    small, large = (
        Cut(1, PART_ROWS[-1]).memory_needed(holding(10**6, "csv", size=size), 10**6, config)
        for size in (10**8, 10**11)
    )
    assert small == large < Cut(1, PART_ROWS[0]).memory_needed(holding(10**6, "csv"), 10**6, config)


def test_a_csv_file_that_cannot_be_cut_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cards stand on the rows of heads alone, which the whole alone shows."""
    monkeypatch.setattr("nikdedup.run.dedupe.cut_of", lambda *_, **__: Cut(1, 250))
    rows = [f"62120101079{n:05d};SITI AMINAH;{6212010905109001 + n}" for n in range(10_000, 30_000)]
    (tmp_path / "heads.csv").write_text("\n".join(["NIK;NAMA;NO KK", *rows]))
    check_whole(tmp_path / "heads.csv", Config().with_options(memory="1GB"))
    with pytest.raises(
        ConfigError,
        match=r"^memory: 260 MB are allowed; about 2\d\d MB are needed to read heads.csv, which cannot",
    ):
        check_whole(tmp_path / "heads.csv", Config().with_options(memory="260MB"))
    monkeypatch.setattr("nikdedup.run.dedupe.check_memory", lambda *_, **__: None)
    with pytest.raises(ConfigError, match=r"needed to read heads\.csv"):
        dedupe(tmp_path / "heads.csv", memory="260MB")


def test_a_large_workbook_says_what_it_needs() -> None:
    inputs = holding(1_000_000, "workbook", size=140_000_000)
    with pytest.raises(
        ConfigError, match=r"^memory: 2000 MB are allowed; about \d{4} MB are needed for 1000000 "
    ):
        check_memory(inputs, Config().with_options(memory="2GB"))
    check_memory(inputs, Config().with_options(memory="9GB"))


@pytest.mark.parametrize("threads", [1, 2, 8, 64])
@pytest.mark.parametrize("kept", [True, False], ids=["residents", "without"])
def test_workers_have_work_and_memory(threads: int, kept: bool) -> None:
    config = Config().with_options(residents=kept, report=kept)
    for records in (2_000_000, 10_000_000):
        inputs = holding(records)
        found = cut_of(inputs, config, threads=threads)
        assert found is not None
        assert found.workers <= min(threads, -(-records // found.rows))
        assert found.memory_needed(inputs, records, config) <= memory_needed(inputs, records)
    assert cut_of(holding(1_999_999), config, threads=threads) is None
    assert cut_of(holding(2_000_000, files=100), config, threads=threads) is None


def test_the_largest_parts_that_fit_are_taken() -> None:
    inputs, config = holding(10**6), Config().with_options(residents=False, report=False)
    needs = [
        Cut(workers, rows).memory_needed(inputs, 10**6, config) for workers in (2, 1) for rows in PART_ROWS
    ]
    assert needs[:4] == sorted(needs[:4], reverse=True)
    assert cut_of(inputs, config, threads=2) is None  # it fits as a whole
    for memory, expected in (
        (needs[1], Cut(2, 1 << 18)),
        (needs[3], Cut(2, 1 << 16)),
        (needs[7], Cut(1, 1 << 16)),
        (needs[7] - 1, None),
    ):
        assert cut_of(inputs, config.with_options(memory=memory), threads=2) == expected
    with pytest.raises(ConfigError, match="about 750 MB are needed for 1000000 records"):
        check_memory(inputs, config.with_options(memory="749MB"))


@pytest.mark.parametrize(("memory", "records"), [("1.3GB", 10**6), ("4.5GB", 10**7)])
def test_residents_are_kept_of_many_records_in_little_memory(memory: str, records: int) -> None:
    config = Config().with_options(memory=memory, report=records < 10**7)
    check_memory(holding(records), config)
    assert cut_of(holding(records), config, threads=2) is not None
