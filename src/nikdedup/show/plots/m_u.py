"""How likely each level of agreement is for one person (m) and for two (u): what the weights are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.plots.grammar import Rows, Spec, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say


def levels_spec(run: RunRecord, m: Mapping[str, Sequence[float]], look: Look) -> Spec:
    """Return m and u of every level that a stored pair of the run has, a panel per field.

    Args:
        run: record of the run: names of levels, and the weight each had.
        m: by field, the chance of each level from 1 on between two records of one person.
        look: colours and language.
    """
    lang = look.lang
    title, rows = say("plot.m_u", lang), _rows(run, m, lang)
    if not rows:
        return nothing(title, look)
    source = "estimated" if run.estimate.match else "shipped"
    spec = {"data": {"values": rows}, "layer": _layers(rows, look), "width": 480, "height": {"step": 20}}
    return titled(spec, title, say("plot.m_u_note", lang), say(f"plot.m_{source}", lang))


def _rows(run: RunRecord, m: Mapping[str, Sequence[float]], lang: str) -> Rows:
    """Return a line per field and, strongest first, one per level of it; u is m over the odds it had in this run."""
    rows: Rows = []
    for field in figures.compared_fields(run):
        known = [
            (weight, level, m[field][level - 1])
            for level, weight in enumerate(run.weights.get(field, []))
            if level and weight is not None and level <= len(m.get(field, ()))
        ]
        if known:
            rows.append({"key": f"#{label('field', field, lang)}", "label": ""})
        for weight, level, one in sorted(known, reverse=True):
            meaning = figures.level_name(run, field, level, lang)
            rows.append(
                {"key": f"{field}|{meaning}", "level": meaning, "m": float(f"{one:.3g}"),
                 "u": float(f"{min(1.0, one / 2.0**weight):.3g}"), "weight": weight,
                 "of_m": say("plot.one_person", lang), "of_u": say("plot.two_people", lang),
                 "label": numbers.decimal(weight, lang, digits=1, signed=True)}
            )  # fmt: skip
    return rows


def _layers(rows: Rows, look: Look) -> list[Spec]:
    lang, colour = look.lang, look.colour
    bold = {"condition": {"test": "indexof(datum.label, '#') == 0", "value": "bold"}, "value": "normal"}
    bare = "slice(datum.label, indexof(datum.label, indexof(datum.label, '#') == 0 ? '#' : '|') + 1)"
    axis = {"labelLimit": 420, "labelColor": colour["ink"], "labelFontWeight": bold, "labelExpr": bare,
            "ticks": False, "domain": False}  # fmt: skip
    y = name("key", sort=[row["key"] for row in rows], title=None, axis=axis)
    least = min(min(row["m"], row["u"]) for row in rows if "m" in row) / 2
    powers = [power for power in range(13) if 10.0**-power >= least]
    said = {10.0**-power: _power(power, lang) for power in powers}
    labels = " : ".join(f"datum.value > {value * 0.9:g} ? '{text}'" for value, text in said.items()) + " : ''"
    x = {
        "scale": {"type": "log", "domain": [least, 1.5], "nice": False},
        "title": say("plot.chance", lang),
        "axis": {"values": list(said), "labelExpr": labels},
    }
    sides = {"m": say("plot.one_person", lang), "u": say("plot.two_people", lang)}
    told = tips(("level", say("report.level", lang)), ("m", sides["m"], ",.3g"), ("u", sides["u"], ",.3g"),
                ("weight", say("report.log2", lang), "+,.2f"))  # fmt: skip
    side = {"scale": {"domain": list(sides.values()), "range": [colour["confirmed"], colour["against"]]}}
    shape = {"domain": list(sides.values()), "range": ["circle", "diamond"]}
    dot = mark("point", filled=True, size=90, opacity=1)
    dots = [
        layer(dot, x=quantity(key, **x), y=y, color=name(f"of_{key}", **side), shape=name(f"of_{key}", scale=shape),
              tooltip=told)
        for key in sides
    ]  # fmt: skip
    between = layer(
        mark("rule", color=colour["quiet"], strokeWidth=3), x=quantity("u", **x), x2={"field": "m"}, y=y
    )
    text = mark("text", align="left", x=486, color=colour["soft"], fontSize=11)
    return [between, *dots, layer(text, y=y, text=name("label"))]


def _power(power: int, lang: str) -> str:
    """Return a tenth, a tenth of it and so on as a reader writes them.

    >>> _power(0, "id"), _power(2, "id"), _power(10, "id")
    ('1', '0,01', '10⁻¹⁰')
    """
    if power < 4:
        return numbers.decimal(10.0**-power, lang, digits=power)
    return "10⁻" + str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
