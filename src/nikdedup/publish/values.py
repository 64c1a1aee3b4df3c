"""What a value of run.json may be: counts, rows, weights, days, names of files; and what every part of it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nikdedup.config import FIRST_DAY, LAST_DAY
from nikdedup.masking import mask_numbers


def _day(text: str) -> str:
    try:
        known = FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY
    except ValueError:
        known = False
    if not known:
        raise ValueError("no such day") from None  # the text may be anything
    return text


Count = Annotated[int, Field(ge=0, le=2**53)]
Row = Annotated[int, Field(ge=0, lt=2**63)]
InputNumber = Annotated[int, Field(ge=0, lt=2**32)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
Share = Annotated[Number, Field(ge=0, le=1)]
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Day = Annotated[str, AfterValidator(_day)]
Named = Annotated[str, AfterValidator(mask_numbers)]
"""The name of a file or sheet, long numbers masked: offices name them by NIKs."""
Counts = dict[str, Count]


class Part(BaseModel):
    """A part of run.json: what is named has this type, what is not may be anything."""

    # Built when a run is written or read, not when the package is imported.
    model_config = ConfigDict(strict=True, extra="allow", defer_build=True)
