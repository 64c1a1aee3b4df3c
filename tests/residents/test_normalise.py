from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.residents.flags import REASONS, Flags
from nikdedup.residents.normalise import (
    EVENTS,
    find_reference_date,
    normalise,
    normalise_and_survey,
    read_events,
    survey,
)
from nikdedup.residents.places.wilayah import region_code
from nikdedup.schema import (
    CLEAN,
    EVIDENCE,
    FIELDS,
    IDENTITY,
    NIK_VERDICTS,
    RECORDED,
    RECORDING_CLASSES,
    VERDICTS,
)

TODAY = date(2026, 6, 30)


def frame(**columns):
    """Return an extract with the given fields, identity columns put in front."""
    n = len(next(iter(columns.values())))
    identity = {
        "row": pl.Series(range(n), dtype=pl.Int64),
        "record_id": pl.Series([str(i) for i in range(n)], dtype=pl.String),
        "source_file": pl.Series(["a.csv"] * n, dtype=pl.String),
        "source_sheet": pl.Series([None] * n, dtype=pl.String),
        "source_row": pl.Series(range(2, n + 2), dtype=pl.Int64),
    }
    return pl.DataFrame(
        identity | {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    )


def clean(options=None, **columns):
    return normalise(frame(**columns), config=Config(**(options or {})), reference_date=TODAY)


def test_schema_and_originals():
    given_frame = frame(nama_lgkp=["SITI AMINAH"], nik=["'6212014107609001"])
    result = normalise(given_frame, config=Config(), reference_date=TODAY)
    assert dict(result.select(list(CLEAN | VERDICTS | EVIDENCE)).schema) == CLEAN | VERDICTS | EVIDENCE
    assert result.columns == [*given_frame.columns, *CLEAN, *VERDICTS, *EVIDENCE]
    assert result.select(given_frame.columns).equals(given_frame)


def test_missing_columns_are_null_and_unknown():
    row = clean(nama_lgkp=["SITI"]).row(0, named=True)
    assert (row["recorded"], row["recording_class"], row["nik_verdict"], row["passed_check"]) == (
        "unknown",
        "unknown",
        "missing",
        False,
    )
    empty = [name for name in CLEAN if name != "nama_lgkp_clean"]
    assert {row[name] for name in empty} == {None}
    assert set(row["flags"]) <= {"name_one_word"}


def test_one_whole_resident():
    row = clean(
        nik=["62.1201.410760.9001"],
        no_kk=["6212010101109001"],
        nama_lgkp=["Siti Aminah"],
        jenis_klmin=["Perempuan"],
        tmpt_lhr=["PURUK CAHU"],
        tgl_lhr=["1 Juli 1960"],
        stat_kwn=["KAWIN"],
        stat_hbkel=["ISTRI"],
        nama_lgkp_ibu=["SUMIATI"],
        no_rt=["1"],
        no_rw=["0"],
        no_prop=["62"],
        no_kab=["12"],
        no_kec=["1"],
        no_kel=["2001"],
        ektp_status=["PRINT_READY_RECORD"],
        ektp_created=["2015-03-05 00:00:00"],
        flag_status=["HIDUP"],
    ).row(0, named=True)
    expected = {
        "nik_clean": "6212014107609001",
        "no_kk_clean": "6212010101109001",
        "nama_lgkp_clean": "SITI AMINAH",
        "jenis_klmin_clean": "P",
        "tgl_lhr_clean": date(1960, 7, 1),
        "stat_kwn_clean": 2,
        "stat_hbkel_clean": 3,
        "nama_lgkp_ibu_clean": "SUMIATI",
        "no_rt_clean": "001",
        "no_rw_clean": None,
        "wilayah_clean": "6212012001",
        "flag_status_clean": "alive",
        "ektp_created_clean": date(2015, 3, 5),
        "nik_verdict": "valid",
        "recorded": "yes",
        "recording_class": "unique",
        "flags": [],
        "nik_birth": date(1960, 7, 1),
        "nik_sex": "P",
        "birth_from_nik": False,
        "birth_default": True,
        "passed_check": True,
        "wajib_ktp_clean": True,
    }
    assert {name: row[name] for name in expected} == expected


NIKS = [
    ({"jenis_klmin": "L"}, "warning", ["nik_sex_differs"], "sex"),
    ({"tgl_lhr": "02-07-1960"}, "warning", ["nik_birth_differs"], "birth"),
    ({"tgl_lhr": "07-01-1960"}, "valid", ["birth_swapped_by_locale"], "swapped"),
    ({"no_prop": "63", "no_kab": "1"}, "valid", ["nik_region_elsewhere"], "moved"),
    ({"no_prop": "62", "no_kab": "12"}, "valid", [], "at_home"),
    ({"no_prop": "62"}, "valid", [], "regency_unknown"),
]


@pytest.mark.parametrize(("columns", "verdict", "flags"), [c[:3] for c in NIKS], ids=[c[3] for c in NIKS])
def test_nik_against_columns(columns, verdict, flags):
    columns = {"nik": "6212014107609001", "nama_lgkp": "SITI AMINAH", "tgl_lhr": "01-07-1960"} | columns
    row = clean(**{k: [v] for k, v in columns.items()}).row(0, named=True)
    assert (row["nik_verdict"], row["flags"]) == (verdict, flags)


def test_renumbered_regency_is_the_same_place():
    row = clean(
        nik=["9101014107609001"],
        nama_lgkp=["MARIA KAIZE"],
        tgl_lhr=["01-07-1960"],
        no_prop=["93"],
        no_kab=["1"],
    ).row(0, named=True)
    assert row["flags"] == ["nik_region_retired"]


def test_kk_reasons():
    cards = [
        "0",
        "6,2E+15",
        "621201010110900",
        "0212010101109001",
        "6212010101100000",
        "62x2010101109001",
        None,
    ]
    result = clean(no_kk=cards, nama_lgkp=["SITI AMINAH"] * 7)
    assert result["no_kk_clean"].to_list() == [None] * 7
    expected = [
        ["kk_placeholder"],
        ["kk_scientific"],
        ["kk_unusable"],
        ["kk_temporary"],
        ["kk_truncated"],
        ["kk_unusable"],
        [],
    ]
    assert result["flags"].to_list() == expected


def test_temporary_and_invalid_numbers():
    result = clean(nik=["0621201000100001", "6212013202609001", "621201"], nama_lgkp=["SITI AMINAH"] * 3)
    assert result["nik_verdict"].to_list() == ["temporary", "invalid", "invalid"]
    assert result["nik_clean"].to_list() == [None, "6212013202609001", None]


def test_opaque_ids_have_no_structure():
    result = clean(
        {"nik_scheme": "opaque"},
        nik=[" rec-1-org ", "6212014107609001", " ", None],
        no_kk=["F1", "F1", None, None],
        nama_lgkp=["SITI AMINAH"] * 4,
    )
    assert result["nik_clean"].to_list() == ["rec-1-org", "6212014107609001", None, None]
    assert result["nik_verdict"].to_list() == ["valid", "valid", "missing", "missing"]
    assert result["no_kk_clean"].to_list() == ["F1", "F1", None, None]
    assert result["nik_birth"].null_count() == result["nik_sex"].null_count() == 4
    assert result["flags"].list.len().sum() == 0


def test_place_and_date_in_one_cell():
    result = clean(ttl=["PURUK CAHU, 01-07-1960", "MUARA TEWEH 2 Mei 1970"], nama_lgkp=["SITI AMINAH"] * 2)
    assert result["tgl_lhr_clean"].to_list() == [date(1960, 7, 1), date(1970, 5, 2)]
    assert result["tmpt_lhr_clean"].to_list() == ["PURUK CAHU", "MUARA TEWEH"]


def test_dates_that_cannot_be_read():
    result = clean(
        tgl_lhr=["kemarin", "31-02-1980", "00-00-1960", "01-07-2090"],
        tgl_entri=["x", None, None, None],
        nama_lgkp=["SITI AMINAH"] * 4,
    )
    assert result["flags"].to_list() == [
        ["birth_unreadable", "date_unreadable"],
        ["birth_impossible"],
        ["birth_partial"],
        ["birth_in_future"],
    ]
    assert result["tgl_lhr_clean"].null_count() == 4


def test_statuses_in_no_list_are_flagged():
    result = clean(
        ektp_status=["ANEH", "PRR", None],
        flag_status=["?!", "HIDUP", "9"],
        jenis_klmin=["X", "L", None],
        nama_lgkp=["SITI AMINAH"] * 3,
    )
    assert result["flags"].to_list() == [["sex_unreadable", "status_unknown"], [], ["life_status_unknown"]]


def test_rt_rw_from_any_column():
    result = clean(
        rt_rw=["001/002", None, None],
        no_rt=[None, "3", None],
        alamat=[None, None, "JL. MERDEKA RT 004 RW 005"],
        nama_lgkp=["SITI AMINAH"] * 3,
    )
    assert result["no_rt_clean"].to_list() == ["001", "003", "004"]
    assert result["no_rw_clean"].to_list() == ["002", None, "005"]


CODES = [
    (("62", "12", "1", "2001"), "6212012001"),
    (("62", "12", "01", "2001"), "6212012001"),
    (("62.0", "12.0", "1.0", "2001.0"), "6212012001"),
    (("62", "6212", "621201", "6212012001"), "6212012001"),
    ((None, None, None, "62.12.01.2001"), "6212012001"),
    (("62", "12", "1", None), "621201"),
    (("62", "12", None, "2001"), "6212"),
    (("62", None, "1", "2001"), "62"),
    (("0", "0", "0", "0"), None),
    ((None, None, None, None), None),
    (("62", "12", "1", "1"), "621201"),
    (("KALTENG", None, None, None), None),
]


@pytest.mark.parametrize(("parts", "expected"), CODES)
def test_region_code(parts, expected):
    assert region_code(parts) == expected
    names = ("no_prop", "no_kab", "no_kec", "no_kel")
    result = clean(
        nama_lgkp=["SITI AMINAH"], **{name: [part] for name, part in zip(names, parts, strict=True)}
    )
    assert result["wilayah_clean"].to_list() == [expected]


REFERENCE = [
    (
        {"tgl_entri": ["01-05-2020", "02-05-2020"], "tgl_ubah": ["2021-03-01", None]},
        date(2021, 3, 1),
        "latest",
    ),
    ({"ektp_created": ["05-06-2019 10:00:00"]}, date(2019, 6, 5), "recording"),
    ({"tgl_entri": ["01-05-2020"] * 50 + ["01-05-2099"]}, date(2020, 5, 1), "outlier"),
    ({"tgl_entri": ["01-05-2020"] * 50 + ["01-12-2020"]}, date(2020, 12, 1), "late_but_not_absurd"),
    ({"tgl_entri": ["01-01-1900", "01-05-2199", None]}, None, "none_in_range"),
    ({"nama_lgkp": ["SITI"]}, None, "no_columns"),
]


@pytest.mark.parametrize(("columns", "expected"), [c[:2] for c in REFERENCE], ids=[c[2] for c in REFERENCE])
def test_find_reference_date(columns, expected):
    assert find_reference_date(read_events(frame(**columns), Config()), Config()) == expected
    told = Config(reference_date=TODAY)
    assert find_reference_date(read_events(frame(**columns), told), told) == TODAY


@pytest.mark.parametrize("text", ["01-05-2020", "01-05-99", "29-02-00", "00-00-45", "UNREADABLE", None])
def test_events_read_before_the_reference_date_is_known_are_those_read_after(text):
    records = frame(nama_lgkp=["SITI", "BUDI"], tgl_entri=[text, "02-05-2020"], tgl_ubah=["01-05-2020"] * 2)
    asked = {"config": Config(), "reference_date": TODAY}
    found, _ = normalise_and_survey(records, events=read_events(records, Config()), **asked)
    assert found.equals(normalise(records, **asked))


def test_no_records():
    result = clean(nik=[], nama_lgkp=[], tgl_lhr=[])
    assert result.height == 0
    assert dict(result.select(list(VERDICTS)).schema) == VERDICTS


TEXTS = {
    "nik": [
        "6212014107609001",
        "6212010107609002",
        "'6212010107609003",
        "0",
        "62120141O760900I",
        "0621201000100001",
        "621201000100001",
        "6212010107600000",
        None,
    ],
    "no_kk": ["6212010101109001", "6212010101109002", "6212010101100000", "-", None],
    "nama_lgkp": ["SITI AMINAH", "M. YUSUF", "HJ. NURHAYATI", "SLAMET", "BUDI 2", None],
    "jenis_klmin": ["L", "P", "M", "F", "Pria", None],
    "tgl_lhr": ["01-07-1960", "07/25/1960", "1960-07-01", "00-00-1960", "1 Peb 60", "x", None],
    "stat_kwn": ["KAWIN", "1", None],
    "ektp_status": ["PRR", "SFE", "ANEH", None],
    "no_kec": ["1", "2", None],
    "no_prop": ["62", None],
    "no_kab": ["12", None],
    "alamat": ["JL. MERDEKA RT 1", "MUARA JOLOI I", None],
    "tgl_ubah": ["2020-01-01", "05-06-2020", None],
}
RECORDS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in TEXTS.items()})


@settings(deadline=None, max_examples=12)
@given(st.lists(RECORDS, min_size=2, max_size=25), st.data())
def test_a_slice_reads_like_the_whole(records, data):
    whole = frame(**{name: [record[name] for record in records] for name in TEXTS})
    cut = data.draw(st.integers(1, len(records) - 1))
    found = survey(whole, config=Config(), reference_date=TODAY)
    parts = [
        normalise(part, config=Config(), reference_date=TODAY, survey=found)
        for part in (whole[:cut], whole[cut:])
    ]
    assert pl.concat(parts).equals(normalise(whole, config=Config(), reference_date=TODAY))


@settings(deadline=None, max_examples=12)
@given(st.lists(RECORDS, min_size=1, max_size=15))
def test_values_stay_inside_their_lists(records):
    result = normalise(
        frame(**{name: [r[name] for r in records] for name in TEXTS}), config=Config(), reference_date=TODAY
    )
    assert set(result["nik_verdict"]) <= set(NIK_VERDICTS)
    assert set(result["recorded"]) <= set(RECORDED)
    assert set(result["recording_class"]) <= set(RECORDING_CLASSES)
    assert set(result["flags"].explode().drop_nulls()) <= set(REASONS)
    assert all(codes == sorted(set(codes)) for codes in result["flags"].to_list())
    assert (
        result.select(
            "recorded", "recording_class", "flags", "birth_from_nik", "birth_default", "passed_check"
        )
        .null_count()
        .sum_horizontal()[0]
        == 0
    )
    full = result["nik_clean"].drop_nulls()
    assert full.str.contains("^[1-9][0-9]{15}$").all()


def test_fields_used_exist():
    assert set(EVENTS) <= set(FIELDS)
    assert set(TEXTS) <= set(FIELDS)
    assert set(IDENTITY) <= set(frame(nik=["1"]).columns)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.sampled_from(list(REASONS)), unique=True, max_size=6), max_size=12))
def test_flags_come_back_sorted(lists):
    flags = Flags(len(lists))
    flags.add_lists(pl.Series(lists, dtype=pl.List(pl.String)))
    assert flags.lists().to_list() == [sorted(codes) for codes in lists]
