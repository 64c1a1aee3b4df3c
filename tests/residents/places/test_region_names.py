"""Codes from names of regions: only where one region bears them."""

import polars as pl
import pytest

from nikdedup.residents.places.region_codes import load_regions
from nikdedup.residents.places.region_names import code_of_names, complete
from nikdedup.residents.places.wilayah import residence

CASES = [
    pytest.param(["KALIMANTAN TENGAH", "MURUNG RAYA", "TANAH SIANG", None], "", "621202", id="all_names"),
    pytest.param(
        ["Prov. Kalteng", "KAB. MURUNG RAYA", "Kec. Sei Babuat", None], "", "621208", id="abbreviated"
    ),
    pytest.param([None, None, "Uut Murung", "X"], "", "621210", id="kecamatan_alone_if_only_one"),
    pytest.param([None, None, "KARANGANYAR", None], "", None, id="kecamatan_of_six_regencies"),
    pytest.param([None, "KARANGANYAR", "KARANGANYAR", None], "", "331309", id="regency_decides"),
    pytest.param(["JAWA TENGAH", None, "KARANGANYAR", None], "", "33", id="province_does_not_decide"),
    pytest.param([None, "BANJAR", None, None], "", None, id="kabupaten_and_kota_of_one_name"),
    pytest.param([None, "KOTA BANJAR", None, None], "", "3279", id="kota"),
    pytest.param([None, "KAB BANJAR", None, None], "", "6303", id="kabupaten"),
    pytest.param([None, "BANJAR", "MARTAPURA", None], "", "630305", id="kecamatan_decides_between_them"),
    pytest.param([None, "KOTA BARU", None, None], "", "6302", id="kota_in_the_name"),
    pytest.param(["DKI JAKARTA", None, None, None], "", "31", id="name_in_use"),
    pytest.param([None, "MURUNG RAYA", "TANAH SIANGG", None], "", "6212", id="misspelt_is_not_corrected"),
    pytest.param([None, "NEGERI LAIN", "TANAH SIANG", None], "", None, id="unknown_regency_may_hold_it"),
    pytest.param([None, None, "TANAH SIANG", None], "6213", "6213", id="code_goes_before_names"),
    pytest.param([None, None, None, None], "", None, id="nothing"),
]


@pytest.mark.parametrize(("names", "within", "code"), CASES)
def test_code_of_names(names, within, code):
    assert code_of_names(names, within=within) == code


def test_every_current_kecamatan_is_found_by_its_full_name():
    regions = load_regions()
    current = regions.table.filter(pl.col("status") == "current", pl.col("level") == "kecamatan")
    for code in current["code"]:
        names = [regions.names[code[:2]], regions.names[code[:4]], regions.names[code], None]
        assert code_of_names(names) == code


def test_home_serves_rows_that_name_no_regency():
    frame = pl.DataFrame(
        {
            "kab_name": [None, "KAB. KARANGANYAR", "KAB. PEKALONGAN", None],
            "kec_name": ["KARANGANYAR", "KARANGANYAR", "KARANGANYAR", "NIRGENDS"],
        }
    )
    codes = pl.Series([None] * 4, dtype=pl.String)
    assert complete(codes, frame).to_list() == [None, "331309", "332607", None]
    assert complete(codes, frame, home="3305").to_list() == ["330520", "331309", "332607", None]


def test_villages_of_an_office_csv(tmp_path):
    own = tmp_path / "desa.csv"
    own.write_text(
        "code,name\n6212012001,Bahitom\n6212022001,Datah Kotou\n6212022002,Bahitom\n", encoding="utf-8"
    )
    names = [None, "MURUNG RAYA", "MURUNG", "Desa Bahitom"]
    assert code_of_names(names, extra=own) == "6212012001"
    assert code_of_names([None, None, None, "Bahitom"], extra=own) is None
    frame = pl.DataFrame({"no_prop": ["62"], "no_kab": ["12"], "no_kec": ["2"], "kel_name": ["BAHITOM"]})
    assert residence(frame, extra=own)[0].to_list() == ["6212022002"]


def test_codes_and_names_together():
    frame = pl.DataFrame(
        {
            "no_prop": ["62", None, "62", "62"],
            "no_kab": ["12", None, "12", None],
            "no_kec": ["1", None, None, None],
            "kec_name": ["TANAH SIANG", "TANAH SIANG", "Permata Intan", None],
        }
    )
    codes, numbers = residence(frame)
    assert codes.to_list() == ["621201", "621202", "621204", "62"]
    assert numbers.tolist() == [621201, 621202, 621204, 0]
