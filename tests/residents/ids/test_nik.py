import re
from dataclasses import FrozenInstanceError
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.errors import InputError
from nikdedup.residents.ids.digits import REASONS, clean_identifier, clean_identifiers
from nikdedup.residents.ids.nik import Nik
from nikdedup.residents.ids.nik_column import parse_nik
from nikdedup.schema import NIK_VERDICTS

TODAY = date(2026, 6, 30)

VERDICTS = [
    ("6212014107609001", "valid", (), "clean"),
    ("'6212014107609001", "valid", (), "apostrophe"),
    (" 62.1201.410760.9001\u00a0", "valid", (), "dots_and_nbsp"),
    ("6212-0141-0760-9001\u200b", "valid", (), "dashes_and_zero_width"),
    ("６２１２０１４１０７６０９００１", "valid", (), "full_width"),
    ("6212014107609001.0", "valid", (), "float_text_exact"),
    (
        "9412014107609001.0",
        "suspect_truncated",
        ("nik_float_rounded", "nik_region_unknown"),
        "float_text_above_2_53",
    ),
    (None, "missing", (), "null"),
    ("", "missing", (), "blank"),
    ("-", "missing", ("nik_placeholder",), "dash"),
    ("0", "missing", ("nik_placeholder",), "zero"),
    ("0000000000000000", "missing", ("nik_placeholder",), "zeros"),
    ("1111111111111111", "missing", ("nik_placeholder",), "repeated"),
    ("1234567890123456", "missing", ("nik_placeholder",), "keyboard"),
    ("TIDAK ADA", "missing", ("nik_placeholder",), "words"),
    ("No. NIK", "missing", ("row_repeated_header",), "header"),
    ("0621201000100001", "temporary", ("nik_temporary",), "leading_zero"),
    ("621201410760900", "invalid", ("nik_length",), "fifteen"),
    ("62120141076090011", "invalid", ("nik_length",), "seventeen"),
    ("6,21201E+15", "invalid", ("nik_scientific",), "scientific_comma"),
    ("6.21E+15", "invalid", ("nik_scientific",), "scientific_point"),
    ("62120141O760900I", "invalid", ("nik_letters_for_digits",), "ocr"),
    ("6212014107ABCDEF", "invalid", ("nik_letters",), "letters"),
    ("621201******9001", "invalid", ("nik_masked",), "masked"),
    ("6212014107609001 / 6212010107609002", "invalid", ("nik_several",), "two_people"),
    ("6212013202609001", "invalid", ("nik_day_impossible",), "day_32"),
    ("6212014002609001", "invalid", ("nik_day_impossible",), "day_40"),
    ("6212017202609001", "invalid", ("nik_day_impossible",), "day_72"),
    ("6212010013609001", "invalid", ("nik_day_impossible", "nik_month_impossible"), "day_0_month_13"),
    ("6212013002609001", "warning", ("nik_date_impossible",), "30_feb"),
    ("6212012902019001", "warning", ("nik_date_impossible",), "29_feb_2001"),
    ("6212012902009001", "valid", (), "29_feb_2000"),
    ("6212014107600000", "suspect_truncated", ("nik_serial_zero",), "serial_0000"),
    ("6212994107600001", "warning", ("nik_region_unknown",), "kecamatan_99"),
    ("9101014107609001", "valid", ("nik_region_retired",), "papua_before_2022"),
    ("6404014107609001", "valid", ("nik_region_legacy",), "kaltim_before_2012"),
    ("1001014107609001", "valid", ("nik_region_simduk",), "simduk"),
    ("9936014107609001", "valid", ("nik_nit",), "nit"),
]


@pytest.mark.parametrize(
    ("text", "verdict", "reasons"), [c[:3] for c in VERDICTS], ids=[c[3] for c in VERDICTS]
)
def test_verdicts(text, verdict, reasons):
    nik = Nik(text, reference_date=TODAY)
    assert (nik.verdict, nik.reasons) == (verdict, reasons)


def test_parts():
    nik = Nik("6212014107609001", reference_date=TODAY)
    assert (nik.province, nik.regency, nik.kecamatan, nik.region) == ("62", "6212", "621201", "Murung")
    assert (nik.birth, nik.sex, nik.serial, nik.is_nit) == (date(1960, 7, 1), "P", 9001, False)


def test_nit_has_country_and_mission_and_no_region():
    nik = Nik("9936014107609001", reference_date=TODAY)
    assert (nik.country, nik.mission, nik.province, nik.kecamatan, nik.region) == (
        "360",
        "1",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("digits", "today", "year", "expected"),
    [
        ("010126", date(2026, 6, 30), None, date(2026, 1, 1)),
        ("010726", date(2026, 6, 30), None, date(1926, 7, 1)),
        ("300626", date(2026, 6, 30), None, date(2026, 6, 30)),
        ("010720", date(2026, 6, 30), 1920, date(1920, 7, 1)),
        ("010720", date(2026, 6, 30), 1921, date(2020, 7, 1)),
        ("010799", date(1998, 1, 1), None, date(1899, 7, 1)),
        ("290200", date(2026, 6, 30), 1900, None),
        ("010760", None, None, None),
    ],
    ids=[
        "newest",
        "not_in_future",
        "on_the_day",
        "column_year",
        "column_year_differs",
        "two_centuries_back",
        "no_leap_1900",
        "no_reference",
    ],
)
def test_century(digits, today, year, expected):
    assert Nik(f"621201{digits}9001", reference_date=today, birth_year=year).birth == expected


def test_no_identity_in_repr_and_frozen():
    nik = Nik("6212014107609001", reference_date=TODAY)
    assert "410760" not in repr(nik) + str(nik)
    assert nik.masked == "621201********01"
    with pytest.raises(FrozenInstanceError):
        nik.text = "x"


def test_proposal_is_never_put_in():
    nik = Nik("62120141O760900I")
    assert (nik.digits, nik.proposed) == (None, "6212014107609001")


PARTS = st.sampled_from(
    [
        "6212",
        "01",
        "41",
        "07",
        "60",
        "9001",
        "0",
        "1",
        "9",
        "'",
        " ",
        ".",
        "-",
        ",",
        "\u00a0",
        "\u200b",
        "\n",
        "O",
        "I",
        "x",
        "*",
        "E+15",
        "６",
        "NIK",
        ".0",
        "/",
    ]
)
DATES = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(lambda d: f"{d:%d%m%y}")
WELL_FORMED = st.builds(
    lambda region, day, serial: f"{region:06d}{day}{serial:04d}",
    st.integers(0, 999999),
    DATES,
    st.integers(0, 9999),
)
SIXTEEN = st.integers(0, 10**16 - 1).map(lambda n: f"{n:016d}")
TEXTS = st.one_of(
    st.none(), st.text(max_size=20), st.lists(PARTS, max_size=9).map("".join), WELL_FORMED, SIXTEEN
)


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, max_size=12))
def test_cleaning_of_a_column_is_cleaning_of_each(texts):
    column = clean_identifiers(pl.Series(texts, dtype=pl.String))
    for i, text in enumerate(texts):
        one = clean_identifier(text)
        found = {reason for reason in REASONS if column.found(reason)[i]}
        assert (column.digits[i], found, column.proposed.get(i)) == (
            one.digits,
            set(one.reasons),
            one.proposed,
        )
        whole = one.digits is not None and len(one.digits) == 16 and one.digits[0] != "0"
        assert column.values[i] == (int(one.digits) if whole else 0)


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, max_size=12), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_column_equals_scalar(texts, today):
    for text, row in zip(
        texts,
        parse_nik(pl.Series(texts, dtype=pl.String), reference_date=today).rows(named=True),
        strict=True,
    ):
        nik = Nik(text, reference_date=today)
        assert row == {
            "digits": nik.digits,
            "verdict": nik.verdict,
            "reasons": list(nik.reasons),
            "birth": nik.birth,
            "sex": nik.sex,
            "serial": nik.serial,
            "region": nik.kecamatan,
            "region_status": nik.region_status,
            "proposed": nik.proposed,
        }


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_never_raises_and_cleaning_is_idempotent(text):
    nik = Nik(text, reference_date=TODAY)
    assert nik.verdict in NIK_VERDICTS
    if nik.digits is not None:
        assert Nik(nik.digits, reference_date=TODAY).digits == nik.digits


@settings(deadline=None, max_examples=60)
@given(WELL_FORMED, st.sampled_from(["'{}", " {} ", "{}\u200b", "\u00a0{}", "{}\ufeff"]))
def test_wrapping_changes_nothing(digits, wrapping):
    plain, wrapped = Nik(digits, reference_date=TODAY), Nik(wrapping.format(digits), reference_date=TODAY)
    assert (plain.digits, plain.verdict, plain.reasons) == (wrapped.digits, wrapped.verdict, wrapped.reasons)


def test_a_whole_number_of_sixteen_digits_is_its_digits() -> None:
    as_text = Nik("6212014107809001")
    for number in (6212014107809001, np.int64(6212014107809001)):
        assert Nik(number) == as_text  # type: ignore[arg-type]
        assert Nik(number).text == "6212014107809001"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param(6212014107809001.0, "float", id="a float"),
        pytest.param(float("nan"), "float", id="an empty cell of a column of floats"),
        pytest.param(112014107809001, "int of 15 digits", id="a leading zero is lost"),
        pytest.param(62120141078090011, "int of 17 digits", id="too long"),
        pytest.param(-6212014107809001, "int below 0", id="negative"),
        pytest.param(True, "bool", id="yes or no"),
        pytest.param(b"6212014107809001", "bytes", id="bytes"),
    ],
)
def test_what_may_have_lost_digits_is_refused_without_showing_it(given: Any, found: str) -> None:
    with pytest.raises(InputError) as caught:
        Nik(given)
    assert str(caught.value).startswith(f"Nik: found {found}; NIKs are text, ")
    assert "\n" not in str(caught.value)
    assert not re.search(r"\d{3}", str(caught.value))
