"""Targets of an office: the share that should be reached, and how it writes who has which paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from nikdedup.config import one_line, text_of, toml_of
from nikdedup.errors import ConfigError, door


def _share(value: object) -> object:
    """Take a share above 0 and up to 1; 99.2 is meant as percent and refused, lest 1 be read as 1 percent."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError("a share above 0 and up to 1, such as 0.992")
    return float(value)


Target = Annotated[float, BeforeValidator(_share)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Papers(_Part):
    """Texts of AKTA_LHR and KIA that say yes and no; whatever else stands there is the number of a paper.

    Which code means yes differs between offices (docs/domain.md, open points), so no bare number is taken for either.
    """

    yes: list[str] = ["ada", "ya", "y", "sudah", "punya", "memiliki"]
    no: list[str] = ["tidak", "tidak ada", "tdk", "belum", "belum ada", "n", "0"]

    def held(self, columns: list[str], *names: str) -> pl.Expr:
        """Return whether each resident has a paper, from whichever of its columns an extract has; null without any.

        A bare number of one or two digits is a code: it tells something only where `yes` or `no` names it.
        """
        told = [self._told(pl.col(name)) for name in names if name in columns]
        if not told:
            return pl.lit(None, pl.Boolean)
        return pl.any_horizontal(*told)

    def _told(self, column: pl.Expr) -> pl.Expr:
        text = column.str.strip_chars().str.to_lowercase()
        yes, no = ([one.strip().lower() for one in words] for words in (self.yes, self.no))
        bare = text.str.contains(r"^[-–.\s]*$") | text.str.contains(r"^\d{1,2}$")
        return (text.is_in(yes) | (~text.is_in(no) & ~bare)).fill_null(False)


class Targets(_Part):
    """Shares that should be reached. ktp: recorded of wajib KTP; the target of the run where it is not given."""

    ktp: Target | None = None
    birth_certificate: Target = 0.95
    kia: Target = 0.30
    papers: Papers = Papers()

    @classmethod
    @door
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file of targets; ConfigError with every fault in one line."""
        path = Path(path)
        origin = f"targets {path.name or path}"
        try:
            return cls.model_validate(toml_of(text_of(path, origin), origin))
        except ValidationError as faults:
            raise ConfigError(f"{origin}: {one_line(faults, cls)}") from None
