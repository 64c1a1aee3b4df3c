"""Small registers told in a few words, as tables that the matcher reads.

`person(...)` names clean values; everything left out is missing. NIKs are made up: Murung
Raya with serials from 9001.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from nikdedup.config import Config
from nikdedup.match.block.passes import PASSES
from nikdedup.match.block.run_passes import Candidates, candidates, passes_of
from nikdedup.match.compare.fields import Compared, compare
from nikdedup.match.features.features import Evidence, evidence_of
from nikdedup.match.pipeline import Matcher
from nikdedup.residents.names.column import clean_names
from nikdedup.schema import CLEAN, EVIDENCE, IDENTITY, VERDICTS

SHORT = {
    "nik": "nik_clean",
    "kk": "no_kk_clean",
    "name": "nama_lgkp_clean",
    "sex": "jenis_klmin_clean",
    "born": "tgl_lhr_clean",
    "mother": "nama_lgkp_ibu_clean",
    "father": "nama_lgkp_ayah_clean",
    "place": "tmpt_lhr_clean",
    "address": "alamat_clean",
    "region": "wilayah_clean",
    "verdict": "nik_verdict",
    "passed": "passed_check",
    "repaired": "birth_from_nik",
    "known": "birth_known",
    "default": "birth_default",
    "source": "_source",
}
SKELETONS = {"nama_lgkp": "nama_skeleton", "nama_lgkp_ibu": "ibu_skeleton", "nama_lgkp_ayah": "ayah_skeleton"}
TYPES = {**IDENTITY, "_source": pl.Int64(), **CLEAN, **VERDICTS, **EVIDENCE}


def nik(born: str, serial: int = 9001, *, sex: str = "L", region: str = "621201") -> str:
    """Return a NIK of 16 digits for a birth date written as YYYY-MM-DD."""
    year, month, day = born.split("-")
    return f"{region}{int(day) + 40 * (sex == 'P'):02d}{month}{year[2:]}{serial:04d}"


def date_inside(number: str) -> tuple[date | None, str | None]:
    """Return the birth date and sex that the digits of a NIK say, null where they say none."""
    day, month, year = int(number[6:8]), int(number[8:10]), int(number[10:12])
    century = 2000 if year <= 26 else 1900
    try:
        return date(century + year, month, day % 40), "P" if day > 40 else "L"
    except ValueError:
        return None, None


def residents_of(people: list[dict[str, Any]], *, opaque: bool = False) -> pl.DataFrame:
    """Return the residents table of people, each a dict with keys of SHORT."""
    rows = [_row(number, one, opaque=opaque) for number, one in enumerate(people)]
    frame = pl.DataFrame(rows, schema=TYPES)
    for field, skeleton in SKELETONS.items():
        done = clean_names(frame[f"{field}_clean"])
        frame = frame.with_columns(done["clean"].alias(f"{field}_clean"), done["skeleton"].alias(skeleton))
    return frame


def _row(number: int, one: dict[str, Any], *, opaque: bool) -> dict[str, Any]:
    values = {SHORT[key]: value for key, value in one.items()}
    born = values.get("tgl_lhr_clean")
    values["tgl_lhr_clean"] = date.fromisoformat(born) if born else None
    has_nik = values.get("nik_clean") is not None
    values["nik_verdict"] = values.get("nik_verdict", "valid") if has_nik else "missing"
    if has_nik and not opaque and values["nik_verdict"] in ("valid", "warning"):
        values["nik_birth"], values["nik_sex"] = date_inside(values["nik_clean"])
    return {"row": number, "record_id": str(number), "_source": 0, "flags": []} | values


def evidence(*people: dict[str, Any], opaque: bool = False) -> Evidence:
    """Return what the matcher knows of people."""
    return evidence_of(residents_of(list(people), opaque=opaque), structured=not opaque)


def all_pairs(records: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every pair of records once, left < right."""
    left, right = np.triu_indices(records, 1)
    return left.astype(np.int32), right.astype(np.int32)


def compared(e: Evidence, left: list[int], right: list[int]) -> Compared:
    """Compare pairs of records with the frequencies of their own register."""
    return compare(e, np.array(left, np.int32), np.array(right, np.int32))


def levels(one: dict[str, Any], other: dict[str, Any], *, opaque: bool = False) -> dict[str, int]:
    """Return the level of every field of a pair, from either side the same."""
    e = evidence(one, other, opaque=opaque)
    both = compared(e, [0, 1], [1, 0])
    for field, level in both.level.items():
        assert level[0] == level[1], f"{field} is not symmetric"
    return {field: int(level[0]) for field, level in both.level.items()}


def found_in(e: Evidence, **options: Any) -> Candidates:
    """Return the candidates of a register under match options (`across_only`, `threads` apart)."""
    apart = {key: options.pop(key) for key in ("across_only", "threads") if key in options}
    config = Config().with_options(**options)
    return candidates(e, Matcher.of(e, config).prefilter, config.match, **apart)


def passes_found(found: Candidates) -> dict[tuple[int, int], list[str]]:
    """Return the names of the passes of each candidate pair."""
    names = [one.name for one in PASSES]
    pairs = zip(found.left.tolist(), found.right.tolist(), found.found.tolist(), strict=True)
    return {(a, b): [name for bit, name in enumerate(names) if code >> bit & 1] for a, b, code in pairs}


def passes_asked(e: Evidence) -> dict[tuple[int, int], list[str]]:
    """Return the same from the pair's side: every pair is asked which passes bring it together."""
    asked = {(a, b): passes_of(e, a, b) for a in range(len(e)) for b in range(a + 1, len(e))}
    return {pair: names for pair, names in asked.items() if names}
