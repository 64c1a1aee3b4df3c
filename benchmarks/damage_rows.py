"""Damage of rows, not of cells: headers repeated inside a list, and the printout of families (BIP).

The printout is made as offices hold it: a row per family with its number and address, the members below,
long statuses wrapped into the next line, a footer and the header again at each page, a sheet per part.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.damage_kinds import MADE, SEED, Figure, Frame, Rng
from nikdedup.config import Config
from nikdedup.residents.read.extract import read

HEADERS_ROWS = 5_000
PRINTOUT_ROWS = 2_000
_SHEETS = 3
_PAGE = 40
_CELL = 14
"""Letters that fit in a line of the status column."""

BIP = {
    "Nama Lengkap": "NAMA_LGKP", "NIK": "NIK", "Tempat Lahir": "TMPT_LHR", "Tanggal Lahir": "TGL_LHR",
    "JK": "JENIS_KLMIN", "SHDK": "STAT_HBKEL", "Nama Ibu": "NAMA_LGKP_IBU", "Stat Rkm": "EKTP_STATUS",
}  # fmt: skip
"""Header of the printout -> column of our records."""
READ_AGAIN = {"no_kk": "NO_KK", "tgl_lhr": "TGL_LHR", "rt_rw": "RT_RW", "ektp_status": "EKTP_STATUS"}
"""Fields that must come back of a printout -> column of our records."""


def write_headers(path: Path, frame: Frame, rng: Rng) -> int:
    """Write a CSV with the header again after every few rows, in several writings; return how many there are."""
    header, *lines = frame.write_csv(separator=";").splitlines()
    page, text = int(rng.integers(2, 6)), [header]
    for at in range(0, len(lines), page):
        if at:
            text.append(str(rng.choice([header, header.title(), header.replace("_", " ")])))
        text += lines[at : at + page]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return len(text) - 1 - len(lines)


def repeated_headers(healthy: Frame, *, cases: int, seed: int = SEED) -> Figure:
    """Count the repeated headers found; accused are residents lost with them."""
    rng = np.random.default_rng(seed)
    found = lost = start = repeated = 0
    while start < len(healthy) and repeated < cases:
        part = healthy.slice(start, HEADERS_ROWS)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            repeated += write_headers(path, part, rng)
            extract = read(path, config=Config())
        found += sum(one.reason == "header_repeated" for one in extract.skipped)
        lost += len(part) - int(extract.frame["nik"].is_in(part["NIK"].implode()).sum())
        start += len(part)
    return Figure("header rows repeated inside", repeated, found, start, lost, "")


def write_printout(path: Path, members: Frame) -> None:
    """Write families, which stand together in `members`, as the Buku Induk Penduduk prints them."""
    import xlsxwriter

    families = members.partition_by("NO_KK", maintain_order=True)
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": MADE})
        for number in range(_SHEETS):
            part = families[number * len(families) // _SHEETS : (number + 1) * len(families) // _SHEETS]
            sheet = book.add_worksheet(f"DUSUN {number + 1}")
            for at, cells in enumerate(_lines(part)):
                for column, cell in cells.items():
                    sheet.write_string(at, column, cell)


def _lines(families: list[Frame]) -> list[dict[int, str]]:
    """Return the lines of a sheet, each a column -> text."""
    header = dict(enumerate(["NO", *BIP]))
    lines: list[dict[int, str]] = [{0: "BUKU INDUK PENDUDUK WARGA NEGARA INDONESIA"}, {}, header]
    pages = 0

    def put(line: dict[int, str]) -> None:
        nonlocal pages
        lines.append(line)
        if len(lines) // _PAGE > pages:
            pages = len(lines) // _PAGE
            lines.extend([{1: f"Tanggal Cetak : 01-02-2026 halaman {pages}"}, header])

    for family in families:
        put({0: family["NO_KK"][0], 3: f"{family['ALAMAT'][0]} RT/RW : {family['RT_RW'][0]} DUSUN : -"})
        for number, row in enumerate(family.select(BIP.values()).iter_rows(), 1):
            *cells, status = row
            first, *rest = _wrapped(status or "")
            put({0: str(number)} | {i: cell for i, cell in enumerate([*cells, first], 1) if cell})
            for more in rest:
                put({len(BIP): more})
    return lines


def _wrapped(status: str) -> list[str]:
    """Cut a status at spaces and after underscores, so that each part fits its cell."""
    parts = [""]
    for word in status.replace("_", "_ ").split(" "):
        sign = "" if not parts[-1] or parts[-1].endswith("_") else " "
        if parts[-1] and len(parts[-1] + sign + word) > _CELL:
            parts.append(word)
        else:
            parts[-1] += sign + word
    return parts


def bip_layout(healthy: Frame, *, cases: int) -> Figure:
    """Count the members read again with all of READ_AGAIN; accused are records that nobody wrote."""
    frame = healthy.head(cases).sort("NO_KK")
    right = members = invented = 0
    for start in range(0, len(frame), PRINTOUT_ROWS):
        part = frame.slice(start, PRINTOUT_ROWS)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bip.xlsx"
            write_printout(path, part)
            found = read(path, config=Config()).frame
        known = found.join(part, left_on="nik", right_on="NIK", how="inner")
        same = np.ones(len(known), bool)
        for field, column in READ_AGAIN.items():
            same &= known[field].eq_missing(known[column]).to_numpy()
        right += int(same.sum())
        members += len(part)
        invented += len(found) - len(known)
    return Figure("BIP layout B", members, right, members, invented, "")
