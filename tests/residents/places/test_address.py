import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.residents.places.address import clean_address, clean_rt, parse_address, split_rt_rw

ADDRESSES = [
    ("Jl. Sudirman No. 12 RT.001/RW.02", ("JALAN SUDIRMAN NO 12", "001", "002", None)),
    ("JLN SUDIRMAN NOMOR 12", ("JALAN SUDIRMAN NO 12", None, None, None)),
    ("Jalan Sudirman #12", ("JALAN SUDIRMAN NO 12", None, None, None)),
    ("JL A YANI KM.5 RT 3", ("JALAN A YANI KM 5", "003", None, None)),
    ("GG. MELATI BLK C", ("GANG MELATI BLOK C", None, None, None)),
    ("GG II", ("GANG 2", None, None, None)),
    ("Ma. Joloi I RT/RW : 002/000 DUSUN : -", ("MUARA JOLOI 1", "002", None, None)),
    ("MUARA JOLOI 1", ("MUARA JOLOI 1", None, None, None)),
    ("RT 003 RW 001 DSN MELATI DESA X", ("DUSUN MELATI DESA X", "003", "001", "MELATI")),
    ("Sei Lunuk", ("SUNGAI LUNUK", None, None, None)),
    ("S. Barito", ("SUNGAI BARITO", None, None, None)),
    ("TBG. LAHUNG", ("TUMBANG LAHUNG", None, None, None)),
    ("TELOK JOLO", ("TELUK JOLO", None, None, None)),
    ("SP. TIGA", ("SIMPANG TIGA", None, None, None)),
    ("SP 3", ("SP 3", None, None, None)),
    ("Puruk Cahu 001/002", ("PURUK CAHU", "001", "002", None)),
    ("KP. BARU RT5/2", ("KAMPUNG BARU", "005", "002", None)),
    ("BERIWIT RT. IV", ("BERIWIT", "004", None, None)),
    ("JL. G. OBOS NO 5/7", ("JALAN G OBOS NO 5 7", None, None, None)),
    ("Danau Usung RW 02", ("DANAU USUNG", None, "002", None)),
    ("BERIWIT RT 000 RW -", ("BERIWIT", None, None, None)),
    ("RT/RW -", (None, None, None, None)),
    ("RT.01", (None, "001", None, None)),
    ("12", (None, None, None, None)),
    ("-", (None, None, None, None)),
    ("", (None, None, None, None)),
    (None, (None, None, None, None)),
]


@pytest.mark.parametrize(("text", "parts"), ADDRESSES, ids=[repr(case[0]) for case in ADDRESSES])
def test_clean_address(text, parts):
    frame = clean_address(pl.Series([text], dtype=pl.String))
    assert frame.columns == ["clean", "rt", "rw", "dusun"]
    assert frame.row(0) == parts


@pytest.mark.parametrize(
    ("value", "rt"),
    [
        ("1", "001"), ("001", "001"), (" 12 ", "012"), ("RT 1", "001"), ("RT.007", "007"), ("1.0", "001"),
        ("123", "123"),
        ("0", None), ("000", None), ("-", None), ("", None), ("1234", None), ("1/2", None),
        ("A", None), (None, None),
    ],
)  # fmt: skip
def test_clean_rt(value, rt):
    assert clean_rt(pl.Series([value], dtype=pl.String)).to_list() == [rt]


@pytest.mark.parametrize(
    "values", [pl.Series([1, 12]), pl.Series([1.0, 12.0]), pl.Series(["1", "12"])], ids=str
)
def test_clean_rt_of_number_cells(values):
    assert clean_rt(values).to_list() == ["001", "012"]


PAIRS = [
    ("001/002", ("001", "002", None)),
    ("5/3", ("005", "003", None)),
    ("RT.1/RW.2", ("001", "002", None)),
    ("RT 01 RW 02", ("001", "002", None)),
    ("RT/RW : 002/000", ("002", None, None)),
    ("01-02", ("001", "002", None)),
    ("7", ("007", None, None)),
    ("7.0", ("007", None, None)),
    ("RW 4", (None, "004", None)),
    ("05-Mar", ("005", "003", "rt_rw_was_date")),
    ("5-Agu", ("005", "008", "rt_rw_was_date")),
    ("Mar-05", ("005", "003", "rt_rw_was_date")),
    ("2026-03-05", ("005", "003", "rt_rw_was_date")),
    ("2026-03-05 00:00:00", ("005", "003", "rt_rw_was_date")),
    ("05/03/2026", ("005", "003", "rt_rw_was_date")),
    ("000/000", (None, None, None)),
    ("-", (None, None, None)),
    (None, (None, None, None)),
]


@pytest.mark.parametrize(("value", "parts"), PAIRS, ids=[repr(case[0]) for case in PAIRS])
def test_split_rt_rw(value, parts):
    assert split_rt_rw(pl.Series([value], dtype=pl.String)).row(0) == parts


WORDS = ["JL.", "SUDIRMAN", "NO", "12", "NO.", "RT", "RT.1", "001", "001/002", "RW", "DSN", "MELATI", "I",
         "II", "S.", "P", "3", "-", "Ma.", "BLOK,", "0", "00012", "é", "Desa", "IV"]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), st.text(max_size=25))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=20))
def test_column_equals_scalar(texts):
    nothing = (None, None, None, None)
    rows = clean_address(pl.Series(texts, dtype=pl.String)).rows()
    assert rows == [nothing if text is None else parse_address(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_cleaning_a_clean_address_changes_nothing(text):
    clean = parse_address(text)[0]
    assert clean is None or parse_address(clean)[:3] == (clean, None, None)


@given(
    st.integers(1, 999),
    st.integers(1, 999),
    st.sampled_from(["{}/{}", "RT {} RW {}", "RT.{}/RW.{}", "RT/RW: {}/{}"]),
)
def test_every_way_of_writing_rt_and_rw(rt, rw, form):
    for width in (1, 3):
        written = form.format(str(rt).zfill(width), str(rw).zfill(width))
        assert split_rt_rw(pl.Series([written])).row(0) == (f"{rt:03}", f"{rw:03}", None)
        if "RT" in form:
            assert parse_address(f"BERIWIT {written}")[:3] == ("BERIWIT", f"{rt:03}", f"{rw:03}")
