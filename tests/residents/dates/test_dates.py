import contextlib
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.columnar.calendar import NO_DATE, as_dates
from nikdedup.residents.dates.birth import resolve_birth
from nikdedup.residents.dates.column import parse_dates, split_ttl
from nikdedup.residents.dates.likely import code_of, likely_parts
from nikdedup.residents.dates.parse import FINDINGS, months, parse_date

TODAY = date(2026, 6, 30)
JULY = date(1980, 7, 1)

FORMS = [
    ("01-07-1980", JULY, (), "usual"),
    ("1/7/1980", JULY, (), "slash_short"),
    ("01.07.1980", JULY, (), "dots"),
    ("01 07 1980", JULY, (), "spaces"),
    ("1980-07-01", JULY, (), "iso"),
    ("1980/7/1", JULY, (), "year_first_slash"),
    ("01071980", JULY, (), "ddmmyyyy"),
    ("1071980", JULY, (), "ddmmyyyy_zero_lost"),
    ("19800701", JULY, (), "yyyymmdd"),
    ("29403", JULY, (), "excel_serial"),
    ("29403.0", JULY, (), "excel_serial_float"),
    ("1980-07-01 00:00:00", JULY, (), "datetime"),
    ("1980-07-01T00:00:00", JULY, (), "datetime_t"),
    ("01/07/1980 12:00:00 AM", JULY, (), "datetime_us_midnight"),
    ("1 Juli 1980", JULY, (), "month_name"),
    ("01-Jul-1980", JULY, (), "short_month"),
    ("July 1, 1980", JULY, (), "english_order"),
    ("1 Peb 1980", date(1980, 2, 1), (), "peb"),
    ("1 Pebruari 1980", date(1980, 2, 1), (), "pebruari"),
    ("1 Nopember 1980", date(1980, 11, 1), (), "nopember"),
    ("1 Agst 1980", date(1980, 8, 1), (), "agst"),
    ("01-Jul-80", JULY, ("two_digit_year",), "short_year"),
    ("010780", JULY, ("two_digit_year",), "ddmmyy"),
    ("01-07-26", date(1926, 7, 1), ("two_digit_year",), "short_year_not_in_future"),
    ("30-06-26", date(2026, 6, 30), ("two_digit_year",), "short_year_on_the_day"),
    ("07/25/1980", date(1980, 7, 25), ("month_first",), "us_order_proven"),
    ("07251980", date(1980, 7, 25), ("month_first",), "mmddyyyy_proven"),
    ("072580", date(1980, 7, 25), ("two_digit_year", "month_first"), "mmddyy_proven"),
    ("PURUK CAHU, 01-07-1980", JULY, (), "place_before"),
    ("０１-０７-１９８０", JULY, (), "full_width"),
    ("\u200b01-07-1980 ", JULY, (), "zero_width"),
    ("05\u201307\u20131980", date(1980, 7, 5), (), "en_dash"),
    ("05\u201107\u20111980", date(1980, 7, 5), (), "hyphen_that_breaks_no_line"),
    ("05\u221207\u22121980", date(1980, 7, 5), (), "minus"),
    ("05\u201407\u20141980", date(1980, 7, 5), (), "em_dash"),
    ("05. 07. 1980", date(1980, 7, 5), (), "full_stop_and_space"),
    ("05/07 /1980", date(1980, 7, 5), (), "space_before_slash"),
    ("05\u00a007\u00a01980", date(1980, 7, 5), (), "space_that_breaks_no_line"),
    ("05|07|1980", date(1980, 7, 5), (), "bars_of_voter_lists"),
    ("1980|07|05", date(1980, 7, 5), (), "bars_year_first"),
    ("05 | 07 | 1980", date(1980, 7, 5), (), "bars_and_spaces"),
    ("05--07--1980", date(1980, 7, 5), (), "sign_typed_twice"),
    ("05\\07\\1980", date(1980, 7, 5), (), "backslash"),
    ("05,07,1980", date(1980, 7, 5), (), "commas"),
    ("05\u00b707\u00b71980", date(1980, 7, 5), (), "middle_dots"),
    ("05\uff0f07\uff0f1980", date(1980, 7, 5), (), "full_width_slash"),
    ("5 \u2013 Juli \u2013 1980", date(1980, 7, 5), (), "month_name_and_dashes"),
    ("16 Aprill 1987", date(1987, 4, 16), (), "month_one_letter_more"),
    ("3 Desmber 1970", date(1970, 12, 3), (), "month_one_letter_less"),
    ("19-Nofember-1965", date(1965, 11, 19), (), "month_by_ear"),
    ("12 Rabu 1980", None, ("unreadable",), "no_month"),
    ("3 Juri 1980", None, ("unreadable",), "june_or_july"),
    ("11-II-1983", date(1983, 2, 11), (), "roman_month"),
    ("5/xii/83", date(1983, 12, 5), ("two_digit_year",), "roman_month_short_year"),
    ("5-IIII-1983", None, ("unreadable",), "no_roman_month"),
    ("00-00-1945", None, ("partial",), "simduk_zero"),
    ("00-07-1945", None, ("partial",), "day_zero"),
    ("1945", None, ("partial",), "year_alone"),
    ("Agustus 1945", None, ("partial",), "month_and_year"),
    ("30-02-1980", None, ("impossible",), "30_feb"),
    ("29-02-1981", None, ("impossible",), "29_feb"),
    ("32-01-1980", None, ("impossible",), "day_32"),
    ("15-13-1980", None, ("impossible",), "month_13"),
    ("01-07-2980", None, ("impossible",), "year_2980"),
    ("kemarin", None, ("unreadable",), "words"),
    ("1-2-3-4", None, ("unreadable",), "four_numbers"),
    ("-", None, (), "dash"),
    ("", None, (), "blank"),
    (None, None, (), "null"),
]


@pytest.mark.parametrize(("text", "value", "findings"), [c[:3] for c in FORMS], ids=[c[3] for c in FORMS])
def test_forms(text, value, findings):
    read = parse_date(text, reference_date=TODAY)
    assert (read.value, read.findings) == (value, findings)


def test_partial_keeps_the_year():
    assert parse_date("00-00-1945", reference_date=TODAY).year == 1945
    assert parse_dates(pl.Series(["00-00-1945"]), reference_date=TODAY).years.tolist() == [1945]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("30-02-1980", (1980, 2, 29)),
        ("31-06-1980", (1980, 6, 30)),
        ("52-06-1980", (1980, 6, 12)),
        ("81-06-1980", (1980, 6, 18)),
        ("35-21-1980", (1980, 12, 0)),
        ("05-06-1112", (0, 6, 5)),
        ("1980-27-05", (1980, 5, 27)),
        ("19802705", (1980, 5, 27)),
        ("1980-14-05", (1980, 0, 5)),
        ("14-13-1980", (1980, 0, 14)),
        ("00-07-1945", (1945, 7, 0)),
        ("12-00-1945", (1945, 0, 12)),
        ("1945", (1945, 0, 0)),
        ("Juli 1945", (1945, 7, 0)),
        ("? 7 1945", (1945, 7, 0)),
        ("12 ? 1945", (1945, 0, 12)),
        ("1945 7 ?", (1945, 7, 0)),
        ("xyz", (0, 0, 0)),
        ("01-07-1980", (0, 0, 0)),
    ],
)
def test_what_is_known_or_likely_of_a_date_that_is_none(text, known):
    """The date itself is never put in: what an impossible one was written from is evidence for comparing alone."""
    read = parse_date(text, reference_date=TODAY)
    assert read.known == known
    assert (read.value is None) == (text != "01-07-1980")
    column = parse_dates(pl.Series([text]), reference_date=TODAY)
    assert column.known.tolist() == [code_of(known)]


@given(st.integers(1700, 2300), st.integers(0, 99), st.integers(0, 99))
def test_likely_parts_are_parts_of_a_day_there_is(year, month, day):
    y, m, d = likely_parts(year, month, day)
    assert y in (0, year)
    if y and m and d:
        assert date(y, m, d)
    with contextlib.suppress(ValueError):
        assert (y, m, d) == (year, month, day) or not date(year, month, day) or not 1800 <= year <= 2199


def test_own_formats_go_first():
    assert parse_date("01/07/1980", reference_date=TODAY, formats=["%m/%d/%Y"]).value == date(1980, 1, 7)
    column = parse_dates(pl.Series(["01/07/1980", "1980-07-01"]), reference_date=TODAY, formats=["%m/%d/%Y"])
    assert as_dates(column.days).to_list() == [date(1980, 1, 7), JULY]


def test_month_first_column():
    texts = pl.Series(
        ["07/01/1980", "25/07/1980", "1980-07-01", "01-07-1980 10:00:00", "07011980", "19800701"]
    )
    column = parse_dates(texts, reference_date=TODAY, month_first=True)
    assert as_dates(column.days).to_list() == [JULY, date(1980, 7, 25), JULY, date(1980, 1, 7), JULY, JULY]


def test_every_month_has_its_usual_spellings():
    assert set(months().values()) == set(range(1, 13))
    assert {months()[m] for m in ("MEI", "MAY")} == {5}
    assert {months()[m] for m in ("DES", "DEC", "DESEMBER")} == {12}


DAYS = st.dates(date(1800, 1, 1), date(2199, 12, 31))
WRITTEN = st.tuples(
    DAYS,
    st.sampled_from(
        [
            "%d-%m-%Y",
            "%Y-%m-%d",
            "%d/%m/%Y",
            "%d.%m.%Y",
            "%Y-%m-%d %H:%M:%S",
            "%d %b %Y",
            "%d%m%Y",
            "%d-%m-%y",
        ]
    ),
)
NUMBERS = st.lists(st.integers(0, 2100).map(str), min_size=1, max_size=4)
TEXTS = st.one_of(
    st.none(),
    st.text(max_size=12),
    WRITTEN.map(lambda w: w[0].strftime(w[1])),
    st.tuples(NUMBERS, st.sampled_from("-/. |\u2013")).map(lambda w: w[1].join(w[0])),
    st.from_regex(r"[0-9]{2}[-/.|][0-9]{2}[-/.|][0-9]{4}( [0-9]{2}:[0-9]{2}:[0-9]{2})?", fullmatch=True),
    st.from_regex(r"[0-9]{4}[-/.|][0-9]{2}[-/.|][0-9]{2}", fullmatch=True),
)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=10), st.booleans())
def test_column_equals_scalar(texts, month_first):
    column = parse_dates(pl.Series(texts, dtype=pl.String), reference_date=TODAY, month_first=month_first)
    for i, (text, value) in enumerate(zip(texts, as_dates(column.days), strict=True)):
        one = parse_date(text, reference_date=TODAY, month_first=month_first)
        found = {name for bit, name in enumerate(FINDINGS) if column.findings[i] >> bit & 1}
        assert (value, found, column.years[i]) == (one.value, set(one.findings), one.year or 0)


@settings(deadline=None)
@given(DAYS)
def test_written_dates_come_back(day):
    forms = [f"{day:%d-%m-}{day.year:04d}", f"{day.year:04d}{day:-%m-%d}", f"{day:%d%m}{day.year:04d}"]
    assert {parse_date(form, reference_date=TODAY).value for form in forms} == {day}


def test_split_ttl():
    texts = [
        "PURUK CAHU, 01-07-1980",
        "TUMBANG OLONG 1 Juli 1980",
        "MUARA JOLOI I, 01-07-1980",
        "01-07-1980",
        "X",
        None,
        ", 1980",
        "PURUK CAHU, 1 Juli, 1980",
        "X \u2013 01-07-1980",
    ]
    place, day = split_ttl(pl.Series(texts))
    places = ["PURUK CAHU", "TUMBANG OLONG", "MUARA JOLOI I", None, "X", None, None, "PURUK CAHU", "X"]
    assert place.to_list() == places
    days = ["01-07-1980", "1 Juli 1980", "01-07-1980", "01-07-1980", None, None, "1980"]
    assert day.to_list() == [*days, "1 Juli, 1980", "01-07-1980"]


def number(day):
    return int(NO_DATE) if day is None else (day - date(1970, 1, 1)).days


BIRTHS = [
    ("01-07-1980", JULY, JULY, JULY, set(), False, "agree"),
    ("07-01-1980", JULY, JULY, JULY, {"birth_swapped_by_locale"}, True, "swapped"),
    ("02-07-1980", JULY, date(1980, 7, 2), JULY, {"nik_birth_differs"}, False, "differ"),
    ("01-07-1980", None, JULY, None, set(), False, "no_nik"),
    (None, JULY, JULY, JULY, {"birth_from_nik"}, True, "blank_completed"),
    ("30-02-1980", JULY, JULY, JULY, {"birth_impossible", "birth_from_nik"}, True, "impossible_completed"),
    ("00-00-1980", JULY, JULY, JULY, {"birth_partial", "birth_from_nik"}, True, "partial_completed"),
    ("00-00-1945", JULY, None, JULY, {"birth_partial"}, False, "partial_of_another_year"),
    (
        "00-00-1920",
        date(2020, 7, 1),
        date(1920, 7, 1),
        date(1920, 7, 1),
        {"birth_partial", "birth_from_nik"},
        True,
        "partial_gives_century",
    ),
    (
        "01-07-1920",
        date(2020, 7, 1),
        date(1920, 7, 1),
        date(1920, 7, 1),
        set(),
        False,
        "column_gives_century",
    ),
    (
        "07-01-1920",
        date(2020, 7, 1),
        date(1920, 7, 1),
        date(1920, 7, 1),
        {"birth_swapped_by_locale"},
        True,
        "century_then_swap",
    ),
    ("01-07-2080", JULY, JULY, JULY, {"birth_in_future", "birth_from_nik"}, True, "future_completed"),
    ("01-07-2080", None, None, None, {"birth_in_future"}, False, "future_alone"),
    ("01-07-1880", JULY, JULY, JULY, {"birth_too_old", "birth_from_nik"}, True, "too_old_completed"),
    ("01-07-1880", None, date(1880, 7, 1), None, {"birth_too_old"}, False, "too_old_alone"),
    ("01-07-20", None, date(2020, 7, 1), None, {"birth_two_digit_year"}, False, "short_year_of_a_child"),
]


@pytest.mark.parametrize(
    ("text", "nik", "birth", "nik_birth", "codes", "from_nik"),
    [c[:6] for c in BIRTHS],
    ids=[c[6] for c in BIRTHS],
)
def test_resolve_birth(text, nik, birth, nik_birth, codes, from_nik):
    read = parse_dates(pl.Series([text], dtype=pl.String), reference_date=TODAY)
    births = resolve_birth(
        read, np.array([number(nik)], np.int32), adult=np.array([False]), reference_date=TODAY
    )
    assert as_dates(births.days).to_list() == [birth]
    assert as_dates(births.nik_days).to_list() == [nik_birth]
    assert {code for code, where in births.found.items() if where[0]} == codes
    assert births.from_nik.tolist() == [from_nik]


def test_short_year_of_an_adult_is_a_century_older():
    read = parse_dates(pl.Series(["01-07-20", "01-07-20"]), reference_date=TODAY)
    births = resolve_birth(read, np.full(2, NO_DATE), adult=np.array([True, False]), reference_date=TODAY)
    assert as_dates(births.days).to_list() == [date(1920, 7, 1), date(2020, 7, 1)]


@pytest.mark.parametrize(
    ("day", "default"),
    [
        ("01-07-1960", True),
        ("31-12-1960", True),
        ("01-01-1960", True),
        ("15-03-1960", True),
        ("14-03-1960", False),
        ("02-07-1960", False),
    ],
)
def test_default_dates(day, default):
    read = parse_dates(pl.Series([day]), reference_date=TODAY)
    births = resolve_birth(read, np.array([NO_DATE]), adult=np.array([False]), reference_date=TODAY)
    assert births.default.tolist() == [default]


@settings(deadline=None, max_examples=50)
@given(st.dates(date(1910, 1, 1), date(2026, 6, 30)), st.integers(-400, 400))
def test_a_date_is_never_lost(day, shift):
    """A readable date in range stays, unless the NIK proves day and month swapped."""
    other = day + timedelta(shift)
    read = parse_dates(pl.Series([day.isoformat()]), reference_date=TODAY)
    births = resolve_birth(
        read, np.array([number(other)], np.int32), adult=np.array([False]), reference_date=TODAY
    )
    swapped = (other.year, other.day, other.month) == (day.year, day.month, day.day) and other != day
    assert as_dates(births.days).to_list() == [other if swapped else day]


def test_a_year_beyond_the_calendar_is_impossible_under_a_given_format_too():
    read = parse_date("1112-01-29", reference_date=TODAY, formats=["%Y-%m-%d"])
    assert (read.value, read.findings) == (None, ("impossible",))
