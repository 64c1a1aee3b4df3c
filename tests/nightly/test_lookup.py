"""Asking whether a person is there: with the weights that linking the two would give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup import dedupe
from nikdedup.nightly import lookup
from nikdedup.nightly.kept_features import WHOLE
from nikdedup.nightly.one_night import Night
from nikdedup.nightly.opening import State
from nikdedup.nightly.place import FEATURES
from nikdedup.run.learnt import judgement_of
from tests.conftest import Done
from tests.nightly.conftest import SETTINGS

RunNight = Callable[..., Night]
PAIR = ["asked", "row"]


@pytest.fixture
def state(place: pl.DataFrame, run_night: RunNight, folder: Path) -> State:
    run_night(place)
    opened = nikdedup.open(folder)
    assert isinstance(opened, State)
    return opened


def asked_for(place: pl.DataFrame) -> pl.DataFrame:
    """Some who are there, every second of them under a name with a slip and without a NIK, and one who is not."""
    some = place.filter(pl.col("n") % 20 == 1).drop("n")
    odd = pl.int_range(pl.len()) % 2 == 1
    slipped = some.with_columns(
        NAMA_LGKP=pl.when(odd).then(pl.col("NAMA_LGKP") + "H").otherwise("NAMA_LGKP"),
        NIK=pl.when(odd).then(None).otherwise("NIK"),
    )
    nobody = some[:1].with_columns(
        NAMA_LGKP=pl.lit("QOMARUDDIN XAVERIUS"), NIK=pl.lit("9971010101339099"), TGL_LHR=pl.lit("01-01-1933"),
        NO_KK=pl.lit(None, pl.String), NAMA_LGKP_IBU=pl.lit("ZUBAEDAH QIBTIYAH"), NAMA_LGKP_AYAH=pl.lit("WXYZ"),
    )  # fmt: skip
    return pl.concat([slipped, nobody])


def test_weights_are_those_of_linking_the_two(state: State, place: pl.DataFrame) -> None:
    asked = asked_for(place)
    found = state.lookup(asked)
    linked = dedupe(link=(place.drop("n"), asked), judgement=judgement_of(state.record), **SETTINGS).pairs
    linked = linked.with_columns(row="row_l", asked=pl.col("row_r") - len(place))
    assert len(found) == len(linked) > len(asked) / 2
    both = found.join(linked.select(*PAIR, linked="weight_log2"), on=PAIR)
    assert len(both) == len(found)
    assert both["weight_log2"].equals(both["linked"].alias("weight_log2"))


def test_who_is_there_is_found(state: State, place: pl.DataFrame) -> None:
    asked = asked_for(place)
    sure = state.lookup(asked).filter(pl.col("band") == "confirmed")
    there = place.filter(pl.col("n") % 20 == 1)["n"].to_list()
    first = sure.unique("asked", keep="first", maintain_order=True)
    right = {(at, row) for at, row in enumerate(there)} & set(sure.select(PAIR).iter_rows())
    assert len(right) >= 0.8 * len(there)
    assert len(asked) - 1 not in first["asked"].to_list()
    assert sure["person_id"].str.starts_with("P-").all()


def test_near_ones_are_all_that_any_pass_brings_together(
    state: State, place: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large night looks for those near first, and finds the same pairs; chance sounds differ by a little."""
    asked = asked_for(place)
    every = state.lookup(asked)
    monkeypatch.setattr(lookup, "SMALL", 0)
    near = state.lookup(asked)
    assert near.select(PAIR).sort(PAIR).equals(every.select(PAIR).sort(PAIR))
    both = near.join(every.select(*PAIR, every="weight_log2"), on=PAIR)
    assert (both["weight_log2"] - both["every"]).abs().max() < 1.0  # type: ignore[operator]


def test_a_night_without_features_is_asked_all_the_same(
    state: State, place: pl.DataFrame, folder: Path
) -> None:
    import shutil

    before = state.lookup(asked_for(place))
    shutil.rmtree(folder / "snapshots" / "1" / FEATURES)
    again = nikdedup.open(folder)
    assert isinstance(again, State)
    assert again.lookup(asked_for(place)).equals(before)


def test_features_of_the_newest_night_alone_are_kept(
    place: pl.DataFrame, run_night: RunNight, folder: Path
) -> None:
    for _ in range(2):
        run_night(place)
    kept = sorted(path.parent.name for path in folder.glob(f"snapshots/*/{FEATURES}"))
    assert kept == ["2"]
    features = folder / "snapshots" / "2" / FEATURES
    assert (features / WHOLE).is_dir()
    assert [path.name for path in features.rglob("*") if path.stat().st_mode & 0o077] == []


def test_the_counter_clerk_asks(
    state: State, place: pl.DataFrame, folder: Path, nikdedup_cli: Callable[..., Done]
) -> None:
    person = place.row(8, named=True)
    about = [
        "--nama",
        person["NAMA_LGKP"],
        "--tgl-lhr",
        person["TGL_LHR"],
        "--nama-ibu",
        person["NAMA_LGKP_IBU"] or "X",
    ]
    done = nikdedup_cli("lookup", folder, *about, "--lang", "en")
    assert done.code == 0
    assert "already there" in done.out or "may be there" in done.out
    assert person["NAMA_LGKP"] not in done.out
    assert person["NIK"] not in done.out
    shown = nikdedup_cli("lookup", folder, *about, "--show-identities").out
    assert person["NAMA_LGKP"] in shown
    nobody = nikdedup_cli("lookup", folder, "--nama", "QOMARUDDIN XAVERIUS", "--tgl-lhr", "1933-01-01")
    assert (nobody.code, nobody.out) == (1, "Tidak ada data yang menyerupai.\n")
    assert nikdedup_cli("lookup", folder).code == 2
    assert nikdedup_cli("lookup", folder.parent, "--nama", "A").code == 2
