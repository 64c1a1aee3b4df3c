"""Groups of the truth are those the generator made, and twins whose names contain each other have their share."""

import polars as pl
import pytest

from nikdedup.lab.rates import load_rates
from nikdedup.lab.scorecard import GROUPS
from nikdedup.schema import TRUTH_GROUPS
from tests.lab.conftest import ROWS, Extract

WORDS = pl.col(TRUTH_GROUPS).str.split(" ")


def of(extract: Extract, group: str) -> pl.DataFrame:
    return extract.both.filter(WORDS.list.contains(group))


@pytest.mark.parametrize("profile", ["murung-raya", "hard"])
def test_every_group_has_members_and_no_other_words_stand_there(
    extracts: dict[str, Extract], profile: str
) -> None:
    words = extracts[profile].truth[TRUTH_GROUPS].drop_nulls().str.split(" ").explode()
    assert set(words) == set(GROUPS)


def test_cultures_have_their_share(hard: Extract) -> None:
    cultures = load_rates("hard").cultures
    for group in ("bali", "batak", "tionghoa", "papua"):
        expected = cultures[group] / sum(cultures.values())
        assert len(of(hard, group)) / ROWS == pytest.approx(expected, rel=0.35), group


def test_what_is_written_says_the_group(hard: Extract) -> None:
    age = (
        pl.lit("2026-06-30").str.to_date() - pl.col("TGL_LHR").str.to_date("%d-%m-%Y")
    ).dt.total_days() / 365.2425
    assert not of(hard, "one_word")["NAMA_LGKP"].str.contains(" ").any()
    assert of(hard, "initials")["NAMA_LGKP"].str.contains(r"\b[A-Z]\b").all()
    assert of(hard, "over_60").select((age >= 60).all()).item()
    assert of(hard, "child").select((age < 17).all()).item()
    assert of(hard, "default_date")["TGL_LHR"].str.contains("^(01-01|01-07|31-12)").all()
    assert of(hard, "married_since")["STAT_KWN"].eq("KAWIN").all()
    assert of(hard, "married_since")["JENIS_KLMIN"].eq("PEREMPUAN").all()
    assert of(hard, "retired_code")["NIK"].str.contains("^9[12]").all()
    none = hard.both.filter(pl.col(TRUTH_GROUPS).is_null())
    assert none["NAMA_LGKP"].str.contains(" ").all()
    assert none.select((age.is_between(17, 60)).all()).item()


def test_balinese_men_have_no_initials(murung: Extract) -> None:
    men = of(murung, "bali").filter(pl.col("NAMA_LGKP").str.starts_with("I "))
    assert len(men) > 50
    assert men.filter(WORDS.list.contains("initials")).height < 0.1 * len(men)


def test_old_codes_are_those_of_papuans(murung: Extract) -> None:
    papuans = of(murung, "papua")
    old = papuans.filter(WORDS.list.contains("retired_code")).height
    assert old / len(papuans) == pytest.approx(load_rates("murung-raya").people.retired_prefix, abs=0.1)


@pytest.mark.parametrize("profile", ["murung-raya", "hard"])
def test_some_twins_bear_the_name_of_the_other_and_a_word_more(
    extracts: dict[str, Extract], profile: str
) -> None:
    both = extracts[profile].both.filter(pl.col("kind").is_null())
    within = both.filter(pl.col("trap") == "twin_name_within").sort("NIK")
    name = pl.col("NAMA_LGKP").str.split(" ").list
    pairs = within.group_by("NO_KK", "TGL_LHR", "JENIS_KLMIN").agg(
        pl.len(), name.set_intersection(pl.col("NAMA_LGKP").first().str.split(" ")).list.len().min().alias("shared"),
        name.len().min().alias("shorter"),
    ).filter(pl.col("len") == 2)  # fmt: skip
    assert len(pairs)
    same_sex = both.filter(pl.col("trap").is_in(["twin", "twin_name_within"])).filter(
        pl.len().over("NO_KK", "TGL_LHR", "JENIS_KLMIN") == 2
    )
    assert 0.005 < 2 * len(pairs) / len(same_sex) < 0.08
    if profile == "murung-raya":
        assert (pairs["shared"] == pairs["shorter"]).all()
