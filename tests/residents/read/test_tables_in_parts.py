"""Folders of partitions, Delta tables, data sets, streams and addresses: one table, whichever way it comes."""

import pickle
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import nikdedup
from nikdedup.errors import InputError
from nikdedup.residents.read.addresses import copied
from nikdedup.residents.read.extract import read
from nikdedup.residents.read.inputs import expand
from nikdedup.residents.read.partfile import PartFile
from tests.run.cutting import cut

FORMATS = Path(__file__).parents[2] / "cases" / "formats"
HIVE, DELTA = FORMATS / "hive", FORMATS / "delta"
TODAY = "2026-06-30"


def people(data: Any) -> pl.DataFrame:
    """Return the records of an input by NIK, without where they stood."""
    place = ("row", "record_id", "source_file", "source_row", "source_sheet", "_source")
    frame = read(data).frame
    return frame.drop(place).select(sorted(set(frame.columns) - set(place))).sort("nik")


@pytest.fixture
def table() -> pa.Table:
    return ds.dataset(HIVE, partitioning="hive").to_table()


def test_values_of_folders_are_columns() -> None:
    extract = read(HIVE)
    assert extract.frame["kec_name"].to_list() == ["MURUNG"] * 3 + ["TANAH SIANG"] * 2
    assert extract.frame["no_prop"].to_list() == ["62"] * 5
    assert extract.frame["source_file"].unique().sort().to_list() == [
        "NO_PROP=62/KEC_NAME=MURUNG/part-0.parquet",
        "NO_PROP=62/KEC_NAME=TANAH%20SIANG/part-0.parquet",
    ]
    assert [source.rows for source in extract.sources] == [3, 2]


def test_a_delta_table_as_its_log_has_it() -> None:
    pytest.importorskip("deltalake", reason="needs the extra delta")
    assert people(DELTA).equals(people(HIVE))
    assert len(list(DELTA.rglob("*.parquet"))) == 4


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(lambda table: ds.dataset(HIVE, partitioning="hive"), id="data set of files"),
        pytest.param(lambda table: ds.dataset(table), id="data set in memory"),
        pytest.param(lambda table: table.to_reader(), id="stream"),
        pytest.param(lambda table: [str(HIVE)], id="list"),
    ],
)
def test_the_same_people(of: Callable[[pa.Table], Any], table: pa.Table) -> None:
    assert people(of(table)).equals(people(HIVE))


def test_a_filter_on_a_data_set_holds() -> None:
    found = ds.dataset(HIVE, partitioning="hive").filter(ds.field("KEC_NAME") == "MURUNG")
    assert people(found)["nik"].len() == 3


def test_files_of_a_data_set_are_read_part_by_part() -> None:
    items = [item for _, item in expand(ds.dataset(HIVE, partitioning="hive"))]
    assert all(isinstance(item, PartFile) for item in items)
    assert dict(items[1].keys)["KEC_NAME"] == "TANAH SIANG"


def test_what_is_known_of_a_part_goes_to_workers() -> None:
    part = PartFile.of(Path("a.parquet"), inside="k=v/a.parquet", keys=(("k", "v"),), own=False)
    again = pickle.loads(pickle.dumps(part))
    assert (again, again.inside, again.keys, again.own) == (part, part.inside, part.keys, False)


def test_a_stream_that_breaks_off() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"NAMA": ["SITI"]})
        raise OSError("gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"NAMA": pa.string()}), batches())
    with pytest.raises(InputError, match=r"^data: the stream cannot be read to its end \(OSError\)$"):
        read(reader)


def test_a_null_partition(tmp_path: Path) -> None:
    for value, name in (("__HIVE_DEFAULT_PARTITION__", "SITI"), ("MURUNG", "ALI")):
        (tmp_path / f"KEC_NAME={value}").mkdir()
        pl.DataFrame({"NAMA": [name]}).write_parquet(tmp_path / f"KEC_NAME={value}" / "a.parquet")
    assert dict(read(tmp_path).frame.select("nama_lgkp", "kec_name").iter_rows()) == {
        "ALI": "MURUNG",
        "SITI": None,
    }


def test_a_column_that_says_the_same_as_its_folder(tmp_path: Path) -> None:
    (tmp_path / "NO_KEC=1").mkdir()
    pl.DataFrame({"NAMA": ["SITI"], "NO_KEC": ["01"]}).write_parquet(tmp_path / "NO_KEC=1" / "a.parquet")
    assert read(tmp_path).frame["no_kec"].to_list() == ["01"]


def test_clean_gives_each_part_back_where_it_lay(tmp_path: Path) -> None:
    found = nikdedup.clean(HIVE, f"{tmp_path}/bersih/", reference_date=TODAY)
    out = tmp_path / "bersih"
    for path in HIVE.rglob("*.parquet"):
        back = pl.read_parquet(out / path.relative_to(HIVE), hive_partitioning=False)
        assert back.equals(pl.read_parquet(path, hive_partitioning=False))
    assert found.records == 5
    assert people(out).equals(people(HIVE))  # lists of changes are no parts
    one = nikdedup.clean(HIVE, tmp_path / "satu.parquet", reference_date=TODAY)
    assert {"KEC_NAME", "NO_PROP"} <= set(pl.read_parquet_schema(tmp_path / "satu.parquet"))
    assert one.records == 5


def test_decisions_are_those_of_one_file(tmp_path: Path, table: pa.Table) -> None:
    whole, parts = (
        nikdedup.dedupe(data, reference_date=TODAY).people["person_id"].n_unique() for data in (table, HIVE)
    )
    assert whole == parts == 4


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def test_an_address_of_a_file_a_glob_and_a_folder(memory: Any) -> None:
    memory.put(str(FORMATS / "penduduk.ods"), "/kantor/penduduk.ods")
    memory.put(str(HIVE), "/kantor/hive", recursive=True)
    memory.pipe("/kantor/x/a.csv", b"NIK,NAMA\n6212014107609001,SITI\n")
    memory.pipe("/kantor/x/b.csv", b"NIK,NAMA\n6212014107609001,SITI\n")
    assert people("memory://kantor/penduduk.ods").equals(people(FORMATS / "penduduk.ods"))
    assert people("memory://kantor/hive").equals(people(HIVE))
    found = read("memory://kantor/x/*.csv").frame
    assert found["source_file"].to_list() == ["a.csv", "b.csv"]


def test_files_of_one_name_are_not_put_above_each_other(memory: Any) -> None:
    for folder in "ab":
        memory.pipe(f"/kantor/{folder}/x.csv", b"NIK,NAMA\n6212014107609001,SITI\n")
    told = "memory://…/x.csv: means files of one name in several folders; give each by itself"
    with pytest.raises(InputError, match=re.escape(told)):
        read("memory://kantor/*/x.csv")
    assert len(read(["memory://kantor/a/x.csv", "memory://kantor/b/x.csv"]).frame) == 2


def test_no_name_in_a_store_leads_out_of_the_folder_that_it_is_copied_to(memory: Any, tmp_path: Path) -> None:
    memory.pipe("/kantor/a.csv", b"NIK,NAMA\n6212014107609001,SITI\n")
    memory.store["/kantor/../../b.csv"] = memory.store["/kantor/a.csv"]
    place = tmp_path / "one" / "two"
    place.parent.mkdir()
    with pytest.raises(InputError, match=re.escape("holds a name with '..' in its path")):
        copied("memory://kantor", place)
    assert not list(tmp_path.rglob("*.csv"))


def test_what_was_fetched_goes_with_its_files(memory: Any) -> None:
    memory.pipe("/a.csv", b"NIK,NAMA\n6212014107609001,SITI\n")
    items = expand("memory://a.csv")
    folder = items[0][1].parent
    assert folder.is_dir()
    assert folder.parent.stat().st_mode & 0o077 == 0
    del items
    assert not folder.exists()


def test_clean_of_an_address_writes_here(memory: Any, tmp_path: Path) -> None:
    memory.pipe("/a.csv", b"NIK;NAMA\n'6212014107609001;SITI\n")
    found = nikdedup.clean("memory://a.csv", reference_date=TODAY)
    found.write(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_bytes() == b"NIK;NAMA\n6212014107609001;SITI\n"


class Refusing(fsspec.spec.AbstractFileSystem):  # type: ignore[misc]
    """A store that wants credentials, as s3fs says it."""

    protocol = "refusing"

    def info(self, path: str, **_: Any) -> Any:
        raise type("NoCredentialsError", (Exception,), {})("secret key AKIA")


def test_an_address_without_credentials() -> None:
    fsspec.register_implementation("refusing", Refusing, clobber=True)
    with pytest.raises(InputError) as caught:
        read("refusing://kantor/rahasia/juni.parquet")
    assert str(caught.value) == (
        "refusing://…/juni.parquet: not allowed, or no credentials (NoCredentialsError); give them as the store asks, "
        "for s3 in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )


def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s3fs", "deltalake"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(nikdedup.ConfigError, match=r'needs deltalake.*"\.\[delta\]"'):
        read(DELTA)
    with pytest.raises(nikdedup.ConfigError, match=r'needs s3fs.*"\.\[cloud\]"'):
        read("s3://kantor/juni.parquet")


@pytest.mark.parametrize("workers", [0, 1])
def test_in_parts_as_in_one(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nikdedup.generate(rows=2_000, seed=5, out=tmp_path / "a.parquet")
    whole = pl.read_parquet(tmp_path / "a.parquet")
    for number, part in enumerate(whole.partition_by("KEC_NAME", maintain_order=True)):
        folder = tmp_path / "kec" / f"KEC_NAME={part['KEC_NAME'][0]}"
        folder.mkdir(parents=True)
        part.drop("KEC_NAME").write_parquet(folder / f"{number}.parquet")
    one = nikdedup.dedupe(tmp_path / "kec", reference_date=TODAY)
    cut(monkeypatch, tmp_path / "scratch", rows=150, workers=workers)
    in_parts = nikdedup.dedupe(tmp_path / "kec", reference_date=TODAY)
    for name in ("residents", "people", "pairs", "decisions"):
        assert getattr(in_parts, name).equals(getattr(one, name)), name
