"""The profile `stranger`: people of other name lists, errors of another maker, other rates with each seed."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nikdedup.errors import ConfigError
from nikdedup.lab import generate
from nikdedup.lab.rates import load_rates
from tests.lab.conftest import Extract

ROWS = 20_000
PEOPLE = ("NAMA_LGKP", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH", "TGL_LHR")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    path = tmp_path_factory.mktemp("stranger") / "x.parquet"
    return Extract(path, generate(path, rows=ROWS, seed=21, profile="stranger"))


def pairs(extract: Extract, kind: str) -> pl.DataFrame:
    """Return the pairs of people with two records: the one known longer first, by chance."""
    two = extract.both.filter(pl.col("kind") == kind, pl.len().over("true_person_id") == 2)
    return two.join(two, on="true_person_id", suffix="_r").filter(pl.col("record_id") < pl.col("record_id_r"))


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / f"{name}.parquet", rows=1_200, seed=3, profile="stranger")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_every_seed_draws_its_own_rates() -> None:
    rates = load_rates("stranger")
    assert rates.drawn(5) == rates.drawn(5)
    drawn = [rates.drawn(seed) for seed in range(60)]
    for path, (low, high) in rates.spread.items():
        values: list[Any] = drawn
        for name in path.split("."):
            values = [one[name] if isinstance(one, dict) else getattr(one, name) for one in values]
        assert low <= min(values) < low * (high / low) ** 0.25, path
        assert low * (high / low) ** 0.75 < max(values) <= high, path
    assert load_rates("hard").drawn(5) == load_rates("hard")


@pytest.mark.parametrize("path", ["people.stature", "corruption", "kinds.C.more"])
def test_a_rate_that_does_not_exist_cannot_be_spread(tmp_path: Path, path: str) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text(f'[spread]\n"{path}" = [0.1, 0.2]\n')
    with pytest.raises(ConfigError, match=rf"^profile: spread\.{path} is unknown"):
        generate(tmp_path / "x.parquet", rows=10, seed=1, profile=str(profile))


def test_an_unknown_edit_is_refused(tmp_path: Path) -> None:
    table = load_rates("stranger").model_dump()["corruption"]
    lines = [f"{name} = {value}" for name, value in table.items() if not isinstance(value, dict)]
    profile = tmp_path / "own.toml"
    profile.write_text(
        "[corruption]\n"
        + "\n".join(lines)
        + "\n[corruption.text]\nblot = 1.0\n[corruption.digits]\nblot = 1.0\n"
    )
    with pytest.raises(
        ConfigError, match=r"^profile: corruption\.text\.blot is unknown; allowed are wrong_key"
    ):
        generate(tmp_path / "x.parquet", rows=10, seed=1, profile=str(profile))


def words(table: object, keys: tuple[str, ...] = ("first", "second", "modern", "family")) -> set[str]:
    """Return the words of a list of names."""
    if not isinstance(table, dict):
        return set()
    own = {word for key in keys for word in str(table.get(key, "")).replace("|", " ").split()}
    return own.union(*(words(value) for value in table.values()))


def test_no_name_is_on_the_other_list() -> None:
    lists = [
        words(tomllib.loads(resources.files("nikdedup.lab").joinpath(f"data/{name}.toml").read_text("utf-8")))
        for name in ("stranger", "names")
    ]
    assert min(len(one) for one in lists) > 700
    assert not lists[0] & lists[1]


def test_exact_copies_stay_exact(stranger: Extract) -> None:
    both = pairs(stranger, "A")
    assert len(both) > 30
    for column in ("NIK", *PEOPLE):
        here = both.filter(~pl.col(column).is_in(["", "-"]).fill_null(True))
        assert (here[column] == here[f"{column}_r"]).all(), column


def test_second_records_are_damaged_as_the_rates_say(stranger: Extract) -> None:
    how = load_rates("stranger").drawn(21).corruption
    both = pairs(stranger, "C")
    assert how is not None
    for column, mean in (("NAMA_LGKP", how.name), ("TGL_LHR", how.date)):
        here = both.filter(pl.col(column).is_not_null(), pl.col(f"{column}_r").is_not_null())
        changed = (here[column] != here[f"{column}_r"]).mean()
        assert changed == pytest.approx(1 - 2.718281828**-mean, abs=0.07), column
    assert (both["JENIS_KLMIN"] != both["JENIS_KLMIN_r"]).any()


def test_wrong_dates_may_be_none_and_may_stand_in_the_nik(stranger: Extract) -> None:
    day = pl.col("TGL_LHR").str.to_date("%d-%m-%Y", strict=False)
    written = stranger.both.filter(pl.col("TGL_LHR").is_not_null())
    assert written.filter(day.is_null()).height > 5, "a general corruptor knows no calendar"
    both = pairs(stranger, "C").filter(pl.col("TGL_LHR") != pl.col("TGL_LHR_r"))
    both = both.filter(
        day.is_not_null(), pl.col("TGL_LHR_r").str.to_date("%d-%m-%Y", strict=False).is_not_null()
    )
    issued = (both["NIK"].str.slice(8, 4) != both["NIK_r"].str.slice(8, 4)).mean()
    assert 0.25 < issued < 0.8


def test_numbers_that_tell_a_kind_stay(stranger: Extract) -> None:
    assert (pairs(stranger, "D")["NIK"] == pairs(stranger, "D")["NIK_r"]).all()
    shared = stranger.both.filter(pl.col("kind") == "B").group_by("NIK").len()
    assert (shared["len"] == 2).all()


def test_few_who_are_no_copy_are_damaged(tmp_path: Path) -> None:
    table = load_rates("stranger").model_dump()["corruption"]
    kinds = {name: value for name, value in table.items() if isinstance(value, dict)}
    frames = []
    for background in (0.0, 0.2):
        lines = [f"{name} = 0.0" for name in table if name not in (*kinds, "background")]
        lines += [f"background = {background}"]
        for name, value in kinds.items():
            lines += [f"[corruption.{name}]", *(f"{kind} = {weight}" for kind, weight in value.items())]
        lines[lines.index("name = 0.0")] = "name = 0.001"
        profile = tmp_path / "own.toml"
        profile.write_text("[corruption]\n" + "\n".join(lines))
        report = generate(tmp_path / "x.parquet", rows=5_000, seed=4, profile=str(profile))
        frames.append(
            pl.read_parquet(tmp_path / "x.parquet").filter(pl.read_parquet(report.truth)["kind"].is_null())
        )
    clean, damaged = frames
    changed = {name: (clean[name] != damaged[name]).fill_null(False).mean() for name in clean.columns}
    assert changed.pop("NAMA_LGKP") == pytest.approx(0.2 * 0.25, rel=0.3)
    assert not any(changed.values())
