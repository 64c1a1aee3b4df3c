"""Small households told in a few lines, turned into the tables that `decide` reads.

A line `row key=value …` is a record, `a~b relation band weight key=value …` a pair. People are
the confirmed pairs' connected records, unless a line `people a+b+c` says otherwise.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from nikdedup.config import Config
from nikdedup.match.cluster.refused import Refused
from nikdedup.schema import CLEAN, EVIDENCE, PAIRS, PEOPLE, VERDICTS, empty
from nikdedup.settle.decisions import decide

_CLASS_RECORDED = {"unique": "yes", "captured": "yes", "unknown": "unknown"}
_SHORT = {
    "nik": "nik_clean",
    "kk": "no_kk_clean",
    "name": "nama_lgkp_clean",
    "sex": "jenis_klmin_clean",
    "born": "tgl_lhr_clean",
    "mother": "nama_lgkp_ibu_clean",
    "father": "nama_lgkp_ayah_clean",
    "life": "flag_status_clean",
    "changed": "tgl_ubah_clean",
    "recorded_on": "ektp_created_clean",
    "wajib": "wajib_ktp_clean",
    "verdict": "nik_verdict",
    "class": "recording_class",
}
_PERSON = {
    "nama_lgkp_clean": "SITI AMINAH",
    "jenis_klmin_clean": "P",
    "tgl_lhr_clean": date(1980, 3, 17),
    "nama_lgkp_ibu_clean": "RUSMINI",
    "no_kk_clean": "6212010101109001",
    "flag_status_clean": "alive",
    "nik_verdict": "valid",
    "recording_class": "belum",
    "flags": [],
    "birth_default": False,
    "birth_from_nik": False,
}
_DEFAULT_LEVELS = {"level_name": 6, "level_mother": 6, "level_father": 0}


def record(row: int, **facts: object) -> dict[str, object]:
    """Return one record with sensible defaults; short names as in _SHORT."""
    given = {_SHORT.get(key, key): value for key, value in facts.items()}
    values: dict[str, object] = {**dict.fromkeys([*CLEAN, *VERDICTS, *EVIDENCE]), **_PERSON, **given}
    values |= {"row": row, "record_id": str(given.get("record_id", row))}
    values.setdefault("nik_clean", None)
    if "nik_clean" in given and given["nik_clean"] is None and "nik_verdict" not in given:
        values["nik_verdict"] = "missing"
    klass = str(values["recording_class"])
    values["recorded"] = given.get("recorded", _CLASS_RECORDED.get(klass, "no"))
    values["passed_check"] = given.get("passed_check", klass == "unique")
    return values


def residents_of(records: list[dict[str, object]]) -> pl.DataFrame:
    """Return records as the table of residents that `decide` reads."""
    schema = {"row": pl.Int64(), "record_id": pl.String(), **CLEAN, **VERDICTS, **EVIDENCE}
    extra = {key: pl.String() for key in ("source_file", "source_sheet") if any(key in r for r in records)}
    if any("source_row" in r for r in records):
        extra["source_row"] = pl.Int64()
    return pl.DataFrame(records, schema={**schema, **extra})


def pairs_of(pairs: list[dict[str, object]]) -> pl.DataFrame:
    """Return pairs as schema.PAIRS, missing fields null and levels 0."""
    if not pairs:
        return empty(PAIRS)
    levels = {name: 0 for name in PAIRS if name.startswith("level_")}
    rows = []
    for pair in pairs:
        values = {**dict.fromkeys(PAIRS), **levels, **_DEFAULT_LEVELS, "passes": [], **pair}
        values |= {"record_id_l": str(pair["row_l"]), "record_id_r": str(pair["row_r"])}
        weight = values["weight_log2"]
        values["probability"] = None if weight is None else 1 / (1 + 2.0 ** -float(str(weight)))
        rows.append(values)
    return pl.DataFrame(rows, schema=PAIRS)


def people_of(records: list[dict[str, object]], groups: list[set[int]]) -> pl.DataFrame:
    """Return schema.PEOPLE: the given groups of rows, everybody else alone."""
    ids = {entry["row"]: str(entry["record_id"]) for entry in records}
    smallest = {row: min(ids[other] for other in group) for group in groups for row in group}
    rows = [
        {"row": row, "record_id": text, "person_id": f"P-{smallest.get(row, text)}"}
        for row, text in ids.items()
    ]
    return pl.DataFrame(rows, schema=PEOPLE)


def _value(text: str) -> object:
    if text in ("none", "yes!", "no!"):
        return {"none": None, "yes!": True, "no!": False}[text]
    if len(text) == 10 and text[4] == text[7] == "-":
        return date.fromisoformat(text)
    return (
        int(text) if text.isdigit() and len(text) < 3 else text.replace("_", " ") if text.isupper() else text
    )


def tell(story: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return people, pairs and residents of a story."""
    records, pairs, groups, told = [], [], [], []
    for line in filter(None, (line.strip() for line in story.splitlines())):
        head, *rest = line.split()
        facts = {key: _value(text) for key, text in (part.split("=") for part in rest if "=" in part)}
        words = [part for part in rest if "=" not in part]
        if head == "people":
            told.append({int(row) for row in words[0].split("+")})
        elif "~" in head:
            left, right = sorted(int(row) for row in head.split("~"))
            band = None if words[1] == "-" else words[1]
            weight = None if words[2] == "-" else float(words[2])
            pair = {"row_l": left, "row_r": right, "relation": words[0], "band": band, "weight_log2": weight}
            pairs.append({**pair, **{f"level_{key}": value for key, value in facts.items()}})
            if band == "confirmed" and words[0] == "same_person":
                touching = [group for group in groups if group & {left, right}]
                groups = [group for group in groups if group not in touching]
                groups.append(set().union({left, right}, *touching))
        else:
            records.append(record(int(head), **facts))
    return people_of(records, told or groups), pairs_of(pairs), residents_of(records)


def decided(
    story: str,
    *,
    constraints: pl.DataFrame | None = None,
    statuses: pl.DataFrame | None = None,
    config: Config | None = None,
    refused: Refused | None = None,
) -> pl.DataFrame:
    """Return the decisions of a story, sorted by row."""
    people, pairs, residents = tell(story)
    told = decide(
        people, pairs, residents,
        config=config or Config(), constraints=constraints, refused=refused, statuses=statuses,
    )  # fmt: skip
    return told.sort("row")


def outcome(decisions: pl.DataFrame) -> dict[int, tuple[str, int | None]]:
    """Return row -> (action, survivor_row)."""
    return {
        row: (action, kept)
        for row, action, kept in decisions.select("row", "action", "survivor_row").iter_rows()
    }
