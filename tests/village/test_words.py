"""Answers as people write them: in capitals, shortened, misspelt; and what is no answer."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.village import answers, read_answer, words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("ADA, BELUM REKAM", "present", id="capitals"),
        pytest.param("Ada - Belum Rekam", "present", id="other signs"),
        pytest.param("blm rekam", "present", id="shortened"),
        pytest.param("ada blm rekm", "present", id="shortened and misspelt"),
        pytest.param(" sudah  rekam ", "recorded", id="blanks"),
        pytest.param("sdah rekam", "recorded", id="a letter is missing"),
        pytest.param("sudah rekma", "recorded", id="letters swapped"),
        pytest.param("SUDAH REKAM DI MURUNG", "recorded", id="a place behind"),
        pytest.param("Meningal", "dead", id="misspelt"),
        pytest.param("MENINGGAL DUNIA 12-03-2025", "dead", id="a date behind"),
        pytest.param("Meninggal 12-03-2025, akta ada", "dead", id="a certificate is there"),
        pytest.param("meninggal ada akta kematian", "dead", id="a certificate is there, the other way about"),
        pytest.param("meninggal, akta belum ada", None, id="no certificate yet"),
        pytest.param("meninggal tidak ada akta", None, id="no certificate"),
        pytest.param("meninggal, ada", None, id="dead and there"),
        pytest.param("ada akta", None, id="a certificate of nobody knows what"),
        pytest.param("alm", None, id="an abbreviation that may be a name"),
        pytest.param("pindah ke Palangka Raya", "moved", id="moved where"),
        pytest.param("pindah luar negeri", "abroad", id="moved abroad is abroad"),
        pytest.param("TKI", "abroad", id="works abroad"),
        pytest.param("tdk diketahui", "unknown", id="unknown"),
        pytest.param("tidak dketahui", "unknown", id="unknown, misspelt"),
        pytest.param("diketahui", None, id="a negation left out is no slip"),
        pytest.param("tidak meninggal", None, id="a negation put in front"),
        pytest.param("belum meninggal", None, id="not yet"),
        pytest.param("meninggal tidak", None, id="a negation behind"),
        pytest.param("bukan pindah", None, id="did not move"),
        pytest.param("pindah atau meninggal", None, id="two answers"),
        pytest.param("meninggal pindah", None, id="two answers without a word between"),
        pytest.param("kuliah di Banjarmasin", "away", id="studies"),
        pytest.param("lansia", "home_visit", id="old"),
        pytest.param("ODGJ", "home_visit", id="needs a visit"),
        pytest.param("lapas", "prison", id="in prison"),
        pytest.param("Ganda", "double", id="double"),
        pytest.param("Orang Berbeda", "different", id="two people"),
        pytest.param("beda orang", "different", id="two people, shortly"),
        pytest.param("bukan orang yang sama", "different", id="a negation of its own"),
        pytest.param("orang yg sama", "same", id="one person"),
        pytest.param("not recorded", "present", id="English"),
        pytest.param("?", None, id="a question mark"),
        pytest.param("", None, id="blank"),
        pytest.param("ok", None, id="no answer"),
        pytest.param("x", None, id="a cross"),
        pytest.param("1234", None, id="a number"),
        pytest.param("rekam", None, id="half an answer"),
    ],
)
def test_answers(text: str, code: str | None) -> None:
    assert read_answer(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("ganda dengan NIK 6212014107609001", "double", id="as the drop-down begins"),
        pytest.param("GANDA 6212.0141.0760.9001", "double", id="with dots"),
        pytest.param("6212014107609001", "double", id="the number alone"),
        pytest.param("sudah rekam dg NIK 6212 0141 0760 9001", "recorded", id="recorded under another"),
    ],
)
def test_a_nik_beside_the_answer(text: str, code: str) -> None:
    assert read_answer(text) == (code, "6212014107609001")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_word_of_the_drop_down_is_read_as_itself(lang: str) -> None:
    for code, answer in answers().items():
        assert read_answer(answer.label(lang)).code == code
        assert read_answer(answer.label(lang).upper()).code == code


def test_every_way_to_write_an_answer_belongs_to_one() -> None:
    said = {
        (words._plain(text), one.code) for one in answers().values() for text in (one.id, one.en, *one.also)
    }
    assert len(said) == len({text for text, _ in said})


@given(st.sampled_from(sorted(answers())), st.data())
def test_one_slip_never_makes_another_answer(code: str, data: st.DataObject) -> None:
    """A letter that is doubled, dropped or swapped is read as the same answer, or as none."""
    text = answers()[code].id
    at = data.draw(st.integers(0, len(text) - 2))
    slips = [
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    ]
    assert read_answer(data.draw(st.sampled_from(slips))).code in (code, None)


@given(st.text(max_size=40))
def test_unknown_is_never_dead(text: str) -> None:
    """Whatever stands beside it: a missing person is not dead."""
    assert read_answer(f"tidak diketahui {text}").code != "dead"


def test_doctests() -> None:
    failed, ran = doctest.testmod(words)
    assert ran
    assert not failed
