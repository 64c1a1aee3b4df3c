"""The sum of one pair: from what any two records have, field by field, to the final weight."""

from __future__ import annotations

from nikdedup.show import numbers
from nikdedup.show.explained import Explained
from nikdedup.show.plots.grammar import (
    Rows,
    Spec,
    figures,
    layer,
    mark,
    name,
    nothing,
    quantity,
    tips,
    titled,
)
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import say


def waterfall_spec(pair: Explained, look: Look) -> Spec:
    """Return the waterfall of a pair: one bar per field, and both thresholds.

    Args:
        pair: the pair as `explain` tells it, in the language of the look; its sum is empty where the run kept neither
            pair nor residents.
        look: colours and language.
    """
    lang = look.lang
    title = say("explain.title", lang, a=pair.row_a, b=pair.row_b)
    if not pair.steps or pair.weight_log2 is None:
        return nothing(title, look, pair.verdict)
    rows = _rows(pair, lang)
    order = [row["step"] for row in rows]
    axis = {"labelLimit": 340, "labelColor": look.colour["ink"], "ticks": False, "domain": False}
    y = name("step", sort=order, title=None, axis=axis)
    tones = {
        "domain": ["for", "against", "total"],
        "range": [look.colour[c] for c in ("confirmed", "against", "soft")],
    }
    told = tips(
        ("step", say("explain.field", lang)), ("meaning", say("explain.level", lang)),
        ("change", say("explain.weight", lang), "+,.2f"), ("end", say("explain.running", lang), "+,.2f"),
    )  # fmt: skip
    x = quantity("start", title=say("report.weight", lang))
    tone = name("tone", scale=tones, legend=None)
    bars = layer(mark("bar", height={"band": 0.7}), x=x, x2={"field": "end"}, y=y, color=tone, tooltip=told)
    text = mark("text", align="left", dx=4, fontSize=11, color=look.colour["ink"])
    sums = figures(look, text, x=quantity("right"), y=y, text=name("label"))
    spec = {"data": {"values": rows}, "layer": [bars, *_limits(pair, look), *sums], "width": 460}
    return titled({**spec, "height": {"step": 26}}, title, pair.verdict)


def _rows(pair: Explained, lang: str) -> Rows:
    steps = [(say("explain.start", lang), "", 0.0, pair.prior_log2)]
    steps += [(one.name, one.meaning, one.total_log2 - one.weight_log2, one.total_log2) for one in pair.steps]
    steps.append((say("explain.total", lang), "", 0.0, pair.weight_log2 or 0.0))
    last = len(steps) - 1
    return [
        {
            "step": step,
            "meaning": meaning,
            "start": round(start, 4),
            "end": round(end, 4),
            "change": round(end - start, 4),
            "right": round(max(start, end), 4),
            "tone": "total" if at == last else "for" if end >= start else "against",
            "label": numbers.decimal(end - start, lang, signed=at < last),
        }
        for at, (step, meaning, start, end) in enumerate(steps)
    ]


def _limits(pair: Explained, look: Look) -> list[Spec]:
    drawn = []
    for zone, side in (("review", "right"), ("confirmed", "left")):
        rows = [{"at": pair.thresholds[f"{zone}_log2"], "label": say(f"report.zone_{zone}", look.lang)}]
        rule = mark("rule", color=look.colour["ink"], strokeDash=[4, 3])
        away = {"align": side, "dx": -3 if side == "right" else 3}
        text = mark("text", **away, y=-6, color=look.colour["ink"], fontSize=11)
        drawn += [
            layer(rule, rows, x=quantity("at")),
            layer(text, rows, x=quantity("at"), text=name("label")),
        ]
    return drawn
