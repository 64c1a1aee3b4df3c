"""The anatomy of a NIK: its sixteen digits in three parts, what each says, and whether the columns agree."""

from __future__ import annotations

from datetime import date
from typing import Any

from nikdedup.residents.ids import Nik
from nikdedup.show.mask import mask_birth, mask_nik, mask_place
from nikdedup.show.plots.grammar import Rows, Spec, layer, mark, name, nothing, quantity, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, reason, say

PARTS = {"region": (0, 6, "confirmed"), "date": (6, 12, "review"), "serial": (12, 16, "soft")}
"""Part -> first digit, the one after its last, colour."""


def nik_spec(nik: Nik, record: dict[str, Any] | None, look: Look) -> Spec:
    """Return the digits of a NIK, masked, with what they say and how far the record agrees.

    Args:
        nik: the number, as it was read.
        record: published line of the resident who bears it; None where a number alone was asked for.
        look: colours and language.
    """
    lang = look.lang
    title = say("plot.nik", lang, nik=mask_nik(nik.digits) or "–")
    notes = [reason(code, lang) for code in nik.reasons]
    verdict = f"{say('report.verdict', lang)}: {label('verdict', nik.verdict, lang)}"
    if not nik.digits or nik.digits[0] == "0":
        return nothing(title, look, " ".join([verdict + ".", *notes]))
    shown, colour = mask_nik(nik.digits), look.colour
    cells: Rows = [
        {"from": at + 0.04, "to": at + 0.96, "middle": at + 0.5, "digit": shown[at], "part": part}
        for part, (first, end, _) in PARTS.items()
        for at in range(first, end)
    ]
    scale = {"domain": list(PARTS), "range": [colour[fill] for _, _, fill in PARTS.values()]}
    x = {"scale": {"domain": [0, 16], "nice": False}, "axis": None}
    lines = _said(nik, record, lang)
    part = name("part", scale=scale, legend=None)
    boxes = layer(
        mark("rect", cornerRadius=3, y=0, y2=44),
        cells,
        x=quantity("from", **x),
        x2={"field": "to"},
        color=part,
    )
    digits = layer(mark("text", y=22, fontSize=18, fontWeight="bold", color=colour["paper"]), cells,
                   x=quantity("middle", **x), text=name("digit"))  # fmt: skip
    tones = {"domain": ["head", "plain", "agrees", "differs"],
             "range": [colour["ink"], colour["soft"], colour["confirmed"], colour["against"]]}  # fmt: skip
    y = quantity("y", scale=None, axis=None)
    text = layer(mark("text", align="left", fontSize=12, baseline="top"), lines, x=quantity("at", **x), y=y,
                 text=name("text"), color=name("tone", scale=tones, legend=None))  # fmt: skip
    apart = {"scale": {"color": "independent"}}
    spec = {"layer": [boxes, digits, text], "resolve": apart, "width": 704, "height": 128}
    return titled(spec, title, verdict, *notes)


def _said(nik: Nik, record: dict[str, Any] | None, lang: str) -> Rows:
    """Return the lines of text below each part: its name, what it says, what the column says."""
    serial = str(nik.digits)[-2:]
    region = mask_place((nik.region or "").upper()) or say("plot.region_unknown", lang)
    said = {
        "region": (say("plot.nik_region", lang), region),
        "date": (say("plot.nik_date", lang), _born(nik, lang)),
        "serial": (say("plot.nik_serial", lang), f"••{serial}"),
    }
    rows: Rows = []
    for part, (first, _, _) in PARTS.items():
        head, meaning = said[part]
        rows.append({"at": first + 0.04, "y": 56, "text": head, "tone": "head"})
        rows.append({"at": first + 0.04, "y": 74, "text": meaning, "tone": "plain"})
    for at, (part, text, tone) in enumerate(_agreement(nik, record, lang) if record else ()):
        below = sum(one["at"] == PARTS[part][0] + 0.04 and one["y"] > 80 for one in rows)
        rows.append({"at": PARTS[part][0] + 0.04, "y": 94 + 18 * below, "text": text, "tone": tone, "n": at})
    return rows


def _born(nik: Nik, lang: str) -> str:
    sex = label("meaning", (nik.sex or "").lower(), lang) if nik.sex else "–"
    return f"{mask_birth(nik.birth.isoformat()) if nik.birth else '••-••-••'} · {sex}"


def _agreement(nik: Nik, record: dict[str, Any], lang: str) -> list[tuple[str, str, str]]:
    """Return for region, date and sex whether the column of the record agrees; nothing where either side is missing."""
    birth: date | None = record.get("tgl_lhr_clean")
    home: str | None = record.get("wilayah_clean")
    pairs = (
        ("region", "plot.home", (nik.regency, home[:4] if home else None)),
        ("date", "plot.column_birth", (nik.birth, birth)),
        ("date", "plot.column_sex", (nik.sex, record.get("jenis_klmin_clean"))),
    )
    found = []
    for part, key, (said, column) in pairs:
        if said is not None and column is not None:
            tone = "agrees" if said == column else "differs"
            sign = "✓" if tone == "agrees" else "✗"
            found.append((part, f"{sign} {say(key, lang)}: {say(f'plot.{tone}', lang)}", tone))
    return found
