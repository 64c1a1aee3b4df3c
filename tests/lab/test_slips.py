"""Slips change names, and nothing but names; numbers stay well formed and apart."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.lab.damage import change_dates, damage, slip_digit
from nikdedup.lab.numbers import FIRST_SERIAL, numbered
from nikdedup.lab.slips import SLIPS, one_word

WORD = st.text("ABDEHIKLMNORSTUWY", min_size=1, max_size=10)
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
EQUAL = dict.fromkeys(SLIPS, 1.0)


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def once(kind: str, name: str, *, woman: bool = False, seed: int = 1) -> set[str]:
    """All results of one slip on one name, in forty tries."""
    names = pl.Series([name] * 40)
    return set(damage(names, np.ones(40, dtype=np.int64), {kind: 1.0}, np.full(40, woman), generator(seed)))


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("drop_word", "SITI NUR AINI", {"SITI NUR", "SITI AINI", "NUR AINI"}),
        ("swap_words", "BUDI SANTOSO", {"SANTOSO BUDI"}),
        ("swap_words", "SITI NUR AINI", {"NUR SITI AINI", "SITI AINI NUR"}),
        ("initial", "BUDI SANTOSO", {"BUDI S", "BUDI S.", "B SANTOSO", "B. SANTOSO"}),
        ("join_words", "NUR HAYATI", {"NURHAYATI"}),
        ("split_word", "NURHAYATI", {"NUR HAYATI", "NURH AYATI"}),
        ("clip_word", "SUTRISNO", {"SUTR", "SUTRI"}),
        ("vowels_lost", "SLAMET", {"SLMT"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_slip(kind: str, name: str, expected: set[str]) -> None:
    assert once(kind, name) == expected


@pytest.mark.parametrize(
    ("kind", "name", "some"),
    [
        ("old_spelling", "YUSUF", {"JUSUF", "YOESUF"}),
        ("sound_alike", "FATIMAH", {"PATIMAH"}),
        ("letter_look", "SOLIHIN", {"S0LIHIN", "5OLIHIN"}),
        ("typo", "BUDI", {"BDI", "BUUDI", "BDUI"}),
        ("add_word", "BUDI", {"BUDI PUTRA"}),
        ("alias", "BUDI", {"BUDI ALS UDIN", "BUDI @ UDIN", "BUDI ALIAS UDIN"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_slip_may_give(kind: str, name: str, some: set[str]) -> None:
    seen = set().union(*(once(kind, name, seed=seed) for seed in range(25)))
    assert some <= seen


def test_titles_and_patronymics_know_the_sex() -> None:
    assert all("BINTI" in name for name in once("patronymic", "AMINAH", woman=True))
    assert all("BINTI" not in name and " BIN " in name for name in once("patronymic", "SALEH"))
    assert not any(name.startswith("HJ") for name in once("title", "SALEH"))
    assert any(name.startswith("HJ") for name in once("title", "AMINAH", woman=True))


@pytest.mark.parametrize("kind", ["swap_words", "join_words", "initial", "drop_word"])
def test_a_slip_that_cannot_be_becomes_a_typing_error(kind: str) -> None:
    assert all(name != "SUTRISNO" for name in once(kind, "SUTRISNO"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), NAME), min_size=1, max_size=30), st.integers(0, 3), st.integers(0, 99))
def test_damage_keeps_nulls_and_never_empties(names: list[str | None], slips: int, seed: int) -> None:
    series = pl.Series(names, dtype=pl.String)
    count = np.full(len(names), slips)
    woman = np.zeros(len(names), dtype=np.bool_)
    after = damage(series, count, EQUAL, woman, generator(seed))
    assert after.is_null().to_list() == series.is_null().to_list()
    assert all(name and name == " ".join(name.split()) for name in after.drop_nulls())
    assert after.equals(damage(series, count, EQUAL, woman, generator(seed))), (
        "chance comes from the generator only"
    )
    if not slips:
        assert after.equals(series)


@settings(max_examples=40, deadline=None)
@given(NAME)
def test_one_word_is_a_word_of_the_name(name: str) -> None:
    assert one_word(pl.Series([name] * 8), generator()).is_in(name.split()).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.from_regex(r"[1-9][0-9]{15}", fullmatch=True), min_size=1, max_size=20), st.integers(0, 14)
)
def test_slip_digit_changes_one_place_or_swaps_two(niks: list[str], low: int) -> None:
    after = slip_digit(pl.Series(niks), generator(), low=low)
    for before, now in zip(niks, after, strict=True):
        differ = [i for i in range(16) if before[i] != now[i]]
        assert len(now) == 16
        assert len(differ) in (1, 2)
        assert min(differ) >= low
        if len(differ) == 2:
            i, j = differ
            assert j == i + 1
            assert (before[i], before[j]) == (now[j], now[i])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=20), st.integers(0, 5))
def test_changed_dates_are_dates_not_after_the_latest(days: list[int], kind: int) -> None:
    how = ["same", "swapped", "year", "digit", "day", "default"]
    birth = np.array(days, dtype=np.int64)
    changed, differs = change_dates(birth, how, np.full(len(days), kind), 20_000, generator())
    assert (changed <= np.maximum(birth, 20_000)).all()
    assert ((changed != birth) == differs).all()
    if how[kind] == "same":
        assert not differs.any()
    if how[kind] == "day":
        assert (np.abs(changed - birth) <= 3).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=60))
def test_numbers_never_repeat_and_count_up(rows: list[tuple[int, int, bool]]) -> None:
    prefix = np.array([(330101 if foreign else 621201) + kec for kec, _, foreign in rows], dtype=np.int64)
    field = np.array([10_170 + day * 10_000 for _, day, _ in rows], dtype=np.int64)
    foreign = np.array([foreign for _, _, foreign in rows], dtype=np.bool_)
    numbers = numbered(prefix, field, foreign=foreign, slice_=3, spill=6212).to_list()
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 16 for number in numbers)
    seen: dict[str, int] = {}
    for number in numbers:
        group, serial = number[:12], int(number[12:])
        assert serial == seen.get(group, serial - 1) + 1, "in order of appearance, without a gap"
        seen[group] = serial


def test_an_overflowing_group_goes_on_in_kecamatan_99() -> None:
    n = 1_200
    prefix, field = np.full(n, 621201), np.full(n, 10770)
    nobody = np.zeros(n, dtype=np.bool_)
    numbers = numbered(prefix, field, foreign=nobody, slice_=0, spill=6212)
    assert numbers.n_unique() == n
    assert numbers.str.slice(0, 6).unique().sort().to_list() == ["621201", "621298", "621299"]
    assert numbers[0] == f"621201010770{FIRST_SERIAL}"
