"""The report of a run: one HTML page without network, clock or identities, for screen, telephone, paper and voice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from typing import Any

import polars as pl

from nikdedup import schema
from nikdedup.publish import RunRecord
from nikdedup.residents.places import load_regions
from nikdedup.show import charts, figures, numbers, page
from nikdedup.show.drawing import svg
from nikdedup.show.figures import Table
from nikdedup.show.plots import records_by_place
from nikdedup.show.profile_page import profile_tables
from nikdedup.show.reading_text import reading_notes, source_notes
from nikdedup.show.texts import items, label, say


def report_html(run: RunRecord, decisions: pl.DataFrame, lang: str, *, seen: page.Seen | None = None) -> str:
    """Return the whole report as one HTML text; the same run gives the same bytes.

    The page needs no network: its policy lets nothing run but the script that stands in it. Without scripts it shows
    the same, only that nothing can be sorted or moved.

    Args:
        run: record of the run (run.json).
        decisions: as schema.DECISIONS.
        lang: `id` or `en`.
        seen: the tables behind the run; what is made of them is left out where None.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    style, script = f"{_data('report.css')}{_widths()}", _data("report.js")
    seen = seen or page.NOTHING
    view = _view(run, decisions, lang) | _behind(run, decisions, seen, lang)
    view |= _coverage_bars(run, lang) if seen.coverage is None else {}  # else the bridge is shown
    html = environment.from_string(_data("report.html.j2")).render(
        view,
        policy=page.security_policy(style, script),
        style=Markup(style),
        script=Markup(script),
    )
    return html + "\n"


def _data(name: str) -> str:
    return (files("nikdedup") / "data" / name).read_text(encoding="utf-8")


def _widths() -> str:
    """Return the classes that say how long a bar is, in percent, and how broad a cell on a telephone, in tenths of rem.

    A style of its own on an element is what the policy of the page does not let through.
    """
    bars = (f".w{share} {{ --w:{share}% }}" for share in range(101))
    cells = (f".c{tenths} {{ --cell:{tenths / 10}rem }}" for tenths in range(10, 230))
    return "\n".join((*bars, *cells)) + "\n"


def _behind(run: RunRecord, decisions: pl.DataFrame, seen: page.Seen, lang: str) -> dict[str, Any]:
    """Return what is made of the tables behind a run."""
    found = seen.coverage
    target = numbers.percent(found.target if found else None, lang)
    names, totals = {}, None
    if seen.residents is not None:
        names, totals = load_regions(seen.region_codes).names, records_by_place(seen.residents)
    return {
        "bridge": page.bridge_steps(found, lang) if found else [],
        "bridge_note": say("page.bridge_note", lang, target=target),
        "areas": page.areas_of(seen, decisions, names, lang, totals=totals),
        "examples": page.examples_by_kind(seen.residents, decisions, run, lang),
        "desk": page.desk_of(run, seen.pairs, lang),
        "between": say("page.between", lang, low="{low}", high="{high}"),
        "heat": page.heat_map(seen.residents, lang, seen.region_codes, totals=totals),
        "profile": profile_tables(seen.profile or {}, lang),
    }


def kinds_by_action(decisions: pl.DataFrame, lang: str) -> Table:
    """Return records by action (rows) and kind (columns), with totals on both sides."""
    grouped = decisions.group_by("action", "kind").len()
    counts = {(action, kind): n for action, kind, n in grouped.iter_rows()}
    kinds = [k for k in (*schema.KINDS, None) if any(kind == k for _, kind in counts)]
    actions = [a for a in schema.ACTIONS if any(action == a for action, _ in counts)]

    def line(name: str, values: list[int]) -> tuple[str, ...]:
        return (name, *(numbers.integer(n, lang) if n else numbers.NONE for n in (*values, sum(values))))

    rows = tuple(line(label("action", a, lang), [counts.get((a, k), 0) for k in kinds]) for a in actions)
    sums = [sum(counts.get((a, k), 0) for a in actions) for k in kinds]
    total = line(say("word.total", lang), sums) if rows else None
    headers = (say("report.action", lang), *(k or numbers.NONE for k in kinds), say("word.total", lang))
    return Table(say("report.cross", lang), headers, rows, total)


def _view(run: RunRecord, decisions: pl.DataFrame, lang: str) -> dict[str, Any]:
    """Return every value the template prints, formatted; the template only lays out."""
    day = run.reference_date
    as_of = say("report.as_of", lang, day=numbers.long_day(day, lang)) if day else say("report.no_date", lang)
    checks = figures.health(run, lang)
    unmapped = ", ".join(run.input.unmapped)
    prior = numbers.decimal(run.prior_log2, lang, digits=1, signed=True)
    return {
        "lang": lang,
        "say": lambda key, **values: say(key, lang, **values),
        "title": say("report.title", lang),
        "as_of": as_of,
        "cards": figures.headline(run, lang),
        "failed": sum(not ok for ok, _ in checks),
        "reading": reading_notes(run, lang),
        "told": source_notes(run, lang),
        "cross": kinds_by_action(decisions, lang),
        "health": checks,
        "health_failed": [text for ok, text in checks if not ok],
        "health_passed": [text for ok, text in checks if ok],
        "lead": page.headline_sentence(run, lang),
        "next": page.next_steps(lang),
        "bars": page.weight_bars(run, lang),
        "next_note": page.places_note(lang),
        "how": list(items("how", lang).values()),
        "weights_intro": say("report.weights_intro", lang, prior=prior),
        "unmapped": say("report.unmapped", lang, names=unmapped) if unmapped else "",
        "settings": _settings(run, lang),
        "fingerprint": run.input.fingerprint,
        "version": run.nikdedup,
        **_certainty(run, lang),
        **_tables(run, lang),
    }


def _tables(run: RunRecord, lang: str) -> dict[str, Table]:
    steps = {
        "coverage": figures.coverage_table,
        "kinds": figures.kinds,
        "actions": figures.actions,
        "relations": figures.relations,
        "histogram": figures.histogram,
        "weights": figures.weights,
        "passes": figures.passes,
        "flags": figures.flags,
        "verdicts": figures.verdicts,
        "classes": figures.recording_classes,
        "skipped": figures.skipped,
        "sources": figures.sources,
        "columns": figures.columns,
    }
    return {name: step(run, lang) for name, step in steps.items()}


def _coverage_bars(run: RunRecord, lang: str) -> dict[str, str]:
    """Return the chart of coverage for a wide page and a narrow one, as markup that is not escaped again."""
    from markupsafe import Markup

    found = figures.coverage(run)
    if found is None:
        return {}
    return {
        f"coverage_{size}": Markup(page.embedded(svg(charts.coverage_bars(found, lang, narrow=narrow), lang)))
        for size, narrow in (("wide", False), ("narrow", True))
    }


def _certainty(run: RunRecord, lang: str) -> dict[str, str]:
    """Return the sentences on thresholds and decoys."""
    limits, decoys = run.thresholds, run.decoys
    weight = partial(numbers.decimal, lang=lang, digits=1)
    review, confirmed = weight(limits.review_log2), weight(limits.confirmed_log2)
    asked = run.config.match.confirmed_log2
    way = "raised" if limits.confirmed_log2 > asked else "lowered"
    moved = say(f"report.{way}", lang, shipped=weight(asked), confirmed=confirmed)
    measured = {
        name: numbers.rate(getattr(decoys, key, None), lang)
        for name, key in (("rate", "false_match_rate"), ("low", "low"), ("high", "high"))
    }
    key = "measured" if decoys and decoys.status == "measured" else "not"
    return {
        "certainty": say("report.certainty_intro", lang, review=review, confirmed=confirmed),
        "raised": moved if limits.confirmed_log2 != asked else "",
        "decoys": f"{say(f'report.decoys_{key}', lang, **measured)} {_covered(run, lang)}".strip(),
    }


def _covered(run: RunRecord, lang: str) -> str:
    """Return the sentence on which share of the records the exhaustive pass compared with all others of their date."""
    first = next((one for one in run.passes if one.name == "birth_sex"), None)
    if first is None:
        return ""
    return say("report.covered", lang, share=numbers.percent(first.covered, lang, floor=True))


def _settings(run: RunRecord, lang: str) -> Table:
    """Return config and versions as one flat table; secrets do not occur in either."""
    rows = (*_flat(run.config.model_dump(mode="json", exclude_unset=True)), *_flat(run.versions))
    headers = (say("report.setting", lang), say("report.value", lang))
    return Table(say("report.settings", lang), headers, tuple(rows), text_columns=2)


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key in sorted(values):
        value = values[key]
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", json.dumps(value, ensure_ascii=False, sort_keys=True)
