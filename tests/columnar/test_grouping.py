"""Grouping, compiled and in numpy, against dictionaries."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.columnar import grouping
from nikdedup.columnar import grouping_py as plain
from nikdedup.runtime import kernels

SOURCE = Path(nikdedup.__file__).parent
WAYS = [pytest.param(plain, id="numpy"), pytest.param(grouping, id="as installed")]
codes = st.lists(st.one_of(st.integers(-1, 5), st.integers(0, 2**63 - 1)), max_size=80)


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(key=codes)
def test_blocks_hold_the_rows_of_each_key_that_occurs_twice(way, key):
    members, starts, sizes = way.grouped(np.array(key, np.int64))
    blocks = {tuple(members[s : s + n].tolist()) for s, n in zip(starts, sizes, strict=True)}
    rows: dict[int, list[int]] = {}
    for row, one in enumerate(key):
        if one >= 0:
            rows.setdefault(one, []).append(row)
    assert blocks == {tuple(held) for held in rows.values() if len(held) > 1}
    assert len(members) == sizes.sum()


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(code=st.lists(st.integers(0, 2**64 - 1), max_size=80))
def test_codes_are_numbered_as_they_appear(way, code):
    number, first = way.numbered(np.array(code, np.uint64))
    known = list(dict.fromkeys(code))
    assert number.tolist() == [known.index(one) for one in code]
    assert first.tolist() == [code.index(one) for one in known]


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(-2, 3), st.integers(-1, 2**62)), max_size=60))
def test_codes_are_mixed_into_one_that_tells_them_apart(way, pairs):
    small = np.array([one for one, _ in pairs], np.int8)
    large = np.array([other for _, other in pairs], np.int64)
    codes = way.mixed(small, large).tolist()
    assert len(codes) == len(pairs)
    assert [code < 0 for code in codes] == [one < 0 or other < 0 for one, other in pairs]
    told = {pair: code for pair, code in zip(pairs, codes, strict=True) if code >= 0}
    assert len(set(told.values())) == len(told)


@pytest.mark.parametrize("way", WAYS)
@given(key=codes, others=codes)
def test_no_key_with_a_partner_is_left_out(way, key, others):
    may = way.may_be_among(np.array(key, np.int64), np.array(others, np.int64))
    assert all(kept for one, kept in zip(key, may.tolist(), strict=True) if one >= 0 and one in others)
    assert not any(kept for one, kept in zip(key, may.tolist(), strict=True) if one < 0)


@pytest.mark.parametrize("way", WAYS)
def test_most_keys_without_a_partner_are_left_out(way):
    key, others = np.random.default_rng(4).integers(-(2**61), 2**62, (2, 10_000))
    may = way.may_be_among(key, others)
    assert may.mean() < 0.15
    assert (way.may_be_among(others, others) == (others >= 0)).all()
    np.testing.assert_array_equal(may, plain.may_be_among(key, others))


@pytest.mark.parametrize("way", WAYS)
@given(
    held=st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4), min_size=1, max_size=9),
    data=st.data(),
)
def test_every_row_is_given_what_its_list_holds(way, held, data):
    lists = data.draw(st.lists(st.integers(0, len(held) - 1), max_size=20))
    bounds = np.cumsum([0, *(len(one) for one in held)])
    values = np.array([value for one in held for value in one], np.int64)
    found, rows = way.listed(np.array(lists, np.uint32), bounds, values)
    expected = [(value, row) for row, one in enumerate(lists) for value in held[one]]
    assert list(zip(found.tolist(), rows.tolist(), strict=True)) == expected
    assert (found.dtype, rows.dtype) == (np.int64, np.int32)


@pytest.mark.skipif(
    not kernels.compiled("nikdedup.columnar.grouping_cy"), reason="grouping is not compiled here"
)
def test_compiled_and_plain_mix_alike():
    draw = np.random.default_rng(9)
    wide = [draw.integers(-2, 100, 10_001).astype(f"i{width}") for width in (1, 2, 4, 8)]
    for codes in (wide, wide[::-1], wide[:1], [code[::3] for code in wide], [code[:0] for code in wide]):
        one, other = grouping.mixed(*codes), plain.mixed(*codes)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(
    not kernels.compiled("nikdedup.columnar.grouping_cy"), reason="grouping is not compiled here"
)
@pytest.mark.parametrize(("rows", "values"), [(20_000, 50), (30_000, 9_000), (120_000, 100_000), (40_000, 1)])
def test_compiled_and_plain_agree_bit_by_bit(rows, values):
    key = np.random.default_rng(rows).integers(-1, values, rows)
    stirred = key.view(np.uint64) * np.uint64(0xD6E8FEB86659FD93)
    for name, given_key in (("grouped", key), ("numbered", stirred)):
        for one, other in zip(
            getattr(grouping, name)(given_key), getattr(plain, name)(given_key), strict=True
        ):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_keys_in_one_slot_are_told_apart():
    # Products with the stirring number that differ in their lowest bits alone share every table slot.
    inverse = pow(int(plain.SPREAD), -1, 2**64)
    key = np.array([(low * inverse) % 2**64 >> 0 for low in range(64)] * 2, np.uint64).view(np.int64)
    key = key[key >= 0]
    _, _, sizes = grouping.grouped(key)
    assert sizes.tolist() == [2] * (len(key) // 2)


@pytest.mark.skipif(not (shutil.which("c++") or shutil.which("cl")), reason="no compiler here")
def test_what_can_be_compiled_is():
    """Numpy is for machines without a compiler; where there is one, a build that failed must not go unseen."""
    built = {path.stem for path in SOURCE.rglob("*_cy.pyx")}
    assert {path.name.split(".")[0] for kind in ("so", "pyd") for path in SOURCE.rglob(f"*.{kind}")} == built
