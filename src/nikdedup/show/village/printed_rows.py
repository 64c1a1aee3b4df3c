"""The rows of a worklist as they are printed: every cell a text, identities masked unless they may be shown."""

from __future__ import annotations

from datetime import date

import polars as pl

from nikdedup.settle import templates
from nikdedup.show import numbers
from nikdedup.show.formulas import neutral
from nikdedup.show.mask import mask_nik
from nikdedup.show.texts import items, say

WIDTHS: dict[str, float] = {
    "number": 4.5,
    "part": 9.5,
    "no_kk": 16.5,
    "nik": 16.5,
    "name": 21,
    "sex": 4,
    "born": 16,
    "address": 16,
    "rt_rw": 7.5,
    "mother": 15,
    "status": 12,
    "reason": 36,
    "verdict": 19,
    "date": 11,
    "note": 19,
    "key": 26,
}
"""Columns in their order, with their width in characters; the last one is hidden."""
FREE = ("verdict", "date", "note")
"""Columns that a village fills in."""


def list_rows(rows: pl.DataFrame, lang: str, *, show_identities: bool = False) -> pl.DataFrame:
    """Return the columns of WIDTHS as text, one line per row of a list, and asked, case and part code.

    Args:
        rows: village.ROWS.
        lang: of the texts.
        show_identities: whether NIKs and family cards stand there in full.
    """
    masked = rows if show_identities else _masked(rows)
    born = pl.concat_str(
        "birth_place",
        pl.coalesce(pl.col("birth").dt.strftime("%d-%m-%Y"), "birth_text"),
        separator=",\n",
        ignore_nulls=True,
    )
    reasons = pl.Series(
        "reason", [_reason(line, lang) for line in masked.iter_rows(named=True)], dtype=pl.String
    )
    see = pl.concat_str(pl.lit(say("list.see", lang, n="")), pl.col("asked_at").cast(pl.String))
    told = pl.when("asked").then(pl.lit("")).otherwise(pl.coalesce(see, pl.lit(say("list.context", lang))))
    recording = items("recording", lang)
    return masked.with_columns(reasons, born.alias("born")).select(
        pl.col("number").cast(pl.String),
        pl.col("part").replace_strict(items("part_short", lang), return_dtype=pl.String).alias("part"),
        *(neutral(pl.col(name)) for name in ("no_kk", "nik", "name")),
        "sex",
        neutral(pl.col("born")),
        neutral(pl.col("address")),
        pl.when(pl.col("rt").is_not_null())
        .then(pl.concat_str("rt", pl.lit("/"), pl.col("rw").fill_null("-")))
        .alias("rt_rw"),
        neutral(pl.col("mother")),
        pl.col("recording_class").replace(recording).alias("status"),
        neutral(pl.col("reason")),
        told.alias("verdict"),
        pl.lit("").alias("date"),
        pl.lit("").alias("note"),
        "key",
        "asked",
        case="case_id",
        code="part",
    )


def _masked(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with every NIK and No. KK masked."""
    columns = ("nik", "no_kk", "other_nik")
    return rows.with_columns(
        pl.Series(name, [None if text is None else mask_nik(text) for text in rows[name]], dtype=pl.String)
        for name in columns
    )


def _reason(line: dict[str, object], lang: str) -> str:
    """Return in one sentence why a row is on the list; empty where it says nothing beyond its status."""
    nik = line["other_nik"] or numbers.NONE
    parts = [say("list.home", lang, desa=line["home"])] if line["home"] else []
    birth = line["birth"]
    if line["part"] == "double":
        action = "separate" if line["kind"] == "B" and line["action"] == "correct_nik" else line["action"]
        lead = f"list.lead_{action}" if f"lead_{action}" in items("list", lang) else "list.keep_row"
        parts.append(
            say(lead, lang, nik=nik) + (_evidence(line["reasons"], lang) if lead != "list.keep_row" else "")
        )
    else:
        if line["part"] == "turns_17" and isinstance(birth, date):
            parts.append(
                say("list.turns_17", lang, day=f"{birth.day:02d}-{birth.month:02d}-{birth.year + 17}")
            )
        if line["other_nik"]:
            lead = "recorded_as" if line["other_recorded"] == "yes" else "maybe_of"
            parts.append(say(f"list.{lead}", lang, nik=nik) + _evidence(line["reasons"], lang))
    return "; ".join(parts) + ("." if parts else "")


def _evidence(reasons: object, lang: str) -> str:
    """Return what agrees and what differs, as the reasons of a decision name it."""
    words = templates()["code"]
    codes = [code for code in reasons if code in words] if isinstance(reasons, list) else []
    for_, against = (
        ", ".join(words[code][lang] for code in codes if words[code].get("part") == part)
        for part in ("for", "against")
    )
    same = say("list.same_of", lang, evidence=for_) if for_ else ""
    return same + (say("list.differs_of", lang, evidence=against) if against else "")
