"""What a report shows beside what a run says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from nikdedup.village import Tally


@dataclass(frozen=True)
class Seen:
    """The tables behind a report; without one of them the parts made of it are left out.

    pairs: as schema.PAIRS. residents: as they are published, of which no more is read than is used. coverage: of the
    KTP-el, cause by cause and by kecamatan. profile: as `Profile.as_dict` returns it. region_codes: an office's own.
    """

    pairs: pl.DataFrame | None = None
    residents: pl.LazyFrame | None = None
    coverage: Tally | None = None
    profile: dict[str, Any] | None = None
    region_codes: Path | None = None


NOTHING = Seen()
