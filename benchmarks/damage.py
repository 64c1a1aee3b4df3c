"""How many damaged cells are recognised, and how many healthy rows are accused.

`python -m benchmarks.damage [--cases 10000]` makes healthy synthetic residents, damages them one way after
another in files of the size an office handles (FILE_ROWS records), reads them the way `dedupe` does, and
writes benchmarks/DAMAGE.md. Everything is seeded: the same call gives the same figures.

Recognised means: the damaged row carries the reason code of the damage; where a text can be read without
loss, that it is read right. Accused are healthy rows, in the damaged files and in files without any damage,
that carry such a code or are read wrong.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from nikdedup.config import Config
from nikdedup.lab.generate import generate
from nikdedup.residents.understand import understand
from nikdedup.residents.dates import months
from nikdedup.residents.read import Extract, read

FILE_ROWS = 500
HEALTHY_ROWS = 100_000
SEED = 20_260_630
FLOOR = 0.95
"""Least share recognised, unless the case says why it cannot be known."""
MOST_ACCUSED = 1e-4
OUT = Path(__file__).with_name("DAMAGE.md")

_HEALTHY = """
[healthy]
reference_date = 2026-06-30
[healthy.people]
default_july = 0.054
zero_dates = 0.0
[healthy.noise]
nik_date_mismatch = 0.0
nik_sex_mismatch = 0.0
missing_nik = 0.0
missing_mother = 0.0
missing_father = 0.0
[healthy.kinds]
A = 0.0
B = 0.0
C = 0.0
D = 0.0
E = 0.0
F = 0.0
"""

Frame = pl.DataFrame
Rng = np.random.Generator
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Damage:
    """One kind of damage.

    make: healthy records of one file -> the file as damaged, and which rows were damaged.
    codes: reason codes that recognise it; none where recognised means read right.
    right: columns that must come out as in the healthy record (clean columns), where codes are none.
    """

    name: str
    make: Callable[[Frame, Rng], tuple[Frame, Mask]]
    codes: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    as_workbook: bool = False
    numbers: tuple[str, ...] = ()
    """Columns written as number cells of a workbook."""
    note: str = ""
    floor: float = FLOOR
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """What was measured of one damage."""

    name: str
    cases: int
    recognised: int
    healthy: int
    accused: int
    note: str

    @property
    def share(self) -> float:
        return self.recognised / max(1, self.cases)

    @property
    def accused_share(self) -> float:
        return self.accused / max(1, self.healthy)


def healthy_records(rows: int, seed: int = SEED) -> Frame:
    """Return healthy residents as an extract: an ID, and last digits of NIK and No. KK as evenly spread as life's.

    The lab counts serials up from 9001, so that far fewer than a tenth end in 0; here the serial is drawn
    anew from 9001 to 9999, which keeps date, sex and region.
    """
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "healthy.toml"
        profile.write_text(_HEALTHY.replace("[healthy]\n", "").replace("[healthy.", "["))
        out = Path(folder) / "healthy.parquet"
        generate(out, rows=rows, seed=seed, profile=str(profile))
        frame = pl.read_parquet(out)
    group = pl.col("NIK").str.head(12)
    serial = (group.hash(seed) % 999 + pl.int_range(pl.len()).over(group) * 7) % 999 + 9001
    card = pl.col("NO_KK").hash(seed) % 999 + 9001
    frame = frame.with_columns(
        NIK=group + serial.cast(pl.String), NO_KK=pl.col("NO_KK").str.head(12) + card.cast(pl.String)
    )
    rt_rw = pl.concat_str(pl.col("NO_RT"), pl.lit("/"), pl.col("NO_RW")).alias("RT_RW")
    columns = [
        "NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "STAT_KWN", "STAT_HBKEL",
        "NAMA_LGKP_IBU", "ALAMAT", "EKTP_STATUS", "TGL_ENTRI",
    ]  # fmt: skip
    ids = pl.int_range(pl.len()).cast(pl.String).alias("ID")
    return frame.select(ids, *columns, rt_rw)


def _some(n: int, rng: Rng, share: float = 0.5) -> Mask:
    """Return about a share of n rows; never the first, which often tells the reader what a column is."""
    chosen: Mask = rng.random(n) < share
    chosen[0] = False
    return chosen


def _set(frame: Frame, column: str, values: Sequence[str | None] | pl.Series, where: Mask) -> Frame:
    """Put values in the chosen rows of a column."""
    new = pl.Series(column, values, dtype=pl.String())
    return frame.with_columns(pl.when(pl.Series(where)).then(new).otherwise(pl.col(column)).alias(column))


def _cells(column: str, change: Callable[[str, Rng], str]) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Damage about half of the cells of a column one by one."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        where = _some(len(frame), rng)
        new = [change(text, rng) if hurt else text for text, hurt in zip(frame[column], where, strict=True)]
        return _set(frame, column, new, where), where

    return make


def _whole(column: str, change: Callable[[str, Rng], str | None]) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Damage every cell of a column; cells for which `change` returns None cannot be hurt this way."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        new = [change(text, rng) for text in frame[column]]
        where = np.array([text is not None and text != old for text, old in zip(new, frame[column], strict=True)])
        return _set(frame, column, [text or "" for text in new], where), where

    return make


def _excel(text: str, rng: Rng) -> str:
    """Keep 15 digits, as Excel does; a number that ended in 0 anyway is hurt without a trace."""
    return text[:15] + "0"


def _scientific(text: str, rng: Rng) -> str:
    digits = int(rng.integers(1, 6))
    point = rng.choice([",", "."])
    return f"{text[0]}{point}{text[1 : 1 + digits]}E+15"


def _separated(text: str, rng: Rng) -> str:
    signs = ["'" + text, " " + text, text + "\u00a0", "\u200b" + text, "`" + text, text + "\t", f"{text}.0"]
    grouped = [sign.join([text[:6], text[6:12], text[12:]]) for sign in (".", " ", "-", "\u00a0", "\u2013")]
    return str(rng.choice([*signs, *grouped, f"{text[:2]}.{text[2:]}", "\ufeff" + text + " "]))


_LOOKALIKES = {"0": "Oo", "1": "Il", "5": "Ss", "8": "B"}


def _letters(text: str, rng: Rng) -> str:
    places = [i for i, digit in enumerate(text) if digit in _LOOKALIKES]
    chosen = rng.choice(places, size=min(len(places), int(rng.integers(1, 4))), replace=False)
    signs = list(text)
    for i in chosen:
        signs[i] = str(rng.choice(list(_LOOKALIKES[signs[i]])))
    return "".join(signs)


def _length(text: str, rng: Rng) -> str:
    at = int(rng.integers(1, 16))
    return text[:at] + text[at + 1 :] if rng.random() < 0.5 else text[:at] + str(rng.integers(0, 10)) + text[at:]


def _placeholder(text: str, rng: Rng) -> str:
    return str(rng.choice([
        "0", "-", "--", "1111111111111111", "9999999999999999", "0000000000000000", "1234567890123456",
        "TIDAK ADA", "BELUM ADA", "N/A", "X", "?",
    ]))  # fmt: skip


def _runs(step: int) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Drag a NIK down over the next rows, the same (step 0) or rising by 1."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        niks, where = frame["NIK"].to_list(), np.zeros(len(frame), bool)
        at = int(rng.integers(2, 10))
        while at < len(frame) - 40:
            length = int(rng.integers(6, 31))
            for i in range(1, length):
                niks[at + i] = str(int(niks[at]) + step * i)
                where[at + i] = True
            at += length + int(rng.integers(5, 30))
        return frame.with_columns(pl.Series("NIK", niks)), where

    return make


def _temporary(eaten: bool) -> Callable[[Frame, Rng], tuple[Frame, Mask]]:
    """Write village numbers with a leading 0; of the damaged ones Excel has eaten the 0, if `eaten`."""

    def make(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
        some = _some(len(frame), rng)
        lost = some & (rng.random(len(frame)) < (0.5 if eaten else 0.0))
        new = [
            text[1:] if gone else "0" + text[1:] if hurt else text
            for text, hurt, gone in zip(frame["NIK"], some, lost, strict=True)
        ]
        return _set(frame, "NIK", new, some), (lost if eaten else some)

    return make


def _us_cells(text: str, rng: Rng) -> str | None:
    """Open dd-mm-yyyy on a US computer: days to 12 become date cells with day and month exchanged."""
    day, month, year = text.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else text


def _swapped(text: str, rng: Rng) -> str | None:
    day, month, year = text.split("-")
    return f"{month}-{day}-{year}" if int(day) <= 12 else text


def _us_without_nik(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    damaged, where = _whole("TGL_LHR", _us_cells)(frame, rng)
    return damaged.with_columns(NIK=pl.lit(None, pl.String)), where & _tells(frame)


def _us_with_nik(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    damaged, where = _whole("TGL_LHR", _us_cells)(frame, rng)
    return damaged, where & _tells(frame)


def _single_swaps(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng, 0.3) & _tells(frame)
    new = [_swapped(text, rng) for text in frame["TGL_LHR"]]
    return _set(frame, "TGL_LHR", new, where), where


def _tells(frame: Frame) -> Mask:
    """Return dates that an exchange of day and month changes to another date."""
    day, month = (frame["TGL_LHR"].str.slice(i, 2).cast(pl.Int8).to_numpy() for i in (0, 3))
    telling: Mask = (day <= 12) & (day != month)
    return telling


def _short_year(text: str, rng: Rng) -> str:
    return text[:6] + text[8:]


def _serial(text: str, rng: Rng) -> str:
    day = np.datetime64(f"{text[6:]}-{text[3:5]}-{text[:2]}")
    return str(int((day - np.datetime64("1899-12-30")).astype(int)))


def _month_name(text: str, rng: Rng) -> str:
    names = [name for name, number in months().items() if number == int(text[3:5])]
    name = str(rng.choice(names))
    name = name.title() if rng.random() < 0.5 else name
    sign = str(rng.choice([" ", "-", "/"]))
    day = text[:2] if rng.random() < 0.5 else text[:2].lstrip("0")
    return f"{day}{sign}{name}{sign}{text[6:]}"


def _other_format(text: str, rng: Rng) -> str:
    day, month, year = text.split("-")
    short = f"{int(day)}/{int(month)}/{year}"
    options = [f"{day}/{month}/{year}", f"{day}.{month}.{year}", f"{year}-{month}-{day}", f"{day}{month}{year}"]
    return str(rng.choice([*options, short, f"{year}-{month}-{day} 00:00:00"]))


def _joint(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Put place and date in one column, as "Tempat, tanggal"."""
    place, day = pl.col("TMPT_LHR"), pl.col("TGL_LHR")
    sign = rng.choice([", ", ",", " / ", " "])
    joint = pl.concat_str(place, pl.lit(sign), day).alias("TEMPAT/TGL LAHIR")
    where = frame.select(place.is_not_null() & (place != "") & ~place.str.contains(r"\d"))["TMPT_LHR"]
    return frame.with_columns(joint).drop("TMPT_LHR", "TGL_LHR"), where.fill_null(False).to_numpy()


_SHORT_MONTHS = "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split()


def _rt_rw_date(text: str, rng: Rng) -> str:
    rt, rw = int(text[:3]), int(text[4:])
    if not (1 <= rt <= 31 and 1 <= rw <= 12):
        rt, rw = int(rng.integers(1, 13)), int(rng.integers(1, 13))
    forms = [f"{rt:02d}-{_SHORT_MONTHS[rw - 1]}", f"2026-{rw:02d}-{rt:02d}", f"2026-{rw:02d}-{rt:02d} 00:00:00"]
    return str(rng.choice(forms))


def _two_niks(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng)
    signs = rng.choice(["\n", " / ", ", ", "; ", " "], len(frame))
    both = frame.select((pl.col("NIK") + pl.Series(signs) + pl.col("NIK").shift(1)).alias("NIK"))["NIK"]
    return _set(frame, "NIK", both, where), where


def _two_names(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    where = _some(len(frame), rng)
    signs = rng.choice([" / ", "/", " & ", " DAN ", "; ", "\n"], len(frame))
    both = frame.select(pl.col("NAMA_LGKP") + pl.Series(signs) + pl.col("NAMA_LGKP").shift(1))["NAMA_LGKP"]
    return _set(frame, "NAMA_LGKP", both, where), where


def _papua(frame: Frame, rng: Rng) -> tuple[Frame, Mask]:
    """Store the NIKs as floats; above 2^53, in Papua, they may be off by one."""
    prefixes = rng.choice(["910301", "920301", "930101", "940401", "950101", "960101"], len(frame))
    niks = pl.Series(prefixes) + frame["NIK"].str.slice(6)
    floats = niks.cast(pl.Int64).cast(pl.Float64)
    return frame.with_columns(NIK=floats), np.ones(len(frame), bool)


DAMAGES: tuple[Damage, ...] = (
    Damage("Excel, 15 digits, NIK (number cells)", _whole("NIK", _excel), ("nik_truncated",), numbers=("NIK",)),
    Damage("Excel, 15 digits, NIK (saved as CSV since)", _whole("NIK", _excel), ("nik_truncated",)),
    Damage("Excel, 15 digits, No. KK (number cells)", _whole("NO_KK", _excel), ("kk_truncated",), numbers=("NO_KK",)),
    Damage("scientific notation, NIK", _cells("NIK", _scientific), ("nik_scientific",)),
    Damage("scientific notation, No. KK", _cells("NO_KK", _scientific), ("kk_scientific",)),
    Damage("float column above 2^53", _papua, ("nik_float_rounded",), config={"accept_damaged_nik": True}),
    Damage("apostrophes, invisible signs, dots", _cells("NIK", _separated), right=("nik_clean",)),
    Damage("letters for digits", _cells("NIK", _letters), ("nik_letters_for_digits",)),
    Damage("15 or 17 digits", _cells("NIK", _length), ("nik_length",)),
    Damage("filled down", _runs(0), ("nik_filled_down",)),
    Damage("dragged, +1 series", _runs(1), ("nik_series",)),
    Damage("placeholders", _cells("NIK", _placeholder), ("nik_placeholder",)),
    Damage("village temporary number", _temporary(False), ("nik_temporary",)),
    Damage("village temporary number, 0 eaten", _temporary(True), ("nik_temporary_zero_lost",)),
    Damage("dates swapped by a US locale", _us_with_nik, ("birth_swapped_by_locale",), ("tgl_lhr_clean",)),
    Damage("the same, without NIKs", _us_without_nik, ("birth_swapped_by_locale",), ("tgl_lhr_clean",)),
    Damage("single dates swapped", _single_swaps, ("birth_swapped_by_locale",), ("tgl_lhr_clean",)),
    Damage("two-digit years", _cells("TGL_LHR", _short_year), ("birth_two_digit_year",), ("tgl_lhr_clean",)),
    Damage("Excel serial dates", _cells("TGL_LHR", _serial), right=("tgl_lhr_clean",)),
    Damage("month names, all spellings", _cells("TGL_LHR", _month_name), right=("tgl_lhr_clean",)),
    Damage("other date formats", _cells("TGL_LHR", _other_format), right=("tgl_lhr_clean",)),
    Damage("place and date in one cell", _joint, right=("tgl_lhr_clean", "tmpt_lhr_clean")),
    Damage("RT/RW turned into a date", _cells("RT_RW", _rt_rw_date), ("rt_rw_was_date",)),
    Damage("two NIKs in one cell", _two_niks, ("nik_several",)),
    Damage("two people in one name cell", _two_names, ("name_two_people",)),
)
"""Damages of cells; repeated headers and the BIP printout, which are of rows, are measured by themselves."""


def measure(damage: Damage, healthy: Frame, *, cases: int, seed: int = SEED) -> Figure:
    """Damage files until there are enough cases; count the recognised, and the healthy rows accused."""
    rng = np.random.default_rng([seed, DAMAGES.index(damage)])
    files, hurt, start, total = [], [], 0, 0
    while total < cases and start + FILE_ROWS <= len(healthy):
        frame, where = damage.make(healthy.slice(start, FILE_ROWS), rng)
        files.append(frame)
        hurt.append(where)
        total += int(where.sum())
        start += FILE_ROWS
    found = _understood(files, damage)
    truth = _understood([healthy.slice(at, FILE_ROWS) for at in range(0, start, FILE_ROWS)], None)
    where = np.concatenate(hurt)
    carries = _carries(found, damage.codes)
    same = np.ones(len(found), bool)
    for column in damage.right:
        same &= found[column].eq_missing(truth[column]).to_numpy()
    recognised = (carries if damage.codes else np.ones(len(found), bool)) & same
    accused = carries if damage.codes else ~same
    count = np.cumsum(where) <= cases
    whole = int((where & count).sum())
    unhurt = ~where & ~_near(damage, where)
    return Figure(
        damage.name, whole, int((recognised & where & count).sum()), int(unhurt.sum()),
        int((accused & unhurt).sum()), damage.note,
    )  # fmt: skip


def _near(damage: Damage, where: Mask) -> Mask:
    """Return rows that no one could call healthy: the zeros of truncated columns, the other swapped dates."""
    names = ("Excel", "dates swapped by", "the same, without", "village temporary", "float")
    return np.full(len(where), damage.name.startswith(names))


def _carries(residents: Frame, codes: Sequence[str]) -> Mask:
    found = np.zeros(len(residents), bool)
    for code in codes:
        found |= residents["flags"].list.contains(code).to_numpy()
    return found


def _understood(files: Sequence[Frame], damage: Damage | None) -> Frame:
    """Read files as an office would hand them over, and return their residents in the order of ID."""
    config = Config.of({"record_id": "ID", **(damage.config if damage else {})})
    with tempfile.TemporaryDirectory() as folder:
        data: list[Any] = list(files)
        if damage and damage.numbers:
            data = [_workbook(Path(folder) / f"{i:04d}.xlsx", file, damage.numbers) for i, file in enumerate(files)]
        extract: Extract = read(data, config=config)
    residents = understand(extract, config)[1]
    return residents.sort(pl.col("record_id").cast(pl.Int64))


def _workbook(path: Path, frame: Frame, numbers: Sequence[str]) -> Path:
    """Write a sheet with some columns as number cells, the others as text cells."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("DATA")
        for i, name in enumerate(frame.columns):
            sheet.write_string(0, i, name)
            for row, text in enumerate(frame[name], 1):
                if text is not None:
                    (sheet.write_number(row, i, int(text)) if name in numbers else sheet.write_string(row, i, text))
    return path


def healthy_accused(healthy: Frame) -> tuple[int, dict[str, int]]:
    """Return healthy rows and, for every damage, how many of them carry one of its codes.

    Half of the rows stand in small files, half in large ones.
    """
    half = len(healthy) // 2
    small = [healthy.slice(at, FILE_ROWS) for at in range(0, half, FILE_ROWS)]
    large = [healthy.slice(at, 10 * FILE_ROWS) for at in range(half, len(healthy), 10 * FILE_ROWS)]
    residents = _understood([*small, *large], None)
    return len(residents), {one.name: int(_carries(residents, one.codes).sum()) for one in DAMAGES}


def repeated_headers(healthy: Frame, *, cases: int, seed: int = SEED) -> Figure:
    """Put the header again after every page, sometimes as capitals or with its column numbers below."""
    rng = np.random.default_rng(seed)
    frame = healthy.head(min(len(healthy), cases * 3))
    found = lost = start = wanted = 0
    while start < len(frame) and wanted < cases:
        part = frame.slice(start, FILE_ROWS * 10)
        lines = part.write_csv(include_header=False, separator=";").splitlines()
        header = ";".join(part.columns)
        page, text = int(rng.integers(2, 6)), [header]
        repeated = 0
        for at in range(0, len(lines), page):
            if at:
                text.append(str(rng.choice([header, header.title(), header.replace("_", " ")])))
                repeated += 1
            text += lines[at : at + page]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            path.write_text("\n".join(text), encoding="utf-8")
            extract = read(path, config=Config())
        skipped = [one for one in extract.skipped if one.reason == "header_repeated"]
        found += len(skipped)
        lost += len(part) - len(extract.frame) if len(extract.frame) < len(part) else 0
        wanted += repeated
        start += len(part)
    return Figure("header rows repeated inside", wanted, min(found, wanted), start, lost, "")


def bip_layout(healthy: Frame, *, cases: int, seed: int = SEED) -> Figure:
    """Print families as the Buku Induk Penduduk does and count members read with NIK, KK, RT and birth right."""
    import xlsxwriter

    frame = healthy.head(cases).with_columns(pl.col("NO_KK").rank("dense").alias("family")).sort("family")
    headers = ("NO", "Nama Lengkap", "NIK", "Tempat Lahir", "Tanggal Lahir", "JK", "SHDK", "Nama Ibu", "Stat Rkm")
    fields = ("NAMA_LGKP", "NIK", "TMPT_LHR", "TGL_LHR", "JENIS_KLMIN", "STAT_HBKEL", "NAMA_LGKP_IBU", "EKTP_STATUS")
    right = read_members = 0
    for start in range(0, len(frame), FILE_ROWS * 4):
        part = frame.slice(start, FILE_ROWS * 4)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bip.xlsx"
            with xlsxwriter.Workbook(path) as book:
                sheet = book.add_worksheet("BIP")
                sheet.write_string(0, 0, "BUKU INDUK PENDUDUK")
                sheet.write_row(2, 0, headers)
                line = 3
                for _, family in part.group_by("NO_KK", maintain_order=True):
                    rt_rw = family["RT_RW"][0]
                    sheet.write_string(line, 0, f"{family['NO_KK'][0]}")
                    sheet.write_string(line, 1, f"{family['ALAMAT'][0]} RT/RW : {rt_rw} DUSUN : -")
                    for number, row in enumerate(family.select(fields).iter_rows(), 1):
                        sheet.write_row(line + number, 0, [str(number), *(cell or "" for cell in row)])
                    line += len(family) + 1
            extract = read(path, config=Config())
        members = extract.frame.join(part, left_on="nik", right_on="NIK", how="inner")
        same = (members["no_kk"] == members["NO_KK"]) & (members["tgl_lhr"] == members["TGL_LHR"])
        right += int((same & (members["rt_rw"] == members["RT_RW"])).sum())
        read_members += len(part)
        extra = len(extract.frame) - len(part)
        if extra:
            right -= abs(extra)
    return Figure("BIP layout B", read_members, right, read_members, 0, "")


def run(cases: int, healthy_rows: int = HEALTHY_ROWS, only: str = "") -> list[Figure]:
    """Measure every damage, and accuse healthy rows of each."""
    healthy = healthy_records(max(healthy_rows, 6 * cases))
    clean, accused = healthy_accused(healthy.head(healthy_rows))
    figures = []
    for damage in DAMAGES:
        if only in damage.name:
            one = measure(damage, healthy, cases=cases)
            extra = accused[damage.name] if damage.codes else 0
            figures.append(
                Figure(one.name, one.cases, one.recognised, one.healthy + clean, one.accused + extra, one.note)
            )
    for step in (repeated_headers, bip_layout):
        figures.append(step(healthy, cases=cases))
    return figures


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    text = io.StringIO()
    text.write("| damage | cases | recognised | healthy rows | accused | accused per 10,000 |\n|---|---|---|---|---|---|\n")
    for one in figures:
        text.write(
            f"| {one.name} | {one.cases:,} | {one.share:.2%} | {one.healthy:,} | {one.accused:,} "
            f"| {one.accused_share * 1e4:.2f} |\n"
        )
    return text.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--only", default="", help="measure damages whose name holds this, write nothing")
    options = parser.parse_args()
    begin = time.perf_counter()
    figures = run(options.cases, only=options.only)
    print(table(figures))
    print(f"{time.perf_counter() - begin:.0f} s")
    if not options.only:
        OUT.write_text(_page(figures), encoding="utf-8")


def _page(figures: Sequence[Figure]) -> str:
    notes = "".join(f"- {one.name}: {one.note}\n" for one in figures if one.note)
    return (
        "# Damage recognised\n\n"
        f"Made by `python -m benchmarks.damage`, seed {SEED}, files of {FILE_ROWS} records. What recognised and accused "
        "mean stands in benchmarks/damage.py. All people are synthetic.\n\n"
        + table(figures) + ("\n" + notes if notes else "")
    )  # fmt: skip


if __name__ == "__main__":
    main()
