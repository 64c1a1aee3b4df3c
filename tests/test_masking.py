"""What may be shown of a text from outside: no long number, and of words only those that name nobody."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.errors import ConfigError, InputError, RunError
from nikdedup.masking import HIDDEN, is_plain, mask_numbers

IDS = st.from_regex(r"[1-9]\d{15}", fullmatch=True)
PHONES = st.from_regex(r"08\d{8,11}", fullmatch=True)
AROUND = st.text(alphabet="abc :,;()'/", max_size=5)


@given(number=IDS | PHONES, before=AROUND, after=AROUND)
def test_no_id_or_telephone_stays(number: str, before: str, after: str) -> None:
    shown = mask_numbers(before + number + after)
    assert number not in shown
    assert HIDDEN in shown
    assert shown.startswith(before)
    assert shown.endswith(after)
    assert mask_numbers(shown) == shown


@given(number=IDS, separator=st.sampled_from(".- _"))
def test_an_id_in_groups_is_one_all_the_same(number: str, separator: str) -> None:
    groups = separator.join(number[at : at + 4] for at in range(0, 16, 4))
    assert number[6:14] not in mask_numbers(f"KK {groups}.csv").replace(separator, "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("export_20260630.csv", id="date on end"),
        pytest.param("2026-06-30 12:00:00", id="date and time"),
        pytest.param("--memory: 400 MB are allowed; about 452 MB are needed for 600 records", id="figures"),
        pytest.param("entry 12, 13, 14, 15, 16, 17, 18, 19", id="lines of a list"),
        pytest.param("Desa 6212012001", id="too short for an id, long for a code"),
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert (mask_numbers(text) == text) is ("6212012001" not in text)


@pytest.mark.parametrize("kind", [InputError, ConfigError, RunError])
def test_every_error_masks_numbers(kind: type[InputError]) -> None:
    fault = kind("6212014107609001.csv: no such file or folder")
    assert str(fault) == "621201••••••••01.csv: no such file or folder"
    assert "6212014107609001" not in repr(fault) + repr(fault.args)


@pytest.mark.parametrize(
    "text",
    ["KET. Rekam", "KODE ARSIP", "alamat sekarang", "No. HP", "TglLahir", "NAMALENGKAP", "given_name", "address_2",
     "NIK (16 digit)", "TGL LAHIR (dd-mm-yyyy)", "SUMBER DATA", "KODE DISABILITAS", "Unnamed: 3", "BPJS", "Tahun 2024"],
)  # fmt: skip
def test_headers_of_offices_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text",
    ["SITI AMINAH", "Rusminah", "INAYAH", "SURATNO", "NONO", "JL. POROS DESA NO. 125", "GANG MELATI", "BATU BUA I",
     "01-07-1990", "1990", "6212014107609001", "KET. SITI", "GG. KELUARGA", "陳大文", "x" * 61, "NIK 0812345678"],
)  # fmt: skip
def test_people_and_places_are_not(text: str) -> None:
    assert not is_plain(text)


def test_hardly_a_name_is_a_plain_word(small_extract: object) -> None:
    """Of names, birth places and addresses of 600 residents none but a village of everyday words may pass."""
    frame = pl.read_parquet(str(small_extract))
    columns = ("NAMA_LGKP", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH", "TMPT_LHR", "ALAMAT")
    texts = {text for column in columns for text in frame[column].drop_nulls() if len(text) > 2}
    assert len(texts) > 1000
    assert {text for text in texts if is_plain(text)} <= {"KOTABARU"}
