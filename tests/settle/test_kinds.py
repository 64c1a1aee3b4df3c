"""One kind per pair, in the order F, B, D (same NIK, KK differs), A, E, C, and what is said of NIK and birth date."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.settle.kinds import PAIR_COLUMNS, pair_evidence
from tests.settle.household import record

A, B = "6212010107809001", "6212035703809002"
ONE_OFF, TWO_OFF, SWAPPED = "6212010107809003", "6212010107809034", "6212010107899011"

CASES = {
    "village number and NIK": (
        {"nik": "0212010107800001", "verdict": "temporary"},
        {"nik": A},
        "same_person",
        "F",
    ),
    "no number and NIK": ({"nik": None}, {"nik": A}, "same_person", "F"),
    "F before A": ({"nik": None, "kk": "1"}, {"nik": A, "kk": "2"}, "same_person", "F"),
    "two without a number": ({"nik": None}, {"nik": None}, "same_person", "A"),
    "two without a number, other name": ({"nik": None}, {"nik": None, "name": "AMINAH"}, "same_person", None),
    "shared NIK": ({"nik": A}, {"nik": A, "name": "BUDI"}, "shared_nik", "B"),
    "shared NIK in two KK is B before D": ({"nik": A, "kk": "1"}, {"nik": A, "kk": "2"}, "shared_nik", "B"),
    "same NIK, two KK": ({"nik": A, "kk": "1"}, {"nik": A, "kk": "2"}, "same_person", "D"),
    "same NIK, KK missing": ({"nik": A, "kk": None}, {"nik": A, "kk": "2"}, "same_person", "A"),
    "same NIK, same KK, name respelt": ({"nik": A}, {"nik": A, "name": "SITI AMINA"}, "same_person", "A"),
    "cut NIK, all else equal": (
        {"nik": A[:-1] + "0", "verdict": "suspect_truncated"},
        {"nik": A},
        "same_person",
        "E",
    ),
    "cut NIK of another NIK": (
        {"nik": B[:-1] + "0", "verdict": "suspect_truncated"},
        {"nik": A},
        "same_person",
        "C",
    ),
    "both cut, in 15 digits equal": (
        {"nik": A[:-1] + "0", "verdict": "suspect_truncated"},
        {"nik": A[:-1] + "0", "verdict": "suspect_truncated"},
        "same_person",
        "E",
    ),
    "both cut, digit 6 differs": (
        {"nik": A[:-1] + "0", "verdict": "suspect_truncated"},
        {"nik": A[:5] + "2" + A[6:-1] + "0", "verdict": "suspect_truncated"},
        "same_person",
        "C",
    ),
    "a digit too few or too many, or a letter": (
        {"nik": None, "verdict": "invalid"},
        {"nik": A},
        "same_person",
        "E",
    ),
    "a broken number in another card": (
        {"nik": None, "verdict": "invalid", "kk": "1"},
        {"nik": A, "kk": "2"},
        "same_person",
        "E",
    ),
    "a broken number of another person": ({"nik": None, "verdict": "invalid"}, {"nik": A}, "sibling", None),
    "two broken numbers": (
        {"nik": None, "verdict": "invalid"},
        {"nik": None, "verdict": "invalid"},
        "same_person",
        None,
    ),
    "one digit": ({"nik": A}, {"nik": ONE_OFF}, "same_person", "E"),
    "two digits": ({"nik": A}, {"nik": TWO_OFF}, "same_person", "E"),
    "swapped digits": ({"nik": A}, {"nik": SWAPPED}, "same_person", "E"),
    "typo that made the NIK invalid": (
        {"nik": "6212019107809001", "verdict": "invalid", "name": "SITI AMINA"},
        {"nik": A},
        "same_person",
        "E",
    ),
    "registered again in the next kecamatan": (
        {"nik": A, "kk": "1"},
        {"nik": "6212020107809002", "kk": "2"},
        "same_person",
        "C",
    ),
    "date digit that does not fit its record": (
        {"nik": A, "kk": "1", "born": date(1980, 7, 1), "nik_birth": date(1980, 7, 1)},
        {"nik": "6212010107909001", "kk": "2", "born": date(1980, 7, 1), "nik_birth": date(1990, 7, 1)},
        "same_person",
        "E",
    ),
    "date digit of a second NIK that fits its own record": (
        {"nik": A, "kk": "1", "born": date(1980, 7, 1), "nik_birth": date(1980, 7, 1)},
        {"nik": "6212010107909001", "kk": "2", "born": date(1990, 7, 1), "nik_birth": date(1990, 7, 1)},
        "same_person",
        "C",
    ),
    "sex digit that does not fit its record": (
        {"nik": A, "kk": "1", "sex": "L", "nik_sex": "L"},
        {"nik": "6212014107809001", "kk": "2", "sex": "L", "nik_sex": "P"},
        "same_person",
        "E",
    ),
    "one digit, other name, KK unknown": (
        {"nik": A, "kk": None},
        {"nik": ONE_OFF, "name": "AMINAH"},
        "same_person",
        "C",
    ),
    "several NIKs": ({"nik": A}, {"nik": B}, "same_person", "C"),
    "both invalid are no typo of each other": (
        {"nik": "6212019907809001", "verdict": "invalid", "name": "SITI AMINA"},
        {"nik": "6212019907809002", "verdict": "invalid"},
        "same_person",
        "C",
    ),
    "twins": ({"nik": A}, {"nik": ONE_OFF}, "twin", None),
    "no relation": ({"nik": A}, {"nik": B}, "none", None),
}


def _pair(left: dict[str, object], right: dict[str, object], relation: str = "same_person") -> pl.DataFrame:
    values: dict[str, object] = {"relation": relation}
    for side, facts in (("l", left), ("r", right)):
        values |= {
            f"{name}_{side}": value for name, value in record(0, **facts).items() if name in PAIR_COLUMNS
        }
    text = pl.String()
    types = {"tgl_lhr_clean": pl.Date(), "nik_birth": pl.Date(), "birth_default": pl.Boolean()}
    schema = {f"{name}_{side}": types.get(name, text) for side in "lr" for name in PAIR_COLUMNS}
    return pl.DataFrame([values], schema={"relation": text, **schema})


@pytest.mark.parametrize(("left", "right", "relation", "kind"), CASES.values(), ids=CASES.keys())
def test_kind_is_symmetric(
    left: dict[str, object], right: dict[str, object], relation: str, kind: str | None
) -> None:
    assert pair_evidence(_pair(left, right, relation))["kind"].item() == kind
    assert pair_evidence(_pair(right, left, relation))["kind"].item() == kind


def test_opaque_ids_have_no_digits_to_mistype() -> None:
    assert pair_evidence(_pair({"nik": A}, {"nik": ONE_OFF}), opaque=True)["kind"].item() == "C"


BIRTHS = {
    "equal": (date(1980, 3, 17), date(1980, 3, 17), False, "birth_equal"),
    "default": (date(1980, 7, 1), date(1980, 7, 1), True, "birth_default"),
    "swapped": (date(1980, 3, 7), date(1980, 7, 3), False, "birth_swapped"),
    "other year": (date(1980, 3, 7), date(1981, 7, 3), False, "birth_differs"),
    "missing": (None, date(1981, 7, 3), False, None),
}


@pytest.mark.parametrize(("left", "right", "default", "code"), BIRTHS.values(), ids=BIRTHS.keys())
def test_birth_evidence(left: date | None, right: date, default: bool, code: str | None) -> None:
    pair = _pair({"nik": A, "born": left, "birth_default": default}, {"nik": B, "born": right})
    assert pair_evidence(pair)["birth_evidence"].item() == code


NIKS = {
    "equal": ({"nik": A}, {"nik": A}, "nik_equal"),
    "cut": ({"nik": A[:-1] + "0", "verdict": "suspect_truncated"}, {"nik": A}, "nik_equal_but_cut"),
    "one digit": ({"nik": A}, {"nik": ONE_OFF}, "nik_one_digit"),
    "two digits": ({"nik": A}, {"nik": TWO_OFF}, "nik_two_digits"),
    "differs": ({"nik": A}, {"nik": B}, "nik_differs"),
    "missing": ({"nik": None}, {"nik": B}, "nik_not_comparable"),
    "one digit, but no sign of a typing error": (
        {"nik": A, "kk": "1"},
        {"nik": ONE_OFF, "kk": "2"},
        "nik_differs",
    ),
    "two equal invalid numbers are not the same NIK": (
        {"nik": "6212019907809001", "verdict": "invalid"},
        {"nik": "6212019907809001", "verdict": "invalid"},
        "nik_not_comparable",
    ),
}


@pytest.mark.parametrize(("left", "right", "code"), NIKS.values(), ids=NIKS.keys())
def test_nik_evidence(left: dict[str, object], right: dict[str, object], code: str) -> None:
    assert pair_evidence(_pair(left, right))["nik_evidence"].item() == code


@settings(max_examples=30)
@given(st.text("0123456789", min_size=16, max_size=16), st.lists(st.integers(0, 15), max_size=4, unique=True))
def test_digit_distance_equals_plain_counting(nik: str, places: list[int]) -> None:
    changed = "".join(str((int(digit) + 1) % 10) if i in places else digit for i, digit in enumerate(nik))
    kind = pair_evidence(_pair({"nik": nik}, {"nik": changed}))["kind"].item()
    assert kind == ("A" if not places else "E" if len(places) <= 2 else "C")
