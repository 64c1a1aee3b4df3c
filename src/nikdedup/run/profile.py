"""profile(): what an extract is like before anything is matched, as a table, a text and plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import door
from nikdedup.residents import as_dict, profile_table, understand
from nikdedup.residents.read import read


@dataclass(frozen=True, repr=False)
class Profile:
    """The profile of an extract: counts, codes and row numbers, and no identity."""

    frame: pl.DataFrame = field(repr=False)
    """One line per measure; columns of `residents.profile.PROFILE`."""
    records: int
    reference_date: date | None = None
    lang: Literal["id", "en"] = "id"

    @cached_property
    def _sections(self) -> dict[str, list[dict[str, Any]]]:
        return as_dict(self.frame)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values ready for JSON; a list of lines per section."""
        day = self.reference_date.isoformat() if self.reference_date else None
        return {"records": self.records, "reference_date": day, **as_dict(self.frame)}

    def text(self, lang: Literal["id", "en"] | None = None) -> str:
        """Return the profile as plain aligned text.

        Args:
            lang: `id` or `en`; that of the config where None.
        """
        from nikdedup.show import profile_text

        return profile_text(self._sections, self.records, self._day, lang or self.lang)

    def __repr__(self) -> str:
        day = f" as of {self._day}" if self._day else ""
        findings = len(self._sections.get("reasons", []))
        return f"Profile({self.records} records{day}, {findings} kinds of findings)"

    def _repr_html_(self) -> str:
        from nikdedup.show import profile_html

        return profile_html(self._sections, self.records, self._day, self.lang)

    @property
    def _day(self) -> str | None:
        return self.reference_date.isoformat() if self.reference_date else None

    @door
    def write(self, out: str | Path) -> Path:
        """Write the table as Parquet, whole or not at all.

        Args:
            out: a .parquet file, readable by its owner only.

        Returns:
            The path of the file.

        Raises:
            InputError: for another ending, or a place where no file may be written.
            RunError: where the disk is full or the file locked; an earlier file is as it was.
        """
        from nikdedup.show import check_target, write_all, writer

        path = Path(out)
        check_target(path, "out", (".parquet",))
        write_all([(path, writer(self.frame.columns, self.frame, ".parquet"))])
        return path


@door
def profile(
    data: Any, *, config: Config | str | Path | dict[str, Any] | None = None, **options: Any
) -> Profile:
    """Return the profile of an extract: completeness, findings, default dates, NIK against columns, texts.

    Args:
        data: as for `dedupe`.
        config: as for `dedupe`.
        **options: as for `dedupe`.

    Raises:
        InputError: for an input that cannot be read without guessing, in one line.
        ConfigError: for settings that are unknown or not allowed, all of them in one line.

    Example:
        >>> people = pl.DataFrame({"NIK": ["6212014107809001", "62120141078"], "NAMA_LGKP": ["SITI AMINAH", "SITI"]})
        >>> found = profile(people).frame.filter(section="nik", measure="verdict_valid")
        >>> found.select("count", "share").row(0)
        (1, 0.5)
    """
    settings = Config.resolve(config, options)
    extract = read(data, config=settings)
    reference, residents = understand(extract, settings)
    skipped = [(one.source_file, one.source_sheet, one.source_row, one.reason) for one in extract.skipped]
    return profile_of(
        residents, config=settings, reference_date=reference, mapping=extract.mapping,
        column_types=extract.column_types, skipped=skipped,
    )  # fmt: skip


def profile_of(
    residents: pl.DataFrame | pl.LazyFrame,
    *,
    config: Config,
    reference_date: date | None,
    mapping: Mapping[str, Sequence[str]],
    column_types: Mapping[str, str] | None = None,
    skipped: Iterable[tuple[str | None, str | None, int, str]] = (),
) -> Profile:
    """Return the profile of residents that are understood already, of this run or an earlier one."""
    frame = profile_table(
        residents,
        mapping=mapping,
        column_types=column_types,
        skipped=skipped,
        structured=config.nik_scheme == "nik",
        region_codes=config.region_codes,
        reference_date=reference_date,
        wajib_ktp_age=config.wajib_ktp_age,
        config=config,
    )
    records = residents.lazy().select(pl.len()).collect().item()
    return Profile(frame, records, reference_date, config.run.lang)
