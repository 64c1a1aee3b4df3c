"""Which texts a spreadsheet could run, and that no others are touched."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.show.formulas import neutral, neutralised


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|'/c calc'!A1",
        "  @SUM(A1)",
        "+cmd|x",
        "-A1+A2",
        "\ufeff=A1",
        "\t=A1",
        "＝A1",
        "=A1\nSITI",
        "-1+(2)",
    ],
)
def test_what_could_run_has_an_apostrophe_in_front(text: str) -> None:
    assert neutralised(pl.DataFrame({"a": [text, None]}))["a"].to_list() == [f"'{text}", None]


@pytest.mark.parametrize(
    "text", ["-", "", "+62 812 3456", "-7,25", "SITI = AMINAH", '="6212014107609001"', "A-B"]
)
def test_what_cannot_run_is_left_alone(text: str) -> None:
    table = pl.DataFrame({"a": [text], "n": [-1]})
    assert neutralised(table).equals(table)


@given(st.lists(st.none() | st.text(st.sampled_from("=@+-＝\ufeff\t\n 0Az(É[`"), max_size=6), max_size=8))
def test_whole_columns_are_passed_over_only_where_nothing_can_run(texts: list[str | None]) -> None:
    table = pl.DataFrame({"a": texts}, schema={"a": pl.String})
    assert neutralised(table).equals(table.select(neutral(pl.col("a"))))
