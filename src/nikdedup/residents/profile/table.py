"""What an extract is like: how full its columns are, what is wrong with its rows, what its texts mean.

The profile holds counts, codes and row numbers, and no identity: texts that are shown (a recording
status, say) are in a list, are plain words, or make up a good part of a column of few texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import distinct
from nikdedup.config import FLAG_FIELDS, Config
from nikdedup.masking import LONGEST, MOST_DIGITS, is_plain, mask_numbers
from nikdedup.residents import status
from nikdedup.residents.damage import PARENTS
from nikdedup.residents.ids import clean_identifiers
from nikdedup.residents.places import load_regions, region_now
from nikdedup.residents.status import read_flag
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import CLEAN, FIELDS, NIK_VERDICTS, READABLE_NIK, USABLE_NIK

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
FIRST_ROWS = 10

_COMMON, _COMMON_SHARE, _CATEGORIES = 10, 0.05, 20
"""Records and share of a column from which a text of it is a category, if it has no more texts than the last."""
_NONE_IS_ZERO = ("no_rt", "no_rw")
"""Fields in which 0, 000 or a dash says that there is none, and was understood so."""
_CARD_FIELDS = ("warganegara", "wajib_ktp")
_CARD_COLUMNS = ("tgl_lhr", "ttl", "tgl_lhr_clean", "stat_kwn_clean", *_CARD_FIELDS)
_NIK_COLUMNS = ("nik_verdict", "nik_clean", "flags", "tgl_lhr_clean", "jenis_klmin_clean", "wilayah_clean")
_PLACE = ("source_file", "source_sheet", "source_row")
_TOP = 10
_PLURAL = {"regency": "regencies", "kecamatan": "kecamatan"}
_TEXTS = 40
_CLEAN_OF = {name.removesuffix("_clean"): name for name in CLEAN} | {"ektp_status": "recording_class"}
_TEXT_MEANINGS = ("ektp_status", *FLAG_FIELDS, "jenis_klmin", "stat_kwn", "stat_hbkel")

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Measure:
    """One line of the profile; `at` are positions of the first records it is about."""

    section: str
    column: str | None
    measure: str
    count: int
    whole: int | None = None
    value: str | None = None
    at: tuple[int, ...] = ()


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

    residents: `normalise`d records, of which few columns are held at a time; those of EVIDENCE are not needed, so that
    an earlier run can be profiled too. mapping: field -> headers. column_types: field -> one of
    `tables.COLUMN_TYPES`. skipped: (file, sheet, source row, reason) of rows that are no records. structured: ids are
    NIKs, not opaque.
    region_codes: an office's own codes, see `load_regions`. reference_date: day on which ages are told; without
    it nothing is said of cards that are due. wajib_ktp_age: age from which on a KTP is. config: tells what the
    office's own codes of life status mean.
    """
    having = _Having.of(residents)
    found = [
        *_columns(having, mapping or {}, column_types or {}, config),
        *_reasons(having("flags")),
        *_defaults(having("tgl_lhr_clean")),
        *_texts(having, config),
    ]
    if reference_date is not None:
        found += _cards(having(*_CARD_COLUMNS), reference_date, wajib_ktp_age)
    if structured and "nik" in having.columns:
        found += [*_niks(having(*_NIK_COLUMNS)), *_origin(having("nik_clean"), region_codes)]
    if structured:
        found += _residence(having("wilayah_clean"), region_codes)
        found += _truncation(having("nik", "no_kk", "flags", *_PLACE))
    found.sort(key=lambda one: SECTIONS.index(one.section))
    return pl.concat([_table(found, having("row", *_PLACE)), _skipped(skipped)])


@dataclass(frozen=True)
class _Having:
    """Gives residents with those of some columns that they have."""

    residents: pl.LazyFrame
    columns: list[str]

    @classmethod
    def of(cls, residents: pl.DataFrame | pl.LazyFrame) -> _Having:
        lazy = residents.lazy()
        return cls(lazy, lazy.collect_schema().names())

    def __call__(self, *columns: str) -> pl.DataFrame:
        return self.residents.select(one for one in dict.fromkeys(columns) if one in self.columns).collect()


def _table(found: Sequence[Measure], residents: pl.DataFrame) -> pl.DataFrame:
    """Put measures into the table, positions told as rows and places."""
    wanted = sorted({at for one in found for at in one.at})
    rows = dict(zip(wanted, residents["row"].gather(wanted).to_list(), strict=True))
    places = dict(zip(wanted, _places(residents, wanted), strict=True))
    lines: list[tuple[Any, ...]] = [
        (
            one.section, one.column, one.measure, one.value, one.count,
            one.count / one.whole if one.whole else None,
            [rows[at] for at in one.at], [places[at] for at in one.at],
        )
        for one in found
    ]  # fmt: skip
    return pl.DataFrame(lines, schema=PROFILE, orient="row")


def _places(residents: pl.DataFrame, at: Sequence[int]) -> list[str]:
    """Name records by source row; with file and sheet where there are several."""
    several = [name for name in _PLACE[:2] if residents[name].n_unique() > 1]
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


def _first(where: pl.Series) -> tuple[int, ...]:
    """Return the first positions where a mask holds."""
    return tuple(where.fill_null(False).arg_true().head(FIRST_ROWS).to_list())


def _columns(
    having: _Having, mapping: Mapping[str, Sequence[str]], types: Mapping[str, str], config: Config
) -> Iterable[Measure]:
    """Measure each field: filled, distinct, and understood where there is a clean form of it."""
    fields = [name for name in FIELDS if name in having.columns]

    def measured(field: str) -> list[Measure]:
        return [*_column(having(field, _CLEAN_OF.get(field, field)), field, config)]

    for measures in side_by_side(measured, fields):
        field, filled = str(measures[0].column), measures[0].count
        header = ", ".join(" ".join(name.split()) for name in mapping.get(field, ()))
        yield replace(measures[0], value=header or None)
        yield from measures[1:]
        if field in types:
            yield Measure("columns", field, "type", filled, value=types[field])


def _column(residents: pl.DataFrame, field: str, config: Config) -> Iterable[Measure]:
    """Measure one field; how far it is filled comes first."""
    texts = residents[field]
    filled = texts.count()
    yield Measure("columns", field, "filled", filled, len(texts))
    yield Measure("columns", field, "distinct", len(distinct(texts)[0]))
    if (understood := _understood(residents, field, config)) is not None:
        not_read = texts.is_not_null() & ~understood
        if field in _NONE_IS_ZERO and not_read.any():
            not_read &= ~texts.str.contains(r"^[\s0./-]*$").fill_null(False)
        yield Measure("columns", field, "not_understood", int(not_read.sum()), filled, at=_first(not_read))


def _clean(residents: pl.DataFrame, field: str, config: Config) -> pl.Series | None:
    """Return how a field was understood; None where fields of its kind are not.

    Several columns of flags have one clean form between them, so each is read again by itself.
    """
    if field in FLAG_FIELDS:
        return read_flag(residents[field], field, config=config)
    if field in PARENTS and config.nik_scheme == "nik":
        return pl.Series(field, clean_identifiers(residents[field]).values).replace(0, None)
    name = _CLEAN_OF.get(field, "")
    return residents[name] if name in residents.columns else None


def _understood(residents: pl.DataFrame, field: str, config: Config) -> pl.Series | None:
    """Return where a field has a clean form; None where fields of its kind have none."""
    clean = _clean(residents, field, config)
    if clean is None:
        return None
    return (clean != "unknown").fill_null(False) if clean.dtype == pl.String else clean.is_not_null()


def _reasons(residents: pl.DataFrame) -> Iterable[Measure]:
    """Count every reason code with the first rows that carry it, the most frequent first."""
    flagged = residents.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("at"), "flags")
    flagged = flagged.filter(pl.col("flags").list.len() > 0).explode("flags")
    counted = flagged.group_by("flags").agg(pl.len(), pl.col("at").head(FIRST_ROWS))
    for code, count, at in counted.sort(["len", "flags"], descending=[True, False]).iter_rows():
        yield Measure("reasons", None, code, count, len(residents), at=tuple(at))


def _defaults(residents: pl.DataFrame) -> Iterable[Measure]:
    """Count the birth dates given to people who do not know theirs.

    Source: 31 December (SIMDUK), 1 July (Permendagri 19/2010), 1 January by custom, the 15th.
    """
    births = residents["tgl_lhr_clean"]
    known = len(births) - births.null_count()
    if not known:
        return
    parts = pl.DataFrame({"month": births.dt.month(), "day": births.dt.day()})
    day, month = pl.col("day"), pl.col("month")
    dates = {
        "july_1": (day == 1) & (month == 7),
        "december_31": (day == 31) & (month == 12),
        "january_1": (day == 1) & (month == 1),
        "day_15": day == 15,
    }
    found = parts.select(expr.fill_null(False).sum().alias(name) for name, expr in dates.items()).row(0)
    for name, count in zip(dates, found, strict=True):
        yield Measure("defaults", "tgl_lhr", name, count, known)
    yield Measure("defaults", "tgl_lhr", "any", sum(found), known)


def _has(residents: pl.DataFrame, code: str) -> pl.Series:
    return residents.select(pl.col("flags").list.contains(code).fill_null(False).alias(code))[code]


def _niks(residents: pl.DataFrame) -> Iterable[Measure]:
    """Count NIK verdicts, and where the NIK's date, sex and region agree with the columns."""
    n, verdict = len(residents), residents["nik_verdict"]
    for name in NIK_VERDICTS:
        where = verdict == name
        at = () if name in USABLE_NIK else _first(where)
        yield Measure("nik", "nik", f"verdict_{name}", int(where.sum()), n, at=at)
    readable = residents["nik_clean"].is_not_null() & verdict.is_in(READABLE_NIK)
    own = residents["tgl_lhr_clean"].is_not_null() & ~_has(residents, "birth_from_nik")
    dated = readable & own & ~_has(residents, "nik_date_impossible")
    sexed = readable & residents["jenis_klmin_clean"].is_not_null()
    placed = readable & (residents["wilayah_clean"].str.len_bytes() >= 4).fill_null(False)
    for column, whole, code in (
        ("tgl_lhr", dated, "nik_birth_differs"),
        ("jenis_klmin", sexed, "nik_sex_differs"),
        ("no_kab", placed, "nik_region_elsewhere"),
    ):
        differs = whole & _has(residents, code)
        compared, against = int(whole.sum()), int(differs.sum())
        yield Measure("nik", column, "compared", compared, n)
        yield Measure("nik", column, "agrees", compared - against, compared)
        yield Measure("nik", column, "differs", against, compared, at=_first(differs))


def _origin(residents: pl.DataFrame, extra: Path | None) -> Iterable[Measure]:
    """Count the places that issued the NIKs, by regency of today, the most frequent first."""
    issued = residents.lazy().select(pl.col("nik_clean").str.head(6).alias("code")).drop_nulls()
    counts = issued.group_by("code").len().collect()
    now = region_now(counts["code"], extra=extra).str.head(4)
    yield from _by_region("origin", "nik", "regency", counts.with_columns(now), extra)


def _residence(residents: pl.DataFrame, extra: Path | None) -> Iterable[Measure]:
    """Count the kecamatan in which the residents live, by codes of today, the most frequent first."""
    homes = residents.lazy().select(pl.col("wilayah_clean").str.head(6).alias("code")).drop_nulls()
    counts = homes.group_by("code").len().collect()
    counts = counts.with_columns(region_now(counts["code"], extra=extra))
    yield from _by_region("residence", "no_kec", "kecamatan", counts, extra)


def _by_region(
    section: str, column: str, measure: str, counts: pl.DataFrame, extra: Path | None
) -> Iterable[Measure]:
    """Count by region code, with its name; regions beyond the first ones together."""
    names = load_regions(extra).names
    counts = counts.group_by("code").agg(pl.col("len").sum()).sort(["len", "code"], descending=[True, False])
    total = int(counts["len"].sum())
    for code, count in counts.head(_TOP).iter_rows():
        larger = (names[code[:n]] for n in (len(code), 4, 2) if code[:n] in names)
        name = "NIT" if code.startswith("99") else next(larger, "")
        yield Measure(section, column, measure, count, total, f"{code} {name}".strip())
    if len(counts) > _TOP:
        rest = counts["len"].slice(_TOP)
        yield Measure(section, column, f"other_{_PLURAL[measure]}", int(rest.sum()), total, str(len(rest)))


def _cards(residents: pl.DataFrame, day: date, age: int) -> Iterable[Measure]:
    """Count the residents who must hold a KTP and the children who are to have a KIA on a day."""
    if "tgl_lhr" not in residents.columns and "ttl" not in residents.columns:
        return
    births, marital = residents["tgl_lhr_clean"], residents["stat_kwn_clean"]
    optional = {name: residents[name] if name in residents.columns else None for name in _CARD_FIELDS}
    citizenship, stated = optional.values()
    duty = status.must_hold_ktp(
        births, marital, citizenship=citizenship, stated=stated, reference_date=day, age=age
    )
    kia = status.due_kia(births, marital, citizenship=citizenship, reference_date=day, age=age)
    masks = {"wajib_ktp": duty.fill_null(False)} | {
        name: (kia == name).fill_null(False) for name in status.KIA
    }
    masks["age_unknown"] = duty.is_null()
    for name, where in masks.items():
        at = _first(where) if name == "age_unknown" else ()
        yield Measure("cards", "tgl_lhr", name, int(where.sum()), len(residents), at=at)


def _truncation(residents: pl.DataFrame) -> Iterable[Measure]:
    """Tell per source how many ids end in 0, of which a tenth is natural, and how many are suspect.

    Excel keeps 15 digits: in a column that went through it as numbers the 16th is 0.
    """
    for column, code in (("nik", "nik_truncated"), ("no_kk", "kk_truncated")):
        if column not in residents.columns:
            continue
        values = clean_identifiers(residents[column]).values
        sources = residents.select("source_file", "source_sheet").with_columns(
            pl.Series("id", values > 0),
            pl.Series("zero", (values > 0) & (values % 10 == 0)),
            _has(residents, code).alias("suspect"),
            pl.int_range(pl.len()).alias("at"),
        )
        counted = sources.group_by("source_file", "source_sheet", maintain_order=True).agg(
            pl.col("id", "zero", "suspect").sum(), pl.col("at").filter("suspect").head(FIRST_ROWS)
        )
        for file, sheet, ids, zeros, suspects, at in counted.iter_rows():
            name = mask_numbers(":".join(part for part in (file, sheet) if part)) or None
            yield Measure("truncation", column, "ends_in_0", zeros, ids, name)
            yield Measure("truncation", column, "suspect", suspects, ids, name, tuple(at))


def _texts(having: _Having, config: Config) -> Iterable[Measure]:
    """Say how each text of a coded column was understood, the most frequent first.

    What may be anybody's name in the wrong column is counted, not shown.
    """
    for column in _TEXT_MEANINGS:
        residents = having(column, _CLEAN_OF.get(column, column))
        clean = _clean(residents, column, config) if column in residents.columns else None
        if clean is None:
            continue
        known, index = distinct(residents[column])
        if not len(known):
            continue
        counts = np.bincount(index, minlength=len(known) + 1)[1:]
        first = np.full(len(known) + 1, -1, np.int64)
        first[index[::-1]] = np.arange(len(index))[::-1]
        meaning = clean.gather(first[1:]).cast(pl.String).fill_null("unknown").to_list()
        yield from _text_lines(column, known.to_list(), counts.tolist(), meaning, first[1:].tolist())


def _text_lines(
    column: str, texts: list[str], counts: list[int], meanings: list[str], first: list[int]
) -> Iterable[Measure]:
    total = sum(counts)
    order = sorted(range(len(texts)), key=lambda i: (-counts[i], texts[i]))
    category = max(_COMMON, math.ceil(total * _COMMON_SHARE)) if len(texts) <= _CATEGORIES else None
    hidden = [i for i in order if not _may_be_shown(texts[i], counts[i], meanings[i], category=category)]
    shown = [i for i in order if i not in set(hidden)]
    for i in shown[:_TEXTS]:
        at: tuple[int, ...] = (first[i],) if meanings[i] == "unknown" else ()
        yield Measure("texts", column, meanings[i], counts[i], total, " ".join(texts[i].split()), at)
    rest = sum(counts[i] for i in shown[_TEXTS:])
    if rest:
        yield Measure("texts", column, "other_texts", rest, total, str(len(shown) - _TEXTS))
    if hidden:
        at = tuple(sorted(first[i] for i in hidden)[:FIRST_ROWS])
        count = sum(counts[i] for i in hidden)
        yield Measure("texts", column, "not_shown", count, total, str(len(hidden)), at)


def _may_be_shown(text: str, count: int, meaning: str, *, category: int | None) -> bool:
    """Say whether a text is a status for certain, and no name, number or date in the wrong column.

    It is in a list, of plain words alone, or frequent enough (`category` times) in a column of few texts.
    """
    if sum(sign.isdigit() for sign in text) > MOST_DIGITS or len(text) > LONGEST:
        return False
    return meaning != "unknown" or is_plain(text) or (category is not None and count >= category)


def as_dict(table: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return section -> its lines as plain values ready for JSON, empty entries left out.

    >>> as_dict(pl.DataFrame([("reasons", None, "name_one_word", None, 3, 0.5, [0, 1, 4], ["2", "3", "6"])],
    ...         schema=PROFILE, orient="row"))["reasons"]
    [{'measure': 'name_one_word', 'count': 3, 'share': 0.5, 'rows': [0, 1, 4], 'places': ['2', '3', '6']}]
    """
    sections: dict[str, list[dict[str, Any]]] = {name: [] for name in SECTIONS}
    for line in table.iter_rows(named=True):
        section = sections[line.pop("section")]
        section.append({name: value for name, value in line.items() if value not in (None, [])})
    return sections
