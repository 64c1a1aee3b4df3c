"""Progress on a terminal, in a notebook and in a log."""

import sys
import time
from io import StringIO
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import nikdedup
from nikdedup.runtime.share import share
from nikdedup.show import progress as shown
from nikdedup.show.progress import STAGE_TEXTS, Course, show_progress, told

LINES = {lang: [f"nikdedup: {text}" for text in texts.values()] for lang, texts in STAGE_TEXTS.items()}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run takes longer than the time in which nothing is shown."""
    monkeypatch.setattr(shown, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(shown, "_BEAT_SECONDS", 0.001)


def until(holds: Any) -> None:
    """Wait until what is drawn beside has come so far."""
    for _ in range(5000):
        if holds():
            return
        time.sleep(0.001)
    pytest.fail("was never drawn")


def test_a_terminal_shows_stage_share_and_time_left(slow: None) -> None:
    stream = Terminal()
    with show_progress(stream, "en") as progress:
        progress("match")
        share(0.5)
        until(
            lambda: "comparing residents" in stream.getvalue() and "60%, about 1 s left" in stream.getvalue()
        )
    assert "nikdedup: " not in stream.getvalue()


def test_a_run_of_under_a_second_shows_nothing() -> None:
    stream = Terminal()
    with show_progress(stream, "en") as progress:
        for stage in STAGE_TEXTS["en"]:
            progress(stage)
    assert stream.getvalue() == ""


def test_a_notebook_shows_a_bar_and_takes_it_away(slow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    handle = SimpleNamespace(update=seen.append)

    def display(text: str, *, display_id: bool) -> Any:
        seen.append(text)
        return handle

    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(HTML=str, display=display))
    stream = StringIO()
    with show_progress(stream, "id") as progress:
        progress("read")
        share(1.0)
        until(lambda: any("membaca berkas, 15%, kira-kira 1 s lagi" in one for one in seen))
    assert "<progress" in seen[0]
    assert seen[-1] == ""
    assert stream.getvalue() == ""


def test_a_fault_takes_the_bar_away(slow: None) -> None:
    stream = Terminal()

    def fails() -> None:
        with show_progress(stream, "en") as progress:
            progress("read")
            until(lambda: "reading files" in stream.getvalue())
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fails()
    before = stream.getvalue()
    time.sleep(0.02)
    assert stream.getvalue() == before


def test_time_left_follows_what_is_done() -> None:
    now = [0.0]
    course = Course(now=lambda: now[0])
    course.begin("read")
    now[0] = 3.0
    assert (course.left, told(course, "en")) == (None, "0%")
    course.begin("match")
    now[0] = 12.0
    course.part(0.0)
    assert course.done == pytest.approx(0.4)
    assert course.left == pytest.approx(18.0)
    course.part(0.5)
    course.part(0.2)  # never back
    assert course.done == pytest.approx(0.6)
    now[0] = 600.0
    assert told(course, "id") == "60%, kira-kira 7 min lagi"


def test_progress_in_a_log_waits_until_input_is_accepted() -> None:
    stream = StringIO()
    with show_progress(stream, "en") as progress:
        progress("read")
        progress("understand")
        assert stream.getvalue() == ""
        progress("match")
        assert stream.getvalue().splitlines() == LINES["en"][:3]


def test_dedupe_never_prints(capfd: pytest.CaptureFixture[str]) -> None:
    people = pl.DataFrame({"NIK": ["6212014107809001", "6212014107809002"], "NAMA_LGKP": ["SITI", "BUDI"]})
    result = nikdedup.dedupe(people)
    result.duplicates()
    assert capfd.readouterr() == ("", "")
    nikdedup.dedupe(people, progress=True, lang="en")  # no terminal here: lines, as in a log
    assert capfd.readouterr() == ("", "\n".join([*LINES["en"][:4], ""]))
