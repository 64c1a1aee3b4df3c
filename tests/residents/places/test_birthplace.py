import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.residents.places.birthplace import clean_place, parse_place, places_table

CASES = [
    ("Kab. Murung Raya", "MURUNG RAYA"),
    ("KABUPATEN MURUNG RAYA", "MURUNG RAYA"),
    ("PALANGKARAYA", "PALANGKA RAYA"),
    ("Palangka Raya", "PALANGKA RAYA"),
    ("P. RAYA", "PALANGKA RAYA"),
    ("KOTA PALANGKARAYA", "PALANGKA RAYA"),
    ("PALANGKARAYA KALTENG", "PALANGKA RAYA"),
    ("PURUKCAHU", "PURUK CAHU"),
    ("Puruk Cahu, Murung Raya", "PURUK CAHU"),
    ("P.CAHU", "PURUK CAHU"),
    ("MA. TEWEH", "MUARA TEWEH"),
    ("KOTA BARU", "KOTABARU"),
    ("KOTABARU", "KOTABARU"),
    ("KOTA", "KOTA"),
    ("DS. TELOK JOLO", "TELUK JOLO"),
    ("Desa Sei Lunuk", "SUNGAI LUNUK"),
    ("JOGJA", "YOGYAKARTA"),
    ("Ujung Pandang", "MAKASSAR"),
    ("TJIREBON", "CIREBON"),
    ("TJ. PINANG", "TANJUNGPINANG"),
    ("JAKARTA SELATAN", "JAKARTA SELATAN"),
    ("-", None),
    ("TIDAK TAHU", None),
    ("123", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "place"), CASES, ids=[repr(case[0]) for case in CASES])
def test_clean_place(text, place):
    assert clean_place(pl.Series([text], dtype=pl.String)).to_list() == [place]


def test_column_keeps_order_name_and_length():
    places = pl.Series("tmpt_lhr", ["SAMPIT", None, "P. RAYA", "SAMPIT"])
    assert clean_place(places).name == "tmpt_lhr"
    assert clean_place(places).to_list() == ["SAMPIT", None, "PALANGKA RAYA", "SAMPIT"]
    assert clean_place(places[:0]).len() == 0


def test_a_writing_means_one_place():
    members = [m for group in places_table()["place"]["same"].values() for m in group]
    assert len(members) == len(set(members))


WORDS = [
    "KAB.",
    "KOTA",
    "BARU",
    "P.",
    "RAYA",
    "TJ.",
    "SEI",
    "KALTENG",
    "MURA",
    "KALIMANTAN",
    "TENGAH",
    "DESA",
    "1",
]


@settings(max_examples=200)
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), st.text(max_size=20)))
def test_cleaning_settles_and_ignores_case(text):
    place = parse_place(text)
    assert place is None or parse_place(place) == place
    if text.isascii():
        assert parse_place(text.lower()) == parse_place(f"  {text} ".replace(" ", "  ")) == place
