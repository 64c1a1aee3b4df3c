"""An extract in which nobody is named, to ask others for help with: the duplicates in it are those of the original.

Names and addresses stand in it as they are understood, titles off and abbreviations read in full, with other letters;
ids with other digits. Dates, sex, region and places of birth stay, so that who holds another register may still
recognise people: it remains personal data under UU 27/2022.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError, RunError, argument, door, reason_of
from nikdedup.nightly.pseudonym_ids import Numbers, keyed
from nikdedup.nightly.pseudonym_texts import Addresses, Names, coded, dated
from nikdedup.nightly.secret import Secret
from nikdedup.nightly.texts import say
from nikdedup.publish import write_parquet, written_whole
from nikdedup.residents.names import says_nothing
from nikdedup.residents.read import read
from nikdedup.runtime.files import read_file
from nikdedup.show import check_target, neutralised

SUFFIXES = (".parquet", ".csv")
KEY_BYTES = 32
"""Bytes of a key, at the least."""
NUMBERS = ("nik", "no_kk", "nik_ibu", "nik_ayah")
NAMES = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
ADDRESSES = ("alamat", "dusun")
DATES = ("tgl_lhr", "ektp_created", "tgl_entri", "tgl_ubah")
CODES = (
    "jenis_klmin", "stat_kwn", "stat_hbkel", "no_rt", "no_rw", "rt_rw", "no_prop", "no_kab", "no_kec", "no_kel",
    "flag_status", "stat_hidup", "stat_ktp", "flag_pindah", "wajib_ktp", "ektp_status", "akta_lhr",
)  # fmt: skip
PLACES = ("tmpt_lhr", "ttl", "prop_name", "kab_name", "kec_name", "kel_name", "kode_pos")
CONTACTS = ("telepon", "email", "no_akta_lhr")


@dataclass(frozen=True)
class Pseudonymised:
    """What was written. records: of the extract. left_out: its columns that are not in it, as they are called there.

    blanked: column -> cells that were left empty, since what stood in them could have named somebody.
    """

    records: int
    left_out: list[str]
    blanked: dict[str, int]
    path: Path

    def text(self, lang: Literal["id", "en"] = "id") -> str:
        """Return what was written and what was not, in a line or some; nobody is named.

        Args:
            lang: `id` or `en`.
        """
        lines = [say("pseudonyms.written", lang, n=self.records, out=self.path)]
        if self.left_out:
            lines.append(say("pseudonyms.left_out", lang, columns=", ".join(self.left_out)))
        if self.blanked:
            cells = ", ".join(f"{name} {n}" for name, n in sorted(self.blanked.items()))
            lines.append(say("pseudonyms.blanked", lang, cells=cells))
        return "\n".join([*lines, say("pseudonyms.care", lang)])


@door
def pseudonymise(
    data: Any,
    out: str | Path,
    *,
    key_file: str | Path | None = None,
    key_env: str | None = None,
    config: Config | str | Path | dict[str, Any] | None = None,
    **options: Any,
) -> Pseudonymised:
    """Write an extract again with other names, addresses and ids, a line for each record, readable by its owner only.

    The same key gives the same pseudonyms, in this extract and in others. Columns that are not known are left out.

    Args:
        data: an extract, as `dedupe` takes it.
        out: the new file, .parquet or .csv.
        key_file: file with the key, 32 bytes or more, that only its owner can read; made where it is not there.
        key_env: variable of the environment that holds the key instead.
        config: settings by which the extract is read, as for `dedupe`.
        **options: as for `dedupe`.

    Returns:
        How many records were written, which columns were left out, and which cells.

    Raises:
        InputError: for an extract that cannot be read, or a place where no file may be written.
        ConfigError: for a key that is too short, or that others may read.

    Example:
        >>> import tempfile
        >>> people = pl.DataFrame({"NIK": ["6212014107809001"], "NAMA_LGKP": ["SITI AMINAH"], "AGAMA": ["ISLAM"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = pseudonymise(people, f"{folder}/out.parquet", key_file=f"{folder}/key")
        >>> found.records, found.left_out
        (1, ['AGAMA'])
    """
    settings = Config.resolve(config, options)
    if settings.plain_names:
        raise ConfigError(f"{argument('plain_names', True)}: pseudonymise exchanges Indonesian names alone")
    target = Path(out)
    check_target(target, "out", SUFFIXES)
    secret = _where(key_file, key_env)
    key_path = None if secret.file is None else Path(secret.file)
    if key_path is not None and key_path.absolute() == target.absolute():
        raise InputError(f"{argument('out')} {target.name}: is the file of the key; name another one")
    extract = read(data, config=settings)
    if any(path.absolute() == target.absolute() for path in _inputs(data)):
        raise InputError(f"{argument('out')} {target.name}: is an input; name another file")
    key = _key(secret)
    columns = _exchanged(extract.frame, key, given_ids=settings.record_id is not None)
    made = pl.DataFrame(list(columns.values()))
    _write(made, target)
    used = {header for name in columns for header in extract.mapping.get(name, [])}
    headers = [header for found in extract.mapping.values() for header in found]
    left_out = sorted({*headers, *extract.unmapped} - used)
    blanked = {
        name: lost
        for name, column in columns.items()
        if name in extract.frame.columns and (lost := column.null_count() - extract.frame[name].null_count())
    }
    return Pseudonymised(len(made), left_out, blanked, target)


def _inputs(data: Any) -> list[Path]:
    given = data if isinstance(data, list | tuple) else [data]
    return [Path(one) for one in given if isinstance(one, str | Path)]


def _exchanged(frame: pl.DataFrame, key: bytes, *, given_ids: bool) -> dict[str, pl.Series]:
    """Return the columns of the new extract by field, in the order of the old one."""
    there = [frame[name] for name in NAMES if name in frame.columns]
    own = next((column for column in there if column.name == NAMES[0]), None)
    names = Names(key, own, [column for column in there if column.name != NAMES[0]])
    others = [frame[name] for name in NUMBERS[1:] if name in frame.columns]
    nothing = pl.repeat(None, len(frame), dtype=pl.String, eager=True)
    niks, births = (frame[name] if name in frame.columns else nothing for name in ("nik", "tgl_lhr"))
    numbers = Numbers(key, niks, births, (text for column in others for text in column.drop_nulls().unique()))
    addresses = Addresses(key)
    ways: dict[str, Callable[[pl.Series], pl.Series]] = {
        **dict.fromkeys(NUMBERS, lambda column: map_distinct(column, numbers.of, pl.String())),
        **dict.fromkeys(NAMES, lambda column: names.of(column.name)),
        **dict.fromkeys(ADDRESSES, addresses.of),
        **dict.fromkeys(DATES, dated),
        **dict.fromkeys(CODES, coded),
        **dict.fromkeys(PLACES, lambda column: column),
        **{name: partial(_contacts, key=key) for name in CONTACTS},
    }
    found = {}
    if given_ids:
        ids = map_distinct(frame["record_id"], lambda text: keyed(key, text)[:16], pl.String())
        found["record_id"] = ids.alias("RECORD_ID")
    for name in frame.columns:
        if name in ways:
            found[name] = ways[name](frame[name]).alias(name.upper())
    return found


def _contacts(column: pl.Series, key: bytes) -> pl.Series:
    """Return telephone numbers, addresses of e-mail and numbers of certificates as keyed hashes of their kind."""

    def other(text: str) -> str | None:
        signs = re.sub(r"[^A-Z0-9]", "", text.upper())
        if column.name == "telepon":
            signs = re.sub(r"\D", "", signs.removesuffix(".0")).removeprefix("62").lstrip("0")
        if len(set(signs)) < 2 or says_nothing(re.findall(r"[A-Z]+", text.upper())):
            return None
        made = keyed(key, f"{column.name} {signs}")
        return {"telepon": f"08{int(made, 16) % 10**10:010d}", "email": f"{made[:16]}@example.org"}.get(
            column.name, made[:16].upper()
        )

    return map_distinct(column, other, pl.String())


def _where(key_file: str | Path | None, key_env: str | None) -> Secret:
    if (key_file is None) == (key_env is None):
        raise ConfigError(f"pseudonymise needs {argument('key_file')} or {argument('key_env')}, one of both")
    return Secret(key_env, None if key_file is None else os.fspath(key_file))


def _key(secret: Secret) -> bytes:
    """Return the key; one is made where its file is not there."""
    path = Path(secret.file or "")
    if secret.file is not None and not path.exists():
        try:
            written_whole([(path, lambda target: target.write_bytes(secrets.token_bytes(KEY_BYTES)))])
        except OSError as fault:
            raise RunError(f"{argument('key_file')} {path.name}: {reason_of(fault)}") from None
    if why := secret.fault():
        raise ConfigError(f"key: {why}")
    found = read_file(path) if secret.env is None else os.environ[secret.env].encode()
    if len(found) < KEY_BYTES:
        raise ConfigError(f"key: it has {len(found)} bytes; allowed: {KEY_BYTES} or more")
    return found


def _write(made: pl.DataFrame, target: Path) -> None:
    if target.suffix.lower() == ".csv":
        write: Callable[[Path], object] = neutralised(made).write_csv
    else:
        write = partial(write_parquet, made)
    try:
        written_whole([(target, write)])
    except OSError as fault:
        raise RunError(f"{argument('out')} {target.name}: {reason_of(fault)}") from None
