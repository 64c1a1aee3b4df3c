"""What was seen of a part of an extract, without its records."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nikdedup.residents.as_of import count_births
from nikdedup.residents.normalise import count_events
from nikdedup.residents.read import Loose, Shaped
from nikdedup.schema import in_order


@dataclass(frozen=True)
class Look:
    """What a first look at a part has found: how many records, what are none, and what `Shaped` says of columns.

    fields: that the records have. events, births: as `count_events` and `count_births` give them. sexes: texts of the
    column of sex. columns: what was put on the shelf, with types.
    """

    records: int
    skipped: list[tuple[int, str]]
    headers: dict[str, list[str]]
    unmapped: list[str]
    types: dict[str, str]
    loose: list[Loose]
    fields: list[str] = field(default_factory=list)
    events: npt.NDArray[np.int64] = field(default_factory=lambda: count_events([]))
    births: npt.NDArray[np.int64] = field(default_factory=lambda: count_births(None))
    sexes: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, part: Shaped) -> Look:
        """Return what shaping a part tells of it."""
        fields = in_order(name for name in part.fields.columns if not name.startswith("_"))
        return cls(
            part.fields.height, part.skipped, part.headers, part.unmapped, part.types, part.loose, fields
        )
