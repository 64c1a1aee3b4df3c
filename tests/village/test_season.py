"""A season of an office: lists go out, come back as people fill them in, the next run knows, nothing is asked twice."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import nikdedup
from nikdedup.publish import held
from nikdedup.village import read_answer
from tests.village.villages import Slips, fill, office, saved_by_libreoffice

Call = Callable[..., Any]
KEY = 16
WORDS = {
    "present": "ada, belum rekam",
    "recorded": "sudah rekam",
    "dead": "meninggal",
    "moved": "pindah",
    "unknown": "tidak diketahui",
    "home_visit": "perlu kunjungan rumah",
    "same": "orang yang sama",
    "different": "orang berbeda",
}


class Regency:
    """What is true of the residents, and so what every village answers about a row; None where it stays blank."""

    def __init__(self, truth: pl.DataFrame, blank: set[str], wrong: set[str]) -> None:
        self.person = dict(truth.select(pl.col("record_id").cast(pl.Int64), "true_person_id").iter_rows())
        self.blank, self.wrong = blank, wrong

    def code(self, row: dict[str, Any]) -> str | None:
        chance = random.Random(row["record_key"])
        if chance.random() < (0.5 if row["desa_code"] in self.blank else 0.05):
            return None
        if row["other_row"] is not None and row["kind"] != "B":
            same = self.person[row["row"]] == self.person[row["other_row"]]
            if row["desa_code"] in self.wrong:
                same = not same
            if same or row["part"] == "double":
                return "same" if same else "different"
        return chance.choices(
            ["present", "recorded", "dead", "moved", "unknown", "home_visit"], [6, 3, 1, 1, 1, 1]
        )[0]

    def word(self, row: dict[str, Any]) -> str:
        code = self.code(row)
        return "" if code is None else WORDS[code]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("season")
    nikdedup.generate(folder / "extract.parquet", rows=2_000, seed=62)
    return folder


def test_a_season(season: Path, nikdedup_cli: Call) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra `nightly` is not installed")
    from nikdedup.nightly import book_of

    def run(*arguments: object) -> str:
        done = nikdedup_cli(*arguments, "--lang", "en")
        assert done.code == 0, done.err
        return str(done.out)

    state, extract = season / "state", season / "extract.parquet"
    run("dedupe", extract, "--state", state, "--no-report", "--reference-date", "2026-06-30")
    run("worklist", state, "--out", season / "lists")
    rows = pl.read_parquet(season / "lists" / "worklist.parquet")
    desa = sorted(rows["desa_code"].unique().drop_nulls())
    truth = pl.read_parquet(season / "extract.truth.parquet")
    regency = Regency(truth, blank=set(desa[::9]), wrong=gainsaid(rows))
    books = sorted((season / "lists").glob("*.xlsx"))
    slips = Slips(random.Random(3))
    for i, book in enumerate(books):
        fill(book, season / "back" / book.name, rows, regency.word, slips, sort=i % 3 == 1)
    noise(season / "back", books)
    back = [season / "back" / book.name for book in books]
    if office() is not None:
        saved_by_libreoffice(back[0], season / "libreoffice")

    first, late = back[:-2], back[-2:]
    said = run("verdicts", "import", *first, "--into", state)  # which knows the lists
    total = status(run("verdicts", "status", state, "--today", "2026-12-01"))
    assert total["out"] == rows["asked"].sum()
    assert 0 < total["back"] < total["out"]
    run("verdicts", "import", *late, "--into", state)
    answers = book_of(state).entries()
    assert "0 answers read" in run("verdicts", "import", *first, *late, "--into", state)
    assert book_of(state).entries().equals(answers)

    taken = answers.filter(pl.col("answer").is_not_null())
    given = {row["key"]: regency.code(row) for row in rows.filter("asked").iter_rows(named=True)}
    read = dict(taken.select("key", "answer").iter_rows())
    assert all(given[key] == code for key, code in read.items()), "no answer is read as another"
    lost = {key for key, code in given.items() if code} - set(read)
    assert lost <= set(answers.filter(pl.col("answer").is_null())["key"]), "what was not read stays open"
    assert len(lost) <= 0.02 * len(given)
    assert " blank " in said, "what is open is listed"
    assert set(taken.filter(pl.col("matched") == "shown")["file"]) == {books[2].name}

    before = figures(run("coverage", state_without_verdicts(state)))
    after = figures(run("coverage", state))
    assert after == implied(before, rows, given, set(read), state)

    again = asked_again(run, state, season / "second", extract)
    assert figures(run("coverage", state)) == after, "the next night comes to the same"
    newest = nikdedup.open(state_without_verdicts(state)).residents
    lives = {
        row: code for row, code in agreed_on(rows, given, set(read)).items() if code in ("dead", "moved")
    }
    declared = newest.filter(pl.col("status_declared").is_not_null()).select("row", "status_declared")
    assert dict(declared.iter_rows()) == lives, "the night itself knows who is dead or gone"
    assert {"verdict"} == causes(state), "what changed in the night changed by the villages' word"
    told = status(run("verdicts", "status", state, "--today", "2026-12-01"))
    assert told["disagree"] > 0, "a village that is wrong is gainsaid by another"
    on = ["desa_code", "record_key", "other_key", "content"]
    twice = again.join(taken.select(on), on=on, how="semi", nulls_equal=True)
    assert len(twice) <= told["disagree"], "nothing is asked twice but what two villages disagree about"
    assert "Coverage from night to night" in run("coverage", state, "--out", season / "coverage")
    assert (season / "coverage" / "coverage-trend.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "whole" in run("audit", "verify", state)
    undone = run("verdicts", "undo", books[0].name, "--into", state)
    assert "taken back" in undone
    assert figures(run("coverage", state)) != after
    shown = run("audit", "show", state)
    assert shown.count("answers of villages read in") == 2, "the third reading found nothing new"
    assert shown.count("answers of villages taken back") == 1
    assert "whole" in run("audit", "verify", state)


def causes(state: Path) -> set[str]:
    """Why proposals are others since the first night, as the ledger has it."""
    with closing(sqlite3.connect(state / "ledger.sqlite")) as ledger:
        return {cause for (cause,) in ledger.execute("select distinct cause from decisions where run > 1")}


def gainsaid(rows: pl.DataFrame) -> set[str]:
    """Two villages that are asked about a pair which another village is asked about too: they will say the contrary."""
    ends = [fold(pl.col("row"), pl.col("other_row")) for fold in (pl.min_horizontal, pl.max_horizontal)]
    pairs = rows.filter(pl.col("asked") & pl.col("other_row").is_not_null()).with_columns(
        l=ends[0], r=ends[1]
    )
    several = pairs.filter(pl.col("desa_code").n_unique().over("l", "r") > 1)
    return set(
        several.sort("l", "desa_code").unique("l", keep="first", maintain_order=True)["desa_code"].head(2)
    )


def noise(folder: Path, books: list[Path]) -> None:
    """The second book comes with another order of columns, the third without its keys, the fourth with two in one."""
    book = openpyxl.load_workbook(folder / books[1].name)
    for sheet in book.worksheets[:-2]:
        sheet.protection.disable()
        for line in sheet.iter_rows(min_row=4, max_col=KEY):
            values = [cell.value for cell in line]
            for cell, value in zip(line, [values[-1], *values[:-1]], strict=True):
                cell.value = value
    book.save(folder / books[1].name)
    book = openpyxl.load_workbook(folder / books[2].name)
    for sheet in book.worksheets[:-2]:
        sheet.delete_cols(KEY)
    book.save(folder / books[2].name)
    book = openpyxl.load_workbook(folder / books[3].name)
    one, two = book.worksheets[:2]
    for line in two.iter_rows(min_row=4, values_only=True):
        one.append(list(line))
    book.remove(two)
    book.save(folder / books[3].name)


def status(text: str) -> dict[str, int]:
    total = next(line for line in text.splitlines() if line.startswith("  Total")).split()[1:]
    names = ("out", "back", "late", "open", "unread", "disagree")
    return dict(zip(names, (int(one.replace(",", "")) for one in total), strict=True))


def figures(text: str) -> tuple[int, int]:
    after = next(line for line in text.splitlines() if line.startswith("  After")).split()
    return int(after[1].replace(",", "")), int(after[2].replace(",", ""))


def state_without_verdicts(state: Path) -> Path:
    """The run of the newest night."""
    return max((state / "snapshots").glob("*/run"), key=lambda path: int(path.parent.name))


def implied(
    before: tuple[int, int], rows: pl.DataFrame, given: dict[str, str | None], read: set[str], state: Path
) -> tuple[int, int]:
    """Denominator and numerator after the answers that were read, told from the script's own account of them."""
    run = nikdedup.open(state_without_verdicts(state))
    leaves = pl.col("action").is_in(["propose_deactivation", "close_kk", "drop_copy"])
    displaced = set(run.decisions.filter(leaves)["row"])
    asked = list(rows.filter("asked").iter_rows(named=True))
    agreed = agreed_on(rows, given, read)
    residents = run.residents.select("row", "recorded", "flag_status_clean")
    recorded = {row for row, status, _ in residents.iter_rows() if status == "yes"}
    gone_already = {
        row for row, _, life in residents.iter_rows() if life in ("dead", "moved", "abroad", "inactive")
    }
    wajib = wajib_rows(run)
    held_back = {row for what, code in agreed.items() if code == "different" for row in what}
    dead = {what for what, code in agreed.items() if code in ("dead", "moved")}
    doubles = set()
    for what, code in agreed.items():
        if code != "same":
            continue
        row = next(one for one in asked if frozenset((one["row"], one["other_row"])) == what)
        a, b = row["row"], row["other_row"]
        if not {a, b} & (gone_already | displaced | dead):
            doubles.add(b if a in recorded and b not in recorded else a)
    out = gone_already | dead | ((displaced - held_back) | doubles)
    said = {what for what, code in agreed.items() if code == "recorded"}
    due = wajib - out
    return len(due), len({row for row in due if row in recorded or row in said})


def agreed_on(rows: pl.DataFrame, given: dict[str, str | None], read: set[str]) -> dict[Any, str]:
    """What no village gainsays of a row, or of two rows."""
    about: dict[Any, dict[str, str]] = defaultdict(dict)
    for row in rows.filter("asked").iter_rows(named=True):
        code = given[row["key"]] if row["key"] in read else None
        if code:
            pair = code in ("same", "different")
            what = frozenset((row["row"], row["other_row"])) if pair else row["row"]
            about[what][row["desa_code"]] = code
    return {what: next(iter(said.values())) for what, said in about.items() if len(set(said.values())) == 1}


def wajib_rows(run: Any) -> set[int]:
    born, day = pl.col("tgl_lhr_clean"), pl.date(2009, 6, 30)
    married = pl.col("stat_kwn_clean") >= 2
    return set(run.residents.filter((born <= day) | married.fill_null(False))["row"])


def asked_again(run: Callable[..., str], state: Path, out: Path, extract: Path) -> pl.DataFrame:
    """The questions of the list after the next night on the same residents."""
    assert held(state_without_verdicts(state)) is not None
    run("dedupe", extract, "--state", state, "--no-report", "--reference-date", "2026-06-30")
    run("worklist", state, "--out", out)
    return pl.read_parquet(out / "worklist.parquet").filter("asked")


def test_every_word_of_the_season_is_an_answer() -> None:
    assert all(read_answer(text).code == code for code, text in WORDS.items())
