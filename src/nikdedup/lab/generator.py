"""Write a synthetic extract of any size, and the truth beside it.

The extract is made in chunks of one regency each, every chunk from its own seed, then
shuffled over the whole extract through buckets on disk: memory stays bounded, a
person's two records lie far apart, and the content depends on rows, seed and profile
only, never on the number of parts, cores or files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.lab.copies import give_statuses, make_copies
from nikdedup.lab.corrupted import corrupted, misdated
from nikdedup.lab.corruptor import EDITS
from nikdedup.lab.damage import slip_digit
from nikdedup.lab.groups import groups_of
from nikdedup.lab.households import make_people
from nikdedup.lab.places import Home, home
from nikdedup.lab.rates import Rates, load_rates
from nikdedup.lab.records import make_records, trap_names
from nikdedup.lab.render import COLUMNS, kk_numbers, nik_numbers, render
from nikdedup.lab.sink import Sink
from nikdedup.lab.slips import SLIPS
from nikdedup.lab.words import Flags, vocabulary
from nikdedup.publish import check_utf8, make_folder

CHUNK = 200_000
BUCKET = 250_000
_TRUTH = ("true_person_id", "kind", "trap", "groups")


@dataclass
class GenerateReport:
    """What was written: files, rows, true pairs, and the records of every kind and trap."""

    files: list[Path]
    truth: Path
    profile: str
    rows: int
    seed: int
    people: int = 0
    true_pairs: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    traps: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {**vars(self), "files": [file.name for file in self.files], "truth": self.truth.name}

    def text(self, lang: str = "en") -> str:
        """Return what was written in a few plain lines; Indonesian where lang is "id"."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.kinds.items()) or "-"
        traps = ", ".join(f"{trap} {count}" for trap, count in self.traps.items()) or "-"
        first = self.files[0].name if self.files else "-"
        if lang == "id":
            return (
                f"{self.rows} data tiruan dari {self.people} orang ({self.profile}, benih {self.seed})\n"
                f"pasangan sejati {self.true_pairs}; data menurut jenis: {kinds}; jebakan: {traps}\n"
                f"berkas: {len(self.files)} ({first}); kunci jawaban: {self.truth.name}"
            )
        return (
            f"{self.rows} synthetic records of {self.people} people ({self.profile}, seed {self.seed})\n"
            f"true pairs {self.true_pairs}; records by kind: {kinds}; traps: {traps}\n"
            f"files: {len(self.files)} ({first}); truth: {self.truth.name}"
        )


@door
def generate(
    out: Path,
    *,
    rows: int,
    seed: int,
    profile: str = "murung-raya",
    parts: int = 1,
    truth: Path | None = None,
) -> GenerateReport:
    """Write an extract of exactly `rows` records to `out` and its truth beside it; say what is in it.

    Args:
        out: a .parquet or .csv file; with parts > 1 a folder of part-0000.parquet, part-0001.parquet and so on.
        rows: records to write, copies included.
        seed: another seed gives other people; the same one the same bytes.
        profile: name of a shipped profile or a .toml file of rates.
        parts: files to write; 1 unless given.
        truth: .parquet or .csv, by default `<stem>.truth.parquet` beside `out`. record_id in the truth is the
            decimal row over all files in name order; kind marks a copy and the record it repeats (both records
            of a shared NIK for B), trap both sides of a trap.

    Raises:
        InputError: for a target that cannot be written.
        ConfigError: for a number out of range or a profile that is none.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     generate(Path(folder) / "extract.parquet", rows=500, seed=1).rows
        500
    """
    out = Path(out)
    truth = (
        Path(truth)
        if truth is not None
        else out.with_name(out.name.removesuffix(out.suffix) + ".truth.parquet")
    )
    rates = load_rates(profile)
    _check(out, truth, rows, seed, parts)
    _check_words(rates)
    rates = rates.drawn(seed)
    report = GenerateReport([], truth, profile, rows, seed)
    make_folder(out.parent)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        with Sink(work, out, rows, parts) as extract, Sink(work, truth, rows, 1) as answers:
            offset = 0
            for frame in _shuffled(_chunks(rows, seed, rates, report), rows, work):
                extract.write(frame.select(COLUMNS))
                answers.write(frame.select(_record_ids(offset, len(frame)), *_TRUTH))
                offset += len(frame)
        report.files = extract.publish()
        answers.publish()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


def _check(out: Path, truth: Path, rows: int, seed: int, parts: int) -> None:
    if rows < 1:
        raise ConfigError(f"{argument('rows', rows)}; allowed: 1 or more")
    if seed < 0:
        raise ConfigError(f"{argument('seed', seed)}; allowed: 0 or more")
    if not 1 <= parts <= min(rows, 10_000):
        raise ConfigError(f"{argument('parts', parts)}; allowed: 1 to {min(rows, 10_000)}")
    for option, path in (("out", out), ("truth", truth)):
        _check_place(option, path)
    if parts == 1 and out.suffix.lower() not in (".parquet", ".csv"):
        raise InputError(
            f"{argument('out')} {out.name}: allowed are .parquet and .csv, or a folder with parts of 2 or more"
        )
    if parts > 1 and (out.suffix or out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise InputError(
            f"{argument('out')} {out.name}: with parts it must be a new or empty folder, without a suffix"
        )
    if truth.suffix.lower() not in (".parquet", ".csv"):
        raise InputError(f"{argument('truth')} {truth.name}: allowed are .parquet and .csv")
    home((rows - 1) // CHUNK)


def _check_place(option: str, path: Path) -> None:
    """Raise InputError where a file cannot be put at a path; missing parents are made."""
    check_utf8(path, option)
    try:
        there = next(place for place in path.absolute().parents if place.exists())
        with suppress(FileNotFoundError, NotADirectoryError):
            os.stat(path)
    except OSError as fault:  # a name too long, a link that leads to itself
        raise InputError(f"{argument(option)} {path.name}: cannot be opened ({fault.strerror})") from None
    if not there.is_dir():
        raise InputError(f"{argument(option)} {path.name}: {there.name} is a file; a folder is allowed")
    if not os.access(there, os.W_OK):
        raise InputError(f"{argument(option)} {path.name}: the folder {there.name} is read-only")


def _check_words(rates: Rates) -> None:
    """Raise ConfigError where a profile names a culture or a slip that does not exist."""
    for table, given, known in (
        ("cultures", rates.cultures, vocabulary(rates.people.names).cultures),
        ("damage", rates.damage, tuple(SLIPS)),
        *_corruptions(rates),
    ):
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise ConfigError(
                f"{argument('profile')}: {table}.{unknown[0]} is unknown; allowed are {', '.join(known)}"
            )
        if not sum(given.values()):
            raise ConfigError(
                f"{argument('profile')}: {table} sums to 0; allowed: at least one share above 0"
            )


def _corruptions(rates: Rates) -> list[tuple[str, dict[str, float], tuple[str, ...]]]:
    how = rates.corruption
    if how is None:
        return []
    return [("corruption.text", how.text, tuple(EDITS)), ("corruption.digits", how.digits, tuple(EDITS))]


def _record_ids(offset: int, count: int) -> pl.Series:
    return pl.Series("record_id", np.arange(offset, offset + count)).cast(pl.String)


def _chunks(rows: int, seed: int, rates: Rates, report: GenerateReport) -> Iterator[pl.DataFrame]:
    """Yield the chunks of an extract, each from a seed of its own, and count what they hold."""
    for chunk, start in enumerate(range(0, rows, CHUNK)):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, chunk])))
        frame = _chunk(chunk, min(CHUNK, rows - start), home(chunk), rates, rng)
        _count(frame, report)
        yield frame


def _count(frame: pl.DataFrame, report: GenerateReport) -> None:
    sizes = frame.group_by("true_person_id").len()["len"].cast(pl.Int64)
    report.people += len(sizes)
    report.true_pairs += int((sizes * (sizes - 1) // 2).sum())
    for column, counts in (("kind", report.kinds), ("trap", report.traps)):
        for value, number in frame.drop_nulls(column).group_by(column).len().sort(column).iter_rows():
            counts[value] = counts.get(value, 0) + number


def _chunk(chunk: int, size: int, place: Home, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Return one chunk in its making: text columns, truth, and the random `key` it is shuffled by."""
    repeated = sum(round(getattr(rates.kinds, kind) * size) for kind in "ACDEF")
    people = make_people(size - repeated, rates, rng)
    records = make_records(people, place, rates, rng)
    copies = misdated(make_copies(records, place, rates, size, rng), rates, rng)
    records, copies = give_statuses(records, copies, rates, rng)
    kinds = dict(zip(copies["person"].to_list(), copies["kind"].to_list(), strict=True))
    marked = pl.Series(list(kinds), dtype=pl.Int64)
    kind = pl.Series("kind", [None], dtype=pl.String).new_from_index(0, len(records))
    kind = kind.scatter(marked, pl.Series(list(kinds.values()), dtype=pl.String))
    records = records.with_columns(
        kind, same_nik=pl.lit(False), same_kk=pl.lit(True), nik_slip=pl.lit(False), third=pl.lit(False),
        copy=pl.lit(False),
    )  # fmt: skip
    copies = copies.with_columns(copy=pl.lit(True)).select(records.columns)
    frame = _numbered(records, copies, chunk, place, rates, rng)
    key = rng.random(len(frame))
    frame = _cut_niks(frame, key > 1 - rates.noise.truncated_tail)
    text = corrupted(render(frame, place, rates, rng), frame, rates, rng)
    person = pl.Series(frame["person"].to_numpy() + chunk * 1_000_000).cast(pl.String).str.zfill(10)
    trap = trap_names(frame["trap"].to_numpy())
    groups = groups_of(frame, text, rates)
    return text.with_columns(
        ("P" + person).alias("true_person_id"),
        frame["kind"],
        trap.alias("trap"),
        groups,
        pl.Series("key", key),
    )


def _numbered(
    records: pl.DataFrame,
    copies: pl.DataFrame,
    chunk: int,
    place: Home,
    rates: Rates,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Join records and copies and give them NIKs and No. KKs by the rules of their kind."""
    n = len(records)
    frame = pl.concat([records, copies])
    original = np.r_[np.arange(n), copies["person"].to_numpy()]
    nik = nik_numbers(frame, chunk, place)
    same = (frame["same_nik"] | (frame["kind"] == "E").fill_null(False)).to_numpy() & (
        np.arange(len(frame)) >= n
    )
    nik = nik.gather(pl.Series(np.where(same, original, np.arange(len(frame)))))
    slipped = np.flatnonzero(frame["nik_slip"].to_numpy())
    nik = nik.scatter(pl.Series(slipped), slip_digit(nik.gather(pl.Series(slipped)), rng, low=6))
    temporary = np.flatnonzero(
        (frame["kind"] == "F").fill_null(False).to_numpy() & (np.arange(len(frame)) >= n)
    )
    nik = nik.scatter(pl.Series(temporary), _temporary_numbers(nik.gather(pl.Series(temporary)), rng))

    first_of_house = np.unique(frame["household"].to_numpy()[:n], return_index=True)[1]
    own = np.flatnonzero(~frame["same_kk"].to_numpy())
    cards = np.r_[first_of_house, own]
    kk = kk_numbers(frame[cards], chunk, place, rates, rng)
    card = np.searchsorted(frame["household"].to_numpy()[first_of_house], frame["household"].to_numpy())
    card[own] = len(first_of_house) + np.arange(len(own))
    frame = frame.with_columns(
        nik.alias("nik"), kk.gather(pl.Series(card)).alias("kk"), own_card=~pl.col("same_kk")
    )
    return _shared_niks(frame, n, rates, rng)


def _temporary_numbers(nik: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return what a village writes while there is no NIK: a 0, or 16 digits that begin with 0."""
    frame = pl.DataFrame({"nik": nik, "bare": rng.random(len(nik)) < 0.15})
    zero = pl.when("bare").then(pl.lit("0")).otherwise("0" + pl.col("nik").str.slice(1))
    return frame.select(zero).to_series()


def _shared_niks(frame: pl.DataFrame, people: int, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Give pairs of different people (kind B) one NIK: mostly strangers, some of one household."""
    free = np.flatnonzero(
        frame["kind"].is_null().to_numpy()[:people] & (frame["trap"].to_numpy()[:people] == 0)
    )
    pairs = min(round(rates.kinds.B * len(frame)), len(free) // 4)
    free = rng.permutation(free)
    owner, other = free[:pairs], free[pairs : 2 * pairs]
    nik = frame["nik"].scatter(pl.Series(other), frame["nik"].gather(pl.Series(owner)))
    both = pl.Series(np.r_[owner, other])
    kind = frame["kind"].scatter(both, pl.Series(["B"] * len(both), dtype=pl.String))
    return frame.with_columns(nik.alias("nik"), kind.alias("kind"))


def _cut_niks(frame: pl.DataFrame, tail: Flags) -> pl.DataFrame:
    """Turn the 16th digit of the NIKs in the last rows into 0, as a spreadsheet does."""
    cut = pl.Series(tail) & (pl.col("nik").str.len_chars() == 16)
    return frame.with_columns(nik=pl.when(cut).then(pl.col("nik").str.slice(0, 15) + "0").otherwise("nik"))


def _shuffled(chunks: Iterator[pl.DataFrame], rows: int, work: Path) -> Iterator[pl.DataFrame]:
    """Yield all rows ordered by `key`, a bucket at a time; chunks wait on disk, cut into buckets."""
    import pyarrow as pa

    buckets = -(-rows // BUCKET)
    if buckets == 1:
        yield pl.concat(list(chunks)).sort("key")
        return
    files = []
    for number, chunk in enumerate(chunks):
        files.append(work / f"chunk-{number:05d}.arrow")
        _write_buckets(chunk.sort("key"), buckets, files[-1])
    for bucket in range(buckets):
        pieces = []
        for file in files:
            with pa.OSFile(str(file)) as source, pa.ipc.open_file(source) as reader:
                pieces.append(pl.DataFrame(reader.get_batch(bucket)))
        yield pl.concat(pieces).sort("key")


def _write_buckets(chunk: pl.DataFrame, buckets: int, file: Path) -> None:
    """Write one record batch per bucket, so that each can be read alone."""
    import pyarrow as pa

    table = chunk.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    bounds = np.searchsorted(chunk["key"].to_numpy(), np.arange(buckets + 1) / buckets)
    empty = pa.RecordBatch.from_pylist([], table.schema)
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as writer:
        for low, high in pairwise(bounds.tolist()):
            writer.write_batch((table.slice(low, high - low).to_batches() or [empty])[0])
