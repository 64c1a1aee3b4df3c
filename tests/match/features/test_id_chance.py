"""How near the ids of two people lie by chance."""

import numpy as np
import polars as pl
import pytest

from nikdedup.match.features.id_chance import LEAST, IdChance
from nikdedup.match.features.part_features import Coded


def chance(ids):
    return IdChance.of(Coded.by(pl.Series(ids, dtype=pl.String)))


def test_random_numbers_are_as_near_as_their_digits_allow():
    ids = [f"{number:07d}" for number in np.random.default_rng(3).integers(0, 10**7, 20_000)]
    found = chance(ids)
    assert 2**found.equal_log2 == pytest.approx(1e-7, rel=0.02)
    assert 2**found.slip_log2 == pytest.approx(63e-7, rel=0.02)


def test_a_serial_number_is_nearer_than_its_length_says():
    serial, spread = (
        [f"2024{n:04d}" for n in range(10_000)],
        [f"{n * 9973 % 10**8:08d}" for n in range(10_000)],
    )
    assert chance(serial).slip_log2 > chance(spread).slip_log2 + 12


def test_no_ids_and_equal_ids():
    assert chance([None, None]).equal_log2 == 0
    assert chance(["A1", "A1"]).equal_log2 == 0
    assert chance(["A1", "A1"]).slip_log2 == np.log2(LEAST)
