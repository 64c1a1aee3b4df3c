"""read(): the records as they came, and what a notebook shows of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from nikdedup.config import Config
from nikdedup.errors import door
from nikdedup.residents.read import Extract as Records
from nikdedup.residents.read import read as read_records


@dataclass(frozen=True, repr=False)
class Extract(Records):
    """All records of all inputs, and what is known about their origin.

    frame: a line for each record, as text and as it came (columns of `schema.IDENTITY`, and of `schema.FIELDS` those
    that the extract has). mapping: field -> headers it came from. unmapped: headers that no field claims. skipped: rows
    that are no records, with their reason. sources: files, sheets and frames. fingerprint: SHA-256 over the sources.
    how: field -> what told it. unused: columns with data that no field claims.
    """

    lang: Literal["id", "en"] = "id"

    def __repr__(self) -> str:
        left = f"{len(self.unused)} columns not used, {len(self.skipped)} rows that are no records"
        return f"Extract({len(self.frame)} records, {len(self.mapping)} fields, {left})"

    def _repr_html_(self) -> str:
        from nikdedup.show import extract_html

        return extract_html(
            self.frame, list(self.mapping), unused=len(self.unused), skipped=len(self.skipped), lang=self.lang
        )


@door
def read(data: Any, *, config: Config | str | Path | dict[str, Any] | None = None, **options: Any) -> Extract:
    """Return the records of one or several inputs as an `Extract`: nothing is cleaned, nothing matched.

    Args:
        data: as for `dedupe`.
        config: as for `dedupe`; `sample` stops early.
        **options: as for `dedupe`.

    Raises:
        InputError: for an input that cannot be read without guessing, in one line.
        ConfigError: for settings that are unknown or not allowed, all of them in one line.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"NIK": ["6212019999999001"], "Nama Lengkap": ["SITI AMINAH"]})
        >>> read(people)
        Extract(1 records, 2 fields, 0 columns not used, 0 rows that are no records)
        >>> read(people).frame.select("row", "record_id", "nik", "nama_lgkp").row(0)
        (0, '0', '6212019999999001', 'SITI AMINAH')
    """
    settings = Config.resolve(config, options)
    found = read_records(data, config=settings)
    return Extract(**{one.name: getattr(found, one.name) for one in fields(found)}, lang=settings.run.lang)
