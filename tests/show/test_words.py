"""Masks, numbers, texts: what every page of this room is made of."""

from __future__ import annotations

import doctest
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import schema
from nikdedup.match.block.passes import PASSES
from nikdedup.match.levels import LEVEL_NAMES
from nikdedup.residents.flags import REASONS
from nikdedup.show import mask, numbers, texts, xlsx_rows
from nikdedup.show.texts import label, reason


@pytest.mark.parametrize("module", [mask, numbers, texts, xlsx_rows], ids=lambda m: m.__name__)
def test_doctests(module):
    failed, ran = doctest.testmod(module)
    assert ran
    assert not failed


@given(st.text(string.digits, min_size=9, max_size=20))
def test_mask_shows_at_most_six_and_two_digits(nik):
    shown = mask.mask_nik(nik)
    assert len(shown) == len(nik)
    assert sum(sign.isdigit() for sign in shown) == (8 if len(nik) >= 12 else 0)


@given(st.text())
def test_mask_name_keeps_one_letter_per_word(name):
    assert all(len(word) <= 4 and word.endswith(".") for word in mask.mask_name(name).split())


@pytest.mark.parametrize(
    ("share", "floor", "expected"),
    [
        pytest.param(0.99196, True, "99,19%", id="never a target reached by rounding"),
        pytest.param(0.29, True, "29,00%", id="binary fraction"),
        pytest.param(0.99196, False, "99,20%", id="rounded"),
        pytest.param(float("nan"), False, "–", id="no figure"),
    ],
)
def test_percent(share, floor, expected):
    assert numbers.percent(share, "id", floor=floor) == expected


def test_every_text_exists_in_both_languages_with_the_same_placeholders():
    fields = lambda text: {name for _, name, _, _ in string.Formatter().parse(text) if name}  # noqa: E731
    for group, names in texts.TEXTS.table.items():
        for name, both in names.items():
            assert set(both) == {"id", "en"}, f"{group}.{name}"
            assert all(both.values()), f"{group}.{name}"
            assert fields(both["id"]) == fields(both["en"]), f"{group}.{name}"


KNOWN = (
    [("action", code) for code in schema.ACTIONS]
    + [("sheet", code) for code in schema.ACTIONS]
    + [("kind", code) for code in schema.KINDS]
    + [("relation", code) for code in schema.RELATIONS]
    + [("verdict", code) for code in schema.NIK_VERDICTS]
    + [("recording", code) for code in schema.RECORDING_CLASSES]
    + [("recorded", code) for code in schema.RECORDED]
    + [("field", code) for code in schema.LEVELS]
    + [("pass", one.name) for one in PASSES]
    + [("level", text) for names in LEVEL_NAMES.values() for text in names.values()]
)


@pytest.mark.parametrize(("group", "code"), sorted(set(KNOWN)))
def test_every_code_of_the_other_rooms_has_a_name(group, code):
    plain = code.replace("_", " ")
    named = code in ("none", "valid", "DUPLICATE_RECORD", "duplicate", "nik", "kk")
    assert named or label(group, code, "id") != plain, f"data/show.toml [{group}] lacks {code!r}"


def test_flags_take_their_sentence_from_the_reasons():
    assert reason("nik_truncated", "en") == REASONS["nik_truncated"].en
    assert reason("code_of_tomorrow", "id") == "code of tomorrow"
