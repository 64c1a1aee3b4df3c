"""Features of parts add up to those of the whole."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from nikdedup import Config, read
from nikdedup.columnar.spill import InFolder
from nikdedup.match.features.part_features import Coded, part_features_of, taken_back
from nikdedup.residents.understanding import understand


@pytest.fixture(scope="module")
def residents(small_extract: Path) -> pl.DataFrame:
    return understand(read(small_extract), Config())[1]


@pytest.mark.parametrize("structured", [True, False], ids=["nik", "opaque"])
@pytest.mark.parametrize("cuts", [[], [300], [1, 2, 250, 599]], ids=str)
def test_parts_add_up(residents: pl.DataFrame, cuts: list[int], structured: bool, tmp_path: Path) -> None:
    whole = part_features_of(residents, structured=structured)
    bounds, shelf = [0, *cuts, len(residents)], InFolder(tmp_path)
    sizes = np.diff(bounds).tolist()
    for part in reversed(range(len(sizes))):
        some = residents[bounds[part] : bounds[part + 1]]
        part_features_of(some, structured=structured).put(shelf, part, bounds[part])
    back = taken_back(shelf, sizes, structured=structured)
    assert list(back.numbers) == list(whole.numbers)
    assert list(back.texts) == list(whole.texts)
    for name, values in whole.numbers.items():
        np.testing.assert_array_equal(back.numbers[name], values, err_msg=name)
    for name, text in whole.texts.items():
        np.testing.assert_array_equal(back.texts[name].index, text.index, err_msg=name)
        assert back.texts[name].known.to_list() == text.known.to_list()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_text_has_no_code() -> None:
    texts = Coded.by(pl.Series(["SITI", None, "SITI", "NUR"]))
    siti, missing, again, nur = texts.code().tolist()
    assert missing == -1 < min(siti, nur)
    assert siti == again != nur
    assert texts.code(np.array([1, 3], np.int32)).tolist() == [-1, nur]
    assert Coded.by(pl.Series(["NUR", "SITI"])).code().tolist() == [nur, siti], "the same beside other texts"
    assert texts.of(np.array([3, 1], np.int32)).to_list() == ["NUR", None]


@pytest.mark.parametrize("structured", [True, False], ids=["nik", "opaque"])
def test_some_records_are_as_if_there_were_no_others(residents: pl.DataFrame, structured: bool) -> None:
    rows = np.arange(7, 600, 3)
    some, alone = (
        part_features_of(residents, structured=structured).of(rows),
        part_features_of(residents[rows], structured=structured),
    )
    for name, values in alone.numbers.items():
        np.testing.assert_array_equal(some.numbers[name], values, err_msg=name)
    for name, text in alone.texts.items():
        np.testing.assert_array_equal(some.texts[name].index, text.index, err_msg=name)
        assert some.texts[name].known.to_list() == text.known.to_list()
