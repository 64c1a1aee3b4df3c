"""What a record is known by from one night to the next: its record id, else a hash of who it says it is.

A key is made of the identity cells as they came, so that it stays as it is whatever other rows come, go, are
sorted, or lie in other files. Records that are equal in all those cells are counted, in the order of all their
other cells, and complete copies in the order of their rows.

The hash is written out below: it is the same for every version of polars, numpy and Python, on every platform.
96 bits of it are shown; two of 10 million different records share a key with a chance of 1 in 10^15.

A key names a record without showing it, for it covers eight cells together. It is no secret: who knows all eight
can compute it, and who knows seven can try what the eighth may be. It belongs where the tables of a run belong.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from nikdedup.columnar.distinct import taken
from nikdedup.columnar.grouping import grouped
from nikdedup.columnar.text import slices
from nikdedup.config import Config
from nikdedup.runtime.kernels import compiled
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import FIELDS

Hashes = npt.NDArray[np.uint64]

IDENTITY_CELLS = (
    "nik",
    "no_kk",
    "nama_lgkp",
    "jenis_klmin",
    "tgl_lhr",
    "ttl",
    "nama_lgkp_ibu",
    "nama_lgkp_ayah",
)
"""Who a record says it is: NIK, card, names, sex and birth."""
OTHER_CELLS = tuple(name for name in FIELDS if name not in IDENTITY_CELLS)

HASH = ("_key_high", "_key_low")
"""The hash of a record: 64 bits and 32 more."""
COUNT = "_key_count"
"""How many equal records stand before this one, UInt32."""
OTHERS = "_key_others"
"""Hash of the other cells of a record, UInt64: what equal records are put in order by."""

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""An odd number by which bits are spread."""
_WRITTEN = 24
"""Digits of a written key, before the number of one of equal records."""
_TOGETHER = 1 << 18
"""Records that one thread hashes at a time."""
_DIGITS = np.array([f"{byte:02x}".encode() for byte in range(256)], "S2").view(np.uint16)
"""Two hexadecimal digits for each byte."""


def with_keys(frame: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Return the records of an extract with HASH and COUNT appended; as they are where record ids are given.

    Args:
        frame: columns of `schema.IDENTITY` and `schema.FIELDS` as they came.
        config: settings of the run.
    """
    return frame if config.record_id is not None else counted(hashed(frame))


def hashed(frame: pl.DataFrame, *, others: bool = False) -> pl.DataFrame:
    """Return records of any part of an extract with HASH of their identity cells appended, and OTHERS if asked.

    Args:
        frame: columns of `schema.IDENTITY` and `schema.FIELDS` as they came.
        others: whether to append OTHERS too.
    """
    high, low = _hashes(_as_they_came(frame), IDENTITY_CELLS)
    shorter = (low >> np.uint64(32)).astype(np.uint32)
    keyed = frame.with_columns(pl.Series("_key_high", high), pl.Series("_key_low", shorter))
    return keyed.with_columns(pl.Series(OTHERS, _hashes(frame, OTHER_CELLS)[0])) if others else keyed


def _as_they_came(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the cells without the family cards that were carried down from the row of a head above."""
    if "_carried" not in frame.columns:
        return frame
    own = pl.when(pl.col("_carried").fill_null(False).not_()).then("no_kk")
    return frame.with_columns(own.alias("no_kk"))


def counted(frame: pl.DataFrame) -> pl.DataFrame:
    """Return hashed records with COUNT instead of OTHERS; all that are equal to one of them must be among them.

    Args:
        frame: records as `hashed` returns them, with OTHERS.
    """
    alike = grouped((frame["_key_high"].to_numpy() >> np.uint64(1)).view(np.int64))[0]
    count = np.zeros(len(frame), np.uint32)
    if len(alike):
        some = frame[alike]
        if OTHERS not in some.columns:
            some = some.with_columns(pl.Series(OTHERS, _hashes(some, OTHER_CELLS)[0]))
        order = some.select(pl.arg_sort_by(*HASH, OTHERS, "row")).to_series()
        new = some[order].select(pl.struct(*HASH).is_first_distinct()).to_series().to_numpy()
        place = np.arange(len(order))
        count[alike[order.to_numpy()]] = place - np.maximum.accumulate(np.where(new, place, 0))
    return frame.drop(OTHERS, strict=False).with_columns(pl.Series(COUNT, count))


def record_keys(frame: pl.DataFrame) -> pl.Series:
    """Return the key of each record: the one it has, else 24 hexadecimal digits, else its record id.

    The second of equal records ends in -2, the third in -3, and so on.

    Args:
        frame: records as `counted` returns them, or with the key that they have.

    Example:
        >>> frame = pl.DataFrame({"row": [0, 1], "nik": ["6212019999999001"] * 2})
        >>> record_keys(counted(hashed(frame))).to_list()
        ['431f2a44662ed9dc48de6617', '431f2a44662ed9dc48de6617-2']
    """
    if "record_key" in frame.columns:
        return frame["record_key"]
    if COUNT not in frame.columns:
        return frame["record_id"].alias("record_key")
    keys = _written(frame["_key_high"].to_numpy(), frame["_key_low"].to_numpy()).alias("record_key")
    again = np.flatnonzero(frame[COUNT].to_numpy())
    if not len(again):
        return keys
    more = pl.DataFrame({"key": taken(keys, again), "count": taken(frame[COUNT], again) + 1})
    numbered = more.select(pl.concat_str("key", pl.lit("-"), "count")).to_series()
    place = np.arange(len(keys), dtype=np.uint32)
    place[again] = len(keys) + np.arange(len(again))
    return taken(pl.concat([keys, numbered]), place)


def with_hashes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return published records with what puts equal ones in order, out of their written keys: HASH, as text, and COUNT.

    As they are where their keys are record ids.

    Args:
        frame: records with `record_key`.

    Example:
        >>> keys = ["431f2a44662ed9dc48de6617", "431f2a44662ed9dc48de6617-2"]
        >>> with_hashes(pl.DataFrame({"record_id": ["0", "1"], "record_key": keys}))["_key_count"].to_list()
        [0, 2]
    """
    key = pl.col("record_key")
    if frame["record_key"].eq(frame["record_id"]).all():
        return frame
    count = key.str.slice(_WRITTEN + 1).cast(pl.UInt32, strict=False).fill_null(0)
    return frame.with_columns(key.str.head(_WRITTEN).alias(HASH[0]), count.alias(COUNT))


def with_written_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Return records with `record_key` behind the record id, instead of what it is made of.

    Args:
        frame: residents with HASH and COUNT, or with neither.
    """
    at = frame.columns.index("record_id") + 1
    return frame.drop(*HASH, COUNT, strict=False).insert_column(at, record_keys(frame))


def contents(frame: pl.DataFrame, *, further: Iterable[str] = ()) -> pl.Series:
    """Return a hash of all cells of each record as they came, UInt64: another one where any cell is another.

    A column in which no cell is filled changes nothing, nor does the place of a column.

    Args:
        frame: records as they came.
        further: names of further columns of evidence that are cells too.

    Example:
        >>> one = pl.DataFrame({"nik": ["6212019999999001"], "alamat": ["JL A"]})
        >>> contents(one).equals(contents(one.select("alamat", "nik")))
        True
    """
    return pl.Series("content", _hashes(frame, (*FIELDS, *sorted(set(further) - FIELDS.keys())))[0])


if compiled("nikdedup.residents.keys_cy", edition=2):
    from nikdedup.residents.keys_cy import absorbed

    def absorb(high: Hashes, low: Hashes, texts: pl.Series, column: int) -> None:
        """Do what `keys_py.absorb` does, compiled, on the texts where they lie."""
        first = 0
        for chunk in texts.get_chunks():
            some = slice(first, first + len(chunk))
            array = chunk.to_arrow(compat_level=pl.CompatLevel.newest())
            there, views, *letters = array.buffers()
            here = np.frombuffer(views, np.uint8)[16 * array.offset : 16 * (array.offset + len(array))]
            bits = np.frombuffer(there or b"", np.uint8)
            parts = [np.frombuffer(one, np.uint8) for one in letters]
            absorbed(high[some], low[some], here, parts, bits, array.offset, column)
            first = some.stop

else:
    from nikdedup.residents.keys_py import absorb


def _hashes(frame: pl.DataFrame, names: Iterable[str]) -> tuple[Hashes, Hashes]:
    """Return two hashes of some cells of each record, of 64 bits each; a cell without a value adds nothing."""
    one, other = np.zeros(len(frame), np.uint64), np.zeros(len(frame), np.uint64)
    columns = [(at, frame[name]) for at, name in enumerate(names, start=1) if name in frame.columns]

    def hash_some(some: slice) -> None:
        high, low = one[some], other[some]
        for column, texts in columns:
            absorb(high, low, texts[some], column)
        one[some], other[some] = high ^ low >> np.uint64(31), low ^ high >> np.uint64(33)
        for number in (one[some], other[some]):
            number *= MIXER
            number ^= number >> np.uint64(32)

    if len(frame):
        side_by_side(hash_some, [slice(at, at + _TOGETHER) for at in range(0, len(frame), _TOGETHER)])
    return one, other


def _written(high: Hashes, low: npt.NDArray[np.uint32]) -> pl.Series:
    """Return 24 hexadecimal digits for each hash."""
    numbers = np.empty(len(high), [("high", ">u8"), ("low", ">u4")])
    numbers["high"], numbers["low"] = high, low
    digits = _DIGITS[numbers.view(np.uint8)]
    return slices(np.arange(0, digits.nbytes + 1, 24), pa.py_buffer(digits))
