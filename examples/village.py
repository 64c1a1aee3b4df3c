"""A season of an office, cell by cell: lists to the villages, answers back, coverage true, visits planned.

Runs as a plain script too: `python examples/village.py`. Pictures are SVG; a notebook shows the last line of a cell.
"""

# %% A regency. Here 4,000 synthetic residents; in an office what SIAK gave.
import random
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl

import nikdedup
from nikdedup.run.coverage import coverage
from nikdedup.run.outreach import outreach
from nikdedup.run.verdicts import book_in, import_verdicts, status
from nikdedup.run.worklist import worklist
from nikdedup.show.village import behind_svg, imported_text, reached_svg, status_text
from nikdedup.village import Asked, answers, judged_of


class Picture(str):
    """An SVG that a notebook shows."""

    def _repr_svg_(self) -> str:
        return str(self)


folder = Path(tempfile.mkdtemp())
made = nikdedup.generate(folder / "extract.parquet", rows=4_000, seed=2026)
run = nikdedup.dedupe(folder / "extract.parquet", lang="en", report=False).write(folder / "run")

# %% Where we stand: the target is 99.2 percent, and doubles, deaths and moves are in the way of the true figure.
before = coverage(run)
print(before.text(by=["kecamatan"]))

# %% The desa furthest behind.
Picture(behind_svg(before.tallies[0], "en"))

# %% Lists for every village: a workbook per kecamatan, a sheet per desa.
lists = worklist(nikdedup.open(run), run, due=date(2026, 12, 20))
books = lists.write(folder / "lists")
print(lists.text(len(books)))

# %% The villages answer. Here by chance, in the words of the drop-down, a tenth of them blank and some misspelt.
chance = random.Random(18)
words = [answers()[code].id for code in ("present", "present", "recorded", "dead", "moved", "unknown")]
asked = set(pl.read_parquet(folder / "lists" / "worklist.parquet").filter("asked")["key"])
back = folder / "back"
back.mkdir()
for path in books:
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[:-2]:
        heads = {cell.value: cell.column for cell in sheet[4]}
        for row in range(5, sheet.max_row + 1):
            if sheet.cell(row, heads["ROW KEY"]).value in asked and chance.random() > 0.1:
                word = chance.choice(words)
                sheet.cell(row, heads["RESULT"]).value = chance.choice(
                    [word, word.upper(), word.replace("i", "ii", 1)]
                )
    book.save(back / path.name)

# %% Read them back. What is blank or cannot be read stays open, and is listed with its cell.
state = folder / "state"
taken = import_verdicts(
    sorted(back.glob("*.xlsx")), state, who="tari", at="2026-12-18T02:00:00Z", lists=folder / "lists"
)
print("\n".join(imported_text(taken, "en").splitlines()[:20]))

# %% How the answers stand, by desa, and how far villages and proposals agree.
print("\n".join(status_text(status(state, today=date(2026, 12, 21)), "en").splitlines()[-25:]))

# %% Coverage by the villages' word: what each cause does to numerator and denominator is told apart.
verdicts = book_in(state).entries()
after = coverage(run, verdicts=verdicts)
print(after.text(by=[]).split("\n\n")[1])

# %% Nothing is asked twice.
again = worklist(nikdedup.open(run), run, judged=judged_of(verdicts))
print(f"{again.lists.rows['asked'].sum()} of {lists.lists.rows['asked'].sum()} questions are left")

# %% Visits: two teams, ten days.
plan = outreach(nikdedup.open(run), Asked(2, 10, date(2027, 1, 4), capacity=40), verdicts=verdicts)
print(plan.text())

# %% Expected coverage after each visit.
Picture(reached_svg(plan))
