"""What a notebook shows of a run: the figures and small tables, no identities."""

from __future__ import annotations

from html import escape

from nikdedup.publish import RunRecord
from nikdedup.show import figures, numbers
from nikdedup.show.explain_text import STYLE
from nikdedup.show.figures import Table
from nikdedup.show.reading_text import reading_notes
from nikdedup.show.texts import say


def result_html(run: RunRecord, *, lang: str = "id") -> str:
    """Return a compact HTML view of a run: headline, what was lacking, failed checks, kinds, actions, coverage.

    No scripts, no network; every text is escaped.

    Args:
        run: record of the run (run.json).
        lang: `id` or `en`.
    """
    day = run.reference_date
    key = "summary.heading" if day else "summary.heading_no_date"
    head = f"<p><b>{escape(say(key, lang, day=numbers.day(day, lang)))}</b></p>"
    cards = "".join(
        f"<tr><td>{escape(name)}</td><td class='n'>{escape(figure)}</td>"
        f"<td><small>{escape(second)}</small></td></tr>"
        for name, figure, second in figures.headline(run, lang)
    )
    warned = [*reading_notes(run, lang), *(text for ok, text in figures.health(run, lang) if not ok)]
    failed = "".join(f"<p>⚠ {escape(text)}</p>" for text in warned)
    tables = (figures.kinds(run, lang), figures.actions(run, lang), figures.coverage_table(run, lang))
    body = "".join(_table(table) for table in tables if table)
    return f'{STYLE}<div class="nikx">{head}{failed}<table>{cards}</table>{body}</div>'


def _table(table: Table) -> str:
    def line(cells: tuple[str, ...], tag: str) -> str:
        return "<tr>" + "".join(
            f"<{tag}{'' if i < table.text_columns else ' class=n'}>{escape(cell)}</{tag}>"
            for i, cell in enumerate(cells)
        ) + "</tr>"  # fmt: skip

    rows = "".join(line(row, "td") for row in table.rows)
    total = line(table.total, "th") if table.total else ""
    head = line(table.headers, "th")
    return (
        f"<details open><summary>{escape(table.title)}</summary><table>{head}{rows}{total}</table></details>"
    )
