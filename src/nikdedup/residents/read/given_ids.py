"""The column of record ids that an office names: unique, never blank, and nobody's NIK or name.

Record ids stand in every table of a run, in messages and in what `explain` is asked with, where an identity must not be
shown. Where an office has nothing else to go by, pseudonyms stand in their place.
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from nikdedup.errors import InputError, argument
from nikdedup.residents.read.shaping import RECORD_ID

_NUMBERS_FROM, _NAMES_FROM = 0.1, 0.5
"""Share of the values from which a column is one of NIKs, and one of names. Numbers of 16 digits are hardly anything
else; words may be."""
_SEPARATORS = r"[\s.'`’_-]"
_NUMBER = r"^[1-9][0-9]{15}$"
_NAME = r"^[\p{L}.'`’,-]+( +[\p{L}.'`’,()-]+)+$"
_NAMES = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")


NAMED = "_named"
"""Whether a record id is one of the names beside it."""
ASKED = ("row", "source_file", "source_sheet", "source_row", RECORD_ID, NAMED)
"""Columns that `check_ids` looks at."""


def ids_to_check(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of ASKED of placed records; NAMED is made from the names.

    Args:
        frame: placed records.
    """
    ids = pl.col(RECORD_ID)
    named = [(ids == pl.col(field)).fill_null(False) for field in _NAMES if field in frame.columns]
    return frame.with_columns(pl.any_horizontal(pl.lit(False), *named).alias(NAMED)).select(ASKED)


def check_ids(frame: pl.DataFrame, name: str, *, pseudonym: bool = False) -> None:
    """Raise InputError for ids of a whole extract that are blank, not unique, or show an identity.

    It tells rows, never ids.

    Args:
        frame: placed records, or ASKED of them.
        name: of the column.
        pseudonym: the ids themselves are not shown.
    """
    ids = frame[RECORD_ID].alias("record_id")
    _refuse_gaps(frame, ids, name)
    if not pseudonym:
        _refuse_identities(frame if NAMED in frame.columns else ids_to_check(frame), ids, name)


def record_ids(frame: pl.DataFrame, *, pseudonym: bool = False) -> pl.Series:
    """Return the record ids of placed records, or their pseudonyms.

    pseudonym: of an id stand 24 hexadecimal digits of its BLAKE2b hash, the same every night. The hash has no key: it
    keeps identities off screens and out of messages, but who has a list of the ids can compute it.
    """
    ids = frame[RECORD_ID].alias("record_id")
    if not pseudonym:
        return ids
    hashes = [blake2b(text.encode(), digest_size=12).hexdigest() for text in ids.to_list()]
    return pl.Series("record_id", hashes, dtype=pl.String)


def _refuse_identities(frame: pl.DataFrame, ids: pl.Series, name: str) -> None:
    known = max(1, len(ids) - ids.null_count())
    number = ids.str.replace_all(_SEPARATORS, "").str.contains(_NUMBER)
    named = ids.str.contains(_NAME) | frame[NAMED]
    for what, found, least in (
        ("NIKs or numbers of cards", number, _NUMBERS_FROM),
        ("names", named, _NAMES_FROM),
    ):
        count = int(found.sum())
        if count and count >= least * known:
            raise InputError(
                f"{argument('record_id')} {name!r}: {count} of {known} values look like {what}, "
                "and record ids stand where no identity may; name another column, or set record_id_pseudonym = true"
            )


def _refuse_gaps(frame: pl.DataFrame, ids: pl.Series, name: str) -> None:
    if ids.null_count():
        first = _place(frame, ids.is_null().arg_true()[0])
        raise InputError(
            f"{argument('record_id')} {name!r}: blank in {ids.null_count()} records, first in {first}"
        )
    twice = ids.is_duplicated()
    if twice.any():
        again = ids.filter(twice)
        row, other = (frame["row"].filter(twice).filter(again == again[0])[i] for i in (0, 1))
        count = again.n_unique()
        raise InputError(
            f"{argument('record_id')} {name!r}: {count} value{' is' if count == 1 else 's are'} not unique, "
            f"first in {_place(frame, row)} and {_place(frame, other)}"
        )


def _place(frame: pl.DataFrame, row: int) -> str:
    """Name a record by where it stands: row as Excel or an editor shows it, sheet and file if any."""
    file, sheet, number = (frame[name][row] for name in ("source_file", "source_sheet", "source_row"))
    return f"row {number}" + (f" of {file}" if file else "") + (f" sheet {sheet!r}" if sheet else "")
