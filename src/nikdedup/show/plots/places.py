"""What kecamatan are called in a picture: the names of regions, and nothing else that a cell may hold."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from nikdedup.residents.places import kecamatan_key
from nikdedup.show.mask import mask_place
from nikdedup.show.texts import say


def place_names(places: Sequence[tuple[str | None, str | None]], lang: str) -> list[str]:
    """Return what each place is called, each by a name of its own.

    A name that is no region's may be anything: the code stands for it, and where there is no code a number.

    Args:
        places: code and name of each; both null for the residents whose place nobody knows.
        lang: `id` or `en`.

    Example:
        >>> place_names([("621201", "MURUNG"), ("621201", "PASAR"), (None, "RUMAH SITI"), (None, None)], "en")
        ['MURUNG', '621201', '••• 1', 'not known']
    """
    shown: list[str] = []
    hidden = 0
    for code, name in places:
        called = mask_place(name)
        if not code and not name:
            called = say("plot.place_unknown", lang)
        elif called != name or called in shown:
            coded = bool(code) and str(code).isascii() and str(code).isdecimal()
            hidden += not coded
            called = str(code) if coded else f"{mask_place('?')} {hidden}"
        shown.append(called)
    return shown


def place_of(residents: pl.LazyFrame) -> pl.LazyFrame:
    """Return row, flags and kecamatan of each record (a category): the code, else the name in capitals, else null.

    Args:
        residents: published residents.
    """
    place = kecamatan_key(residents.collect_schema().names())
    return residents.select("row", "flags", place=place.cast(pl.Categorical))


def records_by_place(residents: pl.LazyFrame) -> pl.DataFrame:
    """Return place (as `place_of` has it, null where nobody knows) and records, in no order.

    Args:
        residents: published residents.
    """
    columns = residents.collect_schema().names()
    told = [name for name in ("wilayah_clean", "kec_name") if name in columns]
    # As the cells are: what they mean is asked of each kind of them, not of every resident.
    lots = residents.group_by(told).agg(records=pl.len()).with_columns(place=kecamatan_key(columns))
    return lots.group_by("place").agg(pl.col("records").sum()).collect()
