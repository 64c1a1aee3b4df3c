from datetime import date

import polars as pl
import pytest

from nikdedup.config import Config
from nikdedup.residents.status import recording as status
from nikdedup.schema import RECORDING_CLASSES, RECORDING_RANK

CLASSES = [
    ("UNREGISTERED", "belum", False),
    ("BELUM REKAM", "belum", False),
    ("1", "belum", False),
    ("2", "belum", False),
    ("BIO_CAPTURED", "captured", False),
    ("PROCESSING", "captured", False),
    ("PRO", "captured", False),
    ("SENT_FOR_ENROLLMENT", "captured", False),
    ("Sent For Enrollment", "captured", False),
    ("SENT_FOR_\nENROLLMENT", "captured", False),
    ("SFE", "captured", False),
    ("RECEIVED_AT_CENTRAL", "captured", False),
    ("SUDAH REKAM", "captured", False),
    ("3", "captured", False),
    ("3.0", "captured", False),
    ("ENROLL_FAILURE_AT_CENTRAL", "failed", False),
    ("ENROLL_FAILURE_AT_REGIONAL", "failed", False),
    ("EFAC", "failed", False),
    ("SEARCH_FAILURE_AT_CENTRAL", "failed", False),
    ("ADJUDICATE_RECORD", "in_dispute", False),
    ("REQUEST_VALIDATION", "in_dispute", False),
    ("DUPLICATE_RECORD", "duplicate", False),
    ("DUP", "duplicate", False),
    ("PRINT_READY_RECORD", "unique", True),
    ("print ready record", "unique", True),
    ("PRR", "unique", True),
    ("SENT_FOR_CARD_PRINTING", "unique", True),
    ("CARD_PRINTED", "unique", True),
    ("CARD_SHIPPED", "unique", True),
    ("CARD_ISSUED", "unique", True),
    ("4", "unique", True),
    ("5", "unique", True),
    ("6", "unique", True),
    ("7", "unique", True),
    ("8", "unique", True),
    ("9", "unknown", False),
    ("SESUATU", "unknown", False),
]


@pytest.mark.parametrize(("text", "expected", "passed"), CLASSES)
def test_recording_class(text, expected, passed):
    read = status.read_recording(pl.Series([text]), config=Config())
    assert read.recording_class.to_list() == [expected]
    assert read.passed_check.to_list() == [passed]
    counted = {"captured": "yes", "unique": "yes", "unknown": "unknown"}.get(expected, "no")
    assert read.recorded.to_list() == [counted]


def test_unknown_texts_are_counted_and_blank_ones_are_not():
    read = status.read_recording(pl.Series(["ANEH", None, "ANEH", "-", "PRR", "LAIN"]), config=Config())
    assert read.unknown == {"ANEH": 2, "LAIN": 1}
    assert read.recorded.to_list() == ["unknown", "unknown", "unknown", "unknown", "yes", "unknown"]


def test_office_decides_what_counts_and_what_texts_mean():
    config = Config(
        counts_as_recorded=["unique"], status={"aneh sekali": "duplicate", "sudah rekam": "unique"}
    )
    read = status.read_recording(pl.Series(["SFE", "ANEH_SEKALI", "SUDAH REKAM"]), config=config)
    assert read.recorded.to_list() == ["no", "no", "yes"]
    assert read.recording_class.to_list() == ["captured", "duplicate", "unique"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "L"),
        ("2", "P"),
        ("L", "L"),
        ("P", "P"),
        ("Lk", "L"),
        ("Pr", "P"),
        ("Laki-laki", "L"),
        ("PRIA", "L"),
        ("Wanita", "P"),
        ("M", None),
        ("F", None),
        ("X", None),
    ],
)
def test_sex(text, expected):
    assert status.read_sex(pl.Series([text])).to_list() == [expected]


def test_english_sex_only_if_the_file_says_so():
    assert status.read_sex(pl.Series(["M", "F"]), english=True).to_list() == ["L", "P"]
    assert status.uses_english_sex(pl.Series(["M", "F", None]))
    assert not status.uses_english_sex(pl.Series(["M", "M"]))
    assert not status.uses_english_sex(pl.Series(["M", "F", "P"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("BELUM KAWIN", 1),
        ("BK", 1),
        ("K", 2),
        ("KAWIN TERCATAT", 2),
        ("Kawin Belum Tercatat", 2),
        ("CH", 3),
        ("CERAI HIDUP BELUM TERCATAT", 3),
        ("CM", 4),
        ("CERAI MATI", 4),
        ("5", None),
    ],
)
def test_marital(text, expected):
    assert status.read_marital(pl.Series([text])).to_list() == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KEPALA KELUARGA", 1),
        ("Suami", 2),
        ("ISTERI", 3),
        ("4", 4),
        ("MENANTU", 5),
        ("CUCU", 6),
        ("ORANG TUA", 7),
        ("MERTUA", 8),
        ("FAMILI LAIN", 9),
        ("PEMBANTU", 10),
        ("11", 11),
        ("12", None),
    ],
)
def test_relation(text, expected):
    assert status.read_relation(pl.Series([text])).to_list() == [expected]


TODAY = date(2026, 6, 30)
DUTY = [
    (date(2009, 6, 30), None, None, None, True, "17_on_the_day"),
    (date(2009, 7, 1), None, None, None, False, "17_tomorrow"),
    (date(2009, 7, 1), 2, None, None, True, "married_child"),
    (date(2009, 7, 1), 3, None, None, True, "ever_married_child"),
    (date(1980, 1, 1), 1, "WNI", None, True, "citizen"),
    (date(1980, 1, 1), 1, "ITAS", None, False, "itas"),
    (date(1980, 1, 1), 1, "ITAP", None, True, "itap"),
    (None, 1, None, None, None, "nothing_known"),
    (None, None, None, "YA", True, "file_says_yes"),
    (None, None, None, "Belum wajib", False, "file_says_no"),
    (date(1980, 1, 1), None, None, "Belum wajib", True, "birth_before_file"),
]


@pytest.mark.parametrize(
    ("birth", "marital", "citizenship", "stated", "expected"), [c[:5] for c in DUTY], ids=[c[5] for c in DUTY]
)
def test_must_hold_ktp(birth, marital, citizenship, stated, expected):
    duty = status.must_hold_ktp(
        pl.Series([birth], dtype=pl.Date),
        pl.Series([marital], dtype=pl.UInt8),
        citizenship=pl.Series([citizenship], dtype=pl.String),
        stated=pl.Series([stated], dtype=pl.String),
        reference_date=TODAY,
    )
    assert duty.to_list() == [expected]


@pytest.mark.parametrize(
    ("birth", "marital", "citizenship", "kia"),
    [
        pytest.param("2026-06-30", 1, "WNI", "kia_without_photo", id="born_that_day"),
        pytest.param("2021-07-01", None, None, "kia_without_photo", id="last_day_below_5"),
        pytest.param("2021-06-30", 1, "WNI", "kia_with_photo", id="5_today"),
        pytest.param("2009-07-01", 1, "WNI", "kia_with_photo", id="last_day_below_17"),
        pytest.param("2009-06-30", 1, "WNI", None, id="17_today"),
        pytest.param("2010-01-01", 2, "WNI", None, id="married_child_holds_a_ktp"),
        pytest.param("2010-01-01", 3, "WNI", None, id="divorced_child_holds_a_ktp"),
        pytest.param("2015-01-01", 1, "ITAS", None, id="short_permit"),
        pytest.param("2015-01-01", 1, "ITAP", "kia_with_photo", id="permit_for_good"),
        pytest.param("2026-07-01", 1, "WNI", None, id="not_born_yet"),
        pytest.param(None, 1, "WNI", None, id="age_unknown"),
    ],
)
def test_kia_on_the_reference_date(birth, marital, citizenship, kia):
    born = pl.Series([birth], dtype=pl.String).str.to_date()
    found = status.due_kia(
        born,
        pl.Series([marital], dtype=pl.UInt8),
        citizenship=pl.Series([citizenship], dtype=pl.String),
        reference_date=date(2026, 6, 30),
    )
    assert found.to_list() == [kia]


def test_nobody_is_due_both_cards():
    born = pl.Series([date(1990 + i % 36, 1 + i % 12, 1 + i % 28) for i in range(500)])
    marital = pl.Series([i % 5 or None for i in range(500)], dtype=pl.UInt8)
    day = date(2026, 6, 30)
    kia = status.due_kia(born, marital, reference_date=day).is_not_null()
    ktp = status.must_hold_ktp(born, marital, reference_date=day).fill_null(False)
    assert not (kia & ktp).any()
    assert (kia | ktp).all()


def test_every_recording_class_has_its_rank_and_a_passed_check_the_highest():
    assert set(RECORDING_RANK) == set(RECORDING_CLASSES)
    assert len(set(RECORDING_RANK.values())) == len(RECORDING_RANK)
    ranked = sorted(RECORDING_RANK, key=lambda name: -RECORDING_RANK[name])
    assert ranked[:2] == ["unique", "captured"]
    assert ranked[-2:] == ["belum", "unknown"]
