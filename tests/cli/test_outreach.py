"""`nikdedup outreach`: schedule, calendar, chart and letters that name no illness; 20 things are refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Call = Callable[..., Any]
pytest.importorskip("highspy", reason="the extra `outreach` is not installed")
icalendar = pytest.importorskip("icalendar", reason="the extra `outreach` is not installed")

USUAL = ["--teams", "2", "--days", "10", "--start", "2026-12-01", "--lang", "en"]


def test_a_plan_on_the_screen(kept_run: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("outreach", kept_run, *USUAL)
    assert done.code == 0, done.err
    assert "HiGHS" not in done.out
    assert "Gap to the best (proven)" in done.out
    assert "Assumptions:" in done.out
    assert "at most 400 people a day" in done.out


def test_schedule_calendar_chart_and_letters(kept_run: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    (tmp_path / "places.csv").write_text(
        "kind,name,need,closed\nschool,SMA 1,30,2026-12-01\nclosed,Libur,,2026-12-02\n", encoding="utf-8"
    )
    for out in ("a", "b"):
        done = nikdedup_cli("outreach", kept_run, *USUAL, "--places", tmp_path / "places.csv", "--out", tmp_path / out,
                            "--until-teams", "3")  # fmt: skip
        assert done.code == 0, done.err
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {"schedule.xlsx", "schedule.ics", "schedule.svg", "letters.xlsx", "teams.svg"}
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    calendar = icalendar.Calendar.from_ical((tmp_path / "a" / "schedule.ics").read_bytes())
    events = [(str(one["summary"]), one["dtstart"].dt) for one in calendar.walk("VEVENT")]
    sheet = openpyxl.load_workbook(tmp_path / "a" / "schedule.xlsx").worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert len(events) == len(rows) - 1 > 0
    assert date(2026, 12, 2) not in {day for _, day in events}
    assert all(day != date(2026, 12, 1) for name, day in events if "SMA 1" in name)
    assert rows[-1][5] == f"=SUM(F3:F{len(rows) + 1})"
    letters = openpyxl.load_workbook(tmp_path / "a" / "letters.xlsx")
    assert len(letters.sheetnames) == len({row[4] for row in rows[:-1]})


@pytest.mark.parametrize("lang", ["id", "en"])
def test_letters_and_schedules_name_no_illness(
    lang: str, kept_run: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    done = nikdedup_cli("outreach", kept_run, *USUAL[:-2], "--lang", lang, "--out", tmp_path / "a")
    assert done.code == 0, done.err
    texts = [done.out, (tmp_path / "a" / "schedule.ics").read_text(encoding="utf-8")]
    for name in ("letters.xlsx", "schedule.xlsx"):
        for sheet in openpyxl.load_workbook(tmp_path / "a" / name).worksheets:
            texts += [
                str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
            ]
    said = " ".join(texts).lower()
    for word in (
        "sakit",
        "odgj",
        "disabilitas",
        "lansia",
        "difabel",
        "jiwa",
        "ill",
        "disab",
        "elderly",
        "mental",
    ):
        assert f" {word}" not in said, word


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--capacity", "0"], "--capacity", id="a capacity of zero"),
        pytest.param(["--capacity", "-5"], "--capacity", id="below zero"),
        pytest.param(["--capacity", "banyak"], "--capacity", id="a word"),
        pytest.param(["--capacity", "999999999"], "allowed: 1 to 100000", id="too much"),
        pytest.param(["--teams", "0"], "--teams", id="no teams"),
        pytest.param(["--teams", "500"], "allowed: 1 to 200", id="an army"),
        pytest.param(["--days", "0"], "--days", id="no days"),
        pytest.param(["--days", "5000"], "allowed: 1 to 750", id="years"),
        pytest.param(["--start", "01-12-2026"], "a date YYYY-MM-DD", id="a date the other way round"),
        pytest.param(["--start", "2026-02-30"], "a date YYYY-MM-DD", id="no such day"),
        pytest.param(["--start", "2199-12-31"], "a date before", id="at the end of time"),
        pytest.param(["--stops", "9"], "allowed: 1 to 3", id="nine stops"),
        pytest.param(["--until-teams", "0"], "--until-teams", id="until no team"),
        pytest.param(["--team-day-cost", "1.5"], "--team-day-cost", id="half a rupiah"),
        pytest.param(["--places", "none.csv"], "no such file", id="no file of places"),
        pytest.param(["--places", "photo.csv"], "not CSV", id="a photo"),
        pytest.param(["--places", "bad.csv"], "line 2: unknown kind", id="an unknown kind"),
        pytest.param(["--places", "other.csv"], "wrong columns", id="another table"),
        pytest.param(["--distances", "none.csv"], "no such file", id="no file of distances"),
        pytest.param(["--distances", "other.csv"], "wrong columns", id="a table of no distances"),
        pytest.param(["--out", "file"], "is a file", id="a file in the place of the folder"),
        pytest.param(["--lang", "de"], "--lang", id="an unknown language"),
    ],
)
def test_what_is_refused(
    options: list[str],
    said: str,
    kept_run: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = {
        "photo.csv": "\x00\x01",
        "bad.csv": "kind,name\nkantin,a\n",
        "other.csv": "nama,nik\na,b\n",
        "file": "mine",
    }
    for name, text in contents.items():
        Path(name).write_text(text, encoding="utf-8")
    done = nikdedup_cli("outreach", kept_run, *USUAL, *options)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert said in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(contents)


@pytest.mark.parametrize("missing", ["--teams", "--days", "--start"])
def test_what_must_be_said(missing: str, kept_run: Path, nikdedup_cli: Call) -> None:
    at = USUAL.index(missing)
    done = nikdedup_cli("outreach", kept_run, *USUAL[:at], *USUAL[at + 2 :])
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert missing in done.err


def test_no_run(small_run: Path, nikdedup_cli: Call) -> None:
    shutil.rmtree(small_run)
    done = nikdedup_cli("outreach", small_run, *USUAL)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "not a finished nikdedup run" in done.err
