"""The column of record ids: nobody's NIK or name, or pseudonyms in its place."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path

import polars as pl
import pytest

from nikdedup import Config, InputError, dedupe, read

NIKS = [f"62120141078090{number:02d}" for number in range(1, 11)]
NAMES = ["SITI AMINAH", "MUHAMMAD YUSUF", "NUR HAYATI", "ANDI M. RAHMAN", "Hj. SRI WAHYUNI", "I WAYAN SUDIRA"]

REFUSED = {
    "niks": (NIKS, "10 of 10 values look like NIKs or numbers of cards"),
    "dotted niks": (
        [f"{nik[:2]}.{nik[2:6]}.{nik[6:12]}.{nik[12:]}" for nik in NIKS],
        "10 of 10 values look like NIKs",
    ),
    "some niks": (
        [*NIKS[:2], *(f"R{row}" for row in range(8))],
        "2 of 10 values look like NIKs or numbers of cards",
    ),
    "names": (NAMES, "6 of 6 values look like names"),
    "names of one word": (["SUPARMAN", "SLAMET", "NURHAYATI"], "3 of 3 values look like names"),
}
FINE = {
    "numbers": [str(number) for number in range(10)],
    "codes": [f"KEC-{number:04d}" for number in range(10)],
    "words": [f"rec {number} org" for number in range(10)],
    "letters": ["aa", "ab", "ac", "ba"],
    "long numbers": [f"{number:016d}" for number in range(1, 10)],
    "short numbers": [f"62120141{number:04d}" for number in range(10)],
    "uuids": [f"3f2504e0-4f89-11d3-9a0c-0305e82c33{number:02d}" for number in range(10)],
}


def frame_of(ids: list[str]) -> pl.DataFrame:
    names = ids if ids[0] == "SUPARMAN" else [f"ORANG {chr(65 + row)}" for row in range(len(ids))]
    return pl.DataFrame({"KODE": ids, "NAMA_LGKP": names, "TGL_LHR": "01-02-1990"})


@pytest.mark.parametrize(("ids", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_identities_are_refused_in_one_line_that_shows_none(ids: list[str], told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(frame_of(ids), config=Config(record_id="KODE"))
    text = str(caught.value)
    assert text.startswith(f"record_id 'KODE': {told}")
    assert text.endswith("name another column, or set record_id_pseudonym = true")
    assert "\n" not in text
    assert not any(one in text for one in ids)


@pytest.mark.parametrize("ids", FINE.values(), ids=FINE.keys())
def test_other_ids_are_taken_as_they_are(ids: list[str]) -> None:
    assert read(frame_of(ids), config=Config(record_id="KODE")).frame["record_id"].to_list() == ids


def test_pseudonyms_are_the_same_every_night_and_show_nothing() -> None:
    config = Config(record_id="KODE", record_id_pseudonym=True)
    found = read(frame_of(NIKS), config=config).frame["record_id"]
    assert found[0] == blake2b(NIKS[0].encode(), digest_size=12).hexdigest()
    again = read(frame_of(NIKS[::-1]), config=config).frame["record_id"]
    assert again.reverse().equals(found)
    assert found.str.contains("^[0-9a-f]{24}$").all()


def test_the_niks_themselves_may_be_pseudonyms(tmp_path: Path) -> None:
    frame = pl.DataFrame({"NIK": NIKS, "NAMA_LGKP": NAMES[:5] * 2, "TGL_LHR": "01-07-1980"})
    options = {"record_id": "NIK", "reference_date": "2026-06-30", "report": False}
    with pytest.raises(InputError, match="is the NIK, which two records may share"):
        dedupe(frame, **options)
    result = dedupe(frame, record_id_pseudonym=True, **options)
    assert result.residents["record_id"].equals(result.residents["record_key"].alias("record_id"))
    for table in (result.people, result.pairs, result.decisions):
        assert not re.search(r"[^0-9a-f]\d{16}[^0-9a-f]", repr(table.rows()))


def test_pseudonyms_are_unique_and_never_blank_either() -> None:
    config = Config(record_id="KODE", record_id_pseudonym=True)
    with pytest.raises(InputError, match="record_id 'KODE': 1 value is not unique, first in row 1 and row 2"):
        read(frame_of([NIKS[0], NIKS[0]]), config=config)
