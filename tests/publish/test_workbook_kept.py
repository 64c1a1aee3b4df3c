"""What officers wrote into decisions.xlsx stays: kept beside the new one, and no difference to a recheck."""

import os
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import nikdedup
from nikdedup import Result
from nikdedup.publish import OUTPUTS

Call = Callable[..., Any]
DAY = datetime(2026, 6, 30, 8, 15)
KEPT = "decisions-2026-06-30-0815.xlsx"


def fill_in(folder: Path, answer: str = "Meninggal", *, day: datetime = DAY) -> bytes:
    """Write an answer into the workbook as an officer does; return its bytes."""
    path = folder / "decisions.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["N2"] = answer
    book.save(path)
    os.utime(path, (day.timestamp(), day.timestamp()))
    return path.read_bytes()


SAID = {
    "id": f"decisions.xlsx yang sudah diisi tidak ditimpa: disimpan sebagai {KEPT}.",
    "en": f"The decisions.xlsx that had been filled in was not overwritten: it is kept as {KEPT}.",
}


@pytest.mark.parametrize("lang", SAID)
@pytest.mark.parametrize("report", [True, False], ids=["with report", "without"])
def test_answers_are_kept_under_their_date(
    report: bool, lang: str, small_extract: Path, small_run: Path, nikdedup_cli: Call
) -> None:
    pristine = (small_run / "decisions.xlsx").read_bytes()
    answers = fill_in(small_run)
    more = [] if report else ["--no-report"]
    done = nikdedup_cli("dedupe", small_extract, "--out", small_run, "--lang", lang, *more)
    assert done.code == 0
    assert SAID[lang] in done.out.splitlines()
    assert (small_run / KEPT).read_bytes() == answers
    if os.name != "nt":
        assert stat.S_IMODE((small_run / KEPT).stat().st_mode) == 0o600
    if report and lang == "id":
        assert (small_run / "decisions.xlsx").read_bytes() == pristine
    again = nikdedup_cli("dedupe", small_extract, "--out", small_run, "--lang", lang)
    assert again.code == 0
    assert SAID[lang] not in again.out
    names = {path.name for path in small_run.iterdir()}
    assert names == {*OUTPUTS, "run.json", KEPT}


def test_names_are_unique(small_result: Result, small_run: Path) -> None:
    answers = {}
    for number, answer in enumerate(("Pindah", "Meninggal", "Ada"), 1):
        answers[KEPT if number == 1 else KEPT.replace(".xlsx", f"-{number}.xlsx")] = fill_in(
            small_run, answer
        )
        small_result.write(small_run)
    assert {name: (small_run / name).read_bytes() for name in answers} == answers


def test_an_untouched_workbook_is_not_kept(small_result: Result, small_run: Path) -> None:
    os.utime(small_run / "decisions.xlsx", (0, 0))
    small_result.write(small_run)
    assert {path.name for path in small_run.iterdir()} == {*OUTPUTS, "run.json"}
    assert small_result.kept == ()


def test_a_run_that_fails_leaves_the_answers_where_they_are(
    small_result: Result, small_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = fill_in(small_run)
    monkeypatch.setattr("nikdedup.show.report_html", lambda *_, **__: 1 / 0)
    with pytest.raises(nikdedup.RunError):
        small_result.write(small_run)
    assert (small_run / "decisions.xlsx").read_bytes() == answers
    assert {path.name for path in small_run.iterdir()} == {*OUTPUTS, "run.json"}


def test_a_filled_in_workbook_is_no_difference(small_run: Path, nikdedup_cli: Call) -> None:
    fill_in(small_run)
    assert nikdedup.open(small_run).recheck().ok
    done = nikdedup_cli("recheck", small_run, "--lang", "en")
    assert done.code == 0
    assert done.out.splitlines()[0] == (
        "decisions.xlsx was filled in since this run wrote it; that counts as no difference."
    )
    assert done.out.splitlines()[1].endswith("all equal.")
    assert "sudah diisi" in nikdedup_cli("recheck", small_run).out


def test_kept_workbooks_alone_are_no_strangers(small_result: Result, tmp_path: Path) -> None:
    """Somebody threw the run away and left the answers: the folder may be used again, and they stay."""
    (tmp_path / KEPT).write_bytes(b"answers")
    small_result.write(tmp_path)
    assert (tmp_path / KEPT).read_bytes() == b"answers"
