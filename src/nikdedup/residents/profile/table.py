"""The profile as a table, a line per measure, and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.config import Config
from nikdedup.masking import mask_numbers
from nikdedup.residents.profile.columns import columns_and_texts
from nikdedup.residents.profile.findings import CARD_COLUMNS, cards, default_dates, reasons
from nikdedup.residents.profile.identifiers import NIK_COLUMNS, niks, truncation
from nikdedup.residents.profile.measure import FIRST_ROWS, Columns, Flags, Measure, Sources, sources_of
from nikdedup.residents.profile.regions import origin, residence

PROFILE: dict[str, pl.DataType] = {
    "section": pl.String(),  # one of SECTIONS
    "column": pl.String(),  # SIAK field, or null where the measure is of the whole record
    "measure": pl.String(),
    "value": pl.String(),  # text, region, file or header that the measure is about; null for none
    "count": pl.Int64(),
    "share": pl.Float64(),  # 0 to 1 of what could count; null where there is no such whole
    "rows": pl.List(pl.Int64()),  # `row` of the first records found, at most FIRST_ROWS
    "places": pl.List(pl.String()),  # the same records as an office finds them: source row, file and sheet
}
"""The profile's table: one line per measure."""

SECTIONS = (
    "columns",
    "reasons",
    "defaults",
    "nik",
    "origin",
    "residence",
    "cards",
    "truncation",
    "texts",
    "skipped",
)
_PLACE = ("source_file", "source_sheet", "source_row")


def profile_table(
    residents: pl.DataFrame | pl.LazyFrame,
    *,
    mapping: Mapping[str, Sequence[str]] | None = None,
    column_types: Mapping[str, str] | None = None,
    skipped: Iterable[tuple[str | None, str | None, int, str]] = (),
    structured: bool = True,
    region_codes: Path | None = None,
    reference_date: date | None = None,
    wajib_ktp_age: int = 17,
    config: Config = Config(),  # noqa: B008 (Config is frozen)
) -> pl.DataFrame:
    """Return the profile of an extract as a table of PROFILE, sections in the order of SECTIONS.

    Args:
        residents: `normalise`d records, of which few columns are held at a time; those of EVIDENCE are not
            needed, so that an earlier run can be profiled too.
        mapping: field -> headers.
        column_types: field -> one of `tables.COLUMN_TYPES`.
        skipped: (file, sheet, source row, reason) of rows that are no records.
        structured: ids are NIKs, not opaque.
        region_codes: an office's own codes, see `load_regions`.
        reference_date: day on which ages are told; without it nothing is said of cards that are due.
        wajib_ktp_age: age from which on a KTP is.
        config: tells what the office's own codes of life status mean.
    """
    columns = Columns.of(residents)
    flags, sources = Flags(columns("flags")["flags"]), sources_of(columns("source_file", "source_sheet"))
    found = [
        *columns_and_texts(columns, mapping or {}, column_types or {}, config),
        *reasons(flags),
        *default_dates(columns("tgl_lhr_clean")["tgl_lhr_clean"]),
    ]
    if reference_date is not None:
        found += cards(columns(*CARD_COLUMNS), reference_date, wajib_ktp_age)
    if structured:
        found += _of_niks(columns, flags, sources, region_codes)
    found.sort(key=lambda one: SECTIONS.index(one.section))
    return pl.concat([_table(found, columns("row", *_PLACE), sources), _skipped(skipped)])


def _of_niks(
    columns: Columns, flags: Flags, sources: Sources, region_codes: Path | None
) -> Iterator[Measure]:
    """Measure what only NIKs and cards in their usual form can say."""
    if "nik" in columns.names:
        yield from niks(columns(*NIK_COLUMNS), flags)
        yield from origin(columns("nik_clean")["nik_clean"], region_codes)
    yield from residence(columns("wilayah_clean")["wilayah_clean"], region_codes)
    yield from truncation(columns("nik", "no_kk"), flags, sources)


def _table(found: Sequence[Measure], residents: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """Put measures into the table, with rows and places in place of positions."""
    wanted = sorted({at for one in found for at in one.at})
    rows = dict(zip(wanted, residents["row"].gather(wanted).to_list(), strict=True))
    places = dict(zip(wanted, _places(residents, wanted, sources), strict=True))
    lines: list[tuple[Any, ...]] = [
        (
            one.section, one.column, one.measure, one.value, one.count,
            one.count / one.whole if one.whole else None,
            [rows[at] for at in one.at], [places[at] for at in one.at],
        )
        for one in found
    ]  # fmt: skip
    return pl.DataFrame(lines, schema=PROFILE, orient="row")


def _places(residents: pl.DataFrame, at: Sequence[int], sources: Sources) -> list[str]:
    """Name records by source row; with file and sheet where there are several."""
    named = zip(_PLACE, zip(*sources, strict=True), strict=False)
    several = [name for name, values in named if len(set(values)) > 1]
    part = residents.select(_PLACE)[list(at)]
    return [
        ":".join([*(mask_numbers(line[name] or "-") for name in several), str(line["source_row"])])
        for line in part.iter_rows(named=True)
    ]


def _skipped(skipped: Iterable[tuple[str | None, str | None, int, str]]) -> pl.DataFrame:
    """Count rows that are no records by reason; they have no `row`, only a place."""
    by_reason: dict[str, list[str]] = {}
    for file, sheet, row, reason in skipped:
        place = [*(mask_numbers(name) for name in (file, sheet) if name), str(row)]
        by_reason.setdefault(reason, []).append(":".join(place))
    lines: list[tuple[Any, ...]] = [
        ("skipped", None, reason, None, len(places), None, [], places[:FIRST_ROWS])
        for reason, places in sorted(by_reason.items())
    ]
    return pl.DataFrame(lines, schema=PROFILE, orient="row")


def as_dict(table: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return section -> its lines as plain values ready for JSON, empty entries left out.

    Args:
        table: as `profile_table` returns it.

    Example:
        >>> as_dict(pl.DataFrame([("reasons", None, "name_one_word", None, 3, 0.5, [0, 1, 4], ["2", "3", "6"])],
        ...         schema=PROFILE, orient="row"))["reasons"]
        [{'measure': 'name_one_word', 'count': 3, 'share': 0.5, 'rows': [0, 1, 4], 'places': ['2', '3', '6']}]
    """
    sections: dict[str, list[dict[str, Any]]] = {name: [] for name in SECTIONS}
    for line in table.iter_rows(named=True):
        section = sections[line.pop("section")]
        section.append({name: value for name, value in line.items() if value not in (None, [])})
    return sections
