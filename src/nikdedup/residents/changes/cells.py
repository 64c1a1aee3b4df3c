"""What `clean` may put right in an extract: one line per cell and change, certain or proposed.

Certain is a change that needs no judgement, because the text has one reading and says the same before
and after: an apostrophe in a NIK, 1/7/1980, two writings of one status. What rests on other evidence (letters
for digits, a swapped date, a name written in full) is proposed. What is written anew is written as the column
writes (`manners`). A date written yyyy-mm-dd is left as it is where a foreign locale may have turned it round:
it tells such a date cell from a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain

import numpy as np
import polars as pl

from nikdedup.columnar.distinct import distinct
from nikdedup.config import Config
from nikdedup.residents.changes.dates import birthplace_and_date, dates
from nikdedup.residents.changes.manners import all_capitals, entry_of, in_one_system, mostly_capitals, tables
from nikdedup.residents.changes.steps import KINDS, Mask, Step, by_row, by_text
from nikdedup.residents.damage import Survey
from nikdedup.residents.ids import clean_identifiers
from nikdedup.residents.names import TITLE_FIELDS
from nikdedup.residents.places import split_rt_rw
from nikdedup.residents.status import key
from nikdedup.runtime.threads import side_by_side

CHANGES: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "field": pl.String(),  # SIAK field
    "before": pl.String(),  # the cell as it came; null where it was blank
    "after": pl.String(),  # null where what was lost cannot be put back
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

_LOST = {"nik": "nik", "no_kk": "kk"}
"""Field of a number -> how the codes of its flags begin."""
_WHOLE_NAME = ("name_title_removed", "name_alias", "name_patronymic", "name_two_people", "name_late")
"""Findings after which the clean name is not the whole name any more."""


Cells = Mapping[str, Mask]
"""Field -> which of n cells are dates by type: date cells of a workbook, values of a date column."""


def changes(
    residents: pl.DataFrame,
    *,
    config: Config,
    reference_date: date,
    survey: Survey | None = None,
    typed: Cells | None = None,
    raw: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return what may be put right in the extract's cells, as CHANGES.

    What stands in several columns joined to one field (`config.columns`) is the caller's to leave out.

    Args:
        residents: `normalise`d records, whose columns have one way of writing.
        config: settings of the run.
        reference_date: date the extract speaks of.
        survey: damage of their whole sources, as `normalise` was given.
        typed: cells that are dates by type; they have no writing of their own.
        raw: fields as their cells stand, of which reading may have made one value (="..." or a name of several
            lines).
    """
    if raw is not None:
        formulas = _Formulas(residents, raw)
        residents = residents.with_columns(formulas.cells())
    rules = _rules(residents, config, reference_date, survey or Survey(), typed or {})
    tables = side_by_side(lambda rule: [_lines(residents, step) for step in rule()], rules)
    told = [] if raw is None else [formulas.lines()]
    found = pl.concat([pl.DataFrame(schema=CHANGES), *told, *chain.from_iterable(tables)])
    # Of several readings of one cell the first rule wins, so that certain and proposed have one line each.
    found = found.unique(["row", "field", "certain"], keep="first", maintain_order=True)
    return found.sort("row", "field", "certain", descending=[False, False, True], maintain_order=True)


@dataclass(frozen=True)
class _Formulas:
    """Cells of which reading took a part for the whole: a formula of nothing but a text, a name of several lines."""

    residents: pl.DataFrame
    raw: pl.DataFrame

    def cells(self) -> list[pl.Series]:
        """Return texts as their cells stand, since it is the cell that is written anew."""
        names = [name for name in (*TEXTS, "ttl") if name in self.raw.columns]
        return [
            self.raw[name].zip_with(
                ~self._formula(name) & self.residents[name].is_not_null(), self.residents[name]
            )
            for name in names
        ]

    def lines(self) -> pl.DataFrame:
        """Return a line for each formula that says no more than the text in it."""
        found = [pl.DataFrame(schema=CHANGES)]
        for name in self.raw.columns:
            rows = (self._formula(name) & self.raw[name].ne_missing(self.residents[name])).arg_true()
            after = self.residents[name].gather(rows)
            step = Step(name, "formula_text", rows.to_numpy(), after)
            found.append(_lines(self.residents.select("row", self.raw[name]), step))
        return pl.concat(found)

    def _formula(self, name: str) -> pl.Series:
        return self.raw[name].str.contains(r"^\s*=").fill_null(False)


def _lines(residents: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Return one line per cell that a step changes."""
    cells = {"row": residents["row"], "before": residents[step.field]}
    lines = pl.DataFrame(
        {name: column.gather(step.rows) for name, column in cells.items()} | {"after": step.after}
    )
    constant = {"field": step.field, "reason": step.reason, "certain": KINDS[step.reason].certain}
    lines = lines.filter(pl.col("after").ne_missing(pl.col("before")))
    return lines.with_columns(pl.lit(value).alias(name) for name, value in constant.items()).select(
        pl.col(name).cast(dtype) for name, dtype in CHANGES.items()
    )


Rule = Callable[[], Iterable[Step]]


def _rules(
    residents: pl.DataFrame, config: Config, today: date, survey: Survey, typed: Cells
) -> Iterator[Rule]:
    """Yield the rule of each column there is."""
    groups: tuple[tuple[tuple[str, ...], Callable[[str], Iterable[Step]]], ...] = (
        (() if config.nik_scheme == "opaque" else IDS, lambda field: _ids(residents, field)),
        (DATES, lambda field: dates(residents, field, config, today, survey, typed.get(field))),
        (("ttl",), lambda field: birthplace_and_date(residents, config, today)),
        (("jenis_klmin",), lambda field: _sex(residents, field)),
        (SPELT, lambda field: _spelt(residents[field], field)),
        (TEXTS, lambda field: _wordings(residents[field], field)),
        (NUMBERS, lambda field: _number_tails(residents[field], field)),
        (("rt_rw",), lambda field: _rt_rw(residents[field], field)),
        (("nama_lgkp",), lambda field: _whole_names(residents, field)),
    )
    for fields, rule in groups:
        yield from (partial(rule, field) for field in fields if field in residents.columns)


def _ids(residents: pl.DataFrame, field: str) -> Iterator[Step]:
    """Take separators out of whole numbers; propose digits for letters, and a lost leading 0."""
    texts = residents[field]
    ids = clean_identifiers(texts)
    whole = (ids.digits.str.len_bytes() == 16).fill_null(False).to_numpy() & (ids.reasons == 0)
    yield by_row(field, "id_separators", whole, texts, ids.digits)
    at = list(ids.proposed)
    offered = pl.Series([ids.proposed[i] for i in at], dtype=pl.String())
    yield Step(field, "letters_for_digits", np.array(at, np.intp), offered)
    if prefix := _LOST.get(field):
        flags = residents["flags"].list
        lost = pl.Series(np.zeros(len(residents), bool))
        for damage in ("truncated", "scientific", "float_rounded"):
            lost |= flags.contains(f"{prefix}_{damage}").fill_null(False)
        rows = lost.arg_true().to_numpy()
        yield Step(
            field, "digits_lost", rows, pl.Series([None], dtype=pl.String()).new_from_index(0, len(rows))
        )
    if field == "nik":
        lost = residents["flags"].list.contains("nik_temporary_zero_lost").fill_null(False).arg_true()
        yield Step(field, "temporary_zero_lost", lost.to_numpy(), "0" + ids.digits.gather(lost))


def _sex(residents: pl.DataFrame, field: str) -> Iterator[Step]:
    """Give each sex its writing in the one system used most: M and F, which may mean anything, have no vote."""
    texts = residents[field]
    known, index = distinct(texts)
    counts = np.bincount(index, minlength=len(known) + 1)[1:].tolist()
    writings = in_one_system(known.to_list(), counts, field)
    after = residents[f"{field}_clean"].replace_strict(writings, default=None, return_dtype=pl.String())
    yield by_row(field, "spelling", after.is_not_null() & texts.is_not_null(), texts, after)


def _spelt(texts: pl.Series, field: str) -> Iterator[Step]:
    """Give each entry one writing: in the system of codes used most, else the one used most.

    Of writings used equally the first by alphabet.
    """
    known, index = found = distinct(texts)
    counts = np.bincount(index, minlength=len(known) + 1)[1:].tolist()
    writings = in_one_system(known.to_list(), counts, field)
    same = {
        key(text): key(entry) for entry, others in tables()["same"].get(field, {}).items() for text in others
    }
    entries = [same.get(key(text), key(text)) for text in known]
    most: dict[str, tuple[int, str]] = {}
    for text, count, entry in zip(known, counts, entries, strict=True):
        most[entry] = min(most.get(entry, (0, "")), (-count, " ".join(text.split())))
    after = [
        writings.get(entry_of(text, field) or "", most[entry][1]) if entry else text
        for text, entry in zip(known, entries, strict=True)
    ]
    yield by_text(field, "spelling", found, pl.Series(after, dtype=pl.String()))


_INVISIBLE = r"[\x{200B}-\x{200D}\x{2060}\x{FEFF}\x{00AD}]"


def _wordings(texts: pl.Series, field: str) -> Iterator[Step]:
    """Make runs of spaces one and drop invisible characters; cells of several lines are left alone.

    Names are written in capitals where the column does; what has a title or other signs in it stays.
    """
    known, index = found = distinct(texts)
    lines = known.str.contains(r"[\r\n]")
    odd = known.str.contains(rf"^\s|\s$|\s\s|[^\S ]|{_INVISIBLE}") & ~lines
    tidy = known
    if odd.any():
        tidy = known.str.replace_all(_INVISIBLE, "").str.replace_all(r"\s+", " ").str.strip_chars()
    if field in NAMES and all_capitals(known, np.bincount(index, minlength=len(known) + 1)[1:]):
        small = tidy.str.contains(r"^[\p{L}' -]+$") & tidy.str.contains(r"\p{Ll}") & ~lines
        yield by_text(field, "letter_case", found, tidy.str.to_uppercase(), small.to_numpy())
    yield by_text(field, "spaces", found, tidy, (odd & (tidy != "")).to_numpy())


def _number_tails(texts: pl.Series, field: str) -> Iterator[Step]:
    """Take the `.0` off that a float leaves behind a small number."""
    known, _ = found = distinct(texts)
    yield by_text(field, "number_tail", found, known.str.extract(r"^\s*(\d{1,6})\.0+\s*$"))


def _rt_rw(texts: pl.Series, field: str) -> Iterator[Step]:
    """Propose RT and RW for a cell that Excel made a date of."""
    known, _ = found = distinct(texts)
    both = split_rt_rw(known)
    yield by_text(
        field, "rt_rw_was_date", found, both["rt"] + "/" + both["rw"], both["flag"].is_not_null().to_numpy()
    )


def _whole_names(residents: pl.DataFrame, field: str) -> Iterator[Step]:
    """Propose names in full where an abbreviation was read and nothing was taken off the name."""
    flags = residents["flags"]
    cut = pl.Series(np.zeros(len(residents), bool))
    for code in _WHOLE_NAME:
        cut |= flags.list.contains(code)
    expanded = flags.list.contains("name_expanded") & ~cut
    rows = expanded.fill_null(False).arg_true()
    names = residents[f"{field}_clean"].gather(rows)
    if not mostly_capitals(residents[field]):
        names = names.str.to_titlecase()
    yield Step(field, "name_expanded", rows.to_numpy(), names)
