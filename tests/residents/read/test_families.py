"""Family cards that stand on the rows of heads alone are carried down; cards that are merely missing are not."""

from pathlib import Path

import polars as pl
import pytest

from nikdedup import dedupe
from nikdedup.residents.read.extract import read
from nikdedup.residents.read.families import carried_cards

CARDS = [f"62120109051090{i:02d}" for i in range(30)]
PLACES = ["KEPALA KELUARGA", "ISTRI", "ANAK"]


def families(count: int = 4, **changes: list[str | None]) -> pl.DataFrame:
    rows = 3 * count
    frame = pl.DataFrame({
        "NIK": [f"62120101018{i % 10}{9001 + i}" for i in range(rows)],
        "NO KK": [None if i % 3 else CARDS[i // 3] for i in range(rows)],
        "NAMA": [f"{word} {chr(65 + i // 3)}" for i in range(rows) for word in [("BUDI", "SITI", "ANI")[i % 3]]],
        "IBU": [f"SITI {chr(65 + i // 3)}" if i % 3 == 2 else f"RINI {i}" for i in range(rows)],
        "SHDK": [PLACES[i % 3] for i in range(rows)],
    })  # fmt: skip
    return frame.with_columns(pl.Series(name, values) for name, values in changes.items())


def cards(frame: pl.DataFrame) -> list[str | None]:
    return read(frame).frame["no_kk"].to_list()


def test_cards_of_heads_are_carried_down_and_flagged() -> None:
    frame = families()
    assert cards(frame) == [CARDS[i // 3] for i in range(12)]
    result = dedupe(frame, reference_date="2026-06-30")
    flagged = result.residents.filter(pl.col("flags").list.contains("kk_carried_down"))["row"].to_list()
    assert flagged == [i for i in range(12) if i % 3]
    assert result.run["input"]["how"]["no_kk"] == ["filled_down"]
    assert "hanya tertulis pada baris kepala keluarga" in result.summary()


def test_named_parents_prove_it_where_no_relation_is_given() -> None:
    assert cards(families().drop("SHDK")) == [CARDS[i // 3] for i in range(12)]


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(families().drop("SHDK", "IBU"), id="nothing proves it"),
        pytest.param(families().drop("SHDK").with_columns(IBU=pl.lit("SALBIAH")), id="parents are elsewhere"),
        pytest.param(families(SHDK=[PLACES[(i + 1) % 3] for i in range(12)]), id="cards of children"),
        pytest.param(
            families(**{"NO KK": [CARDS[0] if i % 3 == 0 else None for i in range(12)]}), id="one card again"
        ),
        pytest.param(
            families(**{"NO KK": [CARDS[i] if i > 2 else None for i in range(12)]}), id="few are missing"
        ),
        pytest.param(
            families(**{"NO KK": [None if i % 3 != 1 else CARDS[i] for i in range(12)]}),
            id="none on the first",
        ),
    ],
)
def test_a_missing_card_stays_missing(frame: pl.DataFrame) -> None:
    assert cards(frame) == frame["NO KK"].to_list()


def test_what_is_not_carried_down_is_said() -> None:
    result = dedupe(families().drop("SHDK", "IBU"), reference_date="2026-06-30")
    assert {"code": "blank_card", "rows": 8} in result.run["input"]["cost"]
    assert "isilah ke bawah" in result.summary()


def test_a_family_of_a_village_is_none() -> None:
    rows = 60
    frame = pl.DataFrame({
        "no_kk": [CARDS[0], *[None] * (rows - 1)],
        "stat_hbkel": [PLACES[0], *["ANAK"] * (rows - 1)],
        "nama_lgkp": ["X"] * rows,
    })  # fmt: skip
    assert carried_cards(frame) is None
    assert carried_cards(frame.head(5)) is not None


def test_parquet_is_left_as_it_is(tmp_path: Path) -> None:
    families().write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").frame["no_kk"].null_count() == 8
