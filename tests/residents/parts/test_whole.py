"""Parts of an extract: where they are cut, and what is seen of the whole through them."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import Config, InputError, read
from nikdedup.columnar.spill import InFolder
from nikdedup.residents.damage.survey import examine
from nikdedup.residents.normalise import ANY_DAY, survey
from nikdedup.residents.parts.slices import _cuts, read_slice
from nikdedup.residents.parts.whole import Sliced, signs_of
from tests.residents.parts.cutting import looked_at


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 40))
def test_every_row_is_in_one_slice(groups, most):
    cuts = _cuts(groups, most)
    rows = [row for begin, size in cuts for row in range(begin, begin + size)]
    assert rows == list(range(sum(groups)))
    assert all(0 < size <= most for _, size in cuts)


def test_slices_are_whole_row_groups_where_they_can_be():
    assert _cuts([40, 40, 40, 250], 100) == [(0, 80), (80, 40), (120, 100), (220, 100), (320, 50)]


@pytest.fixture(scope="module")
def damaged(small_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of one extract: the first cut to 15 digits by Excel, with M and F and month first, and a totals line;
    the second sound, with its header repeated inside.
    """
    folder = tmp_path_factory.mktemp("damaged")
    frame = pl.read_parquet(small_extract).cast(pl.String)
    first = frame.head(300).with_columns(
        pl.col("NIK").str.slice(0, 15) + "0",
        pl.when(pl.col("JENIS_KLMIN").str.contains("^[L1]"))
        .then(pl.lit("M"))
        .otherwise(pl.lit("F"))
        .alias("JENIS_KLMIN"),
        pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False).dt.to_string("%m/%d/%Y"),
    )
    total = pl.DataFrame({"NAMA_LGKP": ["JUMLAH"]})
    header = pl.DataFrame({name: [name] for name in frame.columns})
    parts = pl.concat([first, total], how="diagonal"), pl.concat([frame[300:420], header, frame[420:]])
    for name, part in zip("ab", parts, strict=True):
        part.write_parquet(folder / f"{name}.parquet", row_group_size=70)
    return folder


def sliced(data: Any, folder: Path, most: int) -> Sliced:
    return looked_at(data, InFolder(folder), most)


@pytest.mark.parametrize("most", [33, 100, 10_000])
def test_what_slices_say_is_what_the_whole_says(damaged: Path, most: int, tmp_path: Path) -> None:
    extract = read(damaged)
    found = sliced(damaged, tmp_path, most)
    for name in ("mapping", "unmapped", "skipped", "sources", "fingerprint"):
        assert getattr(found.extract, name) == getattr(extract, name), name
    frames = [
        read_slice(one, Config(), InFolder(tmp_path), first_row=first, fields=found.fields)
        for one, first in zip(found.slices, found.first_rows, strict=True)
    ]
    assert pl.concat(frames).equals(extract.frame)
    assert len(extract.skipped) == 2


@pytest.mark.parametrize("most", [33, 100, 10_000])
def test_damage_is_the_same_however_it_is_looked_at(damaged: Path, most: int, tmp_path: Path) -> None:
    extract = read(damaged)
    whole = survey(extract.frame, config=Config(), reference_date=ANY_DAY, sources=extract.sources)
    found = sliced(damaged, tmp_path, most)
    seen = examine(signs_of(found, InFolder(tmp_path)), sources=found.extract.sources)
    assert seen.sources == whole.sources
    assert seen.marks.equals(whole.marks)
    sound = {key[1]: source for key, source in seen.sources.items()}
    assert sound["a.parquet"].nik_truncated
    assert sound["a.parquet"].english_sex
    assert "tgl_lhr" in sound["a.parquet"].month_first
    assert not sound["b.parquet"].nik_truncated


def test_people_on_dragged_numbers_are_told_apart(small_extract: Path, tmp_path: Path) -> None:
    """A NIK filled down over many people is marked though their names stay in the files."""
    frame = pl.read_parquet(small_extract).with_row_index("at")
    same = pl.when(pl.col("at").is_between(100, 120)).then(pl.lit("6212014107609001")).otherwise("NIK")
    frame.with_columns(NIK=same).drop("at").write_parquet(tmp_path / "dragged.parquet")
    found = sliced(tmp_path / "dragged.parquet", tmp_path, 64)
    marks = examine(signs_of(found, InFolder(tmp_path)), sources=found.extract.sources).marks
    assert set(marks.filter(code="nik_filled_down")["row"]) == set(range(101, 121))


def test_no_record_is_an_error(small_extract: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(small_extract).cast(pl.String)
    pl.DataFrame({name: [name] for name in frame.columns}).write_parquet(tmp_path / "header.parquet")
    with pytest.raises(InputError, match=r"header\.parquet: no records"):
        sliced(tmp_path / "header.parquet", tmp_path, 10)


@pytest.mark.parametrize("most", [33, 100, 10_000])
def test_some_records_are_read_as_all_of_them_are(damaged: Path, most: int, tmp_path: Path) -> None:
    found = sliced(damaged, tmp_path, most)
    for one, first, look in zip(found.slices, found.first_rows, found.looks, strict=True):
        whole = read_slice(one, Config(), InFolder(tmp_path), first_row=first, fields=found.fields)
        skipped = [row - 1 - one.begin for row, _ in look.skipped]
        wanted = np.arange(len(whole))[1::3]
        if len(wanted):
            some = read_slice(
                one,
                Config(),
                InFolder(tmp_path),
                first_row=first,
                fields=found.fields,
                wanted=wanted,
                skipped=skipped,
            )
            assert some.equals(whole[wanted])
