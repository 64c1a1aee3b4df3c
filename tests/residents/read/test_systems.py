"""Lists of other systems: every column is a field or is named, and numbers say what their tables have for them."""

from pathlib import Path

import polars as pl
import pytest

import nikdedup
from nikdedup.residents.read.codes import code_tables, decoded
from nikdedup.residents.read.extract import Extract, read

FORMATS = Path(__file__).parents[2] / "cases" / "formats"
SYSTEMS = ["opensid.xlsx", "opendk.xlsx", "dapodik.xlsx", "emis.csv", "dtsen.csv", "dtks.csv", "bpjs.csv"]


def of(name: str) -> Extract:
    return read(FORMATS / name)


def column(extract: Extract, name: str) -> list[str | None]:
    return extract.frame[name].to_list()


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_column_is_lost(name: str) -> None:
    extract = of(name)
    filled = {header for headers in extract.mapping.values() for header in headers}
    told = filled | set(extract.unmapped)
    headers = sum(len(headers) for headers in extract.mapping.values()) + len(extract.unmapped)
    assert len(told) == headers
    assert {"nik", "nama_lgkp", "jenis_klmin", "tgl_lhr"} <= extract.mapping.keys()
    shown = [one.header for one in extract.unused if not one.header.startswith("•••")]
    assert len(shown) >= 0.7 * len(extract.unused)


def test_opensid_has_a_field_for_all_it_shares_with_the_registry() -> None:
    extract = of("opensid.xlsx")
    assert {
        name: headers for name, headers in extract.mapping.items() if name in ("stat_hbkel", "nik_ayah")
    } == {
        "stat_hbkel": ["kk_level"],
        "nik_ayah": ["ayah_nik"],
    }
    assert len(extract.mapping) == 29
    assert extract.unmapped[:3] == ["pendidikan_sedang_id", "dokumen_pasport", "tanggal_akhir_paspor"]
    assert column(extract, "flag_status") == ["HIDUP", "HIDUP", "HIDUP", "MATI"]
    assert column(extract, "agama") == ["ISLAM", "ISLAM", "ISLAM", "KRISTEN"]
    assert column(extract, "pddk_akh")[1] == "SLTA / SEDERAJAT"
    assert column(extract, "gol_drh") == ["TIDAK TAHU", "O", "A", "B"]
    assert column(extract, "warganegara") == ["WNI"] * 4


def test_what_opensid_says_is_understood(tmp_path: Path) -> None:
    nikdedup.dedupe(FORMATS / "opensid.xlsx").write(tmp_path / "run")
    residents = pl.read_parquet(tmp_path / "run" / "residents.parquet").sort("row")
    assert residents["flag_status_clean"].to_list() == ["alive", "alive", "alive", "dead"]
    assert residents["recording_class"].to_list() == ["unique", "unique", "belum", "belum"]
    assert residents["stat_hbkel_clean"].to_list() == [7, 1, 4, 1]
    assert residents["stat_kwn_clean"].to_list() == [4, 2, 1, 2]
    assert residents["jenis_klmin_clean"].to_list() == ["P", "L", "P", "L"]


def test_clean_leaves_codes_as_they_are(tmp_path: Path) -> None:
    found = nikdedup.clean(FORMATS / "opensid.xlsx", tmp_path / "a.xlsx", reference_date="2026-01-01")
    assert found.frame["status_dasar"].to_list() == ["1", "1", "1", "2"]
    assert found.frame["agama_id"].to_list() == ["1", "1", "1", "2"]
    assert not found.changes.filter("applied", pl.col("column").is_in(["status_dasar", "agama_id"])).height


def test_opendk() -> None:
    extract = of("opendk.xlsx")
    assert extract.mapping["nik"] == ["nomor_nik"]
    assert extract.mapping["stat_hbkel"] == ["hubungan_keluarga"]
    assert column(extract, "flag_status")[3] == "PINDAH"


def test_parents_of_dapodik_are_not_the_pupil() -> None:
    extract = of("dapodik.xlsx")
    assert column(extract, "nama_lgkp") == ["NURHAYATI", "Ahmad Fauzi"]
    assert column(extract, "nama_lgkp_ayah") == ["AHMAD YANI"] * 2
    assert column(extract, "nik_ibu") == ["6212014107829006"] * 2
    assert "jenis_pkrjn" not in extract.mapping
    assert {"Pekerjaan Data Ayah", "NIK Data Wali", "Nama Data Wali"} <= set(extract.unmapped)
    assert [(one.source_row, one.reason) for one in extract.skipped] == [
        (row, "title") for row in range(1, 5)
    ]


def test_a_member_of_bpjs_who_pays_nothing_is_no_inactive_resident() -> None:
    extract = of("bpjs.csv")
    assert "flag_status" not in extract.mapping
    assert "statusPeserta" in [one.header for one in extract.unused]


def test_households_count_relations_otherwise() -> None:
    assert column(of("dtsen.csv"), "stat_hbkel") == [
        "ORANG TUA/MERTUA",
        "KEPALA KELUARGA",
        "ANAK",
        "KEPALA KELUARGA",
    ]
    assert column(of("dtks.csv"), "nama_lgkp_ibu")[0] == "FATIMAH"
    assert "stat_hbkel" not in of("dtks.csv").mapping


def test_numbers_under_another_header_stay() -> None:
    frame = pl.DataFrame({"NAMA": ["SITI"], "STATUS": ["2"], "AGAMA": ["1"]})
    assert read(frame).frame["agama"].to_list() == ["1"]
    text = pl.DataFrame({"x": ["2", "99", " 02 ", None]})
    assert text.select(decoded(pl.col("x"), "Status Dasar")).to_series().to_list() == [
        "MATI",
        "99",
        "MATI",
        None,
    ]
    assert text.select(decoded(pl.col("x"), "Status")).to_series().to_list() == ["2", "99", " 02 ", None]
    assert all(codes for codes in code_tables().values())
