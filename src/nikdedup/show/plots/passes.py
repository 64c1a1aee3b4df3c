"""What each pass of blocking brought, and what no other pass would have."""

from __future__ import annotations

from nikdedup.publish import RunRecord
from nikdedup.show import numbers
from nikdedup.show.plots.grammar import Spec, colours, layer, mark, name, nothing, quantity, tips, titled
from nikdedup.show.plots.look import Look
from nikdedup.show.texts import label, say


def passes_spec(run: RunRecord, look: Look) -> Spec:
    """Return the pairs that each pass kept and those that it alone brought, the most first.

    Args:
        run: record of the run; passes that brought nothing are counted in a line.
        look: colours and language.
    """
    lang = look.lang
    title, done = say("plot.passes", lang), [one for one in run.passes if one.candidates]
    if not done:
        return nothing(title, look)
    sides = [say("report.kept", lang), say("report.unique", lang)]
    rows = [
        {"pass": label("pass", one.name, lang), "side": side, "n": count, "compared": one.compared,
         "label": numbers.integer(count, lang)}
        for one in sorted(done, key=lambda one: -one.candidates)
        for side, count in zip(sides, (one.candidates, one.unique), strict=True)
    ]  # fmt: skip
    order = list(dict.fromkeys(row["pass"] for row in rows))
    axis = {"labelLimit": 420, "labelColor": look.colour["ink"], "ticks": False, "domain": False}
    y = name("pass", sort=order, title=None, axis=axis)
    x = quantity("n", title=say("report.number_of_pairs", lang), scale={"type": "symlog"}, axis=_ticks(rows))
    beside = name("side", sort=sides)
    side = name("side", **colours(sides, [look.colour["quiet"], look.colour["confirmed"]]))
    told = tips(("pass", say("report.pass", lang)), ("compared", say("report.compared", lang), ",d"),
                ("side", say("plot.pairs", lang)), ("n", say("report.number_of_pairs", lang), ",d"))  # fmt: skip
    bars = layer(mark("bar"), x=x, y=y, yOffset=beside, color=side, tooltip=told)
    text = mark("text", align="left", dx=4, fontSize=10, color=look.colour["soft"])
    figures = layer(text, x=x, y=y, yOffset=beside, text=name("label"))
    idle = len(run.passes) - len(done)
    note = say("plot.idle", lang, n=numbers.integer(idle, lang)) if idle else ""
    spec = {"data": {"values": rows}, "layer": [bars, figures], "width": 380, "height": {"step": 13}}
    return titled(spec, title, say("plot.passes_note", lang), note)


def _ticks(rows: list[dict[str, object]]) -> Spec:
    """Return the axis of counts on a scale of powers of ten, with a tick at each."""
    top = max(int(str(row["n"])) for row in rows)
    return {"values": [0, *(10**power for power in range(len(str(top))))], "format": ",d"}
