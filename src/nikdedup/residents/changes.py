"""What `clean` may put right in an extract: one line per cell and change, certain or proposed.

Certain is a change that needs no judgement, because the text has one reading and says the same before
and after: an apostrophe in a NIK, 1/7/1980, two writings of one status. What rests on other evidence (letters
for digits, a swapped date, a name written in full) is proposed. A date written yyyy-mm-dd is left as it is:
it has one reading, and it tells a date cell turned round by a foreign locale from a text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from importlib import resources
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.config import Config
from nikdedup.residents.address import split_rt_rw
from nikdedup.residents.damage import Survey
from nikdedup.residents.dates import NO_DATE, every_day, parse_dates, split_ttl
from nikdedup.residents.identifiers import clean_identifiers
from nikdedup.residents.readings import blocks_of
from nikdedup.residents.status import key, read_sex
from nikdedup.residents.titles import TITLE_FIELDS
from nikdedup.residents.uniques import Positions, after_null, distinct, taken
from nikdedup.threads import side_by_side

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
Days = npt.NDArray[np.int32]


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
    """What a rule makes of a column: the rows with a new text, in order, and the texts."""

    field: str
    reason: str
    rows: npt.NDArray[np.integer[Any]]
    after: pl.Series


def changes(
    residents: pl.DataFrame, *, config: Config, reference_date: date, survey: Survey | None = None
) -> pl.DataFrame:
    """Return what may be put right in the extract's cells, as CHANGES.

    residents: `normalise`d records. survey: damage of their whole sources, as `normalise` was given.
    What stands in several columns joined to one field (`config.columns`) is the caller's to leave out.
    """
    rules = _rules(residents, config, reference_date, survey or Survey())
    tables = side_by_side(lambda rule: [_lines(residents, step) for step in rule()], rules)
    found = pl.concat([pl.DataFrame(schema=CHANGES), *chain.from_iterable(tables)])
    # Of several readings of one cell the first rule wins, so that certain and proposed have one line each.
    found = found.unique(["row", "field", "certain"], keep="first", maintain_order=True)
    return found.sort("row", "field", "certain", descending=[False, False, True], maintain_order=True)


def _lines(residents: pl.DataFrame, step: _Step) -> pl.DataFrame:
    """Return one line per cell that a step changes."""
    cells = {"row": residents["row"], "before": residents[step.field]}
    lines = pl.DataFrame(
        {name: column.gather(step.rows) for name, column in cells.items()} | {"after": step.after}
    )
    constant = {"field": step.field, "reason": step.reason, "certain": KINDS[step.reason].certain}
    lines = lines.filter(pl.col("after").is_not_null() & pl.col("after").ne_missing(pl.col("before")))
    return lines.with_columns(pl.lit(value).alias(name) for name, value in constant.items()).select(
        pl.col(name).cast(dtype) for name, dtype in CHANGES.items()
    )


Rule = Callable[[], Iterable[_Step]]


def _rules(residents: pl.DataFrame, config: Config, today: date, survey: Survey) -> Iterator[Rule]:
    """Yield the rule of each column there is."""
    groups: tuple[tuple[tuple[str, ...], Callable[[str], Iterable[_Step]]], ...] = (
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
        yield from (partial(rule, field) for field in fields if field in residents.columns)


def _by_row(field: str, reason: str, where: Mask | pl.Series, before: pl.Series, after: pl.Series) -> _Step:
    """Return the step that gives rows their new text where a mask holds.

    where: n x bool or null. before, after: n strings or null.
    """
    rows = np.flatnonzero(np.asarray(where) & after.ne(before).fill_null(after.is_not_null()).to_numpy())
    return _Step(field, reason, rows, after.gather(rows))


def _by_text(
    field: str,
    reason: str,
    texts: tuple[pl.Series, Positions],
    after: pl.Series,
    only: Mask | bool = True,
    where: Mask | bool = True,
) -> _Step:
    """Return the step that gives each distinct text its new one.

    texts: of n rows, as `distinct` returns them. after: k strings or null. only: k x bool, the distinct texts
    meant. where: n x bool, the rows meant.
    """
    known, index = texts
    new = np.append(False, (after != known).fill_null(False).to_numpy() & only)
    rows = np.flatnonzero(new[index] & where) if new.any() else np.zeros(0, np.intp)
    return _Step(field, reason, rows, after.gather(index[rows] - np.uint32(1)))


def _ids(residents: pl.DataFrame, field: str) -> Iterator[_Step]:
    """Take separators out of whole numbers; propose digits for letters, and a lost leading 0."""
    texts = residents[field]
    ids = clean_identifiers(texts)
    whole = (ids.digits.str.len_bytes() == 16).fill_null(False).to_numpy() & (ids.reasons == 0)
    yield _by_row(field, "id_separators", whole, texts, ids.digits)
    at = list(ids.proposed)
    offered = pl.Series([ids.proposed[i] for i in at], dtype=pl.String())
    yield _Step(field, "letters_for_digits", np.array(at, np.intp), offered)
    if field == "nik":
        lost = residents["flags"].list.contains("nik_temporary_zero_lost").fill_null(False).arg_true()
        yield _Step(field, "temporary_zero_lost", lost.to_numpy(), "0" + ids.digits.gather(lost))


def _written(days: npt.NDArray[np.int32]) -> pl.Series:
    """Return days as dd-mm-yyyy, null where no date."""
    known, index = every_day(days)
    return taken(after_null(known.dt.to_string(_HOUSE)), index)


def _dates(
    residents: pl.DataFrame, field: str, config: Config, today: date, survey: Survey
) -> Iterator[_Step]:
    """Write dates as dd-mm-yyyy where they have one reading; propose the others as they were understood."""
    known, index = texts = distinct(residents[field])
    read = parse_dates(known, reference_date=today, formats=config.date_formats)
    written = _written(read.days)
    month_first = _in_source(residents, survey, field)
    if month_first.any():
        turned = parse_dates(known, reference_date=today, formats=config.date_formats, month_first=True)
        sure = _one_reading(known, turned.findings)
        yield _by_text(field, "date_month_first_column", texts, _written(turned.days), sure, month_first)
    odd = ~known.str.contains(r"^\d\d-\d\d-\d{4}$").to_numpy()
    plain = odd & _one_reading(known, read.findings) & (read.findings == 0)
    plain &= _same_again(written, read.days, config, today)
    yield _by_text(field, "date_format", texts, written, plain, ~month_first)
    yield _by_text(field, "date_month_first", texts, written, read.found("month_first"), ~month_first)
    if field in ("tgl_kwn", "tgl_crai"):
        return
    clean = residents[f"{field}_clean"].to_physical().fill_null(int(NO_DATE)).cast(pl.Int32).to_numpy()
    days = np.append(NO_DATE, read.days)[index]
    short_year = np.append(False, read.found("two_digit_year"))[index]
    for reason, where in _understood_otherwise(residents, field, clean, days, short_year):
        rows = np.flatnonzero(where & ~month_first)
        yield _Step(field, reason, rows, _written(clean[rows]))


def _one_reading(texts: pl.Series, findings: npt.NDArray[np.uint8]) -> Mask:
    """Return where a date was read without a doubt but the order of day and month, and holds no time."""
    timed = texts.str.contains(_LEFT_ALONE).fill_null(True).to_numpy()
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
    turned = {place for place, source in survey.sources.items() if field in source.month_first}
    for place, rows in blocks_of(residents) if turned else ():
        where[rows] = place in turned
    return where


def _understood_otherwise(
    residents: pl.DataFrame, field: str, clean: Days, days: Days, short_year: Mask
) -> Iterator[tuple[str, Mask]]:
    """Yield reason and rows whose date was understood otherwise than it is written."""
    known = days != NO_DATE
    other = (clean != NO_DATE) & (clean != days)
    if field != "tgl_lhr":
        yield "date_century", known & short_year
        yield "date_swapped", other & known
        return
    # What stands in the joint cell of place and date is not missing here.
    if "ttl" in residents.columns:
        other &= (residents["tgl_lhr"].is_not_null() | residents["ttl"].is_null()).to_numpy()
    rows = np.flatnonzero(other)
    flags = residents["flags"].gather(rows)
    for reason, code in (("birth_from_nik", "birth_from_nik"), ("date_swapped", "birth_swapped_by_locale")):
        where = np.zeros(len(other), bool)
        where[rows] = flags.list.contains(code).fill_null(False).to_numpy()
        yield reason, where
    yield "date_century", (clean != NO_DATE) & short_year


def _birthplace_and_date(residents: pl.DataFrame, config: Config, today: date) -> Iterator[_Step]:
    """Write the date in a cell of place and date as dd-mm-yyyy."""
    known, _ = texts = distinct(residents["ttl"])
    places, days = split_ttl(known)
    read = parse_dates(days, reference_date=today, formats=config.date_formats)
    if read.found("month_first").any():
        return
    written = _written(read.days)
    sure = _one_reading(days, read.findings) & (read.findings == 0)
    sure &= _same_again(written, read.days, config, today)
    yield _by_text("ttl", "date_format", texts, places + ", " + written, sure)


def _sex(residents: pl.DataFrame, field: str) -> Iterator[_Step]:
    """Give each sex the writing used most, of those that need no neighbours: M and F may mean anything."""
    frame = residents.select(text=field, sex=f"{field}_clean")
    counted = frame.drop_nulls().group_by("text", "sex").len()
    counted = counted.filter(read_sex(counted["text"]).is_not_null()).sort(
        "len", "text", descending=[True, False]
    )
    most = {sex: text.strip() for text, sex, _ in reversed(counted.rows())}
    after = frame["sex"].replace_strict(most, default=None, return_dtype=pl.String())
    yield _by_row(field, "spelling", after.is_not_null(), frame["text"], after)


def _spelt(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Give each entry the writing that the whole extract uses most; of equal ones the first by alphabet."""
    known, index = found = distinct(texts)
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
    after = [most[entry][1] if entry else None for entry in entries]
    yield _by_text(field, "spelling", found, pl.Series(after, dtype=pl.String()))


_INVISIBLE = r"[\x{200B}-\x{200D}\x{2060}\x{FEFF}\x{00AD}]"


def _spaces(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Make runs of spaces one and drop invisible characters; cells of several lines are left alone."""
    known, _ = found = distinct(texts)
    odd = known.str.contains(rf"^\s|\s$|\s\s|[^\S ]|{_INVISIBLE}") & ~known.str.contains(r"[\r\n]")
    if odd.any():
        tidy = known.str.replace_all(_INVISIBLE, "").str.replace_all(r"\s+", " ").str.strip_chars()
        yield _by_text(field, "spaces", found, tidy, (odd & (tidy != "")).to_numpy())


def _number_tails(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Take the `.0` off that a float leaves behind a small number."""
    known, _ = found = distinct(texts)
    yield _by_text(field, "number_tail", found, known.str.extract(r"^\s*(\d{1,6})\.0+\s*$"))


def _rt_rw(texts: pl.Series, field: str) -> Iterator[_Step]:
    """Propose RT and RW for a cell that Excel made a date of."""
    known, _ = found = distinct(texts)
    both = split_rt_rw(known)
    yield _by_text(
        field, "rt_rw_was_date", found, both["rt"] + "/" + both["rw"], both["flag"].is_not_null().to_numpy()
    )


def _whole_names(residents: pl.DataFrame, field: str) -> Iterator[_Step]:
    """Propose names in full where an abbreviation was read and nothing was taken off the name."""
    flags = residents["flags"]
    cut = pl.Series(np.zeros(len(residents), bool))
    for code in _WHOLE_NAME:
        cut |= flags.list.contains(code)
    expanded = flags.list.contains("name_expanded") & ~cut
    rows = expanded.fill_null(False).arg_true()
    yield _Step(field, "name_expanded", rows.to_numpy(), residents[f"{field}_clean"].gather(rows))
