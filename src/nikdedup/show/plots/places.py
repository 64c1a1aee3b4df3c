"""What kecamatan are called in a picture: the names of regions, and nothing else that a cell may hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from nikdedup.columnar.distinct import distinct, distinct_lines, spread
from nikdedup.columnar.lists import elements
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


def records_by_place(residents: pl.LazyFrame) -> pl.DataFrame:
    """Return place and records, in no order.

    A place is the code of a kecamatan, else its name in capitals, null where nobody knows.

    Args:
        residents: published residents.
    """
    columns = residents.collect_schema().names()
    # As the cells are: what they mean is asked of each kind of them, not of every resident.
    lots = residents.group_by(_told(columns)).agg(records=pl.len()).with_columns(place=kecamatan_key(columns))
    return lots.group_by("place").agg(pl.col("records").sum()).collect()


def marked_by_place(residents: pl.LazyFrame, marks: Mapping[str, str]) -> pl.DataFrame:
    """Return place (as `records_by_place`), mark, and the number of records with the mark as `n`, in no order.

    Args:
        residents: published residents.
        marks: reason code -> its mark; a record bears a mark once, however many of its codes have it.
    """
    columns = residents.collect_schema().names()
    cells = residents.select(*_told(columns), "flags").collect()
    at, borne = elements(cells["flags"])
    codes, index = distinct(borne)
    mark = spread([None, *map(marks.get, codes)], index, pl.Enum(sorted({*marks.values()})))
    lines = pl.DataFrame({"at": at, "mark": mark}).drop_nulls().unique()
    lots = distinct_lines(cells.drop("flags")[lines["at"]].with_columns(lines["mark"].cast(pl.String)))
    return lots.group_by("mark", place=kecamatan_key(columns)).agg(pl.col("n").sum())


def _told(columns: Collection[str]) -> list[str]:
    return [name for name in ("wilayah_clean", "kec_name") if name in columns]
