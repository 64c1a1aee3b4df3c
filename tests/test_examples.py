"""The examples run from their first cell to their last."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_season_of_an_office(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("highspy", reason="the extra `outreach` is not installed")
    cells = runpy.run_path(str(EXAMPLES / "village.py"))
    printed = capsys.readouterr().out
    assert "answers read" in printed
    assert "recorded by a village's word" in printed
    assert "Gap to the best (proven)" in printed
    assert cells["again"].lists.rows["asked"].sum() < cells["lists"].lists.rows["asked"].sum()
    drawn = cells["behind_svg"](cells["before"].tallies[0], "en"), cells["reached_svg"](cells["plan"])
    assert all(one.startswith("<svg") for one in drawn)
