"""Columns by what they hold: statuses under any header, and no guess where two fields would do."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup import dedupe
from nikdedup.columnar.spill import InFolder
from nikdedup.config import Config
from nikdedup.errors import InputError
from nikdedup.residents.read.extract import Extract, read
from nikdedup.residents.read.wording import without_note

NIKS = ["6212011102839001", "6212015604879001", "6212012407129003", "6212021910659004", "6212025204709005"]
BORN = ["11-02-1983", "16-04-1987", "24-07-2012", "19-10-1965", "12-04-1970"]
NAMES = ["BAMBANG PRIYONO", "YENI ARIANI", "EDI SUPRAPTO", "ROBERTUS LANDA", "MARTHA SULASTRI"]
RECORDED = ["SUDAH REKAM", "Sdh rkm", "BLM REKAM", "-", "belum perekaman"]
LIVES = ["HIDUP", "MENINGGAL", "HIDUP", "PINDAH", "HIDUP"]
MARRIED = ["KAWIN", "BELUM KAWIN", "CERAI MATI", "KAWIN", "KAWIN"]


def extract(**columns: list[str | None]) -> Extract:
    return read(
        pl.DataFrame({"NIK": NIKS, "NAMA": NAMES} | {k.replace("_", " "): v for k, v in columns.items()})
    )


def told(found: Extract, *fields: str) -> dict[str, list[str]]:
    return {name: found.mapping[name] for name in fields if name in found.mapping}


STATUSES = ("ektp_status", "flag_status", "stat_kwn", "stat_hbkel")


@pytest.mark.parametrize(
    "header", ["KET", "Keterangan", "STATUS", "Status Penduduk", "Ket. Rekam", "REKAM?", ""]
)
def test_recording_status_under_any_header(header: str) -> None:
    frame = pl.DataFrame({"NIK": NIKS, "NAMA": NAMES, header: RECORDED})
    assert told(read(frame), *STATUSES) == {"ektp_status": [header]}


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        pytest.param(RECORDED, "ektp_status", id="recording"),
        pytest.param(
            ["PRINT_READY_RECORD", "CARD_PRINTED", "PRR", "BIO_CAPTURED", None],
            "ektp_status",
            id="SIAK texts",
        ),
        pytest.param(LIVES, "flag_status", id="life"),
        pytest.param(MARRIED, "stat_kwn", id="marriage"),
        pytest.param(["K", "BK", "CH", "K", "CM"], "stat_kwn", id="short for marriage"),
        pytest.param(["B", "S", "P", "S", "B"], "stat_kwn", id="voter list"),
        pytest.param(
            ["KEPALA KELUARGA", "ISTRI", "ANAK", "ANAK", "KEPALA KELUARGA"], "stat_hbkel", id="family"
        ),
        pytest.param(["1", "2", "1", "1", "3"], "flag_status", id="codes stay the office's own"),
        pytest.param([None, None, None, None, None], "flag_status", id="nothing in it"),
        pytest.param(["AKTIF", "AKTIF", "ADA", "AKTIF", "NORMAL"], "flag_status", id="weak words"),
    ],
)
def test_what_a_column_status_holds_decides(texts: list[str | None], field: str) -> None:
    assert told(extract(STATUS=texts), *STATUSES) == {field: ["STATUS"]}


def test_a_column_of_both_statuses_is_read_as_both() -> None:
    texts = ["BELUM REKAM", "MENINGGAL", "SUDAH REKAM", "PINDAH", "rumah kosong"]
    found = extract(KET=texts)
    assert told(found, *STATUSES) == {"flag_status": ["KET"], "ektp_status": ["KET"]}
    assert found.frame["ektp_status"].to_list() == ["BELUM REKAM", None, "SUDAH REKAM", None, "rumah kosong"]
    assert found.frame["flag_status"].to_list() == [None, "MENINGGAL", None, "PINDAH", "rumah kosong"]


def test_a_status_that_another_column_holds_is_left_alone() -> None:
    found = extract(STATUS=RECORDED, Status_Rekam=RECORDED)
    assert told(found, *STATUSES) == {"ektp_status": ["Status Rekam"]}
    assert [(one.header, one.filled, one.rows) for one in found.unused] == [("STATUS", 5, 5)]


def test_two_statuses_of_one_header_are_told_apart() -> None:
    found = extract(STATUS=LIVES, Status_Penduduk=RECORDED)
    assert told(found, *STATUSES) == {"flag_status": ["STATUS"], "ektp_status": ["Status Penduduk"]}


def test_letters_that_may_mean_two_things_are_nobodys() -> None:
    letters = ["S", "B", "S", "B", "B"]
    found = extract(STATUS=letters)
    assert told(found, *STATUSES) == {}
    assert found.unused[0].may_be == ("ektp_status", "stat_kwn")
    both = extract(STATUS=letters, **{"KTP-el": ["S", "S", "B", "B", "S"]})
    assert told(both, *STATUSES) == {"stat_kwn": ["STATUS"], "ektp_status": ["KTP-el"]}


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        pytest.param("KETERANGAN", ["1", "2", None, "8", "1"], id="codes"),
        pytest.param("Cetak KTP", ["SUDAH", "BELUM", "SUDAH", "SUDAH", "BELUM"], id="of the card"),
        pytest.param("Status BPJS", ["AKTIF", "NONAKTIF", "AKTIF", "AKTIF", "AKTIF"], id="of something else"),
        pytest.param("Status Ibu", LIVES, id="of somebody else"),
        pytest.param(
            "Catatan", ["rumah jauh", "BELUM REKAM", "bekerja di kota", "sekolah", None], id="free text"
        ),
    ],
)
def test_what_is_not_sure_is_not_taken(header: str, texts: list[str | None]) -> None:
    frame = pl.DataFrame({"NIK": NIKS, "NAMA": NAMES, header: texts})
    found = read(frame)
    assert told(found, *STATUSES) == {}
    assert [one.header for one in found.unused] == [header]


def test_dates_are_of_birth_where_the_niks_say_so() -> None:
    assert told(extract(Tgl=BORN), "tgl_lhr") == {"tgl_lhr": ["Tgl"]}
    other = extract(Tgl=["01-02-2020", "02-02-2020", "03-02-2020", "04-02-2020", "05-02-2020"])
    assert told(other, "tgl_lhr") == {}
    assert other.unused[0].may_be == ()


def test_niks_are_those_of_men_and_women() -> None:
    frame = pl.DataFrame({"Nomor": [None] * 5, "Nomor Identitas": NIKS, "NAMA": NAMES})
    assert told(read(frame), "nik") == {"nik": ["Nomor Identitas"]}


def test_two_columns_of_niks_are_not_chosen_from() -> None:
    found = read(pl.DataFrame({"A": NIKS, "B": NIKS[::-1], "NAMA": NAMES}))
    assert told(found, "nik") == {}
    assert [one.may_be for one in found.unused] == [("nik",), ("nik",)]
    result = dedupe(pl.DataFrame({"A": NIKS, "B": NIKS[::-1], "NAMA": NAMES}), reference_date="2026-06-30")
    assert [one["check"] for one in result.run["health"] if not one["ok"]] == [
        "columns_used",
        "people_told_apart",
    ]
    assert "Tidak ada kolom NIK" in result.summary()


def test_of_two_claims_an_empty_column_gives_way() -> None:
    found = read(pl.DataFrame({"NIK": NIKS, "No. KTP": [None, "", " ", None, None], "NAMA": NAMES}))
    assert told(found, "nik") == {"nik": ["NIK"]}
    with pytest.raises(InputError, match="both claim nik"):
        read(pl.DataFrame({"NIK": NIKS, "No. KTP": [*NIKS[:4], None], "NAMA": NAMES}))


def test_the_config_goes_before_what_a_column_holds() -> None:
    frame = pl.DataFrame({"NIK": NIKS, "NAMA": NAMES, "STATUS": RECORDED})
    found = read(frame, config=Config(columns={"flag_status": "STATUS"}))
    assert told(found, *STATUSES) == {"flag_status": ["STATUS"]}


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        pytest.param("NIK (16 digit)", "NIK", id="brackets"),
        pytest.param("TGL LAHIR (dd-mm-yyyy)", "TGL LAHIR", id="form of the date"),
        pytest.param("TGL LAHIR hh/bb/tttt", "TGL LAHIR", id="form without brackets"),
        pytest.param("JK [L/P]", "JK", id="square brackets"),
        pytest.param("NAMA *) wajib diisi", "NAMA", id="wajib diisi"),
        pytest.param("NIK 1)", "NIK", id="footnote"),
        pytest.param("NAMA<br/>LENGKAP", "NAMA LENGKAP", id="mark-up"),
        pytest.param("NAMA_x000D_\nLENGKAP", "NAMA LENGKAP", id="escaped line end"),
        pytest.param("NAMA (sesuai KTP)", "NAMA", id="as on the card"),
        pytest.param("NAMA (suami)", "NAMA (suami)", id="another person"),
        pytest.param("(NIK)", "NIK", id="nothing but brackets"),
        pytest.param("No. KK (Kartu Keluarga)", "No. KK", id="the field in other words"),
        pytest.param("Tempat Lahir (Kab/Kota)", "Tempat Lahir", id="what kind of place"),
        pytest.param("NIK (Ibu)", "NIK (Ibu)", id="a mother's"),
    ],
)
def test_notes_are_taken_off(header: str, plain: str) -> None:
    assert without_note(header) == plain


def test_a_whole_header_goes_before_one_with_a_note() -> None:
    found = extract(**{"NIK (lama)": NIKS[::-1], "NAMA (gelar)": NAMES})
    assert (found.mapping["nik"], found.mapping["nama_lgkp"]) == (["NIK"], ["NAMA"])
    assert {one.header for one in found.unused} == {"NIK (lama)", "NAMA (gelar)"}


@settings(deadline=None, max_examples=30)
@given(st.permutations(["KET", "STATUS", "TGL LAHIR", "L/P"]), st.sampled_from(["", " (wajib diisi)", " *)"]))
def test_order_of_columns_and_notes_do_not_matter(order: list[str], note: str) -> None:
    columns = {"KET": RECORDED, "STATUS": MARRIED, "TGL LAHIR": BORN, "L/P": ["L", "P", "L", "L", "P"]}
    frame = pl.DataFrame({"NIK": NIKS, "NAMA": NAMES} | {f"{name}{note}": columns[name] for name in order})
    found = {name: one[0].split(note)[0] if note else one[0] for name, one in read(frame).mapping.items()}
    assert found == {
        "nik": "NIK", "nama_lgkp": "NAMA", "jenis_klmin": "L/P", "tgl_lhr": "TGL LAHIR", "stat_kwn": "STATUS",
        "ektp_status": "KET",
    }  # fmt: skip


def test_parts_count_and_tell_what_the_whole_does(tmp_path: Path) -> None:
    rows = 3_000
    frame = pl.DataFrame({
        "NIK": [f"62120101{i % 12 + 1:02d}{i % 90 + 10}{9001 + i % 999}" for i in range(rows)],
        "NAMA": [f"NAMA {i}" for i in range(rows)],
        "KET": [RECORDED[i % 5] for i in range(rows)],
        "CATATAN": ["x" if i % 3 else " " for i in range(rows)],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=500)
    from tests.residents.parts.cutting import looked_at

    config = Config(reference_date="2026-06-30")
    (tmp_path / "shelf").mkdir()
    found = looked_at(tmp_path / "a.parquet", InFolder(tmp_path / "shelf"), 700, config)
    sliced, whole = found.extract, read(tmp_path / "a.parquet", config=config)
    assert len(found.slices) > 2
    assert (sliced.how, sliced.unused, sliced.mapping) == (whole.how, whole.unused, whole.mapping)
    assert [(one.header, one.filled) for one in whole.unused] == [("CATATAN", 2_000)]
    assert whole.how["ektp_status"] == ["content"]
