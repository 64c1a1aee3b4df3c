"""Which texts a spreadsheet could run, and that no others are touched."""

import polars as pl
import pytest

from nikdedup.show.formulas import neutralised


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
