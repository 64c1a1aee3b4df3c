"""What the NIKs and card numbers of an extract are like: verdicts, columns that contradict them, digits cut off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from nikdedup.masking import mask_numbers
from nikdedup.residents.ids import clean_identifiers
from nikdedup.residents.profile.measure import FIRST_ROWS, Flags, Mask, Measure, Sources, first, true
from nikdedup.schema import NIK_VERDICTS, READABLE_NIK, USABLE_NIK

NIK_COLUMNS = ("nik_verdict", "nik_clean", "tgl_lhr_clean", "jenis_klmin_clean", "wilayah_clean")
"""Columns that `niks` looks at."""


def niks(residents: pl.DataFrame, flags: Flags) -> Iterable[Measure]:
    """Count NIK verdicts, and where the NIK's date, sex and region agree with the columns."""
    n, verdicts = len(residents), residents["nik_verdict"].cast(pl.Enum(NIK_VERDICTS)).to_physical()
    codes = verdicts.fill_null(len(NIK_VERDICTS)).to_numpy()
    for code, name in enumerate(NIK_VERDICTS):
        where = codes == code
        at = () if name in USABLE_NIK else first(where)
        yield Measure("nik", "nik", f"verdict_{name}", int(np.count_nonzero(where)), n, at=at)
    legible = np.isin(codes, [NIK_VERDICTS.index(name) for name in READABLE_NIK])
    readable = residents["nik_clean"].is_not_null().to_numpy() & legible
    own = residents["tgl_lhr_clean"].is_not_null().to_numpy() & ~flags.has("birth_from_nik")
    dated = readable & own & ~flags.has("nik_date_impossible")
    sexed = readable & residents["jenis_klmin_clean"].is_not_null().to_numpy()
    placed = readable & true(residents["wilayah_clean"].str.len_bytes() >= 4)
    yield from _against("tgl_lhr", dated, flags.has("nik_birth_differs"))
    yield from _against("jenis_klmin", sexed, flags.has("nik_sex_differs"))
    yield from _against("no_kab", placed, flags.has("nik_region_elsewhere"))


def _against(column: str, whole: Mask, differing: Mask) -> Iterator[Measure]:
    """Count where NIK and column can be compared, agree and differ."""
    differs = whole & differing
    compared, against = int(np.count_nonzero(whole)), int(np.count_nonzero(differs))
    yield Measure("nik", column, "compared", compared, len(whole))
    yield Measure("nik", column, "agrees", compared - against, compared)
    yield Measure("nik", column, "differs", against, compared, at=first(differs))


def truncation(residents: pl.DataFrame, flags: Flags, sources: Sources) -> Iterable[Measure]:
    """Count by source the ids that end in 0, of which a tenth is natural, and those that are suspect.

    residents: nik and no_kk, those there are. Excel keeps 15 digits: in a column that went through it as numbers
    the 16th is 0.
    """
    for column, code in (("nik", "nik_truncated"), ("no_kk", "kk_truncated")):
        if column not in residents.columns:
            continue
        values, suspect = clean_identifiers(residents[column]).values, flags.has(code)
        masks = (values > 0, (values > 0) & (values % 10 == 0), suspect)
        for source, spans in sources.items():
            ids, zeros, suspects = (sum(int(np.count_nonzero(mask[one])) for one in spans) for mask in masks)
            at = np.concatenate([np.flatnonzero(suspect[one]) + one.start for one in spans])[:FIRST_ROWS]
            name = mask_numbers(":".join(part for part in source if part)) or None
            yield Measure("truncation", column, "ends_in_0", zeros, ids, name)
            yield Measure("truncation", column, "suspect", suspects, ids, name, tuple(at.tolist()))
