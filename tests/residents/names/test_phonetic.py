import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.residents.names.lexicon import lexicon, respell
from nikdedup.residents.names.phonetic import modern, names_table, skeleton

# Each line is one name; every writing has one blocking form.
SAME = """
SLAMET SELAMET SLAMAT
SUPRIYANTO SUPRIANTO SOEPRIJANTO
SUMIATI SUMIYATI SOEMIATI
FATIMAH PATIMAH FATHIMAH FATIMA
YUSUF JUSUF YUSUP JOESOEF
SOEKARNO SUKARNO
SOETJIPTO SUCIPTO
TJAHJONO CAHYONO CAHIONO
SOEDJONO SUJONO
SOEJONO SUYONO
ARIF ARIEF
ZAINAL JAINAL ZAENAL
KHAIRUL CHAIRUL HAIRUL KHOIRUL KHOERUL
KHAIRUDDIN CHAERUDIN HAERUDIN KHOIRUDIN
SYARIF SARIF SJARIF
RAHMAT RACHMAT ROHMAT ROCHMAD
RAHMAN ROHMAN RACHMAN
RIZKI RISKI RIZQI RIZKY RISQI
AZIZ AZIS
CHRISTINA KRISTINA CRISTINA
SYAIFUDDIN SAIFUDIN SAEFUDIN SAIPUDIN
SYAMSUL SAMSUL SJAMSUL
KHADIJAH HADIJAH KHODIJAH CHADIJAH
KHASANAH HASANAH CHASANAH
KHOTIMAH CHOTIMAH HOTIMAH
ROSYIDAH ROSIDAH RASYIDAH
SOLEH SALEH SHOLEH SOLIH
MUNAWAROH MUNAWARAH
YOHANES JOHANES YOHANIS
DANIEL DANIL
SETYAWAN SETIAWAN
DEWI DEWY
SYAUQI SAUKI SYAWKI
FACHRI FAHRI PAHRI FAKHRI
DZULKIFLI ZULKIFLI JULKIPLI ZULKIFLY
PUTRI PUTERI
SAPUTRA SAPUTERA SAPOETRA
LUCIA LUSIA
MARCELINA MARSELINA
IKHSAN IHSAN IKSAN
FAUZI PAUJI FAUJI FAUZIE
QOMARIYAH KOMARIAH QAMARIAH
WIDYA WIDIA
HERYANTO HERIANTO HERIYANTO
AHMAD AHMAT
YAKUB YAKUP
ISHAK ISHAQ ISAK
KUWAT KUAT
FELIX FELIKS
ABDULLAH ABDULLOH ABDOELLAH
JUNAIDI DJUNAEDI JUNAEDY YUNAIDI
MUHTAR MOCHTAR MUKHTAR
RAMADHAN RAMDHAN ROMADHON RAMADAN
SITI SITTI
MICHAEL MIKAEL
"""
GROUPS = [line.split() for line in SAME.strip().splitlines()]

APART = [
    ("SUPRIANTO", "SUPRIANTI"),
    ("SETIAWAN", "SETIAWATI"),
    ("SUNARTO", "SUNARTI"),
    ("RINO", "RINI"),
    ("RANI", "RINI"),
    ("HALIM", "HALIMI"),
    ("SUJONO", "SUYONO"),
    ("HASAN", "HUSIN"),
    ("ARIF", "ARIFIN"),
    ("ISA", "ISAK"),
    ("AMIN", "IMAN"),
    ("AGUNG", "AGUN"),
]


@pytest.mark.parametrize("group", GROUPS, ids=[group[0] for group in GROUPS])
def test_writings_of_one_name_meet(group):
    assert len({skeleton(word) for word in group}) == 1


@pytest.mark.parametrize(("left", "right"), APART, ids=["-".join(pair) for pair in APART])
def test_different_names_do_not_meet(left, right):
    assert skeleton(left) != skeleton(right)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SOEKARNO", "SUKARNO"),
        ("TJAHJONO", "CAHYONO"),
        ("SOEDJONO", "SUJONO"),
        ("SOEJONO", "SUYONO"),
        ("SJAHRIR", "SYAHRIR"),
        ("TJANJOTO", "CANYOTO"),
        ("JAYA", "JAYA"),
        ("PANJI", "PANJI"),
        ("KHOERUL", "KHOERUL"),
    ],
)
def test_spelling_of_1972(old, new):
    assert modern(old) == new


@pytest.mark.parametrize(
    ("word", "clean"),
    [
        ("ABDURRAHMAN", "ABDUL RAHMAN"),
        ("ABDULAZIZ", "ABDUL AZIZ"),
        ("ABDUSSAMAD", "ABDUL SAMAD"),
        ("ABDUSSYUKUR", "ABDUL SYUKUR"),
        ("ABDULATIF", "ABDUL LATIF"),
        ("ABDULLOH", "ABDULLAH"),
        ("ABDUH", "ABDUH"),
        ("NURJANNAH", "NUR JANNAH"),
        ("NURULHUDA", "NURUL HUDA"),
        ("NURUL", "NURUL"),
        ("NURDIN", "NURDIN"),
        ("NORBERTUS", "NORBERTUS"),
        ("SRIWAHYUNI", "SRI WAHYUNI"),
        ("SRIKANDI", "SRIKANDI"),
        ("KHAIRULANWAR", "KHAIRUL ANWAR"),
        ("KHAIRULLAH", "KHAIRULLAH"),
        ("SITINJAK", "SITINJAK"),
    ],
)
def test_joined_words_are_split(word, clean):
    assert respell(word) == clean


def test_table_is_sound():
    classes, variants = names_table()["class"], names_table()["variant"]
    members = [member for group in classes.values() for member in group]
    assert len(members) == len(set(members))
    assert not set(members) & set(classes), "a member is itself the head of a class"
    assert all(respell(respell(member)) == respell(member) for member in members)
    alike = [member for group in variants.values() for member in group]
    assert len(alike) == len(set(alike))
    assert not set(alike) & set(variants)
    assert not lexicon().special & set(members) - {"BY"}


@given(st.text(string.ascii_uppercase, min_size=1, max_size=14))
def test_skeleton_is_never_empty_and_letters_only(word):
    form = skeleton(word)
    assert form
    assert set(form) <= set(string.ascii_uppercase)
    assert len(form) <= len(word) + word.count("X") + 4


@given(st.text(string.ascii_uppercase, min_size=1, max_size=14))
def test_respelling_settles_at_once(word):
    assert " ".join(map(respell, respell(word).split())) == respell(word)
