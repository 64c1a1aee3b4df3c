"""The roll: places by code or by name, ages, papers as offices write them, residents of two inputs once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nikdedup import Result, dedupe, generate
from nikdedup.errors import ConfigError, InputError
from nikdedup.run.ktp_coverage import ktp_coverage
from nikdedup.schema import LIFE
from nikdedup.settle import DECLARED
from nikdedup.village import Papers, Roll, Targets, counted_roll, roll_of, tallies, told_once
from nikdedup.village.roll import _age


def rolled(result: Result, papers: Papers | None = None) -> Roll:
    return roll_of(result.residents, result.people, result.decisions, result.record, result.config, papers)


def extract(**columns: list[str | None]) -> pl.DataFrame:
    count = len(next(iter(columns.values())))
    usual = {
        "NIK": [f"62120141076090{n:02d}" for n in range(1, count + 1)],
        "NAMA": ["SITI AMINAH", "RUSMINI", "DEWI LESTARI", "KARTINI", "SALMAH"][:count],
        "TGL LAHIR": ["01-07-1960"] * count,
        "STATUS REKAM": ["BELUM REKAM"] * count,
    }
    return pl.DataFrame(usual | columns)


def test_places_are_named_by_most_residents_or_officially_or_by_their_code() -> None:
    people = extract(
        NO_PROP=["62"] * 4,
        NO_KAB=["12"] * 4,
        NO_KEC=["1", "1", "1", "2"],
        NO_KEL=["2001", "2001", "2001", "2002"],
        DESA=["BERIWIT", "BERIWIT", "Briwit", None],
    )
    found = rolled(dedupe(people, reference_date="2026-06-30")).residents
    assert found["kecamatan"].to_list() == ["MURUNG", "MURUNG", "MURUNG", "TANAH SIANG"]
    assert found["desa"].to_list() == ["BERIWIT", "BERIWIT", "BERIWIT", "6212022002"]


def test_places_without_codes_go_by_their_names_and_unknown_ones_are_null() -> None:
    people = extract(KECAMATAN=["ANTAH", "ANTAH", " "], DESA=["BERANTAH", " ", " "])
    found = rolled(dedupe(people, reference_date="2026-06-30")).residents
    assert found.select("kecamatan_code", "desa_code").rows() == [
        ("ANTAH", "ANTAH/BERANTAH"),
        ("ANTAH", None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        pytest.param(date(2009, 6, 30), date(2026, 6, 30), 17, id="on the birthday"),
        pytest.param(date(2009, 7, 1), date(2026, 6, 30), 16, id="a day before it"),
        pytest.param(date(2008, 2, 29), date(2026, 2, 28), 18, id="a leap day counts on the 28th"),
        pytest.param(date(2008, 2, 29), date(2028, 2, 28), 20, id="in a leap year too"),
        pytest.param(date(2030, 1, 1), date(2026, 6, 30), None, id="not born yet"),
        pytest.param(None, date(2026, 6, 30), None, id="unknown"),
    ],
)
def test_ages(born: date | None, day: date, age: int | None) -> None:
    assert _age(pl.Series([born], dtype=pl.Date), day).to_list() == [age]


@pytest.mark.parametrize(
    ("text", "papers", "held"),
    [
        pytest.param("ADA", Papers(), True, id="yes"),
        pytest.param("Tidak Ada", Papers(), False, id="no"),
        pytest.param("6212-LU-01072020-0001", Papers(), True, id="a number of a certificate"),
        pytest.param("-", Papers(), False, id="a dash"),
        pytest.param("2", Papers(), False, id="a code says nothing"),
        pytest.param("2", Papers(yes=["2"], no=["1"]), True, id="unless the office says what it means"),
        pytest.param(None, Papers(), False, id="blank"),
    ],
)
def test_papers_as_offices_write_them(text: str | None, papers: Papers, held: bool) -> None:
    frame = pl.DataFrame({"akta_lhr": [text]}, schema={"akta_lhr": pl.String})
    assert frame.select(papers.held(frame.columns, "akta_lhr", "no_akta_lhr")).item() is held


def test_papers_and_cards_of_an_extract_come_through() -> None:
    people = extract(
        **{
            "TGL LAHIR": ["01-07-2020"] * 3,
            "NO AKTA LAHIR": ["6212-LU-1", "-", None],
            "KIA": ["YA", "TIDAK", "YA"],
        }
    )
    found = rolled(dedupe(people, reference_date="2026-06-30"))
    assert found.told == ("certificate", "kia")
    assert found.residents.select("child", "certificate", "kia_due", "kia").rows() == [
        (True, True, True, True),
        (True, False, True, False),
        (True, False, True, True),
    ]


def test_residents_of_two_inputs_count_once_as_in_the_run() -> None:
    people = extract(**{"STATUS REKAM": ["CARD_PRINTED", "BELUM REKAM", "BELUM REKAM"]})
    twice = dedupe(
        [people, people.head(2).with_columns(pl.lit(None).alias("STATUS REKAM"))], reference_date="2026-06-30"
    )
    found = rolled(twice).residents
    assert found["once"].to_list() == [True, True, True, False, False]
    assert found["recorded"].to_list() == ["yes", "no", "no", "yes", "no"]


def test_a_run_without_residents_or_date_is_refused(small_result: Result) -> None:
    with pytest.raises(InputError, match="without residents"):
        roll_of(small_result.people.select("row", "record_id"), small_result.people, small_result.decisions,
                small_result.record, small_result.config)  # fmt: skip
    undated = dedupe(extract(KECAMATAN=["MURUNG"]))
    with pytest.raises(InputError, match="no reference date"):
        rolled(undated)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("ktp = 99.2", "a share above 0 and up to 1", id="a percentage"),
        pytest.param("ktp = 0", "a share above 0 and up to 1", id="nothing"),
        pytest.param("kia = -0.3", "a share above 0 and up to 1", id="below zero"),
        pytest.param('ktp = "0.992"', "a share above 0 and up to 1", id="text"),
        pytest.param("ktp = true", "a share above 0 and up to 1", id="a truth"),
        pytest.param("ktp = nan", "a share above 0 and up to 1", id="no number"),
        pytest.param("ktp_el = 0.9", "ktp_el", id="an unknown key"),
        pytest.param("[papers]\nmaybe = ['1']", "papers.maybe", id="an unknown key of papers"),
        pytest.param("papers = 3", "papers", id="no table"),
        pytest.param("ktp = ", "not readable as TOML", id="no TOML"),
    ],
)
def test_targets_out_of_range_are_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as fault:
        Targets.load(path)
    assert "\n" not in str(fault.value)


def declared(result: Result) -> pl.DataFrame:
    """Return the residents with what villages have answered of every seventh."""
    said = [LIFE[row % len(LIFE)] if row % 7 == 0 else None for row in result.residents["row"]]
    return result.residents.with_columns(pl.Series(DECLARED, said, dtype=pl.String))


@pytest.mark.parametrize("sources", [1, 2], ids=["one input", "two that overlap"])
@pytest.mark.parametrize("codes", [True, False], ids=["codes", "names alone"])
def test_the_roll_counted_gives_the_coverage_of_the_whole_roll(
    tmp_path: Path, sources: int, codes: bool
) -> None:
    path = tmp_path / "extract.parquet"
    generate(path, rows=1200, seed=1911)
    whole = pl.read_parquet(path)
    whole = whole if codes else whole.select(pl.exclude("^no_(prop|kab|kec|kel)$"))
    whole.write_parquet(path)
    whole[::3].write_parquet(tmp_path / "more.parquet")
    result = dedupe([path, tmp_path / "more.parquet"][:sources], reference_date="2026-06-30")
    for residents in (result.residents, declared(result)):
        parts = result.decisions, result.record, result.config
        of_all = roll_of(residents, result.people, *parts)
        # Copies in two inputs are told of all residents together.
        slices = [*residents.iter_slices(500)]
        if sources == 2:
            once = told_once(slices, result.record)
            slices = [part.with_columns(once.slice(at * 500, 500)) for at, part in enumerate(slices)]
        counted = counted_roll(slices, *parts)
        assert int(counted.residents["n"].sum()) == len(residents) > len(counted.residents)
        one, other = (tallies(roll, Targets(), 0.992, by=("kecamatan",))[0] for roll in (of_all, counted))
        assert one.effects
        assert (one.whole, one.effects) == (other.whole, other.effects)
        assert one.groups["kecamatan"].equals(other.groups["kecamatan"])


def test_coverage_of_pictures_is_that_of_the_whole_roll_however_it_is_sliced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path / "a.parquet", rows=1200, seed=1912)
    pl.read_parquet(tmp_path / "a.parquet")[::3].write_parquet(tmp_path / "b.parquet")
    result = dedupe([tmp_path / "a.parquet", tmp_path / "b.parquet"], reference_date="2026-06-30")
    assert result.record.quality.flags["source_overlap"]
    whole = tallies(rolled(result), Targets(), 0.992)[0]
    for size in (333, 10_000):
        monkeypatch.setattr("nikdedup.run.ktp_coverage.SLICE", size)
        found = ktp_coverage(result)
        assert found is not None
        assert (found.whole, found.effects) == (whole.whole, whole.effects)
