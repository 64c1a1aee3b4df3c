"""A first look at a part of an extract: how many records it has, and what tells damage, as numbers on the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from nikdedup.columnar.spill import Numbers, Shelf
from nikdedup.config import Config
from nikdedup.residents.as_of import count_births
from nikdedup.residents.damage import EVENTS, NAMED, PEOPLE, Readings, same_codes, text_codes
from nikdedup.residents.long_cells import shortened
from nikdedup.residents.normalise import ANY_DAY, count_events, first_reading
from nikdedup.residents.parts.blocks import RECORDS
from nikdedup.residents.parts.seen import Look
from nikdedup.residents.parts.slices import Shelved, Slice, completed, shaped_rows
from nikdedup.residents.read import ids_to_check, placed

IDS = "ids"
"""Table on the shelf: the given record ids of a part, and what is asked of them."""
DATE_PARTS = ("days", "findings", "year_first")
"""Of the columns of `Dates`, those that tell damage."""


def look_at(
    one: Slice, config: Config, shelf: Shelf, *, part: int, place: int, fields: Sequence[str], several: bool
) -> Look:
    """Read a part for the first time and put the numbers that tell damage aside, from `place` of their columns on.

    The dates are read as of the reference date that is configured, else of ANY_DAY: of a damage only days and
    months tell, not the century.

    Args:
        one: the part.
        config: settings of the run.
        shelf: where parts leave arrays for each other: memory or a folder.
        part: its number.
        place: where its numbers begin on the shelf.
        fields: of all parts, see `fields_of`.
        several: whether there are several INPUTs.
    """
    frame, look = _first_seen(one, config, shelf)
    if not look.records:
        return look
    frame = completed(shortened(frame).frame, fields)
    if config.record_id is not None:
        shelf.put_table(IDS, part, ids_to_check(frame))
    readings, _ = first_reading(frame, config, config.reference_date or ANY_DAY)
    numbers = _numbers(readings, several=several)
    shelf.put(numbers, place)
    return replace(
        look,
        events=count_events(readings.dates[name].days for name in EVENTS if name in readings.dates),
        births=count_births(readings.dates.get("tgl_lhr")),
        sexes=frame["jenis_klmin"].unique().drop_nulls().to_list() if "jenis_klmin" in frame.columns else [],
        columns={name: values.dtype.str for name, values in numbers.items()},
    )


def _first_seen(one: Slice, config: Config, shelf: Shelf) -> tuple[pl.DataFrame, Look]:
    """Return the placed records of a part, and what is seen of them without reading what they say."""
    if isinstance(one, Shelved):
        return shelf.table(RECORDS, one.number), one.seen
    table, part = shaped_rows(one, config, counted=True)
    frame = placed(table, part, index=one.source.input, rows=pl.int_range(part.fields.height, eager=True))
    return frame, Look.of(part)


def _numbers(readings: Readings, *, several: bool) -> dict[str, Numbers]:
    """Return what `signs_of` takes back: columns of a part, a text being a number that is 0 if missing."""
    found: dict[str, Numbers] = {
        "nik": readings.nik.values,
        "temporary": readings.temporary,
        "nik_days": readings.nik_days,
        "kk": readings.kk.values,
    }
    for name, dates in readings.dates.items():
        found |= {f"{name}.{part}": getattr(dates, part) for part in DATE_PARTS}
    found |= {f"{name}.id": ids.values for name, ids in readings.parents.items()}
    for name in dict.fromkeys((*PEOPLE, *NAMED)):
        if name in readings.frame.columns:
            found[f"{name}.text"] = text_codes(readings.frame[name])
    if several:
        found["same"] = same_codes(readings.frame)
    return {sign(name): numbers for name, numbers in found.items()}


def sign(name: str) -> str:
    """Return the name on the shelf of a column that tells damage."""
    return f"sign-{name}"
