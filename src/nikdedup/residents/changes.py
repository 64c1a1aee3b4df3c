"""What `clean` may put right in an extract: one line per cell and change, certain or proposed.

Certain is a change that needs no judgement, because the text has one reading and says the same before
and after: an apostrophe in a NIK, 1/7/1980, two writings of one status. What rests on other evidence (letters
for digits, a swapped date, a name written in full) is proposed. A date written yyyy-mm-dd is left as it is:
it has one reading, and it tells a date cell turned round by a foreign locale from a text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.config import Config
from nikdedup.residents.address import split_rt_rw
from nikdedup.residents.damage import Survey, blocks_of
from nikdedup.residents.dates import NO_DATE, every_day, parse_dates, split_ttl
from nikdedup.residents.identifiers import clean_identifiers
from nikdedup.residents.status import key, read_sex
from nikdedup.residents.titles import TITLE_FIELDS
from nikdedup.residents.uniques import after_null, distinct

CHANGES: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "field": pl.String(),  # SIAK field
    "before": pl.String(),  # the cell as it came; null where it was blank
    "after": pl.String(),
    "reason": pl.String(),  # one of KINDS
    "certain": pl.Boolean(),
}
"""The table `changes` returns, sorted by row and field; a cell has at most one certain, one proposed line."""

IDS = ("nik", "no_kk", "nik_ibu", "nik_ayah")
DATES = ("tgl_lhr", "tgl_kwn", "tgl_crai", "ektp_created", "tgl_entri", "tgl_ubah")
SPELT = ("agama", "stat_kwn", "stat_hbkel", "ektp_status", "flag_status", "stat_hidup")
NAMES = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
TEXTS = (
    *NAMES,
    *TITLE_FIELDS,
    "tmpt_lhr",
    "alamat",
    "dusun",
    "prop_name",
    "kab_name",
    "kec_name",
    "kel_name",
)
NUMBERS = ("no_rt", "no_rw", "no_prop", "no_kab", "no_kec", "no_kel", "kode_pos")

_HOUSE = "%d-%m-%Y"
_LEFT_ALONE = r"^\W*\d{4}[-/. ]|[1-9]:\d\d|:[1-9]\d|:0[1-9]|[12]\d:|\d{4}\s+\d{1,2}\.\d\d"
"""Dates that are not written anew: year first, and what has a time of day other than midnight."""
_WHOLE_NAME = ("name_title_removed", "name_alias", "name_patronymic", "name_two_people", "name_late")
"""Findings after which the clean name is not the whole name any more."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kind:
    """A kind of change: its sentences, and whether the text itself proves it."""

    id: str
    en: str
    certain: bool


@cache
def _tables() -> dict[str, Any]:
    text = resources.files("nikdedup").joinpath("data/changes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


KINDS: dict[str, Kind] = {code: Kind(**entry) for code, entry in _tables()["change"].items()}
"""Code -> kind of change; `reason` holds nothing else."""


@dataclass(frozen=True, eq=False)
class _Step:
    """The new texts of a column, null where it stays as it is."""

    field: str
    reason: str
    after: pl.Series


def changes(
    residents: pl.DataFrame, *, config: Config, reference_date: date, survey: Survey | None = None
) -> pl.DataFrame:
    """Return what may be put right in the extract's cells, as CHANGES.

    residents: `normalise`d records. survey: damage of their whole sources, as `normalise` was given.
    What stands in several columns joined to one field (`config.columns`) is the caller's to leave out.
    """
    survey = survey or Survey()
    tables = [_lines(residents, step) for step in _steps(residents, config, reference_date, survey)]
    found = pl.concat([pl.DataFrame(schema=CHANGES), *tables])
    # Of several readings of one cell the first rule wins, so that certain and proposed have one line each.
    found = found.unique(["row", "field", "certain"], keep="first", maintain_order=True)
    return found.sort("row", "field", "certain", descending=[False, False, True], maintain_order=True)


def _lines(residents: pl.DataFrame, step: _Step) -> pl.DataFrame:
    """Return one line per cell that a step changes."""
    before = residents[step.field]
    at = (step.after.is_not_null() & step.after.ne_missing(before)).arg_true()
    constant = {"field": step.field, "reason": step.reason, "certain": KINDS[step.reason].certain}
    lines = pl.DataFrame(
        {"row": residents["row"].gather(at), "before": before.gather(at), "after": step.after.gather(at)}
    )
    return lines.with_columns(pl.lit(value).alias(name) for name, value in constant.items()).select(
        pl.col(name).cast(dtype) for name, dtype in CHANGES.items()
    )


def _steps(residents: pl.DataFrame, config: Config, today: date, survey: Survey) -> Iterator[_Step]:
    """Yield what each rule makes of each column there is."""
    groups: tuple[tuple[tuple[str, ...], Callable[[str], Iterator[_Step]]], ...] = (
        (() if config.nik_scheme == "opaque" else IDS, lambda field: _ids(residents, field)),
        (DATES, lambda field: _dates(residents, field, config, today, survey)),
        (("ttl",), lambda field: _birthplace_and_date(residents, config, today)),
        (("jenis_klmin",), lambda field: _sex(residents, field)),
        (SPELT, lambda field: _spelt(residents[field], field)),
        (TEXTS, lambda field: _spaces(residents[field], field)),
        (NUMBERS, lambda field: _number_tails(residents[field], field)),
        (("rt_rw",), lambda field: _rt_rw(residents[field], field)),
        (("nama_lgkp",), lambda field: _whole_names(residents, field)),
    )
    for fields, rule in groups:
        for field in fields:
            if field in residents.columns:
                yield from rule(field)


def _only(values: pl.Series, where: Mask | pl.Series) -> pl.Series:
    """Return the values where a mask holds, null elsewhere."""
    frame = pl.DataFrame({"v": values, "w": where})
    return frame.select(pl.when(pl.col("w").fill_null(False)).then("v").alias("v"))["v"]


def _ids(residents: pl.DataFrame, field: str) -> Iterator[_Step]:
    """Take separators out of whole numbers; propose digits for letters, and a lost leading 0."""
    texts = residents[field]
    ids = clean_identifiers(texts)
    whole = (ids.digits.str.len_bytes() == 16).fill_null(False).to_numpy() & (ids.reasons == 0)
    yield _Step(field, "id_separators", _only(ids.digits, whole))
    if ids.proposed:
        at = list(ids.proposed)
        offered = pl.Series([None], dtype=pl.String()).new_from_index(0, len(texts))
        yield _Step(field, "letters_for_digits", offered.scatter(at, [ids.proposed[i] for i in at]))
    if field == "nik":
        lost = residents["flags"].list.contains("nik_temporary_zero_lost")
        yield _Step(field, "temporary_zero_lost", _only("0" + ids.digits, lost))


def _written(days: npt.NDArray[np.int32]) -> pl.Series:
    """Return days as dd-mm-yyyy, null where no date."""
    known, index = every_day(days)
    return after_null(known.dt.to_string(_HOUSE)).gather(index)


def _understood(residents: pl.DataFrame, field: str) -> pl.Series:
    """Return the dates of a column as they were understood, as dd-mm-yyyy."""
    days = residents[f"{field}_clean"].to_physical().fill_null(int(NO_DATE))
    return _written(days.cast(pl.Int32).to_numpy())


def _holds(texts: pl.Series, pattern: str) -> pl.Series:
    """Return whether each text holds a pattern, null where there is none; each distinct one is looked at once."""
    known, index = distinct(texts)
    return after_null(known.str.contains(pattern)).gather(index)


def _dates(
    residents: pl.DataFrame, field: str, config: Config, today: date, survey: Survey
) -> Iterator[_Step]:
    """Write dates as dd-mm-yyyy where they have one reading; propose the others as they were understood."""
    texts = residents[field]
    odd = (~_holds(texts, r"^\d\d-\d\d-\d{4}$")).fill_null(False).to_numpy()
    month_first = _in_source(residents, survey, field)
    read = parse_dates(texts, reference_date=today, formats=config.date_formats)
    if month_first.any():
        turned = parse_dates(texts, reference_date=today, formats=config.date_formats, month_first=True)
        yield _Step(
            field, "date_month_first_column",
            _only(_written(turned.days), month_first & _one_reading(texts, turned.findings)),
        )  # fmt: skip
    plain = odd & ~month_first & _one_reading(texts, read.findings) & (read.findings == 0)
    written = _written(read.days)
    yield _Step(field, "date_format", _only(written, plain & _same_again(written, read.days, config, today)))
    yield _Step(field, "date_month_first", _only(written, ~month_first & read.found("month_first")))
    if field in ("tgl_kwn", "tgl_crai"):
        return
    clean = _understood(residents, field)
    short_year = read.found("two_digit_year")
    for reason, where in _understood_otherwise(residents, field, clean, written, short_year):
        yield _Step(field, reason, _only(clean, where & ~pl.Series(month_first)))


def _one_reading(texts: pl.Series, findings: npt.NDArray[np.uint8]) -> Mask:
    """Return where a date was read without a doubt but the order of day and month, and holds no time."""
    timed = _holds(texts, _LEFT_ALONE).fill_null(True).to_numpy()
    sure: Mask = ~timed & (findings & 0b01111 == 0)
    return sure


def _same_again(written: pl.Series, days: npt.NDArray[np.int32], config: Config, today: date) -> Mask | bool:
    """Return where the new text will be read as the same day, which the office's own formats may prevent."""
    if not config.date_formats:
        return True
    again: Mask = parse_dates(written, reference_date=today, formats=config.date_formats).days == days
    return again


def _in_source(residents: pl.DataFrame, survey: Survey, field: str) -> Mask:
    """Return the rows of sources that write this column month first throughout."""
    where = np.zeros(len(residents), bool)
    for place, rows in blocks_of(residents):
        source = survey.sources.get(place)
        where[rows] = source is not None and field in source.month_first
    return where


def _understood_otherwise(
    residents: pl.DataFrame, field: str, clean: pl.Series, written: pl.Series, short_year: Mask
) -> Iterator[tuple[str, pl.Series]]:
    """Yield reason and rows whose date was understood otherwise than it is written."""
    other = clean.is_not_null() & clean.ne_missing(written)
    known = written.is_not_null()
    if field != "tgl_lhr":
        yield "date_century", known & pl.Series(short_year)
        yield "date_swapped", other & known
        return
    # What stands in the joint cell of place and date is not missing here.
    own = residents["tgl_lhr"].is_not_null()
    if "ttl" in residents.columns:
        other &= own | residents["ttl"].is_null()
    completed, swapped = (
        residents["flags"].list.contains(code) for code in ("birth_from_nik", "birth_swapped_by_locale")
    )
    yield "birth_from_nik", other & completed
    yield "date_swapped", other & swapped
    yield "date_century", clean.is_not_null() & pl.Series(short_year)


def _birthplace_and_date(residents: pl.DataFrame, config: Config, today: date) -> Iterator[_Step]:
    """Write the date in a cell of place and date as dd-mm-yyyy."""
    texts = residents["ttl"]
    places, days = split_ttl(texts)
    read = parse_dates(days, reference_date=today, formats=config.date_formats)
    written = _written(read.days)
    sure = _one_reading(days, read.findings) & (read.findings == 0)
    if read.found("month_first").any():
        sure &= False
    sure = sure & _same_again(written, read.days, config, today)
    yield _Step("ttl", "date_format", _only(places + ", " + written, sure))


def _sex(residents: pl.DataFrame, field: str) -> Iterator[_Step]:
    """Give each sex the writing used most, of those that need no neighbours: M and F may mean anything."""
    frame = residents.select(text=field, sex=f"{field}_clean")
    counted = frame.drop_nulls().group_by("text", "sex").len()
    counted = counted.filter(read_sex(counted["text"]).is_not_null()).sort(
        "len", "text", descending=[True, False]
    )
    most = {sex: text.strip() for text, sex, _ in reversed(counted.rows())}
    yield _Step(field, "spelling", frame["sex"].replace_strict(most, default=None, return_dtype=pl.String()))


def _spelt(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Give each entry the writing that the whole extract uses most; of equal ones the first by alphabet."""
    known, index = distinct(texts)
    counts = np.bincount(index, minlength=len(known) + 1)[1:].tolist()
    same = {
        key(text): key(entry)
        for entry, writings in _tables()["same"].get(field, {}).items()
        for text in writings
    }
    entries = [same.get(key(text), key(text)) for text in known]
    most: dict[str, tuple[int, str]] = {}
    for text, count, entry in zip(known, counts, entries, strict=True):
        most[entry] = min(most.get(entry, (0, "")), (-count, " ".join(text.split())))
    after = [None, *(most[entry][1] if entry else None for entry in entries)]
    yield _Step(field, "spelling", pl.Series(after, dtype=pl.String()).gather(index))


_INVISIBLE = r"[\x{200B}-\x{200D}\x{2060}\x{FEFF}\x{00AD}]"


def _spaces(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Make runs of spaces one and drop invisible characters; cells of several lines are left alone."""
    known, index = distinct(texts)
    odd = known.str.contains(rf"^\s|\s$|\s\s|[^\S ]|{_INVISIBLE}") & ~known.str.contains(r"[\r\n]")
    if not odd.any():
        return
    tidy = known.str.replace_all(_INVISIBLE, "").str.replace_all(r"\s+", " ").str.strip_chars()
    yield _Step(field, "spaces", after_null(_only(tidy, odd & (tidy != ""))).gather(index))


def _number_tails(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Take the `.0` off that a float leaves behind a small number."""
    known, index = distinct(texts)
    whole = known.str.extract(r"^\s*(\d{1,6})\.0+\s*$")
    yield _Step(field, "number_tail", after_null(whole).gather(index))


def _rt_rw(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Propose RT and RW for a cell that Excel made a date of."""
    both = split_rt_rw(texts)
    yield _Step(field, "rt_rw_was_date", _only(both["rt"] + "/" + both["rw"], both["flag"].is_not_null()))


def _whole_names(residents: pl.DataFrame, field: str) -> Iterator[_Step]:
    """Propose names in full where an abbreviation was read and nothing was taken off the name."""
    flags = residents["flags"]
    cut = pl.Series(np.zeros(len(residents), bool))
    for code in _WHOLE_NAME:
        cut |= flags.list.contains(code)
    expanded = flags.list.contains("name_expanded") & ~cut
    yield _Step(field, "name_expanded", _only(residents[f"{field}_clean"], expanded))
