"""Coverage of the KTP-el with its causes and kecamatan, as pictures and report show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import polars as pl

from nikdedup.config import Config
from nikdedup.publish import RunRecord
from nikdedup.settle import DECLARED

if TYPE_CHECKING:
    from nikdedup.village import Tally

_COUNTED = (
    "row", "recorded", "flag_status_clean", DECLARED, "tgl_lhr_clean", "wilayah_clean", "kec_name",
    "stat_kwn_clean", "warganegara", "wajib_ktp",
)  # fmt: skip
"""Columns that coverage is counted from, those of them that there are."""


SLICE = 1 << 20
"""Residents that are held at a time."""


class Counted(Protocol):
    """What is counted: a finished run."""

    people: pl.DataFrame
    decisions: pl.DataFrame
    record: RunRecord
    config: Config

    @property
    def scanned(self) -> pl.LazyFrame:
        """Residents as they are published, of which no more is read than is used."""


def ktp_coverage(ran: Counted) -> Tally | None:
    """Return the coverage of the KTP-el by cause and by kecamatan.

    None where it cannot be computed: without residents, a reference date or a recording status.
    """
    from nikdedup.village import Targets, counted_roll, tallies

    scanned = ran.scanned
    if "flags" not in scanned.collect_schema().names() or ran.record.day is None or ran.people.is_empty():
        return None
    roll = counted_roll(_parts(ran), ran.decisions, ran.record, ran.config)
    told = (roll.residents["recorded"] != "unknown").any()
    return tallies(roll, Targets(), ran.config.coverage_target, by=("kecamatan",))[0] if told else None


def _parts(ran: Counted) -> Iterator[pl.DataFrame]:
    """Give the residents in slices, so that few of them are held; copies in other inputs count once."""
    from nikdedup.village import told_once

    counted = ran.scanned.select(pl.col(f"^({'|'.join(_COUNTED)})$"))
    overlapping = ran.record.quality.flags.get("source_overlap")
    once = told_once(_slices(ran.scanned, ran.people.height), ran.record) if overlapping else None
    for at, part in enumerate(_slices(counted, ran.people.height)):
        yield part.with_columns(pl.lit(True).alias("once") if once is None else once.slice(at * SLICE, SLICE))


def _slices(residents: pl.LazyFrame, count: int) -> Iterator[pl.DataFrame]:
    return (residents.slice(first, SLICE).collect() for first in range(0, count, SLICE))
