"""Coverage of the KTP-el with its causes and kecamatan, as pictures and report show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import polars as pl

from nikdedup.config import Config
from nikdedup.publish import RunRecord
from nikdedup.settle import DECLARED

if TYPE_CHECKING:
    from nikdedup.village import Tally

_COUNTED = (
    "row", "flags", "recorded", "flag_status_clean", DECLARED, "tgl_lhr_clean", "wilayah_clean", "kec_name",
    "stat_kwn_clean", "warganegara", "wajib_ktp",
)  # fmt: skip
"""Columns that coverage is counted from, those of them that there are."""


class Counted(Protocol):
    """What is counted: a finished run."""

    people: pl.DataFrame
    decisions: pl.DataFrame
    record: RunRecord
    config: Config

    @property
    def residents(self) -> pl.DataFrame:
        """Residents as they are published."""

    @property
    def scanned(self) -> pl.LazyFrame:
        """The same, of which no more is read than is used."""


def ktp_coverage(ran: Counted) -> Tally | None:
    """Return the coverage of the KTP-el by cause and by kecamatan.

    None where it cannot be computed: without residents, a reference date or a recording status.
    """
    from nikdedup.village import Targets, counted_roll, tallies

    scanned = ran.scanned
    if "flags" not in scanned.collect_schema().names() or ran.record.day is None or ran.people.is_empty():
        return None
    # Copies in other inputs are told by all columns.
    overlapping = ran.record.quality.flags.get("source_overlap")
    known = ran.residents if overlapping else scanned.select(pl.col(f"^({'|'.join(_COUNTED)})$")).collect()
    roll = counted_roll(known, ran.decisions, ran.record, ran.config)
    told = (roll.residents["recorded"] != "unknown").any()
    return tallies(roll, Targets(), ran.config.coverage_target, by=("kecamatan",))[0] if told else None
