"""A small synthetic run: nobody in it exists (serials from 9001, made-up names)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, cast

import polars as pl
import pytest

from nikdedup import schema
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.publish import RunRecord
from nikdedup.publish.values import Part

RUN: dict[str, Any] = {
    "nikdedup": "0.1.0",
    "input": {
        "fingerprint": "9f2c1e7ab04d5566778899aabbccddeeff00112233445566778899aabbccddee",
        "sources": [
            {"file": "murung_raya.xlsx", "sheet": "Murung", "rows": 61_200},
            {"file": "murung_raya.xlsx", "sheet": "Laung Tuhup", "rows": 38_800},
        ],
        "mapping": {
            "nik": ["No. NIK"],
            "nama_lgkp": ["Nama Lengkap"],
            "tgl_lhr": ["Tgl Lahir"],
            "nama_lgkp_ibu": ["Nama Ibu"],
            "ektp_status": ["Status Rekam"],
        },
        "unmapped": ["Paraf"],
        "skipped": [
            {"file": "murung_raya.xlsx", "sheet": "Murung", "row": 1, "reason": "title"},
            {"file": "murung_raya.xlsx", "sheet": "Murung", "row": 61_203, "reason": "total"},
            {"file": "murung_raya.xlsx", "sheet": "Laung Tuhup", "row": 1, "reason": "title"},
        ],
    },
    "reference_date": "2026-06-30",
    "counts": {
        "records": 100_000,
        "people": 98_742,
        "people_of_two_or_more": 1_214,
        "joined_pairs": 1_270,
        "confirmed_pairs": 1_262,
        "review_pairs": 187,
        "shared_niks": 41,
        "decisions": 2_911,
        "kinds": {"C": 1_870, "A": 604, "B": 82, "D": 148, "E": 121, "F": 38},
        "actions": {
            "keep": 1_190,
            "propose_deactivation": 1_104,
            "correct_nik": 60,
            "separate": 82,
            "verify": 395,
            "adjudicate": 56,
            "record": 24,
        },
        "relations": {
            "same_person": 1_449,
            "shared_nik": 41,
            "twin": 512,
            "sibling": 230,
            "parent_child": 61,
        },
        "coverage": {
            "wajib_ktp": 72_910,
            "recorded": 70_321,
            "percent": 96.45,
            "target": 0.992,
            "missing_to_target": 2_006,
            "after": {"wajib_ktp": 71_912, "recorded": 70_309, "percent": 97.77, "missing_to_target": 1_028},
        },
    },
    "levels": {field: {str(i): text for i, text in names.items()} for field, names in LEVEL_NAMES.items()},
    "weights": {
        "name": [0.0, -8.0, -2.0, 3.0, 7.5, 8.0, 11.0],
        "nik_birth_sex": [0.0, -6.0, -1.0, 2.0, 3.0, 4.0, 6.0, 5.5, 8.5, 11.0, 9.0, 12.0, 13.0],
        "mother": [0.0, -7.0, -1.0, 3.0, 6.0, 6.5, 8.0],
        "father": [0.0, -4.0, -1.0, 2.0, 4.0, 4.5, 5.0],
        "kk": [0.0, -0.5, 3.0],
        "place": [0.0, -1.5, 0.5, 1.0],
        "address": [0.0, -0.5, 0.5, 1.5, 2.0],
    },
    "prior_log2": -16.0,
    "thresholds": {"review_log2": 4.0, "confirmed_log2": 13.5, "shipped_confirmed_log2": 12.0},
    "decoys": {"status": "measured", "false_match_rate": 0.00034, "low": 0.0001, "high": 0.0009},
    "passes": [
        {
            "name": "birth_sex",
            "blocks": 20_120,
            "compared": 1_912_340,
            "candidates": 5_120,
            "unique": 903,
            "skipped_blocks": 0,
            "skipped_pairs": 0,
        },
        {
            "name": "nik",
            "blocks": 340,
            "compared": 371,
            "candidates": 371,
            "unique": 88,
            "skipped_blocks": 1,
            "skipped_pairs": 1_200,
        },
    ],
    "health": [
        {
            "check": "coverage_below_one",
            "ok": True,
            "text_id": "Cakupan tidak melebihi 100%.",
            "text_en": "Coverage does not exceed 100%.",
        },
        {
            "check": "nik_truncated",
            "ok": False,
            "text_id": "Kolom NIK pada 1 lembar diduga terpotong oleh Excel.",
            "text_en": "The NIK column of 1 sheet was probably cut off by Excel.",
        },
    ],
    "quality": {
        "flags": {"nik_birth_differs": 960, "nik_truncated": 9_812, "code_of_tomorrow": 3},
        "nik_verdicts": {
            "valid": 97_000,
            "warning": 1_900,
            "invalid": 210,
            "suspect_truncated": 800,
            "missing": 90,
        },
        "recording_classes": {
            "unique": 60_100,
            "captured": 10_221,
            "belum": 29_300,
            "duplicate": 90,
            "unknown": 289,
        },
        "present": {"tgl_lhr": 99_000},
    },
    "config": {"record_id": None, "nik_scheme": "nik", "match": {"review_log2": 4.0, "confirmed_log2": 12.0}},
    "versions": {"python": "3.11.2", "polars": "2.1.0"},
    "histogram": {
        "edges": [float(x) for x in range(0, 41, 2)],
        "counts": [0, 0, 61, 48, 33, 28, 17, 35, 80, 150, 260, 310, 260, 120, 60, 21, 8, 2, 0, 0],
    },
}

OLD = date(1960, 7, 1)
PEOPLE = [
    # row, nik, kk, name, sex, birth, mother, kec, desa, status, recorded
    (
        "6212014107609001",
        "6212010101109001",
        "Siti Aminah",
        "P",
        date(1960, 7, 1),
        "Kartini",
        "BIO_CAPTURED",
        "yes",
    ),
    (
        "6212024107609001",
        "6212020202159001",
        "SITI AMINAH",
        "P",
        date(1960, 7, 1),
        "Kartini",
        "BELUM REKAM",
        "no",
    ),
    ("6212014107609002", "6212010303129002", "St. Aminah", "P", date(1960, 7, 1), None, "BELUM REKAM", "no"),
    ("6212030511909001", "6212030303129003", "=cmd Budi", "L", date(1990, 11, 5), "-", "CARD_PRINTED", "yes"),
    ("6212030511909002", "6212030303129003", "Bagus Wira", "L", date(1990, 11, 5), "Rina", None, "unknown"),
]


def residents_frame() -> pl.DataFrame:
    columns: dict[str, list[Any]] = {
        "row": list(range(len(PEOPLE))),
        "record_id": [str(i) for i in range(len(PEOPLE))],
        "source_file": ["murung_raya.xlsx"] * len(PEOPLE),
        "source_sheet": ["Murung"] * len(PEOPLE),
        "source_row": [i + 3 for i in range(len(PEOPLE))],
        "nik": [p[0] for p in PEOPLE],
        "no_kk": [p[1] for p in PEOPLE],
        "nama_lgkp": [p[2] for p in PEOPLE],
        "jenis_klmin": [p[3] for p in PEOPLE],
        "tgl_lhr": [p[4].strftime("%d/%m/%Y") for p in PEOPLE],
        "nama_lgkp_ibu": [p[5] for p in PEOPLE],
        "alamat": ["Jl. Bahitom"] * len(PEOPLE),
        "kec_name": ["MURUNG", "TANAH SIANG", "MURUNG", "LAUNG TUHUP", "LAUNG TUHUP"],
        "kel_name": ["BERIWIT", "SAPANG", "BERIWIT", "MUARA LAUNG I", "MUARA LAUNG I"],
        "ektp_status": [p[6] for p in PEOPLE],
        "nik_clean": [p[0] for p in PEOPLE],
        "no_kk_clean": [p[1] for p in PEOPLE],
        "nama_lgkp_clean": [p[2].upper() for p in PEOPLE],
        "jenis_klmin_clean": [p[3] for p in PEOPLE],
        "tgl_lhr_clean": [p[4] for p in PEOPLE],
        "nama_lgkp_ibu_clean": [p[5] and p[5].upper() for p in PEOPLE],
        "wilayah_clean": ["6212012001", "6212022001", "6212012001", "6212032001", "6212032001"],
        "no_rt_clean": ["001", "002", "001", None, "004"],
        "no_rw_clean": ["002", None, "002", None, "001"],
        "recorded": [p[7] for p in PEOPLE],
    }
    frame = pl.DataFrame(columns, schema_overrides={"row": pl.Int64, "source_row": pl.Int64})
    missing = [name for name in schema.CLEAN if name not in frame.columns]
    return frame.with_columns(
        *(pl.lit(None, schema.CLEAN[name]).alias(name) for name in missing),
        pl.lit("valid").alias("nik_verdict"),
        pl.lit("unknown").alias("recording_class"),
        pl.lit([], pl.List(pl.String)).alias("flags"),
    )


def pair(
    row_l: int, row_r: int, weight: float, *, band: str | None, relation: str = "same_person"
) -> dict[str, Any]:
    levels = {"name": 6, "nik_birth_sex": 8, "mother": 6, "father": 0, "kk": 1, "place": 0, "address": 1}
    return {
        "row_l": row_l,
        "row_r": row_r,
        "record_id_l": str(row_l),
        "record_id_r": str(row_r),
        "passes": ["birth_date_sex"],
        **{f"level_{field}": level for field, level in levels.items()},
        "weight_log2": weight,
        "probability": 1 / (1 + 2.0**-weight),
        "relation": relation,
        "band": band,
    }


def decision(row: int, action: str, **values: Any) -> dict[str, Any]:
    line = {
        "decision_id": f"d{row}",
        "case_id": "c0",
        "row": row,
        "record_id": str(row),
        "person_id": "p0",
        "kind": "C",
        "action": action,
        "survivor_row": 0,
        "other_row": 0 if row else 1,
        "recorded": PEOPLE[row][7],
        "weight_log2": 18.2,
        "reasons": ["one_recorded"],
        "reasons_id": "Data pada baris 3 sudah rekam; data ini belum pernah.",
        "reasons_en": "The record in row 3 is recorded; this one never was.",
        "rule": "one_recorded",
    }
    return line | values


def read_back(model: type[Part], told: dict[str, Any]) -> Any:
    """Return a part of run.json from plain values, as it is read from a file."""
    return model.model_validate_json(json.dumps(told))


@pytest.fixture
def run() -> RunRecord:
    return cast(RunRecord, read_back(RunRecord, RUN))


@pytest.fixture
def residents() -> pl.DataFrame:
    return residents_frame()


@pytest.fixture
def people() -> pl.DataFrame:
    ids = ["p0", "p0", "p0", "p3", "p4"]
    rows = {"row": list(range(5)), "record_id": [str(i) for i in range(5)], "person_id": ids}
    return pl.DataFrame(rows, schema=schema.PEOPLE)


@pytest.fixture
def pairs() -> pl.DataFrame:
    rows = [
        pair(0, 1, 18.2, band="confirmed"),
        pair(0, 2, 15.0, band="confirmed"),
        pair(1, 3, 6.5, band="review"),
        pair(3, 4, 9.0, band=None, relation="twin"),
    ]
    return pl.DataFrame(rows, schema=schema.PAIRS)


@pytest.fixture
def decisions() -> pl.DataFrame:
    rows = [
        decision(0, "keep"),
        decision(1, "propose_deactivation"),
        decision(2, "propose_deactivation", reasons_id="=HYPERLINK(1)"),
        decision(3, "verify", kind=None, survivor_row=None, case_id="c1"),
    ]
    return pl.DataFrame(rows, schema=schema.DECISIONS)
