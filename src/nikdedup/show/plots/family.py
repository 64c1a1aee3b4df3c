"""A family card: its members by generation, initials alone, and who of them is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from nikdedup.show.mask import mask_name
from nikdedup.show.plots.grammar import (
    Rows,
    Spec,
    colours,
    figures,
    layer,
    mark,
    name,
    quantity,
    tips,
    titled,
)
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say

MOST = 40
"""Members that are drawn; a card of more is no family."""
GENERATION = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 0, 8: 0}
"""Place in the family (SIAK code) -> line of the picture; all others stand in the last one."""
_OTHERS = 4
_SEXES = {"L": "square", "P": "circle", "?": "diamond"}


def family_spec(members: Sequence[dict[str, Any]], card: str, day: date | None, look: Look) -> Spec:
    """Return the members of a card in lines: parents of the head, head and spouse, children, grandchildren, others.

    Args:
        members: published residents on the card, one at least.
        card: its number, masked.
        day: the date the extract speaks of, for ages.
        look: colours and language.
    """
    lang, colour = look.lang, look.colour
    title = say("plot.family", lang, card=card)
    rows = _rows(members[:MOST], day, lang)
    recorded = [label("recorded", one, lang) for one in ("yes", "no", "unknown")]
    state = name("recorded", **colours(recorded, [colour["confirmed"], colour["review"], colour["quiet"]]))
    sexes = [_sex(one, lang) for one in _SEXES]
    shape = name(
        "sex",
        scale={"domain": sexes, "range": list(_SEXES.values())},
        sort=sexes,
        legend={"orient": "bottom"},
    )
    lines = len({row["line"] for row in rows})
    wide = max(abs(row["x"]) for row in rows) + 0.8
    x = quantity("x", scale={"domain": [-wide, wide], "nice": False}, axis=None)
    y = quantity("y", scale={"domain": [lines - 0.35, -0.3], "nice": False}, axis=None)
    told = tips(("name", label("part", "nama_lgkp", lang)),
                ("place", say("plot.place_in_family", lang)), ("age", say("plot.age", lang)),
                ("recorded", say("report.class", lang)))  # fmt: skip
    links = layer(mark("rule", color=colour["line"], strokeWidth=2), _links(rows), x=quantity("x", **_bare(x)),
                  y=quantity("y", **_bare(y)), x2={"field": "x2"}, y2={"field": "y2"})  # fmt: skip
    dot = mark("point", filled=True, size=900, opacity=1)
    dots = layer(dot, rows, x=x, y=y, color=state, shape=shape, tooltip=told)
    at = {"rows": rows, "x": x, "y": y}
    bold = mark("text", fontSize=12, fontWeight="bold", dy=30, color=colour["ink"])
    plain = mark("text", fontSize=11, dy=46, color=colour["soft"])
    texts = [*figures(look, bold, text=name("name"), **at), *figures(look, plain, text=name("below"), **at)]
    width = max(360, min(1100, round(wide * 2 * 110)))
    spec = {"layer": [links, *texts, dots], "width": width, "height": 120 * lines}
    rest = say("plot.more_members", lang, n=len(members) - MOST) if len(members) > MOST else ""
    return titled(spec, title, say("plot.family_note", lang, n=len(members)), rest)


def _bare(encoding: Spec) -> Spec:
    return {key: encoding[key] for key in ("scale", "axis")}


def _sex(code: str | None, lang: str) -> str:
    return label("meaning", code.lower(), lang) if code in ("L", "P") else say("plot.sex_unknown", lang)


def _rows(members: Sequence[dict[str, Any]], day: date | None, lang: str) -> Rows:
    lines: dict[int, list[dict[str, Any]]] = {}
    for one in sorted(members, key=lambda one: (one["tgl_lhr_clean"] or date.max, one["row"])):
        lines.setdefault(GENERATION.get(one["stat_hbkel_clean"] or 0, _OTHERS), []).append(one)
    rows: Rows = []
    for y, line in enumerate(sorted(lines)):
        own = lines[line]
        own = sorted(own, key=lambda one: one["stat_hbkel_clean"] or 99) if line == 1 else own
        for at, one in enumerate(own):
            place = label("family_place", one["stat_hbkel_clean"], lang) if one["stat_hbkel_clean"] else "–"
            age = _age(one["tgl_lhr_clean"], day)
            years = say("plot.years", lang, n=age) if age is not None else ""
            rows.append(
                {"x": at - (len(own) - 1) / 2, "y": y, "line": line, "name": mask_name(one["nama_lgkp"]) or "–",
                 "place": place, "age": age, "sex": _sex(one["jenis_klmin_clean"], lang),
                 "recorded": label("recorded", one["recorded"], lang),
                 "below": ", ".join(part for part in (place, years) if part)}
            )  # fmt: skip
    return rows


def _age(birth: date | None, day: date | None) -> int | None:
    if birth is None or day is None or birth > day:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _links(rows: Rows) -> Rows:
    """Return lines from the middle of head and spouse to their parents and to each child."""
    couple = [row for row in rows if row["line"] == 1]
    if not couple:
        return []
    x, y = sum(row["x"] for row in couple) / len(couple), couple[0]["y"]
    across = [{"x": couple[0]["x"], "y": y, "x2": couple[-1]["x"], "y2": y}]
    return across + [
        {"x": x, "y": y, "x2": row["x"], "y2": row["y"]} for row in rows if row["line"] in (0, 2)
    ]
