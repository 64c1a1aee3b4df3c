"""Keys of records: the same everywhere, made of who a record says it is, counted among equals."""

from __future__ import annotations

import random
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup import Config
from nikdedup.residents import keys as record_keys
from nikdedup.residents import keys_py
from nikdedup.residents.keys import (
    IDENTITY_CELLS,
    OTHER_CELLS,
    counted,
    hashed,
    with_keys,
    with_written_keys,
)

ANI = {"nik": "6212014107809001", "nama_lgkp": "ANI", "tgl_lhr": "01-07-1980", "alamat": "JL MERDEKA"}


def keys_of(*records: dict[str, str | None]) -> list[str]:
    names = list(dict.fromkeys(name for record in records for name in record))
    frame = pl.DataFrame(
        [{name: record.get(name) for name in names} for record in records],
        schema=dict.fromkeys(names, pl.String()),
    ).with_row_index("row")
    return record_keys.record_keys(counted(hashed(frame))).to_list()


def test_the_hash_is_the_same_for_ever() -> None:
    """Nights and returned lists go by these: they change with no version of anything."""
    names = ["ANI", "ÇELİK ŞAHİN", "A" * 12, "A" * 13, "NAMA YANG PANJANG SEKALI DAN MASIH LAGI"]
    assert keys_of(ANI, *({"nama_lgkp": name} for name in names)) == [
        "b92ca3f3508f3416d7a327ea",
        "819eb241f02fc8c78cf42177",
        "6f40c7115b22146613e0b451",
        "1ef6cf6d70b51ae654ad8b1d",
        "cc449c1993cce27d7ba7344e",
        "f87e218c8cf13e635051f67f",
    ]


def test_a_cell_in_another_column_makes_another_key() -> None:
    records = [{name: text} for name in IDENTITY_CELLS for text in ("", "A", "A" * 8, "A" * 16)]
    assert len(set(keys_of(*records))) == len(records)
    assert len(set(keys_of({"nama_lgkp": "AB", "nik": "C"}, {"nama_lgkp": "A", "nik": "BC"}))) == 2


def test_a_column_that_is_not_there_is_one_without_values() -> None:
    assert keys_of(ANI) == keys_of({**ANI, "ttl": None, "nama_lgkp_ibu": None})


def test_other_cells_are_not_in_the_key_but_order_equals() -> None:
    others = [{**ANI, name: "X"} for name in OTHER_CELLS]
    (key,) = {re.sub(r"-\d+$", "", key) for key in keys_of(*others)}
    assert keys_of(ANI) == [key]
    assert sorted(keys_of(*others)) == sorted(
        [key, *(f"{key}-{count}" for count in range(2, len(others) + 1))]
    )
    told = dict(zip(OTHER_CELLS, keys_of(*others), strict=True))
    order = random.Random(7).sample(range(len(others)), len(others))
    again = keys_of(*(others[at] for at in order))
    assert {OTHER_CELLS[at]: key for at, key in zip(order, again, strict=True)} == told


def test_complete_copies_are_counted_in_their_order() -> None:
    first, second, third = keys_of(ANI, ANI, ANI)
    assert [second, third] == [f"{first}-2", f"{first}-3"]


def test_a_given_record_id_is_the_key() -> None:
    frame = pl.DataFrame({"row": [0], "record_id": ["R7"], "nik": ["6212014107809001"]})
    kept = with_written_keys(with_keys(frame, Config(record_id="ID")))
    assert kept.columns == ["row", "record_id", "record_key", "nik"]
    assert kept["record_key"].item() == "R7"


def test_a_card_carried_down_from_another_row_is_no_cell_of_the_record() -> None:
    frame = pl.DataFrame([ANI | {"row": row, "no_kk": str(row), "_carried": row < 2} for row in range(3)])
    keys = record_keys.record_keys(counted(hashed(frame))).to_list()
    assert keys[:2] == [keys_of(ANI)[0], f"{keys_of(ANI)[0]}-2"]
    assert keys[2] == keys_of(ANI | {"no_kk": "2"})[0]


def test_no_key_shows_a_cell() -> None:
    assert re.fullmatch("[0-9a-f]{24}", keys_of(ANI)[0])


texts = st.one_of(st.none(), st.text(max_size=40), st.text("0123456789", min_size=16, max_size=16))


@settings(max_examples=200)
@given(st.lists(texts, min_size=1, max_size=40), st.integers(0, 5), st.integers(1, 7))
def test_the_compiled_loop_does_what_numpy_does(values: list[str | None], skip: int, chunk: int) -> None:
    whole = pl.Series(values, dtype=pl.String)
    pieces = pl.concat([whole.slice(at, chunk) for at in range(0, len(whole), chunk)], rechunk=False)[skip:]
    found = [(np.arange(len(pieces), dtype=np.uint64), np.ones(len(pieces), np.uint64)) for _ in range(2)]
    for (high, low), way in zip(found, (record_keys.absorb, keys_py.absorb), strict=True):
        way(high, low, pieces, 3)
    np.testing.assert_array_equal(found[0], found[1])


def test_each_letter_counts_about_half_of_the_bits() -> None:
    rng = random.Random(11)
    niks = [str(rng.randrange(10**15, 10**16)) for _ in range(400)]
    places = [rng.randrange(16) for _ in niks]
    changed = [
        nik[:at] + str((int(nik[at]) + 1) % 10) + nik[at + 1 :] for nik, at in zip(niks, places, strict=True)
    ]
    sides = [keys_of(*({"nik": nik, "nama_lgkp": "ANI"} for nik in some)) for some in (niks, changed)]
    bits = [(int(a, 16) ^ int(b, 16)).bit_count() for a, b in zip(*sides, strict=True)]
    assert min(bits) > 20
    assert 46 < sum(bits) / len(bits) < 50


@pytest.mark.parametrize("size", [0, 1])
def test_few_records(size: int) -> None:
    frame = pl.DataFrame(
        {"row": range(size), "record_id": [str(row) for row in range(size)], "nik": ["1"] * size}
    )
    assert len(with_written_keys(counted(hashed(frame)))) == size


@pytest.mark.parametrize("together", [1, 3, 8])
def test_records_are_hashed_alike_however_many_at_a_time(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [ANI | {"nama_lgkp": name} for name in ("ANI", "BUDI", "CITRA", "SITI NUR AISYAH BINTI", "EKA")]
    frame = pl.DataFrame([*some, ANI | {"nik": None}, ANI | {"alamat": "JL MERDEKA NO 17 RT 02"}])
    whole = hashed(frame), record_keys.contents(frame)
    monkeypatch.setattr(record_keys, "_TOGETHER", together)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    assert hashed(frame).equals(whole[0])
    assert record_keys.contents(frame).equals(whole[1])


def test_further_columns_of_evidence_are_cells_too():
    one = pl.DataFrame({"nik": ["6212019999999001"] * 2, "paspor": ["A17B99", "A17B98"]})
    assert record_keys.contents(one).n_unique() == 1
    assert record_keys.contents(one, further=["paspor"]).n_unique() == 2
    assert record_keys.contents(one, further=["paspor", "nik"]).equals(
        record_keys.contents(one, further=["paspor"])
    )
