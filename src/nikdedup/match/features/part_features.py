"""What the matcher needs of each record, as numbers, and each distinct text once: residents without their frame.

They are made of any part of an extract, and those of the parts add up to those of the whole: what
depends on all records (rarity, frequencies) is left to `Evidence`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.calendar import NO_DATE
from nikdedup.columnar.distinct import Positions, after_null, distinct, taken
from nikdedup.columnar.grouping import numbered
from nikdedup.columnar.spill import Numbers, Shelf
from nikdedup.residents.places import region_now
from nikdedup.runtime.threads import side_by_side
from nikdedup.schema import USABLE_NIK

Codes = NDArray[np.int64]

SEED = 62_12
"""Seed of the codes; any fixed number will do."""
NAMES = {"names": "nama_lgkp_clean", "mothers": "nama_lgkp_ibu_clean", "fathers": "nama_lgkp_ayah_clean"}
TEXTS = {**NAMES, "alias": "name_alias", "place": "tmpt_lhr_clean", "address": "alamat_clean"}
"""Columns of which the matcher reads the letters, by their names in `Evidence`."""
OPAQUE_ID = {"id": "nik_clean"}
"""Read letter by letter too where it is no NIK; a NIK is its number."""
NUMBERS: dict[str, Any] = {
    "birth": np.int32,  # days since 1970-01-01, NO_DATE if missing
    "birth_known": np.int32,  # parts of a birth date that is none: year << 9 | month << 5 | day, 0 for none
    "birth_default": np.bool_,
    "birth_from_nik": np.bool_,
    "sex": np.int8,  # 0 missing, 1 L, 2 P
    "nik": np.int64,  # number of a usable or truncated NIK, code of an opaque id; -1 where there is none
    "nik_plain": np.bool_,  # verdict valid or warning
    "nik_truncated": np.bool_,  # never of an opaque id
    "nik_birth": np.int32,
    "passed_check": np.bool_,
    "father_in_name": np.bool_,
    "kk": np.int64,
    "skeleton": np.int64,  # code of the name's blocking form
    "mother": np.int64,
    "father": np.int64,
    "region": np.int32,  # kecamatan of the residence, a retired one under its successor
}
"""Arrays of one number for each record, by their names in `Evidence`. A code of -1 means missing."""


@dataclass(frozen=True)
class Coded:
    """A column of n texts: the distinct ones, and of each row 1 + the place of its text among them, 0 if missing."""

    known: pl.Series
    index: Positions

    @classmethod
    def by(cls, texts: pl.Series) -> Coded:
        """Code n texts or null."""
        return cls(*distinct(texts))

    def code(self, rows: NDArray[np.integer[Any]] | slice = slice(None)) -> Codes:
        """Return of some rows, or of all, the codes of their texts, the same in every part; -1 if missing."""
        return self._codes.take(self.index[rows])

    @cached_property
    def _codes(self) -> Codes:
        return codes_of(self._with_null)

    def with_more(self, texts: pl.Series) -> Coded:
        """Return the column with further texts behind its own."""
        there = self.known.is_in(texts.implode()).arg_true()
        place = dict(zip(self.known.gather(there), (there + 1).to_list(), strict=True))
        new = [text for text in texts.unique(maintain_order=True) if text is not None and text not in place]
        place |= {text: len(self.known) + 1 + at for at, text in enumerate(new)}
        index = np.array([place.get(text, 0) for text in texts], np.uint32)
        known = pl.concat([self.known, pl.Series(new, dtype=pl.String)], rechunk=True)
        return Coded(known, np.concatenate([self.index, index]))

    def alone(self, rows: NDArray[np.integer[Any]]) -> Coded:
        """Return the column of some rows, as if there were no others."""
        place = self.index[rows]
        number, firsts = numbered(place.astype(np.uint64))
        old = place[firsts]
        present = old > 0
        known = taken(self.known, old[present] - np.uint32(1))
        return Coded(known, (np.cumsum(present) * present).astype(np.uint32)[number])

    @cached_property
    def _with_null(self) -> pl.Series:
        return after_null(self.known)

    def of(self, rows: NDArray[np.integer[Any]]) -> pl.Series:
        """Return the texts of some rows."""
        return taken(self._with_null, self.index[rows])


@dataclass(frozen=True)
class CodedKeys:
    """A column of n codes of 63 bits: the distinct ones, and of each row the place of its code among them."""

    known: Codes
    index: Positions

    @classmethod
    def by(cls, codes: Codes) -> CodedKeys:
        """Number n codes; -1, missing, is one of them."""
        number, first = numbered(codes.view(np.uint64))
        return cls(codes[first], number)

    def code(self) -> Codes:
        """Return the code of each row."""
        return self.known.take(self.index)


@dataclass(frozen=True)
class PartFeatures:
    """numbers: NUMBERS of n records. texts: TEXTS, and OPAQUE_ID where the id is no NIK.

    plain: names are read by no rules of Indonesian names. further: name of each further column of evidence -> its kind;
    among the texts it stands under `further_text` of its name.
    """

    numbers: dict[str, Numbers]
    texts: dict[str, Coded]
    plain: bool = False
    further: dict[str, str] = field(default_factory=dict)

    def put(self, shelf: Shelf, part: int, first_row: int) -> None:
        """Put the features of a part on the shelf: its numbers where its rows stand among all, its texts as tables."""
        numbers = self.numbers | {name: text.index for name, text in self.texts.items()}
        shelf.put({_column(name): values for name, values in numbers.items()}, first_row)
        for name, text in self.texts.items():
            shelf.put_table(_column(name), part, text.known.rename("text").to_frame())

    def take(self, rows: NDArray[np.integer[Any]]) -> PartFeatures:
        """Return the features of some records, among which every text still occurs."""
        texts = {name: Coded(text.known, text.index[rows]) for name, text in self.texts.items()}
        numbers = {name: values[rows] for name, values in self.numbers.items()}
        return PartFeatures(numbers, texts, self.plain, self.further)

    def of(self, rows: NDArray[np.integer[Any]]) -> PartFeatures:
        """Return the features of some records, sorted, as if there were no others."""
        numbers = {name: values[rows] for name, values in self.numbers.items()}
        texts = {name: text.alone(rows) for name, text in self.texts.items()}
        return PartFeatures(numbers, texts, self.plain, self.further)

    def clear(self) -> None:
        """Let go of what has been used up: who calls the matcher holds the features as long as it works."""
        self.numbers.clear()
        self.texts.clear()


def taken_back(
    shelf: Shelf,
    sizes: Sequence[int],
    *,
    structured: bool,
    plain: bool = False,
    further: Mapping[str, str] | None = None,
) -> PartFeatures:
    """Return the features of all parts on the shelf, which are of so many rows each; the shelf does not keep it.

    Args:
        shelf: where parts leave arrays for each other: memory or a folder.
        sizes: rows of each part, in order.
        structured: as `part_features_of` takes it.
        plain: as `part_features_of` takes it.
        further: as `part_features_of` takes it.
    """
    columns = _texts(structured, further or {})
    texts = side_by_side(lambda name: _joined(shelf, name, sizes), columns)
    numbers = side_by_side(lambda name: shelf.take(_column(name), NUMBERS[name]), NUMBERS)
    known = dict(zip(columns, texts, strict=True))
    return PartFeatures(dict(zip(NUMBERS, numbers, strict=True)), known, plain, dict(further or {}))


def _column(name: str) -> str:
    """Return the name on the shelf of a column of part features."""
    return f"features-{name}"


def _joined(shelf: Shelf, name: str, sizes: Sequence[int]) -> Coded:
    """Number the texts of all parts together, in the order in which they first appear."""
    filled = [part for part, size in enumerate(sizes) if size]
    parts = [shelf.table(_column(name), part)["text"] for part in filled]
    for part in filled:
        shelf.drop(_column(name), part)
    index = shelf.take(_column(name), np.uint32)
    if len(parts) == 1:
        return Coded(parts[0], index)
    known, number = distinct(pl.concat(parts, rechunk=True))
    row = first = 0
    for size, texts in zip(filter(None, sizes), parts, strict=True):
        here = np.concatenate([np.zeros(1, np.uint32), number[first : first + len(texts)]])
        index[row : row + size] = here[index[row : row + size]]
        row, first = row + size, first + len(texts)
    return Coded(known, index)


def part_features_of(
    residents: pl.DataFrame,
    *,
    structured: bool,
    plain: bool = False,
    further: Mapping[str, str] | None = None,
) -> PartFeatures:
    """Return the features of residents (schema.CLEAN, VERDICTS and EVIDENCE columns), n rows.

    Args:
        residents: n rows of the columns schema.CLEAN, VERDICTS and EVIDENCE.
        structured: whether a NIK has region, date and sex inside.
        plain: names are read by no rules of Indonesian names.
        further: name of each further column of evidence -> its kind; those of which the residents have no
            `<name>_clean` are left out.
    """
    there = {name: kind for name, kind in (further or {}).items() if f"{name}_clean" in residents.columns}
    texts = _texts(structured, there)
    works: list[Callable[[], Any]] = [partial(Coded.by, residents[column]) for column in texts.values()]
    works.append(lambda: dict(_numbers(residents, structured=structured)))
    *found, numbers = side_by_side(lambda work: work(), works)
    return PartFeatures(numbers, dict(zip(texts, found, strict=True)), plain, there)


def _texts(structured: bool, further: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of which the matcher reads the letters, by their names in part features."""
    own = {further_text(name): f"{name}_clean" for name in sorted(further)}
    return (TEXTS if structured else TEXTS | OPAQUE_ID) | own


def further_text(name: str) -> str:
    """Return the name in part features of a further column of evidence, which no other column of it has."""
    return f"further-{name}"


def _numbers(residents: pl.DataFrame, *, structured: bool) -> Iterator[tuple[str, Numbers]]:
    verdict = residents["nik_verdict"]
    usable = _true(verdict.is_in(USABLE_NIK))
    truncated = _true(verdict == "suspect_truncated") & structured
    yield "birth", _days(residents["tgl_lhr_clean"])
    yield "birth_known", residents["birth_known"].fill_null(0).to_numpy()
    yield "birth_default", _true(residents["birth_default"]) & structured  # a habit of Indonesian registers
    yield "birth_from_nik", _true(residents["birth_from_nik"])
    sex = residents["jenis_klmin_clean"]
    yield "sex", _true(sex == "L") + np.int8(2) * _true(sex == "P")
    nik = _niks(residents["nik_clean"], structured=structured)
    yield "nik", np.where(usable | truncated, nik, np.int64(-1))
    yield "nik_plain", usable
    yield "nik_truncated", truncated
    yield "nik_birth", _days(residents["nik_birth"])
    yield "passed_check", _true(residents["passed_check"])
    yield "father_in_name", _true(residents["father_in_name"])
    for name, column in (
        ("kk", "no_kk_clean"),
        ("skeleton", "nama_skeleton"),
        ("mother", "ibu_skeleton"),
        ("father", "ayah_skeleton"),
    ):
        yield name, codes_of(residents[column])
    regions, region = distinct(residents["wilayah_clean"])
    now = region_now(after_null(regions).str.slice(0, 6)).cast(pl.Int32)
    yield "region", now.fill_null(-1).to_numpy()[region]


def known_niks(residents: pl.DataFrame, *, structured: bool) -> NDArray[np.bool_]:
    """Return which residents have a NIK that is compared: a usable or a truncated one.

    Args:
        residents: n rows with the columns nik_clean and nik_verdict.
        structured: as `part_features_of` takes it.
    """
    compared = (*USABLE_NIK, "suspect_truncated") if structured else USABLE_NIK
    known = residents["nik_verdict"].is_in(compared).fill_null(False) & residents["nik_clean"].is_not_null()
    return known.to_numpy()


def _niks(niks: pl.Series, *, structured: bool) -> Codes:
    """Return a NIK as its number, an opaque id as its code; -1 for null."""
    return niks.cast(pl.Int64).fill_null(-1).to_numpy() if structured else codes_of(niks)


def codes_of(text: pl.Series) -> Codes:
    """Return a non-negative 63-bit code per distinct text, -1 for null.

    Args:
        text: n strings or null.
    """
    code = (text.hash(SEED).to_numpy() >> np.uint64(1)).view(np.int64)
    return np.where(text.is_null().to_numpy(), np.int64(-1), code) if text.null_count() else code


def _days(dates: pl.Series) -> NDArray[np.int32]:
    return dates.to_physical().fill_null(int(NO_DATE)).cast(pl.Int32).to_numpy()


def _true(flags: pl.Series) -> NDArray[np.bool_]:
    return flags.fill_null(False).to_numpy()
