"""The tables that rooms hand to each other: columns, types and meaning.

Tables are polars frames. Identifiers are text for ever. `row` is the 0-based
position of a record over all sources and joins every table to every other.
What is published in a run's folder is `contracts`: RESIDENTS, PEOPLE, PAIRS,
DECISIONS. EVIDENCE is what the matcher reads and is not published.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

import polars as pl

IDENTITY: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "record_id": pl.String(),
    "source_file": pl.String(),
    "source_sheet": pl.String(),
    "source_row": pl.Int64(),
}
"""First columns of every extract. source_row is 1-based, as Excel or an editor shows it."""

FIELDS: dict[str, str] = {
    "nik": "16-digit national id",
    "no_kk": "16-digit family card number",
    "nama_lgkp": "full name",
    "jenis_klmin": "sex",
    "tmpt_lhr": "place of birth",
    "tgl_lhr": "date of birth",
    "ttl": "place and date of birth in one cell",
    "gol_drh": "blood group",
    "agama": "religion",
    "stat_kwn": "marital status",
    "stat_hbkel": "relation to the head of the family",
    "pddk_akh": "education",
    "jenis_pkrjn": "occupation",
    "nik_ibu": "mother's NIK",
    "nama_lgkp_ibu": "mother's name",
    "nik_ayah": "father's NIK",
    "nama_lgkp_ayah": "father's name",
    "alamat": "address",
    "dusun": "hamlet",
    "no_rt": "RT",
    "no_rw": "RW",
    "rt_rw": "RT and RW in one cell",
    "kode_pos": "postcode",
    "telepon": "telephone number",
    "email": "e-mail address",
    "no_prop": "province part of the region code, 1 or 2 digits",
    "no_kab": "regency part of the region code, 1 or 2 digits",
    "no_kec": "kecamatan part of the region code, 1 or 2 digits",
    "no_kel": "village part of the region code, 4 digits",
    "prop_name": "province",
    "kab_name": "regency or city",
    "kec_name": "kecamatan",
    "kel_name": "desa or kelurahan",
    "akta_lhr": "has a birth certificate",
    "no_akta_lhr": "number of the birth certificate",
    "kia": "has a child's identity card (KIA), or its number",
    "no_akta_kwn": "number of the marriage certificate",
    "tgl_kwn": "date of marriage",
    "no_akta_crai": "number of the divorce certificate",
    "tgl_crai": "date of divorce",
    "klain_fsk": "has a physical or mental disability (protected)",
    "pnydng_cct": "kind of disability (protected)",
    "gelar": "titles kept apart from the name",
    "glr_agama": "religious titles",
    "glr_akademis": "academic titles",
    "glr_bangsawan": "titles of nobility",
    "warganegara": "citizenship or permit (WNI, ITAP, ITAS)",
    "flag_status": "alive, dead, moved (office's own codes)",
    "stat_hidup": "alive or dead (office's own codes)",
    "stat_ktp": "state of the KTP (office's own codes)",
    "flag_pindah": "moved or not (office's own codes)",
    "wajib_ktp": "must hold a KTP, as the file says",
    "ektp_status": "stage of the KTP-el recording",
    "ektp_created": "date of the KTP-el recording",
    "tgl_entri": "date of entry",
    "tgl_ubah": "date of last change",
    "nama_pet_entri": "clerk",
}
"""SIAK fields an extract may have, in lower case, each kept as the text it came as."""

EVIDENCE_KINDS = ("id", "text", "category", "postcode", "email")
"""What a further column of evidence may hold, as the config names it."""
FURTHER: dict[str, str] = {
    "nik_ibu": "parent_id",
    "nik_ayah": "parent_id",
    "no_akta_lhr": "certificate",
    "telepon": "phone",
    "email": "email",
}
"""Fields that are compared beside LEVELS wherever an extract has them, each with its kind: one of EVIDENCE_KINDS, or
the number of a parent, a certificate, a telephone."""
IDS = ("id", "parent_id", "certificate", "phone", "email")
"""Kinds that name one person, home or family: equal ones prove something."""


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of fields in the order of FIELDS, then further columns of evidence by name."""
    found = set(names)
    return [*(name for name in FIELDS if name in found), *sorted(found - FIELDS.keys())]


NIK_VERDICTS = ("valid", "warning", "invalid", "suspect_truncated", "temporary", "missing")
USABLE_NIK = ("valid", "warning")
"""Verdicts on a NIK that is whole and its person's own."""
READABLE_NIK = (*USABLE_NIK, "suspect_truncated")
"""Verdicts on a NIK of which region, date and sex can be read."""
LIFE = ("alive", "dead", "moved", "abroad", "inactive", "unknown")
"""Values of flag_status_clean: what FLAG_STATUS, STAT_HIDUP or STATUS may say of a resident."""
GONE = ("dead", "moved", "abroad", "inactive")
"""Those of residents who no longer count."""
RECORDED = ("yes", "no", "unknown")
RECORDING_CLASSES = ("belum", "captured", "failed", "in_dispute", "duplicate", "unique", "unknown")
RECORDING_RANK = {
    "unique": 6,  # passed the national 1:N check
    "captured": 5,  # recorded, no result yet
    "in_dispute": 4,  # its fingerprints are like someone's: undecided
    "duplicate": 3,  # the same biometrics stand under another NIK
    "failed": 2,  # must be recorded again
    "belum": 1,
    "unknown": 0,
}
"""How good a recording is as proof that its record is the person's: by what each stage shows."""

CLEAN: dict[str, pl.DataType] = {
    "nik_clean": pl.String(),  # 16 ASCII digits (opaque scheme: trimmed text), null if missing or unusable
    "no_kk_clean": pl.String(),  # the same rules; null for placeholders
    "nama_lgkp_clean": pl.String(),  # comparison form: upper case words, one space
    "jenis_klmin_clean": pl.String(),  # L, P or null
    "tmpt_lhr_clean": pl.String(),
    "tgl_lhr_clean": pl.Date(),
    "stat_kwn_clean": pl.UInt8(),  # 1..4 (domain: STAT_KWN), null if unknown
    "stat_hbkel_clean": pl.UInt8(),  # 1..11 (domain: STAT_HBKEL), null if unknown
    "nama_lgkp_ibu_clean": pl.String(),
    "nama_lgkp_ayah_clean": pl.String(),
    "alamat_clean": pl.String(),
    "no_rt_clean": pl.String(),  # 3 digits or null
    "no_rw_clean": pl.String(),  # 3 digits or null
    "wilayah_clean": pl.String(),  # Kemendagri code of the residence: 10, 6, 4 or 2 digits; null if unknown
    "flag_status_clean": pl.String(),  # alive, dead, moved, abroad, inactive, unknown; of all such columns
    "tgl_entri_clean": pl.Date(),
    "tgl_ubah_clean": pl.Date(),
    "ektp_created_clean": pl.Date(),
}
"""Clean columns that stand beside the originals; every one is present, null where unknown.

Where an extract keeps titles apart from the name, `gelar_clean` stands before them: all titles of the record,
upper case without dots, one space. Nothing compares it."""

VERDICTS: dict[str, pl.DataType] = {
    "nik_verdict": pl.String(),  # one of NIK_VERDICTS
    "recorded": pl.String(),  # one of RECORDED
    "recording_class": pl.String(),  # one of RECORDING_CLASSES
    "flags": pl.List(pl.String()),  # reason codes, sorted, possibly empty, never null
}

EVIDENCE: dict[str, pl.DataType] = {
    "nik_birth": pl.Date(),  # date inside the NIK; null if none
    "nik_sex": pl.String(),  # L or P, from the day digits
    "birth_from_nik": pl.Boolean(),  # tgl_lhr_clean was repaired with the NIK: no second evidence
    "birth_known": pl.Int32(),  # parts of a birth date that is none, year << 9 | month << 5 | day; 0 for none
    "birth_default": pl.Boolean(),  # 1 Jul, 31 Dec, 1 Jan or a 15th: weak evidence
    "nama_skeleton": pl.String(),  # aggressive blocking form: words sorted as written, one space
    "ibu_skeleton": pl.String(),
    "ayah_skeleton": pl.String(),
    "name_alias": pl.String(),  # a second name, comparison form
    "father_in_name": pl.Boolean(),  # the name says the father behind bin, binti or ibnu
    "passed_check": pl.Boolean(),  # the status proves that the national 1:N check was passed
    "wajib_ktp_clean": pl.Boolean(),  # must hold a KTP on the reference date; null if not known
}
"""Columns that the matcher and the decisions read beside CLEAN and VERDICTS; not published."""
MATCHED = ("nama_skeleton", "ibu_skeleton", "ayah_skeleton", "name_alias", "father_in_name", "birth_known")
"""Those of EVIDENCE that the decisions do not read."""

PEOPLE: dict[str, pl.DataType] = {"row": pl.Int64(), "record_id": pl.String(), "person_id": pl.String()}

LEVELS = ("name", "nik_birth_sex", "mother", "father", "kk", "place", "address")
KIN = ("twin", "sibling", "parent_child", "spouse")
RELATIONS = ("same_person", "shared_nik", *KIN, "none")

PAIRS: dict[str, pl.DataType] = {
    "row_l": pl.Int64(),
    "row_r": pl.Int64(),
    "record_id_l": pl.String(),
    "record_id_r": pl.String(),
    "passes": pl.List(pl.String()),
    **{f"level_{field}": pl.UInt8() for field in LEVELS},
    "weight_log2": pl.Float64(),
    "probability": pl.Float64(),
    "relation": pl.String(),  # one of RELATIONS
    "band": pl.String(),  # confirmed, review or null
}

KINDS = ("A", "B", "C", "D", "E", "F")
ACTIONS = (
    "keep",
    "propose_deactivation",
    "close_kk",  # one person under one NIK in two cards: the membership in this card ends, the NIK stays
    "drop_copy",  # an exact copy under the same NIK: this row goes, the NIK stays
    "correct_nik",
    "separate",
    "verify",
    "adjudicate",
    "record",
)
DISPLACED = ("propose_deactivation", "close_kk", "drop_copy")
"""Actions after which a record counts no more."""

DECISIONS: dict[str, pl.DataType] = {
    "decision_id": pl.String(),
    "case_id": pl.String(),
    "row": pl.Int64(),
    "record_id": pl.String(),
    "record_key": pl.String(),  # what the record is known by from one night to the next, see residents/keys.py
    "person_id": pl.String(),
    "kind": pl.String(),  # one of KINDS, or null
    "action": pl.String(),  # one of ACTIONS
    "survivor_row": pl.Int64(),
    "other_row": pl.Int64(),
    "recorded": pl.String(),
    "weight_log2": pl.Float64(),
    "reasons": pl.List(pl.String()),
    "reasons_id": pl.String(),
    "reasons_en": pl.String(),
    "rule": pl.String(),
}

TRUTH: dict[str, pl.DataType] = {
    "record_id": pl.String(),
    "true_person_id": pl.String(),
    "kind": pl.String(),  # kind of duplicate this record was made as; null for an ordinary record
    "trap": pl.String(),  # twin, twin_name_within, father_son, common_name_default_date or null
}
TRUTH_GROUPS = "groups"
"""Text column that a truth may have besides: the groups of residents a record is of, separated by spaces."""


def empty(table: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return a frame of 0 rows with the columns and types of `table`."""
    return pl.DataFrame(schema=table)


def holds_residents(table: pl.DataFrame | None) -> TypeGuard[pl.DataFrame]:
    """Say whether a table of residents holds them; one that was kept without holds their ids alone."""
    return table is not None and "flags" in table.columns
