"""Where people live, were born and got their NIK: real region codes, made-up streets.

Each chunk of an extract is one regency (62.12 Murung Raya first, then its
neighbours), so that the NIKs of two chunks can never meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.errors import InputError, argument

Ints = npt.NDArray[np.int64]

FOREIGN_SLICES = 16
"""Chunks that share one set of foreign kecamatan, each with serials of its own."""
_NEAR, _FAR, _RETIRED = 40, 16, 34
_NEAR_PROVINCES = ("62", "63", "64", "35", "33")


@dataclass(frozen=True)
class Home:
    """The regency of a chunk: kecamatan, villages, and the kecamatan its in-movers come from."""

    regency: str
    kecamatan: Ints
    foreign: Ints
    retired: Ints  # kecamatan that were renumbered, and still stand in NIKs
    village_kec: Ints
    village_part: Ints
    village_name: pl.Series


@cache
def _table() -> pl.DataFrame:
    source = resources.files("nikdedup.lab").joinpath("data/places.csv").read_bytes()
    return pl.read_csv(source, infer_schema_length=0)


@cache
def _retired() -> pl.DataFrame:
    """Return the codes of Papua that were renumbered in 2022 and 2025."""
    source = resources.files("nikdedup.lab").joinpath("data/retired.csv").read_bytes()
    return pl.read_csv(source, infer_schema_length=0)


@cache
def retired_kecamatan() -> list[str]:
    """Return the codes of kecamatan that were renumbered, six digits each."""
    return _retired().filter(pl.col("code").str.len_chars() == 6)["code"].to_list()


@cache
def regencies() -> list[str]:
    """Return all regency codes in the order in which chunks use them; 6212 first."""
    codes = _table().filter(pl.col("code").str.len_chars() == 4)["code"].to_list()
    near = {"62": 1, "63": 2, "64": 3, "61": 4, "65": 5}
    return sorted(codes, key=lambda code: (code != "6212", near.get(code[:2], 9), code))


@cache
def names() -> dict[int, str]:
    """Return the official upper-case name of every kecamatan (6 digits) and regency (4 digits)."""
    short = pl.concat([_table(), _retired()]).filter(pl.col("code").str.len_chars() <= 6)
    plain = short["name"].str.replace(r"^(KABUPATEN|KOTA)( ADMINISTRASI)? ", "")
    return dict(zip((int(code) for code in short["code"]), plain, strict=True))


@cache
def _foreign_order() -> tuple[list[int], list[int]]:
    """Return kecamatan of the provinces most movers come from, and all others, in a fixed mixed order."""
    codes = _table().filter(pl.col("code").str.len_chars() == 6)["code"].to_list()
    mixed = np.random.Generator(np.random.PCG64(6212)).permutation(len(codes))
    order = [codes[i] for i in mixed]
    near = [int(code) for code in order if code.startswith(_NEAR_PROVINCES)]
    far = [int(code) for code in order if not code.startswith(_NEAR_PROVINCES)]
    return near, far


def home(chunk: int) -> Home:
    """Return the regency of chunk number `chunk`; InputError beyond the last regency."""
    if chunk >= len(regencies()):
        raise InputError(
            f"{argument('rows')}: too many for {len(regencies())} regencies of 200000 records; allowed is less"
        )
    regency = regencies()[chunk]
    places = _table().filter(pl.col("code").str.starts_with(regency))
    kecamatan = np.array([int(c) for c in places["code"] if len(c) == 6], dtype=np.int64)
    near, far = _foreign_order()
    group = chunk // FOREIGN_SLICES
    foreign = near[group * _NEAR : (group + 1) * _NEAR] + far[group * _FAR : (group + 1) * _FAR]
    outside = np.array([code for code in foreign if code // 100 != int(regency)], dtype=np.int64)
    retired = np.array([int(code) for code in retired_kecamatan()[group::_RETIRED]], dtype=np.int64)
    villages = places.filter(pl.col("code").str.len_chars() == 10)
    if villages.height:
        codes = np.array([int(c) for c in villages["code"]], dtype=np.int64)
        return Home(regency, kecamatan, outside, retired, codes // 10_000, codes % 10_000, villages["name"])
    return Home(regency, kecamatan, outside, retired, *_invented_villages(kecamatan, chunk))


def _invented_villages(kecamatan: Ints, chunk: int) -> tuple[Ints, Ints, pl.Series]:
    """Give each kecamatan of a regency without a village list ten desa, with names borrowed elsewhere."""
    known = _table().filter(pl.col("code").str.len_chars() == 10)["name"]
    rng = np.random.Generator(np.random.PCG64([6212, chunk]))
    part = np.tile(np.arange(2001, 2011), len(kecamatan))
    return np.repeat(kecamatan, 10), part, known.gather(pl.Series(rng.integers(0, len(known), len(part))))


_SPELLINGS = (
    lambda name: name,
    lambda name: "KEC. " + name,
    lambda name: "KEC " + name,
    lambda name: "KECAMATAN " + name,
    lambda name: name.title(),
    lambda name: name.lower(),
    lambda name: name.replace(" ", ""),
    lambda name: name.replace(" ", "-"),
    lambda name: name[:-1] + name[-1] * 2,
    lambda name: name.replace("SUNGAI", "SEI").replace("U", "OE", 1),
)


def spelt(codes: Ints, spelling: Ints) -> pl.Series:
    """Return the kecamatan or regency names, each in the given one of ten spellings.

    >>> spelt(np.array([621201, 621201]), np.array([0, 1])).to_list()
    ['MURUNG', 'KEC. MURUNG']
    """
    known = names()
    keys, back = np.unique(codes * 16 + spelling, return_inverse=True)
    texts = [_SPELLINGS[key % 16](known.get(int(key) // 16, "LUAR DAERAH")) for key in keys.tolist()]
    return pl.Series(texts, dtype=pl.String).gather(pl.Series(back))


_STREETS = [
    "JL. AHMAD YANI",
    "JL. DIPONEGORO",
    "JL. PELITA",
    "JL. BHAYANGKARA",
    "JL. TUMBANG MASAO",
    "JL. LETJEN SUPRAPTO",
    "JALAN MERDEKA",
    "JLN GAJAH MADA",
    "JL YOS SUDARSO",
    "JL. TEMENGGUNG SILAM",
    "GG. KELUARGA",
    "GANG MELATI",
    "JL. BARITO",
    "JL. KAPTEN MULYONO",
    "JL. IMAM BONJOL",
    "JL. SIMPANG BERIWIT",
    "JL. TRANS BARITO KM 4",
    "PERUM GRIYA INDAH BLOK C",
    "KOMP. PEMDA",
    "JL. POROS DESA",
]


def addresses(village: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return one address per household: often just the village, else a street, a river or a number."""
    n = len(village)
    streets = pl.Series(_STREETS).gather(pl.Series(rng.integers(0, len(_STREETS), n)))
    numbers = pl.Series(rng.integers(1, 160, n)).cast(pl.String)
    form = pl.Series(rng.choice(8, size=n, p=[0.28, 0.16, 0.08, 0.06, 0.06, 0.2, 0.12, 0.04]))
    frame = pl.DataFrame({"v": village, "s": streets, "n": numbers, "f": form})
    v, s, num, f = pl.col("v"), pl.col("s"), pl.col("n"), pl.col("f")
    return frame.select(
        pl.when(f == 0).then(v)
        .when(f == 1).then("DESA " + v)
        .when(f == 2).then("DS. " + v)
        .when(f == 3).then("SEI " + v)
        .when(f == 4).then("DUSUN " + v)
        .when(f == 5).then(s)
        .when(f == 6).then(s + " NO. " + num)
        .otherwise(s + " NO " + num + " " + v)
    ).to_series()  # fmt: skip
