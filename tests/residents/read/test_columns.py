"""Headers to fields: every layout of the domain, and no guessing where two columns claim one field."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError
from nikdedup.residents.read.columns import check_overrides, map_columns, shown_headers
from nikdedup.residents.read.extract import read
from nikdedup.residents.read.wording import header_key, variants
from nikdedup.schema import FIELDS

LAYOUT_A = [
    "Nomor KK",
    "NIK",
    "Nama Penduduk",
    "Status",
    "Tempat Lahir",
    "Tanggal Lahir",
    "Kelamin",
    "NIK Ayah",
    "Ayah",
    "NIK Ibu",
    "Ibu",
    "Status Kawin",
    "SHDK",
    "Agama",
    "Kecamatan",
    "Desa/Kel",
    "Alamat",
    "RW",
    "RT",
    "Pendidikan",
    "Pekerjaan",
    "Deskripsi Pekerjaan",
    "Gol. Darah",
    "Cacat",
    "Cetak KTP",
    "Ganti KTP",
    "KTP Berakhir",
    "Nomor Paspor",
    "Nomor Akta Lahir",
    "Nomor Akta Kawin",
    "Tanggal Kwn",
    "Nomor Akta Cerai",
    "Tgl Cerai",
    "Petugas Registrasi",
    "Tgl Ubah",
    "Petugas Entri",
    "Tgl Entri",
]

LAYOUT_B = [
    "NO",
    "Nama Lengkap",
    "NIK",
    "Tempat Lahir",
    "Tanggal Lahir",
    "JK",
    "Stat Kwn",
    "Gol. Drh",
    "SHDK",
    "Agama",
    "Pendidikan Terakhir",
    "No Akta Lahir",
    "Pekerjaan",
    "Nama Ibu",
    "Nama Ayah",
    "Wjb KTP",
    "KTP-eL",
    "Status",
    "Stat Rkm",
]


def mapped(headers: list[str], **options: object) -> dict[str, str]:
    columns = map_columns(headers, Config().with_options(**options), "a.csv")
    return {field: " + ".join(headers[i] for i in places) for field, places in columns.fields.items()}


def test_layout_a_all_37_headers() -> None:
    assert len(LAYOUT_A) == 37
    columns = map_columns(LAYOUT_A, Config(), "a.xlsx")
    assert [LAYOUT_A[i] for i in columns.unmapped] == [
        "Deskripsi Pekerjaan",
        "Cetak KTP",
        "Ganti KTP",
        "KTP Berakhir",
        "Nomor Paspor",
        "Petugas Registrasi",
    ]
    found = mapped(LAYOUT_A)
    expected = {
        "no_kk": "Nomor KK",
        "nama_lgkp": "Nama Penduduk",
        "flag_status": "Status",
        "jenis_klmin": "Kelamin",
        "nik_ayah": "NIK Ayah",
        "nama_lgkp_ayah": "Ayah",
        "nik_ibu": "NIK Ibu",
        "nama_lgkp_ibu": "Ibu",
        "stat_kwn": "Status Kawin",
        "stat_hbkel": "SHDK",
        "no_rw": "RW",
        "no_rt": "RT",
        "pnydng_cct": "Cacat",
        "no_akta_lhr": "Nomor Akta Lahir",
        "tgl_kwn": "Tanggal Kwn",
        "nama_pet_entri": "Petugas Entri",
    }
    assert {field: found[field] for field in expected} == expected
    assert "ektp_status" not in found


def test_layout_b_tells_the_two_statuses_apart() -> None:
    found = mapped(LAYOUT_B)
    assert found["flag_status"] == "Status"
    assert found["ektp_status"] == "Stat Rkm"
    assert found["wajib_ktp"] == "Wjb KTP"
    assert found["gol_drh"] == "Gol. Drh"


def test_siak_dump_maps_every_field_to_itself() -> None:
    headers = [field.upper() for field in FIELDS]
    assert mapped(headers) == {field: field.upper() for field in FIELDS}


def test_every_variant_means_one_field() -> None:
    keys = Counter(key for headers in variants().values() for key in {header_key(h) for h in headers})
    assert [key for key, count in keys.items() if count > 1] == []
    assert set(variants()) == set(FIELDS)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        pytest.param("nik", "nik", id="lower case"),
        pytest.param(" No. NIK ", "nik", id="point and spaces"),
        pytest.param("NOMOR_INDUK_KEPENDUDUKAN", "nik", id="underscores"),
        pytest.param("Ńomor  KK", "no_kk", id="diacritics"),
        pytest.param("L/P", "jenis_klmin", id="slash"),
        pytest.param("TMPT/\nTGL LAHIR", "ttl", id="line break"),
        pytest.param("Hub. Keluarga", "stat_hbkel", id="abbreviation"),
        pytest.param("RT/RW", "rt_rw", id="two in one"),
        pytest.param("KD_KEC", "no_kec", id="region part"),
        pytest.param("Desa/Kel", "kel_name", id="region name"),
        pytest.param("EKTP_CURRENT_STATUS_CODE", "ektp_status", id="web service"),
        pytest.param("Nama Ibu Kandung", "nama_lgkp_ibu", id="mother"),
    ],
)
def test_variant(header: str, field: str) -> None:
    assert mapped(["NAMA", header])[field] == header


@pytest.mark.parametrize(
    "header", ["P", "Nama Kepala Keluarga", "NO", "KETERANGAN", "KTP-eL", "No. Rekening"]
)
def test_no_field(header: str) -> None:
    assert list(mapped(["NAMA", header])) == ["nama_lgkp"]


@settings(deadline=None)
@given(st.sampled_from([(f, h) for f, hs in variants().items() for h in hs]), st.data())
def test_case_spaces_and_punctuation_do_not_matter(pair: tuple[str, str], data: st.DataObject) -> None:
    field, header = pair
    noise = data.draw(st.lists(st.sampled_from([" ", ".", "_", "-", "  ", "\n"]), min_size=len(header)))
    noisy = (
        "".join(a + b for a, b in zip(header.swapcase(), noise, strict=False))
        + header.swapcase()[len(noise) :]
    )
    others = [] if field == "nama_lgkp" else ["NAMA"]
    assert mapped([*others, noisy])[field] == noisy


def test_override_wins_and_frees_the_field_for_nobody_else() -> None:
    headers = ["NAMA", "Nama Alias", "NIK", "NIK KTP"]
    assert mapped(headers, columns={"nik": "NIK KTP"}) == {"nik": "NIK KTP", "nama_lgkp": "NAMA"}


def test_overridden_header_is_not_mapped_a_second_time() -> None:
    assert mapped(["NAMA", "Status"], columns={"ektp_status": "status"}) == {
        "nama_lgkp": "NAMA",
        "ektp_status": "Status",
    }


def test_one_header_for_two_fields_when_told() -> None:
    found = mapped(["NAMA", "KODE"], columns={"no_kec": "KODE", "no_kel": "KODE"})
    assert (found["no_kec"], found["no_kel"]) == ("KODE", "KODE")


def test_list_joins_columns_in_the_order_given() -> None:
    frame = pl.DataFrame({"depan": ["SITI", None, " ", None], "akhir": ["AMINAH", "SLAMET", "BUDI", None]})
    people = frame.with_columns(NIK=pl.Series([f"621201{i:06d}9001" for i in range(4)]))
    config = Config(columns={"nama_lgkp": ["depan", "akhir"]})
    extract = read(people, config=config)
    assert extract.frame["nama_lgkp"].to_list() == ["SITI AMINAH", "SLAMET", "BUDI", None]
    assert extract.mapping["nama_lgkp"] == ["depan", "akhir"]


@pytest.mark.parametrize(
    ("headers", "options", "message"),
    [
        pytest.param(
            ["NAMA", "NIK", "No. NIK"],
            {},
            "a.csv: columns 'NIK' and 'No. NIK' both claim nik; say which one with columns.nik",
            id="two claims",
        ),
        pytest.param(
            ["NAMA", "STATUS", "Status Penduduk"],
            {},
            "a.csv: columns 'STATUS' and 'Status Penduduk' both claim flag_status; "
            "say which one with columns.flag_status",
            id="two kinds of status",
        ),
        pytest.param(
            ["NIK", "TGL\nLAHIR"],
            {},
            "a.csv: no column for the name; headers found: NIK, TGL LAHIR; "
            "allowed: NAMA_LGKP, NAMA, Nama Lengkap, Nama Penduduk, Nama Lgkp, Nama Warga, Nama Pemilih; "
            "or set columns.nama_lgkp",
            id="no name",
        ),
        pytest.param(
            ["6212010107909001", "SITI AMINAH"],
            {},
            "a.csv: no header row: the first row looks like data; add a row of headers, "
            "allowed for the name: NAMA_LGKP, NAMA, Nama Lengkap, Nama Penduduk, Nama Lgkp, Nama Warga, Nama Pemilih; "
            "or set columns.nama_lgkp",
            id="a record for a header is not shown",
        ),
        pytest.param(
            ["SITI AMINAH", "PEREMPUAN", "PIDIE", "JL. MERDEKA NO. 5"],
            {},
            "a.csv: no header row: the first row looks like data; add a row of headers, "
            "allowed for the name: NAMA_LGKP, NAMA, Nama Lengkap, Nama Penduduk, Nama Lgkp, Nama Warga, Nama Pemilih; "
            "or set columns.nama_lgkp",
            id="a record without a number is not shown",
        ),
        pytest.param(
            ["NIK", "TGL LAHIR", "KET. Rekam", "SLAMET", "01-07-1990"],
            {},
            "a.csv: no column for the name; headers found: NIK, TGL LAHIR, KET. Rekam "
            "and 2 columns without a recognisable header; "
            "allowed: NAMA_LGKP, NAMA, Nama Lengkap, Nama Penduduk, Nama Lgkp, Nama Warga, Nama Pemilih; "
            "or set columns.nama_lgkp",
            id="data among headers is counted",
        ),
        pytest.param(
            ["NAMA", "NIK"],
            {"record_id": "ID"},
            "a.csv: no record_id column 'ID'; columns found: NAMA, NIK",
            id="no record id",
        ),
        pytest.param(
            ["NAMA", "NIK"],
            {"record_id": "nik"},
            "record_id 'nik': is the NIK, which two records may share; name another column",
            id="NIK for record id",
        ),
    ],
)
def test_message(headers: list[str], options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        map_columns(headers, Config().with_options(**options), "a.csv")
    assert str(caught.value) == message


def test_override_of_a_missing_header_names_close_ones() -> None:
    config = Config(columns={"nama_lgkp": "Nama Lenkap"})
    with pytest.raises(
        ConfigError, match=r"^columns.nama_lgkp: no column 'Nama Lenkap'; close: Nama Lengkap$"
    ):
        check_overrides([["Nama Lengkap", "NIK"]], config)


def test_override_may_be_missing_in_one_of_two_tables() -> None:
    first = pl.DataFrame({"full": ["A B"], "NIK": ["1"]})
    second = pl.DataFrame({"NAMA": ["C D"], "NIK": ["2"]})
    extract = read([first, second], config=Config(columns={"nama_lgkp": "full"}))
    assert extract.frame["nama_lgkp"].to_list() == ["A B", "C D"]
    assert extract.mapping["nama_lgkp"] == ["full", "NAMA"]


def test_a_close_header_that_may_be_data_is_not_shown() -> None:
    config = Config(columns={"alamat": "SITI AMINA"})
    with pytest.raises(ConfigError) as caught:
        check_overrides([["NAMA", "SITI AMINAH"]], config)
    assert str(caught.value) == (
        "columns.alamat: no column 'SITI AMINA'; "
        "columns found: NAMA and 1 column without a recognisable header"
    )


def test_headers_are_shown_unless_they_may_be_data() -> None:
    headers = ["NAMA", "KET.\nRekam", "SLAMET", "", "Rumah Siti", "081234567890"]
    shown = shown_headers(headers, Config(columns={"alamat": "Rumah Siti"}))
    assert shown == ["NAMA", "KET. Rekam", "•••(3)", "", "Rumah Siti", "•••(6)"]
