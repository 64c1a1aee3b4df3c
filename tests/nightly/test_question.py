"""One person asked about: what is said of them says something, or the command ends with a line about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup import Config, ConfigError, InputError
from nikdedup.nightly.folders import run_folder
from nikdedup.nightly.lookup import Lookup
from nikdedup.nightly.one_night import Asked, Night
from nikdedup.nightly.one_night import night as one_night
from nikdedup.nightly.opening import State
from nikdedup.nightly.question import SAID, Question
from nikdedup.nightly.state import writing
from nikdedup.show.messages import in_indonesian, untranslated
from tests.conftest import Done
from tests.nightly.conftest import SETTINGS

PERSON = {
    "NIK": "6212016512809001", "NO_KK": "6212010101109001", "NAMA_LGKP": "SITI AMINAH",
    "JENIS_KLMIN": "P", "TMPT_LHR": "PURUK CAHU", "TGL_LHR": "25-12-1980", "NAMA_LGKP_IBU": "MARYAM",
}  # fmt: skip
OTHER = PERSON | {
    "NIK": "6212013101709002", "NO_KK": "6212010101109002", "NAMA_LGKP": "BUDI SANTOSO",
    "JENIS_KLMIN": "L", "TGL_LHR": "31-01-1970", "NAMA_LGKP_IBU": "RUKMINI",
}  # fmt: skip


def state_of(folder: Path, people: pl.DataFrame, **settings: object) -> Path:
    with writing(folder, make=True) as store:
        night: Night = one_night(
            store, people, config=Config().with_options(**SETTINGS, **settings), asked=Asked("tester")
        )
        assert night.published
    return folder


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return state_of(tmp_path_factory.mktemp("asked") / "state", pl.DataFrame([PERSON, OTHER]))


@pytest.fixture(scope="module")
def newest(state: Path) -> Lookup:
    return Lookup.of(run_folder(state).parent)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[(name, "-") for name in SAID],
        *[(name, " ") for name in SAID],
        ("nama", "12345"),
        ("nik", "621201651280900"),
        ("nik", "6212016512800000"),
        ("nik", "6212019912809002"),
        ("nik", "0212016512809001"),
        ("no_kk", "62120101011"),
        ("tgl_lhr", "99-99-2018"),
        ("tgl_lhr", "30-02-1980"),
        ("tgl_lhr", "kemarin"),
        ("tgl_lhr", "00-00-0000"),
        ("tgl_lhr", "01-01-2099"),
        ("jenis_klmin", "X"),
    ],
)
def test_what_says_nothing_is_a_fault(newest: Lookup, name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} .*; allowed: ") as fault:
        Question.of(newest, {"nama": "SITI AMINAH"} | {name: text})
    assert not untranslated(str(fault.value))
    assert "allowed" not in in_indonesian(str(fault.value))
    if len(text) > 1:
        assert text not in str(fault.value)


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("25-12-1980", None),
        ("1980", "??-??-1980"),
        ("00-00-1980", "??-??-1980"),
        ("Desember 1980", "??-12-1980"),
        ("12/25/1980", "25-12-1980"),
        ("25-12-80", "25-12-1980"),
    ],
)
def test_a_date_that_is_read_otherwise_is_told(newest: Lookup, text: str, birth: str | None) -> None:
    assert Question.of(newest, {"nama": "SITI AMINAH", "tgl_lhr": text}).birth == birth


def test_the_command_says_what_it_searched_for(state: Path, nikdedup_cli: Callable[..., Done]) -> None:
    done = nikdedup_cli("lookup", state, "--nama", "SITI AMINAH", "--tgl-lhr", "1980", "--lang", "en")
    assert done.code == 0
    assert done.out.startswith("Date of birth searched for: ??-??-1980.\n1. ")
    done = nikdedup_cli("lookup", state, "--nama", "SITI AMINAH", "--tgl-lhr", "99-99-1980")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("nikdedup: --tgl-lhr is no date; allowed: ")


def test_signs_of_another_encoding_are_no_failure(newest: Lookup) -> None:
    with pytest.raises(ConfigError):
        Question.of(newest, {"nama": "SITI AMINAH", "nik": "6212016512809\udcff01"})
    assert Question.of(newest, {"nama": "SITI\udce9 AMINAH"}).birth is None


def test_a_history_of_half_a_sign_is_of_nobody(state: Path) -> None:
    opened = nikdedup.open(state)
    assert isinstance(opened, State)
    with pytest.raises(InputError, match="not in this state"):
        opened.history("P\udcff")


def test_a_nik_alone_is_asked_for(state: Path, nikdedup_cli: Callable[..., Done]) -> None:
    done = nikdedup_cli("lookup", state, "--nik", PERSON["NIK"], "--lang", "en")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1. already there")


def test_settings_of_headers_speak_of_the_extract(tmp_path: Path, nikdedup_cli: Callable[..., Done]) -> None:
    """An office that maps its headers, or compares further columns, is asked by options all the same."""
    people = pl.DataFrame([PERSON, OTHER]).rename({"NAMA_LGKP": "WARGA SATU"}).with_columns(HP=pl.lit("A1"))
    state = state_of(
        tmp_path / "state", people, columns={"nama_lgkp": "WARGA SATU"},
        evidence={"gawai": {"kind": "id", "header": "HP"}},
    )  # fmt: skip
    done = nikdedup_cli("lookup", state, "--nama", "SITI AMINAH", "--tgl-lhr", "25-12-1980")
    assert (done.code, done.err) == (0, "")
    asked = Lookup.of(run_folder(state).parent).ask(people.vstack(people))
    assert asked["asked"].unique().sort().to_list() == [
        0,
        1,
        2,
        3,
    ]
