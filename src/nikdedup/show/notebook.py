"""What a notebook shows of a run, an extract and a cleaned extract: a small picture, figures, the next call.

No scripts, no network, no identities; every text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.cell import cell, head, table
from nikdedup.show.change_list import changes_counted, changes_table
from nikdedup.show.figures import Table
from nikdedup.show.reading_text import reading_notes
from nikdedup.show.small import AMBER, BLUE, GREY, fullness, histogram, legend, stacked_bars
from nikdedup.show.texts import say


def result_html(run: RunRecord, *, lang: str = "id") -> str:
    """Return a run: headline, pairs by weight, what was lacking, failed checks, kinds, actions, coverage.

    Args:
        run: record of the run (run.json).
        lang: `id` or `en`.
    """
    day = run.reference_date
    key = "summary.heading" if day else "summary.heading_no_date"
    title = say(key, lang, day=numbers.day(day, lang))
    warned = [*reading_notes(run, lang), *(text for ok, text in figures.health(run, lang) if not ok)]
    cards = Table("", (), tuple(figures.headline(run, lang)))
    found, limits = run.histogram, run.thresholds.model_dump()
    drawn = histogram(found.edges, found.counts, limits, say("report.histogram", lang), lang)
    tables = (figures.kinds(run, lang), figures.actions(run, lang), figures.coverage_table(run, lang))
    counts = run.counts
    then = [
        *(['result.duplicates(band="review")'] if counts.review_pairs else []),
        *(["result.duplicates()"] if counts.confirmed_pairs and not counts.review_pairs else []),
        "result.plot.weights()", 'result.write("hasil")',
    ]  # fmt: skip
    return cell(
        head(title, *(f"⚠ {line}" for line in warned)), _bands(lang) + drawn if drawn else "", table(cards),
        *(table(one, folded=True) for one in tables), then=then, lang=lang,
    )  # fmt: skip


def _bands(lang: str) -> str:
    tones = zip((GREY, AMBER, BLUE), ("below", "review", "confirmed"), strict=True)
    return legend([(tone, say(f"report.zone_{zone}", lang)) for tone, zone in tones])


def extract_html(
    frame: pl.DataFrame, fields: Sequence[str], *, unused: int, skipped: int, lang: str = "id"
) -> str:
    """Return an extract as it was read: how full each field is, and what was not used.

    Args:
        frame: records as they came.
        fields: columns that were recognised.
        unused: columns with data that no field claims.
        skipped: rows that are no records.
        lang: `id` or `en`.
    """
    filled = frame.select(pl.col(name).count() for name in fields).row(0) if fields else ()
    full = [(name.upper(), n, 0, len(frame)) for name, n in zip(fields, filled, strict=True)]
    title = say("notebook.extract", lang, n=numbers.integer(len(frame), lang))
    drawn = fullness(full, title, lang)
    counts = {"fields": len(fields), "unused": unused, "skipped": skipped}
    notes = [say(f"notebook.{key}", lang, n=n) for key, n in counts.items() if n]
    then = ("nikdedup.profile(data)", "nikdedup.dedupe(data)")
    return cell(head(title, *notes), drawn, then=then, lang=lang)


def cleaned_html(
    changes: pl.DataFrame, records: int, written: Sequence[str] | None, *, lang: str = "id"
) -> str:
    """Return what cleaning did, by kind of change.

    Args:
        changes: columns reason and applied of the change table.
        records: number of records.
        written: names of the files that were written; None for none.
        lang: `id` or `en`.
    """
    shown = changes_table(changes, lang)
    title = say("clean.records", lang, n=numbers.integer(records, lang))
    drawn = ""
    if shown:
        counted = changes_counted(changes, lang)
        most = max(made + proposed for _, made, proposed in counted)
        bars = [
            (
                name,
                ((made / most, BLUE), (proposed / most, AMBER)),
                f"{made} + {proposed}" if proposed else str(made),
            )
            for name, made, proposed in counted
        ]
        tones = [(BLUE, say("clean.made", lang)), (AMBER, say("clean.proposed", lang))]
        drawn = legend(tones) + stacked_bars(bars, shown.title, label=400, behind=70)
    told = [say("clean.nothing", lang)] if not shown else []
    files = [say("notebook.written", lang, files=", ".join(written))] if written else []
    then = [
        *([] if written else ['cleaned.write("bersih.xlsx")']),
        "cleaned.changes",
        "nikdedup.dedupe(cleaned.frame)",
    ]
    return cell(head(title, *told, *files), drawn, table(shown, folded=True), then=then, lang=lang)
