"""Settings: what is taken, and every fault in one plain line that names the setting as it was written."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import Config, ConfigError
from nikdedup.cli.arguments import as_option
from nikdedup.config import SECTIONS

PYTHON = [
    pytest.param({"threads": 0}, "threads = 0; allowed: 1 or more", id="too small"),
    pytest.param({"threads": "x"}, "threads = 'x'; allowed: a whole number", id="no number"),
    pytest.param({"threads": True}, "threads = True; allowed: a whole number", id="true is no number"),
    pytest.param({"threads": 1.5}, "threads = 1.5; allowed: a whole number", id="half a thread"),
    pytest.param(
        {"memory": "10"},
        "memory = '10'; allowed: a size of 200MB or more, such as 800MB or 4GB",
        id="little memory",
    ),
    pytest.param(
        {"memory": "much"},
        "memory = 'much'; allowed: a size of 200MB or more, such as 800MB or 4GB",
        id="no size",
    ),
    pytest.param({"lang": "fr"}, "lang = 'fr'; allowed: 'id' or 'en'", id="language"),
    pytest.param({"sample": 0}, "sample = 0; allowed: 1 or more", id="sample of nothing"),
    pytest.param(
        {"reference_date": "30-06-2026"},
        "reference_date = '30-06-2026'; allowed: a date YYYY-MM-DD",
        id="date in another order",
    ),
    pytest.param(
        {"reference_date": "2026-02-30"},
        "reference_date = '2026-02-30'; allowed: a date YYYY-MM-DD",
        id="no such day",
    ),
    pytest.param(
        {"reference_date": 20260630},
        "reference_date = 20260630; allowed: a date YYYY-MM-DD",
        id="a number is no date",
    ),
    pytest.param({"residents": "perhaps"}, "residents = 'perhaps'; allowed: true or false", id="no switch"),
    pytest.param({"coverage_target": 99.2}, "coverage_target = 99.2; allowed: 1 or less", id="percent"),
    pytest.param({"review_log2": float("nan")}, "review_log2 = nan; allowed: a number", id="nan"),
    pytest.param(
        {"review_log2": 9.0, "confirmed_log2": 4.0},
        "match: confirmed_log2 = 4 is below review_log2 = 9; allowed: the same or more",
        id="thresholds crossed",
    ),
    pytest.param({"policy": 5}, "policy = 5; allowed: a path", id="no path"),
    pytest.param({"columns": 5}, "columns = 5; allowed: a table of keys", id="no table"),
    pytest.param({"columns": {"nik": 5}}, "columns.nik = 5; allowed: text or a list", id="no header"),
    pytest.param(
        {"columns": {"nama_lkp": "Nama"}},
        "columns: 'nama_lkp' is no SIAK field; close: nama_lgkp, nama_lgkp_ibu, nama_lgkp_ayah",
        id="field mistyped",
    ),
    pytest.param(
        {"columns": {"xyz": "Nama"}},
        "columns: 'xyz' is no SIAK field; see docs/settings.md",
        id="no such field",
    ),
    pytest.param(
        {"status": {"PRR": "ready"}},
        "status: 'ready' is no recording class; "
        "allowed: belum, captured, failed, in_dispute, duplicate, unique, unknown",
        id="no recording class",
    ),
    pytest.param(
        {"counts_as_recorded": ["recorded"]},
        "counts_as_recorded: 'recorded' is no recording class; "
        "allowed: belum, captured, failed, in_dispute, duplicate, unique, unknown",
        id="counts as recorded",
    ),
    pytest.param(
        {"life_status": {"1": "living"}},
        "life_status: 'living' is no life status; allowed: alive, dead, moved, abroad, inactive, unknown",
        id="no life status",
    ),
    pytest.param({"date_formats": "%Y"}, "date_formats = '%Y'; allowed: a list", id="no list"),
    pytest.param(
        {"date_formats": ["%d-%m-%Y", "%d%d"]},
        "date_formats: '%d%d' is no strptime format; allowed: such as %d-%m-%Y",
        id="directive twice",
    ),
    pytest.param(
        {"date_formats": ["%Q"]},
        "date_formats: '%Q' is no strptime format; allowed: such as %d-%m-%Y",
        id="no directive",
    ),
    pytest.param({"treads": 2}, "unknown key 'treads'; did you mean 'threads'?", id="keyword mistyped"),
    pytest.param({"match": 5}, "match = 5; allowed: a table of keys", id="section that is none"),
    pytest.param(
        {"match": {"revew_log2": 1}},
        "unknown key 'match.revew_log2'; did you mean 'review_log2'?",
        id="key of a section mistyped",
    ),
    pytest.param(
        {"threads": 0, "sample": 0},
        "sample = 0; allowed: 1 or more; threads = 0; allowed: 1 or more",
        id="two faults at once",
    ),
]


@pytest.mark.parametrize(("options", "message"), PYTHON)
def test_a_keyword_is_named_as_it_was_given(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config().with_options(**options)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[run]\nthreads = 0", "run.threads = 0; allowed: 1 or more", id="key of a section"),
        pytest.param(
            "threads = 2", "unknown key 'threads'; did you mean 'run.threads'?", id="section left out"
        ),
        pytest.param(
            "[run]\ntreads = 2", "unknown key 'run.treads'; did you mean 'threads'?", id="key mistyped"
        ),
        pytest.param(
            "[settle]\nzzz = 2",
            "unknown key 'settle.zzz'; allowed: constraints, large_cluster, policy, recording, verdicts",
            id="nothing close",
        ),
        pytest.param("record_id = 5", "record_id = 5; allowed: text", id="wrong type"),
        pytest.param(
            "wajib_ktp_age = 200\n[run]\nlang = 'fr'",
            "wajib_ktp_age = 200; allowed: 120 or less; run.lang = 'fr'; allowed: 'id' or 'en'",
            id="two faults at once",
        ),
        pytest.param("x = [", "not readable as TOML (Invalid value (at end of document))", id="no TOML"),
    ],
)
def test_a_toml_key_is_named_with_its_section(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Config.load(path)
    assert str(caught.value) == f"config office.toml: {message}"


def test_an_option_of_the_command_line_is_named_as_it_is_written_there() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.resolve(None, {"reference_date": "x", "memory": "1KB"})
    assert str(caught.value).startswith("reference_date = 'x'; allowed: a date YYYY-MM-DD; memory = ")
    assert caught.value.said(as_option) == (
        "--reference-date x; allowed: a date YYYY-MM-DD; "
        "--memory 1KB; allowed: a size of 200MB or more, such as 800MB or 4GB"
    )


def not_utf8(folder: Path) -> Path:
    (folder / "latin.toml").write_bytes("record_id = 'é'".encode("cp1252"))
    return folder / "latin.toml"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda f: f / "no.toml", "config no.toml: no such file", id="missing"),
        pytest.param(not_utf8, "config latin.toml: not UTF-8 text; save it as UTF-8", id="not UTF-8"),
        pytest.param(
            lambda f: (f / "d.toml").mkdir() or f / "d.toml",
            "config d.toml: cannot be read (a folder, not a file)",
            id="a folder",
        ),
        pytest.param(
            lambda _: 5, "config is int; allowed: a Config, a path of a TOML file, a mapping", id="no config"
        ),
    ],
)
def test_a_config_that_cannot_be_read(make: Callable[[Path], Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.resolve(make(tmp_path), {})
    assert str(caught.value) == message


def test_a_frame_given_for_a_text_is_not_repeated() -> None:
    niks = pl.Series(["6212014107609001"])
    with pytest.raises(ConfigError) as caught:
        Config().with_options(record_id=niks)
    assert "6212014107609001" not in str(caught.value)
    assert str(caught.value).startswith("record_id = <class 'polars")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("4GB", 4 * 10**9, id="GB"),
        pytest.param("800 mb", 800 * 10**6, id="space and case"),
        pytest.param("1.5G", 15 * 10**8, id="fraction"),
        pytest.param(10**9, 10**9, id="bytes"),
        pytest.param("1000000000", 10**9, id="bytes as text"),
    ],
)
def test_memory_is_bytes(given: Any, expected: int) -> None:
    assert Config().with_options(memory=given).run.memory == expected


@pytest.mark.parametrize(
    "given",
    ["2026-06-30", datetime.date(2026, 6, 30), datetime.datetime(2026, 6, 30, 12)],
    ids=["text", "date", "datetime"],
)
def test_reference_date_is_a_day(given: Any) -> None:
    assert Config().with_options(reference_date=given).reference_date == datetime.date(2026, 6, 30)


def test_byte_order_mark_of_windows_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfsample = 5\n")
    assert Config.load(tmp_path / "a.toml").sample == 5


def test_keywords_go_before_the_file_and_leave_the_rest() -> None:
    config = Config.resolve({"sample": 5, "match": {"review_log2": -3.0}}, {"sample": 7, "threads": 2})
    assert (config.sample, config.match.review_log2, config.run.threads) == (7, -3.0, 2)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"review_log2": -3}, id="bare"),
        pytest.param({"match.review_log2": -3}, id="dotted"),
        pytest.param({"match": {"review_log2": -3}}, id="nested"),
        pytest.param({"match": Config.of({"match": {"review_log2": -3}}).match}, id="a section"),
    ],
)
def test_a_key_of_a_section_is_a_keyword_and_a_key_of_a_mapping(options: dict[str, Any]) -> None:
    found = Config().with_options(**options)
    assert found.match.review_log2 == -3.0
    assert found.match.max_block == Config().match.max_block, "the others stay"
    if "review_log2" not in options:
        assert Config.resolve(options, {}) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"match_review_log2": -3}, "unknown key 'match_review_log2'; did you mean 'review_log2'?"),
        ({"match.revew_log2": -3}, "unknown key 'match.revew_log2'; did you mean 'review_log2'?"),
        ({"match.review_log2": "x"}, "match.review_log2 = 'x'; allowed: a number"),
        ({"match": 5, "review_log2": -3}, "match = 5; allowed: a table of keys"),
    ],
)
def test_faults_of_dotted_keywords(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config().with_options(**options)
    assert str(caught.value) == message


def test_a_keyword_like_no_other_is_told_all_keywords() -> None:
    with pytest.raises(ConfigError, match=r"^unknown key 'xyzzy'; allowed: ") as caught:
        Config().with_options(xyzzy=1)
    told = str(caught.value).partition("allowed: ")[2].split(", ")
    assert {"review_log2", "threads", "record_id", "columns", "match"} <= set(told)


def test_what_decides_can_be_read_back() -> None:
    config = Config().with_options(reference_date="2026-06-30", review_log2=-4, policy="p.toml", threads=3)
    again = Config.of(config.deciding())
    assert again.deciding() == config.deciding()
    assert "run" not in config.deciding()


def test_no_key_of_a_section_hides_another() -> None:
    """Keywords find their section by the bare key, so each key may stand in one place only."""
    keys = [*Config.model_fields, *(key for one in SECTIONS.values() for key in one.model_fields)]
    assert len(keys) == len(set(keys))


@given(st.dictionaries(st.sampled_from(["threads", "sample", "lang", "memory", "zz"]), st.text(max_size=9)))
def test_any_text_is_taken_or_refused_in_one_line(options: dict[str, str]) -> None:
    told = ""
    try:
        Config().with_options(**options)
    except ConfigError as fault:
        told = str(fault)
    assert len(told.splitlines()) <= 1


@pytest.mark.parametrize(("told", "code"), [("62", "62"), ("6212", "6212"), ("62.12", "6212")])
def test_home_region(told: str, code: str) -> None:
    assert Config.of({"home_region": told}).home_region == code


@pytest.mark.parametrize("told", ["", "Murung Raya", "621201", "0212", "6", 6212], ids=repr)
def test_home_region_faults(told: Any) -> None:
    with pytest.raises(
        ConfigError, match=r"home_region = .*; allowed: the code of a province or regency as text"
    ):
        Config.of({"home_region": told})


def test_an_unknown_key_within_a_table_of_tables_is_named() -> None:
    with pytest.raises(ConfigError) as fault:
        Config.of({"evidence": {"gawai": {"kind": "id", "column": "HP"}}})
    assert str(fault.value) == "config: unknown key 'evidence.gawai.column'; allowed: header, kind"
