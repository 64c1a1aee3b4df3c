"""Levels of agreement of every field, and what must hold for any two records."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.columnar.calendar import NO_DATE, calendar_of
from nikdedup.match.compare.fields import place_tf_log2, tf_log2
from nikdedup.match.features.birth_dates import date_slips, digits_exchanged
from nikdedup.match.levels import BIRTH_LEVELS, LEVEL_NAMES, NameLevel
from nikdedup.residents.dates.likely import code_of
from nikdedup.schema import LEVELS
from tests.match.registry import all_pairs, compared, evidence, levels, nik

BORN = "1980-03-17"


def person(born=BORN, *, sex="L", **more):
    return {"name": "BUDI SANTOSO", "born": born, "sex": sex} | more


def joint(one, other, *, opaque=False):
    """Return the meaning of the level of NIK, birth date and sex."""
    return BIRTH_LEVELS[levels(one, other, opaque=opaque)["nik_birth_sex"]]


N = nik(BORN)
FAR = nik("1955-11-28", region="621209")
"""A NIK that says nothing about anybody here."""
CUT, TEMPORARY = {"verdict": "suspect_truncated"}, {"verdict": "temporary"}

MISSING, DIFFERENT, YEAR = "missing", "different", "same year of birth"
DEFAULT = "one date is a default date, years at most two apart"
DEFAULT_YEAR = "one date is a default date, year of birth equal"
YEAR_SLIP = "day and month of birth equal, year with a slip"
SLIP = "year of birth equal, day or month with a slip"
INSIDE = "date inside one NIK is the other's birth date"
NIK_SLIP = "NIK with a slip, birth date differs or is missing"
NIK_SLIP_EQUAL = "NIK with a slip, birth date equal"
SEX = "birth date equal, sex differs"
NEIGHBOURS = "birth date and sex equal, serials of the NIKs are neighbours"
EQUAL, ALONE = "birth date and sex equal", "birth date and sex equal, a NIK is missing"
NIK_ONLY = "NIK equal, birth date differs"
NIK_UNDATED, TWO_PARTS = "NIK equal, birth date missing", "two of year, month and day of birth equal"
CUT_EQUAL = "NIK equal in 15 digits (truncated), birth date equal"
BOTH = "NIK and birth date equal"
KNOWN_YEAR = "no full birth date on a side, year equal"
KNOWN_PARTS = "no full birth date on a side, all known parts equal"


def partial(year, month=0, day=0, **more):
    """Return a person of whose birth date only some parts are known."""
    return person(None, known=code_of((year, month, day)), **more)


JOINT = [
    ("nothing known on one side", person(None), person(), MISSING),
    ("NIKs far apart, no dates", person(None, nik=N), person(None, nik=FAR), MISSING),
    ("the year alone known", partial(1980), person(), KNOWN_YEAR),
    ("the year alone known of both", partial(1980), partial(1980), KNOWN_YEAR),
    ("year and month known", partial(1980, 3), person(), KNOWN_PARTS),
    ("day and month known", partial(0, 3, 17), person(), KNOWN_PARTS),
    ("an impossible date that may be the other", partial(1980, 3, 17), person(), KNOWN_PARTS),
    ("month and year known, the month another", partial(1980, 4), person(), MISSING),
    ("the month alone known", partial(0, 3), person(), MISSING),
    ("another year, a slip away", partial(1981), person(), MISSING),
    ("another year, two digits exchanged", partial(1908), person(), MISSING),
    ("another year, far off", partial(1955), person(), DIFFERENT),
    ("the year known, other sex", partial(1980), person(sex="P"), MISSING),
    ("two digits of the year exchanged", person("1978-03-17"), person("1987-03-17"), YEAR_SLIP),
    ("two digits of the day exchanged", person("1980-03-12"), person("1980-03-21"), SLIP),
    ("two digits of the month exchanged", person("1980-01-17"), person("1980-10-17"), SLIP),
    ("two digits exchanged and another day", person("1978-03-17"), person("1987-03-28"), DIFFERENT),
    ("other date", person(), person("1975-11-02"), DIFFERENT),
    ("other date and sex", person(), person("1975-11-02", sex="P"), DIFFERENT),
    ("same year", person(), person("1980-11-02"), YEAR),
    ("same year, other sex says nothing", person(), person("1980-11-02", sex="P"), DIFFERENT),
    ("default date of the year before", person(), person("1979-07-01", default=True), DEFAULT),
    ("default date two years later", person(), person("1982-12-31", default=True), DEFAULT),
    ("default date three years later", person(), person("1983-12-31", default=True), DIFFERENT),
    ("default date of the same year", person(), person("1980-07-01", default=True), DEFAULT_YEAR),
    (
        "default dates ten years apart are no slip",
        person("1980-07-01", default=True),
        person("1990-07-01", default=True),
        DEFAULT,
    ),
    (
        "a default date beside the other is no slip",
        person("1980-06-30"),
        person("1980-07-01", default=True),
        DEFAULT_YEAR,
    ),
    ("default date, other sex", person(), person("1979-07-01", default=True, sex="P"), DIFFERENT),
    ("day and month swapped", person("1980-03-07"), person("1980-07-03"), SLIP),
    ("ten years off", person(), person("1990-03-17"), YEAR_SLIP),
    ("three years off", person(), person("1983-03-17"), YEAR_SLIP),
    (
        "each NIK has its record's date: no second witness of the slip",
        person(nik=N),
        person("1983-03-17", nik=nik("1983-03-17")),
        YEAR_SLIP,
    ),
    ("day and month equal, year far off", person(), person("1968-03-17"), TWO_PARTS),
    ("year and month equal, day far off", person(), person("1980-03-02"), TWO_PARTS),
    ("two parts equal, other sex", person(), person("1968-03-17", sex="P"), DIFFERENT),
    (
        "a default date shares no parts",
        person("1980-07-01", default=True),
        person("1968-07-01", default=True),
        DIFFERENT,
    ),
    ("a slip, other sex", person("1980-03-07"), person("1980-07-03", sex="P"), DIFFERENT),
    ("the other's NIK says this date", person(), person("1975-11-02", nik=nik(BORN)), INSIDE),
    ("this NIK says the other's date", person(nik=nik("1975-11-02")), person("1975-11-02"), INSIDE),
    (
        "a NIK that repaired the date is no second witness",
        person(),
        person("1975-11-02", nik=nik(BORN), repaired=True),
        DIFFERENT,
    ),
    ("the NIK's date, other sex", person(), person("1975-11-02", nik=nik(BORN), sex="P"), DIFFERENT),
    ("NIK slip in the year", person(None, nik=N), person(None, nik=nik("1981-03-17")), NIK_SLIP),
    ("NIK slip, other date", person(nik=N), person("1990-05-05", nik=nik("1980-03-27")), NIK_SLIP),
    ("same date, other sex", person(), person(sex="P"), SEX),
    ("NIK of the other sex, columns agree", person(nik=N), person(nik=nik(BORN, sex="P")), NIK_SLIP_EQUAL),
    ("serials one apart", person(nik=nik(BORN, 9001)), person(nik=nik(BORN, 9002)), NEIGHBOURS),
    ("serials two apart", person(nik=nik(BORN, 9009)), person(nik=nik(BORN, 9011)), NEIGHBOURS),
    ("serials three apart", person(nik=nik(BORN, 9001)), person(nik=nik(BORN, 9004)), EQUAL),
    (
        "serials beside each other in two kecamatan",
        person(nik=nik(BORN, 9001)),
        person(nik=nik(BORN, 9002, region="621203")),
        EQUAL,
    ),
    ("same date, no NIK", person(), person(), ALONE),
    ("same date, sex of one unknown", person(), person(sex=None), ALONE),
    ("same date, NIK of the other unusable", person(nik=N), person(nik=FAR, verdict="invalid"), ALONE),
    ("NIK slip in the region", person(nik=N), person(nik=nik(BORN, region="621301")), NIK_SLIP_EQUAL),
    ("NIK of another month, date equal", person(nik=N), person(nik=nik("1980-04-17")), NIK_SLIP_EQUAL),
    ("NIK equal, date differs", person(nik=N), person("1975-11-02", nik=N), NIK_ONLY),
    ("NIK equal, no date", person(None, nik=N), person(nik=N), NIK_UNDATED),
    ("NIK equal, sex differs too", person(nik=N), person("1975-11-02", nik=N, sex="P"), NIK_ONLY),
    ("one NIK truncated", person(nik=N), person(nik=N[:15] + "0", **CUT), CUT_EQUAL),
    ("both NIKs truncated", person(nik=N[:15] + "0", **CUT), person(nik=N[:15] + "0", **CUT), CUT_EQUAL),
    (
        "truncated, other date: no evidence",
        person(nik=N),
        person("1975-11-02", nik=N[:15] + "0", **CUT),
        DIFFERENT,
    ),
    ("15 digits alike, none truncated", person(nik=nik(BORN, 9001)), person(nik=nik(BORN, 9008)), EQUAL),
    ("all equal", person(nik=N), person(nik=N), BOTH),
    ("NIK and date equal, sex differs", person(nik=N), person(nik=N, sex="P"), BOTH),
    (
        "temporary NIKs are no NIK",
        person(nik=N, verdict="temporary"),
        person(nik=N, verdict="temporary"),
        ALONE,
    ),
]


@pytest.mark.parametrize(("one", "other", "meaning"), [pytest.param(*c[1:], id=c[0]) for c in JOINT])
def test_nik_birth_sex(one, other, meaning):
    assert joint(one, other) == meaning


def test_every_joint_level_has_a_case():
    assert {case[3] for case in JOINT} == set(BIRTH_LEVELS.values())


def changed(number, at, digit):
    """Return the NIK with another digit at a place counted from 1."""
    return number[: at - 1] + digit + number[at:]


def test_first_boy_and_first_girl_of_a_day_have_no_slip_in_their_niks():
    assert joint(person(nik=N), person(sex="P", nik=nik(BORN, sex="P"))) == SEX


@pytest.mark.parametrize("at", range(1, 17))
def test_one_digit_says_something_only_where_neighbours_do_not_differ_in_it(at):
    number = "6212012008809001"
    slip = changed(number, at, str((int(number[at - 1]) + 5) % 10))
    meaning = joint(person("1980-08-20", nik=number), person("1980-08-20", nik=slip))
    telling = at in {1, 2, 3, 4, 7, 8, 9, 10, 11, 12}
    assert (meaning == NIK_SLIP_EQUAL) == telling, f"digit {at}: {meaning}"


@pytest.mark.parametrize(
    ("other", "meaning"),
    [
        pytest.param("6212011703809001", NIK_SLIP_EQUAL, id="digits 7 and 8 exchanged"),
        pytest.param("2612017103809001", NIK_SLIP_EQUAL, id="digits 1 and 2 exchanged"),
        pytest.param("6212017103809010", EQUAL, id="digits of the serial exchanged"),
        pytest.param("6212017803109001", EQUAL, id="two digits apart exchanged"),
        pytest.param("6212017203819001", EQUAL, id="two digits changed"),
        pytest.param("6211027103809001", EQUAL, id="regency and kecamatan"),
    ],
)
def test_two_digits_of_a_nik(other, meaning):
    assert joint(person(sex=None, nik="6212017103809001"), person(sex=None, nik=other)) == meaning


@pytest.mark.parametrize(
    ("one", "other", "meaning"),
    [
        pytest.param("A-1234", "A-1235", NIK_SLIP_EQUAL, id="one sign"),
        pytest.param("A-1234", "A-1324", NIK_SLIP_EQUAL, id="two signs exchanged"),
        pytest.param("A-1234", "A-123", NIK_SLIP_EQUAL, id="one sign missing"),
        pytest.param("A-1234", "A-1325", EQUAL, id="two signs"),
        pytest.param("A-1234", "A-1234", BOTH, id="equal"),
    ],
)
def test_an_opaque_id_has_no_parts(one, other, meaning):
    assert joint(person(nik=one), person(nik=other), opaque=True) == meaning


def kk(number):
    return person(kk=number)


def place(text):
    return person(place=text)


def at(address, region="6212012001"):
    return person(address=address, region=region)


ELSEWHERE = "6212032001"
CARD, OTHER_CARD = "6212010101109001", "6212010101109002"
HOUSEHOLD = [
    ("kk", "equal", kk(CARD), kk(CARD), "one card"),
    ("kk", "different", kk(CARD), kk(OTHER_CARD), "two cards"),
    ("kk", "missing", kk(CARD), kk(None), "one card unknown"),
    ("place", "equal", place("PURUK CAHU"), place("PURUK CAHU"), "the same"),
    ("place", "similar", place("PURUK CAHU"), place("PURUKCAHU"), "written together"),
    ("place", "different", place("PURUK CAHU"), place("BANJARMASIN"), "another"),
    ("place", "missing", place("PURUK CAHU"), place(None), "unknown"),
    ("address", "equal", at("MUARA BAKANON"), at("MUARA BAKANON"), "the same"),
    ("address", "equal", at("JALAN PEMUDA", None), at("JALAN PEMUDA", None), "the same, regions unknown"),
    ("address", "similar", at("MUARA BAKANON"), at("MUARA BAKANUN"), "respelt"),
    ("address", "same kecamatan", at("MUARA BAKANON"), at("JALAN PEMUDA"), "another in the kecamatan"),
    ("address", "same kecamatan", at("MUARA BAKANON"), at(None, "6212012009"), "only the region known"),
    ("address", "different", at("MUARA BAKANON"), at("JALAN PEMUDA", ELSEWHERE), "another kecamatan"),
    ("address", "different", at("JALAN PEMUDA"), at("JALAN PEMUDA", ELSEWHERE), "one name, two kecamatan"),
    ("address", "different", at("JALAN PEMUDA", None), at("DURI", None), "another, regions unknown"),
    ("address", "missing", at("JALAN PEMUDA", None), at(None, None), "unknown"),
]


@pytest.mark.parametrize(
    ("field", "meaning", "one", "other"), [pytest.param(*h[:4], id=f"{h[0]}: {h[4]}") for h in HOUSEHOLD]
)
def test_household_fields(field, meaning, one, other):
    assert LEVEL_NAMES[field][levels(one, other)[field]] == meaning


def test_every_household_level_has_a_case():
    for field in ("kk", "place", "address"):
        assert {case[1] for case in HOUSEHOLD if case[0] == field} == set(LEVEL_NAMES[field].values())


DAYS = [
    ("same date is no slip", "1980-03-07", "1980-03-07", False),
    ("day and month swapped", "1980-03-07", "1980-07-03", True),
    ("swapped and another year", "1980-03-07", "1981-07-03", False),
    ("one digit of the day", "1980-03-17", "1980-03-27", True),
    ("one digit of the month", "1980-01-17", "1980-11-17", True),
    ("one digit of the year", "1980-03-17", "1988-03-17", True),
    ("century guessed from two digits", "1908-03-17", "2008-03-17", True),
    ("next day", "1980-03-17", "1980-03-18", True),
    ("next day over a ten", "1980-03-19", "1980-03-20", True),
    ("two days, two digits", "1980-03-19", "1980-03-21", True),
    ("four days, two digits", "1980-03-18", "1980-03-22", False),
    ("next day over the end of a month", "1980-03-31", "1980-04-01", True),
    ("next day over the end of February", "1981-02-28", "1981-03-01", True),
    ("next day over the end of a leap February", "1980-02-29", "1980-03-01", True),
    ("one year over a ten", "1979-03-17", "1980-03-17", True),
    ("two years over a ten", "1979-03-17", "1981-03-17", True),
    ("four years over a ten", "1978-03-17", "1982-03-17", False),
    ("ten years", "1980-03-17", "1990-03-17", True),
    ("ten years over a century", "1995-03-17", "2005-03-17", True),
    ("eleven years", "1980-03-17", "1991-03-17", False),
    ("one year and one day", "1980-03-17", "1981-03-18", False),
    ("a month", "1980-03-17", "1980-04-17", True),
    ("half a year", "1980-03-17", "1980-12-28", False),
]  # fmt: skip


def slips(one, other):
    days = np.array([(date.fromisoformat(d) - date(1970, 1, 1)).days for d in (one, other)], np.int32)
    left, right = np.array([0, 1], np.int32), np.array([1, 0], np.int32)
    year, slip = date_slips(calendar_of(days), left, right, np.ones(2, np.bool_))
    assert slip[0] == slip[1], "not symmetric"
    return bool(year[0]), bool(slip[0])


@pytest.mark.parametrize(("one", "other", "slip"), [pytest.param(*d[1:], id=d[0]) for d in DAYS])
def test_date_slips(one, other, slip):
    assert slips(one, other) == (one[:4] == other[:4], slip)


@given(
    st.dates(date(1880, 1, 1), date(2030, 12, 31)),
    st.dates(date(1880, 1, 1), date(2030, 12, 31)),
    st.booleans(),
)
def test_digits_exchanged_are_those_of_the_written_dates(one, other, near):
    """By the written digits: all are equal but two neighbours of one part, which stand exchanged."""
    if near:
        year = str(one.year)
        other = one.replace(year=int(year[:2] + year[3] + year[2]), day=min(one.day, 28))
        one = one.replace(day=min(one.day, 28))
    days = np.array([(d - date(1970, 1, 1)).days for d in (one, other)], np.int32)
    left, right = np.array([0, 1], np.int32), np.array([1, 0], np.int32)
    found = digits_exchanged(calendar_of(days), left, right, np.ones(2, np.bool_))
    a, b = (d.strftime("%Y%m%d").zfill(8) for d in (one, other))
    swapped = (a[:k] + a[k + 1] + a[k] + a[k + 2 :] for k in (0, 1, 2, 4, 6))
    told = a != b and any(text == b for text, k in zip(swapped, (0, 1, 2, 4, 6), strict=True) if k > 0)
    assert found.tolist() == [told, told]


def test_date_slips_looks_only_where_it_is_asked():
    days = calendar_of(np.array([0, 1], np.int32))
    year, slip = date_slips(days, np.array([0], np.int32), np.array([1], np.int32), np.zeros(1, np.bool_))
    assert not year.any()
    assert not slip.any()


@given(st.dates(date(1880, 1, 1), date(2030, 12, 31)))
def test_calendar_takes_a_date_apart(day):
    number = (day - date(1970, 1, 1)).days
    parts = calendar_of(np.array([number, NO_DATE], np.int32))
    assert [int(part[0]) for part in parts] == [day.year, day.month, day.day]
    assert [int(part[1]) for part in parts] == [-1, -1, -1]


@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)))
def test_every_neighbouring_day_of_a_year_is_a_slip(day):
    following = day + timedelta(days=1)
    assert slips(str(day), str(following))[1] == (day.year == following.year)


_dates = st.sampled_from([None, BORN, "1980-03-27", "1980-07-01", "1981-03-17", "1999-12-31"])
_niks = st.sampled_from(
    [None, N, FAR, nik(BORN, 9002), nik("1980-03-27"), nik("1981-03-17", sex="P"), N[:15] + "0"]
)
_words = st.sampled_from(
    [None, "SITI AMINAH", "AMINAH", "BUDI SANTOSO", "BUDI SNTOSO", "SUKARNO", "SOEKARNO"]
)
_texts = st.sampled_from([None, "PURUK CAHU", "PURUKCAHU", "BANJARMASIN"])
records = st.builds(
    dict,
    name=_words,
    mother=_words,
    father=_words,
    born=_dates,
    nik=_niks,
    sex=st.sampled_from([None, "L", "P"]),
    kk=st.sampled_from([None, "6212010101109001", "6212010101109002"]),
    place=_texts,
    address=_texts,
    region=st.sampled_from([None, "6212012001", "6212032001", "62"]),
    default=st.booleans(),
    repaired=st.booleans(),
    verdict=st.sampled_from(["valid", "warning", "invalid", "suspect_truncated", "temporary"]),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(records, min_size=2, max_size=6))
def test_any_two_records_compare_the_same_from_either_side(people):
    e = evidence(*people)
    left, right = all_pairs(len(e))
    here, there = compared(e, left, right), compared(e, right, left)
    assert set(here.level) == set(LEVELS)
    for field, level in here.level.items():
        np.testing.assert_array_equal(level, there.level[field], err_msg=field)
        assert level.max() <= max(LEVEL_NAMES[field])
    for field, bits in here.shared_log2.items():
        np.testing.assert_allclose(bits, there.shared_log2[field], atol=1e-4, err_msg=field)
        assert np.isfinite(bits).all()
        assert (bits[here.level[field] == 0] == 0).all()
    np.testing.assert_array_equal(here.days_apart, there.days_apart)
    np.testing.assert_array_equal(here.sex_differs, there.sex_differs)


@settings(max_examples=8, deadline=None)
@given(records)
def test_a_field_that_is_missing_is_no_evidence(one):
    nobody = dict.fromkeys(
        ("name", "mother", "father", "born", "nik", "sex", "kk", "place", "address", "region")
    )
    assert set(levels(one, nobody).values()) == {0}


@settings(max_examples=25, deadline=None)
@given(st.lists(records, min_size=1, max_size=6))
def test_a_record_agrees_with_itself_wherever_it_says_anything(people):
    rows = np.arange(len(people))
    alone = compared(evidence(*people), rows, rows)
    for field in ("name", "mother", "father"):
        assert set(alone.level[field].tolist()) <= {0, NameLevel.EQUAL}, field
    for field in ("kk", "place"):
        assert set(alone.level[field].tolist()) <= {0, max(LEVEL_NAMES[field])}, field
    assert set(alone.level["address"].tolist()) <= {0, 2, 4}
    joint = alone.level["nik_birth_sex"]
    assert all(level == 0 or "equal" in BIRTH_LEVELS[level] for level in joint.tolist())
    assert set(alone.days_apart.tolist()) <= {-1, 0}
    assert not alone.sex_differs.any()


def test_what_no_parents_name_explains_of_a_name():
    """The clan a child has from its father is no evidence against kin; the given name is."""
    crowd = [{"name": f"ORANG {chr(65 + i)}{chr(65 + i)}A"} for i in range(20)]
    father = {"father": "YOHANES GANDANG"}
    clan = evidence({"name": "SUSI GANDANG"} | father, {"name": "RATNA GANDANG"} | father, *crowd)
    given_name = evidence({"name": "SUSI GANDANG"} | father, {"name": "SUSI GANDANG"} | father, *crowd)
    one, other = (compared(e, [0], [1]) for e in (clan, given_name))
    assert one.shared_log2["name"][0] > 0
    assert one.own_log2[0] == 0
    assert 0 < other.own_log2[0] < other.shared_log2["name"][0]


def test_days_apart_and_sex():
    result = compared(
        evidence(person("1980-01-01"), person("1979-12-30", sex="P"), person(None, sex=None)), [0, 0], [1, 2]
    )
    assert result.days_apart.tolist() == [2, -1]
    assert result.sex_differs.tolist() == [True, False]


def test_a_rare_date_says_more_than_one_that_half_the_register_has():
    crowd = [person("1980-07-01", name=f"NAMA {chr(65 + i)}{chr(65 + i)}") for i in range(20)]
    e = evidence(*crowd, person("1964-02-29"), person("1964-02-29"))
    bits = compared(e, [0, 20], [1, 21]).shared_log2["nik_birth_sex"]
    assert bits[1] > bits[0] + 3


def test_term_frequency_is_that_of_other_records_and_never_infinite():
    bits = tf_log2(np.array([1, 2, 3, 4097], np.uint32), 4096)
    assert bits.tolist() == [13.0, 12.0, 11.0, 0.0]


def test_in_a_small_extract_a_value_is_as_rare_as_among_thousands():
    assert tf_log2(np.array([2], np.uint32), 8).tolist() == tf_log2(np.array([2], np.uint32), 3_000).tolist()
    assert place_tf_log2(np.array([1_501], np.uint32), 3_000).tolist() == [1.0]
    assert 1 < place_tf_log2(np.array([8], np.uint32), 8)[0] < 2.5
