"""What is answered to whoever asks for one person: the likeliest records, and what speaks for each."""

from __future__ import annotations

from typing import Any

import polars as pl

from nikdedup.masking import mask_numbers
from nikdedup.nightly.lookup import Lookup
from nikdedup.nightly.question import Question
from nikdedup.nightly.texts import say
from nikdedup.schema import LEVELS
from nikdedup.show import label, mask_birth, mask_name, mask_nik, mask_place

MASKS = {
    "nik": mask_nik,
    "nama_lgkp": mask_name,
    "tgl_lhr_clean": mask_birth,
    "nama_lgkp_ibu": mask_name,
    "kec_name": mask_place,
    "kel_name": mask_place,
}


def found_text(
    lookup: Lookup, asked: Question, found: pl.DataFrame, lang: str, *, show_identities: bool = False
) -> str:
    """Return the records that were found, as people read them; masked unless identities are asked for.

    Args:
        lookup: what was asked.
        asked: the person asked about.
        found: what it answered.
        lang: `id` or `en`.
        show_identities: NIKs, names and dates stand there in full.
    """
    lines = [say("lookup.birth", lang, birth=asked.birth)] if asked.birth else []
    if found.is_empty():
        return "\n".join([*lines, say("lookup.nobody", lang)])
    cells = lookup.shown(found).iter_rows(named=True)
    pairs = found.iter_rows(named=True)
    for place, (pair, known) in enumerate(zip(pairs, cells, strict=True), start=1):
        lines += _one(place, pair, known, lookup.record.levels, lang, show_identities)
    return "\n".join(lines)


def _one(
    place: int,
    pair: dict[str, Any],
    known: dict[str, Any],
    levels: dict[str, dict[str, str]],
    lang: str,
    show_identities: bool,
) -> list[str]:
    """Return the lines about one record: who it is, and what of it agrees."""
    record = str(pair["record_id"])
    head = say(
        "lookup.found", lang,
        place=place, band=say(f"lookup.{pair['band'] or 'relative'}", lang), person=pair["person_id"],
        record=record if show_identities else mask_numbers(record),
        weight=f"{pair['weight_log2']:.1f}", probability=f"{pair['probability']:.1%}",
    )  # fmt: skip
    who = [
        str(known[name]) if show_identities else mask(str(known[name]))
        for name, mask in MASKS.items()
        if known.get(name) is not None
    ]
    told = [
        f"{label('field', name, lang)}: {label('level', levels[name][str(pair[f'level_{name}'])], lang)}"
        for name in LEVELS
        if pair[f"level_{name}"]
    ]
    return [head, f"   {', '.join(who)}", f"   {'; '.join(told)}"]
