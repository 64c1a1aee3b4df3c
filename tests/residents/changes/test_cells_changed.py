"""What `clean` changes: a table of cells, what is left alone, and that a second time changes nothing."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.residents.changes.cells import KINDS

TODAY = date(2026, 6, 30)
NIK = "6212014107609001"
PERSON = {"NIK": NIK, "NAMA": "SITI AMINAH", "TGL LAHIR": "01-07-1960", "JK": "PEREMPUAN"}


def cleaned(rows, apply="certain", **options):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String()))
    return nikdedup.clean(frame, apply=apply, reference_date=TODAY, **options)


def lines(result):
    return result.changes.select("row", "column", "before", "after", "reason", "applied").rows()


CERTAIN = [
    ("NIK", f"'{NIK}", NIK, "id_separators"),
    ("NIK", "62.1201 410760\u00a09001", NIK, "id_separators"),
    ("NIK", "\u200b6212014107609001\ufeff", NIK, "id_separators"),
    ("NIK", "6212014107609001.0", NIK, "id_separators"),
    ("NIK", "'0621201000100001", "0621201000100001", "id_separators"),
    ("NO KK", "6212-0107-0520-9001", "6212010705209001", "id_separators"),
    ("TGL LAHIR", "1/7/1960", "01-07-1960", "date_format"),
    ("TGL LAHIR", "1.7.1960", "01-07-1960", "date_format"),
    ("TGL LAHIR", "01071960", "01-07-1960", "date_format"),
    ("TGL LAHIR", "1 Juli 1960", "01-07-1960", "date_format"),
    ("TGL LAHIR", "01/07/1960 00:00:00", "01-07-1960", "date_format"),
    ("TGL LAHIR", "22098", "01-07-1960", "date_format"),
    ("TGL LAHIR", "01-07-60", "01-07-1960", "date_century_only"),
    ("TGL UBAH", "3-Nop-20", "03-11-2020", "date_century_only"),
    ("TGL UBAH", "3 Nopember 2020", "03-11-2020", "date_format"),
    ("TTL", "PURUK CAHU/1 Juli 1960", "PURUK CAHU, 01-07-1960", "date_format"),
    ("NAMA", " SITI \u00a0AMINAH", "SITI AMINAH", "spaces"),
    ("ALAMAT", "JL.  MERDEKA 5 ", "JL. MERDEKA 5", "spaces"),
    ("RT", "3.0", "3", "number_tail"),
]


@pytest.mark.parametrize(
    ("column", "before", "after", "reason"),
    CERTAIN,
    ids=[f"{c[0]} {c[3]} {i}" for i, c in enumerate(CERTAIN)],
)
def test_certain_change(column, before, after, reason):
    person = {"NAMA": "SITI AMINAH", "NIK": NIK} | {column: before}
    result = cleaned([person])
    assert lines(result) == [(0, column, before, after, reason, True)]
    assert result.frame[column].to_list() == [after]
    assert cleaned(result.frame.to_dicts()).changes.is_empty()


PROPOSED = [
    ("NIK", "62120141O760900I", NIK, "letters_for_digits"),
    ("NO KK", "62120107052O9001", "6212010705209001", "letters_for_digits"),
    ("TGL UBAH", "01-07-85", "01-07-1985", "date_century"),
    ("TGL LAHIR", "00-07-1960", "01-07-1960", "birth_from_nik"),
    ("TGL LAHIR", None, "01-07-1960", "birth_from_nik"),
    ("TGL LAHIR", "07-01-1960", "01-07-1960", "date_swapped"),
    ("TGL LAHIR", "1960-01-07", "01-07-1960", "date_swapped"),
    ("TGL UBAH", "07/25/2020", "25-07-2020", "date_month_first"),
    ("NAMA", "M. YUSUF", "MUHAMMAD YUSUF", "name_expanded"),
    ("RT/RW", "05-Mar", "005/003", "rt_rw_was_date"),
]


@pytest.mark.parametrize(
    ("column", "before", "after", "reason"),
    PROPOSED,
    ids=[f"{c[0]} {c[3]} {i}" for i, c in enumerate(PROPOSED)],
)
def test_proposed_change_is_made_only_when_told(column, before, after, reason):
    person = {"NAMA": "SITI AMINAH", "NIK": NIK} | {column: before}
    result = cleaned([person])
    assert lines(result) == [(0, column, before, after, reason, False)]
    assert result.frame[column].to_list() == [before]
    told = cleaned([person], apply="all")
    assert told.frame[column].to_list() == [after]
    assert cleaned(told.frame.to_dicts(), apply="all").changes.is_empty()


LEFT_ALONE = [
    ("NIK", "6,21201E+15"),
    ("NIK", "621201410760900"),
    ("NIK", "0"),
    ("NIK", "-"),
    ("NIK", "62120141076090010"),
    ("NIK", "6212014107609001 / 6212010107609002"),
    ("NIK", NIK),
    ("TGL LAHIR", "30-02-1960"),
    ("TGL UBAH", "2020-05-01 13:45:00"),
    ("TGL UBAH", "01/05/2020 13:45:00"),
    ("TGL LAHIR", "1960-07-01"),
    ("TGL LAHIR", "01-07-1960"),
    ("NAMA", "siti aminah"),
    ("NAMA", "SITI\nAMINAH"),
    ("RT", "001"),
    ("JK", "?"),
    ("KETERANGAN", "  apa  adanya "),
]


@pytest.mark.parametrize(
    ("column", "text"), LEFT_ALONE, ids=[f"{c} {i}" for i, (c, _) in enumerate(LEFT_ALONE)]
)
def test_left_alone(column, text):
    result = cleaned([{"NAMA": "SITI AMINAH", "NIK": NIK} | {column: text}])
    assert not result.changes["applied"].any()
    assert result.frame[column].to_list() == [text]


def test_a_cell_may_have_a_certain_and_a_proposed_change():
    person = {"NAMA": "SITI AMINAH", "NIK": NIK, "TGL LAHIR": "07/01/1960"}
    both = [
        (0, "TGL LAHIR", "07/01/1960", "07-01-1960", "date_format", True),
        (0, "TGL LAHIR", "07/01/1960", "01-07-1960", "date_swapped", False),
    ]
    assert lines(cleaned([person])) == both
    assert lines(cleaned([person], apply="all")) == [(*both[1][:5], True)]


def test_one_writing_for_one_entry_by_majority():
    texts = ["PRINT_READY_RECORD"] * 3 + ["Print Ready Record", "PRR", "CARD_ISSUED", "SFE"]
    sexes = ["L", "LAKI-LAKI", "Pria", "LK", "LAKI-LAKI", "P", "?"]
    result = cleaned(
        [
            {"NAMA": f"ORANG {i}", "STATUS REKAM": t, "JK": s}
            for i, (t, s) in enumerate(zip(texts, sexes, strict=True))
        ]
    )
    assert result.frame["STATUS REKAM"].to_list() == ["PRINT_READY_RECORD"] * 5 + ["CARD_ISSUED", "SFE"]
    assert result.frame["JK"].to_list() == ["L"] * 5 + ["P", "?"]


SEXES = [
    (["LK", "2", "LK", "Perempuan"], ["LK", "PR", "LK", "PR"]),
    (["1", "2", "L", "2"], ["1", "2", "1", "2"]),
    (["Laki-laki", "Laki-laki", "P", "lelaki"], ["Laki-laki", "Laki-laki", "Perempuan", "Laki-laki"]),
    (["L", "LAKI-LAKI", "P", "P"], ["L", "L", "P", "P"]),
    (["PRIA", "WANITA", "PRIA", "2"], ["PRIA", "WANITA", "PRIA", "WANITA"]),
    (["L", "P", "M", "F"], ["L", "P", "M", "F"]),
]


@pytest.mark.parametrize(("came", "after"), SEXES)
def test_sex_is_written_in_one_system(came, after):
    result = cleaned([{"NAMA": f"ORANG {i}", "JK": text} for i, text in enumerate(came)])
    assert result.frame["JK"].to_list() == after


CODES = [
    ("STAT KWN", ["BK", "K", "K", "BELUM KAWIN", "CERAI MATI"], ["BK", "K", "K", "BK", "CM"]),
    ("STAT KWN", ["1", "2", "2", "KAWIN", "KAWIN TERCATAT"], ["1", "2", "2", "2", "KAWIN TERCATAT"]),
    ("SHDK", ["Anak", "Isteri", "Anak", "4", "1"], ["Anak", "Isteri", "Anak", "Anak", "Kepala keluarga"]),
    ("AGAMA", ["ISLAM", "ISLAM", "islam", "2", "PROTESTAN"], ["ISLAM"] * 3 + ["KRISTEN", "PROTESTAN"]),
]


@pytest.mark.parametrize(("column", "came", "after"), CODES)
def test_codes_are_written_in_the_system_of_the_column(column, came, after):
    result = cleaned([{"NAMA": f"ORANG {i}", column: text} for i, text in enumerate(came)])
    assert result.frame[column].to_list() == after


MANNERS = [
    (["24/02/1969", "01/07/1980", "13/05/1958", "1-7-1960"], "01/07/1960"),
    (["24/2/1969", "1/7/1980", "13/5/1958", "01-07-1960"], "1/7/1960"),
    (["24.02.1969", "01.07.1980", "13.05.1958", "1960-07-01"], "1960-07-01"),
    (["24.02.1969", "01.07.1980", "13.05.1958", "1960-07-21"], "21.07.1960"),
    (["1969-02-24", "1980-07-01", "1958-05-13", "1/7/1960"], "1960-07-01"),
    (["1969-02-04", "1980-07-01", "1958-05-03", "1/7/1960"], "01-07-1960"),
    (["24 Pebruari 1969", "1 Juli 1980", "13 Mei 1958", "7-2-1960"], "7 Pebruari 1960"),
    (["24 FEB 1969", "1 JUL 1980", "13 MEI 1958", "7-12-1960"], "7 DES 1960"),
    (["24/02/1969", "1 Juli 1980", "13.05.1958", "1960-07-21"], "21-07-1960"),
    (["24-02-1969", "01-07-1980", "13-05-1958", "1/7/1960"], "01-07-1960"),
    (["24/02/69", "01/07/80", "13/05/58", "1/7/60"], "01-07-1960"),
]


@pytest.mark.parametrize(("came", "after"), MANNERS, ids=[came[0] + " " + came[3] for came, _ in MANNERS])
def test_a_date_is_written_as_the_column_writes_dates(came, after):
    rows = [{"NAMA": f"ORANG {i}", "TGL LAHIR": text} for i, text in enumerate(came)]
    result = cleaned(rows)
    assert result.frame["TGL LAHIR"][3] == after
    assert not cleaned(result.frame.to_dicts()).changes["applied"].any()


@pytest.mark.parametrize(("text", "applied"), [("13/05/58", True), ("13/05/27", True), ("13/05/26", False)])
def test_a_short_year_is_written_in_full_where_one_century_is_possible(text, applied):
    result = cleaned([{"NAMA": "ORANG", "TGL LAHIR": text}])
    assert result.changes["applied"].to_list() == [applied]
    known = nikdedup.clean(pl.DataFrame({"NAMA": ["ORANG"], "TGL LAHIR": [text]}))
    assert not known.changes["applied"].any()  # no reference date: nobody knows which century is over


def test_place_and_date_in_one_cell_keep_the_way_of_the_column():
    texts = [
        "Puruk Cahu, 24 Pebruari 1969",
        "Puruk Cahu, 8 Januari 2001",
        "Muara Teweh, 7 Mei 2001",
        "X/1-7-60",
    ]
    result = cleaned([{"NAMA": f"ORANG {chr(65 + i)}", "TTL": text} for i, text in enumerate(texts)])
    assert result.frame["TTL"].to_list() == texts
    dashed = [*texts[:3], "Puruk Cahu, 01-07-1960"]
    result = cleaned([{"NAMA": f"ORANG {chr(65 + i)}", "TTL": text} for i, text in enumerate(dashed)])
    assert result.frame["TTL"][3] == "Puruk Cahu, 1 Juli 1960"


def test_names_are_written_in_capitals_only_where_the_column_is():
    names = [f"SITI AMINAH {chr(65 + i)}" for i in range(18)] + ["Siti  Aminah", "SITI, S.Pd"]
    result = cleaned([{"NAMA": name} for name in names])
    assert result.frame["NAMA"].to_list() == [*names[:18], "SITI AMINAH", "SITI, S.Pd"]
    assert result.changes["reason"].to_list() == ["letter_case"]
    mixed = [name.title() if i % 2 else name for i, name in enumerate(names)]
    assert cleaned([{"NAMA": name} for name in mixed]).changes.filter(reason="letter_case").is_empty()


def test_a_name_in_full_has_the_case_of_its_column():
    result = cleaned([{"NAMA": name} for name in ("M. Ali", "Siti Aminah", "Nur Hayati")], apply="all")
    assert result.frame["NAMA"][0] == "Muhammad Ali"


def test_digits_that_excel_cut_off_are_listed_and_left():
    niks = [f"621201{i % 28 + 1:02d}0780{i:03d}0" for i in range(40)]
    result = cleaned([{"NAMA": f"ORANG {i}", "NIK": nik} for i, nik in enumerate(niks)], apply="all")
    assert result.frame["NIK"].to_list() == niks
    assert lines(result)[0] == (0, "NIK", niks[0], None, "digits_lost", False)
    assert len(result.changes) == 40


def test_dates_of_a_typed_column_stay_dates():
    frame = pl.DataFrame({"NAMA": ["ORANG  A", "ORANG B"], "TGL_LHR": [date(1960, 7, 1), date(1980, 7, 21)]})
    result = nikdedup.clean(frame, reference_date=TODAY)
    assert result.frame["TGL_LHR"].equals(frame["TGL_LHR"])
    assert result.changes["reason"].to_list() == ["spaces"]


def test_statuses_of_different_meaning_stay_apart():
    texts = ["KAWIN", "KAWIN TERCATAT", "KAWIN", "CERAI HIDUP", "K"]
    result = cleaned([{"NAMA": f"ORANG {i}", "STAT KWN": t} for i, t in enumerate(texts)])
    assert result.frame["STAT KWN"].to_list() == ["KAWIN", "KAWIN TERCATAT", "KAWIN", "CERAI HIDUP", "KAWIN"]


def test_english_sexes_stay_english_and_mixed_ones_do_not():
    english = [{"NAMA": f"ORANG {i}", "JK": "MF"[i % 2]} for i in range(4)]
    assert cleaned(english).changes.is_empty()
    indonesian = pl.DataFrame([{"NAMA": f"LAIN {i}", "JK": "LP"[i % 2]} for i in range(2)])
    stacked = nikdedup.clean([pl.DataFrame(english), indonesian], reference_date=TODAY)
    assert stacked.frame["JK"].to_list() == ["L", "P"] * 3


def test_a_column_written_month_first_is_turned_as_a_whole():
    texts = ["07/25/1960", "12/31/1955", "03/14/1999", "07/05/1980"]
    result = cleaned([{"NAMA": f"ORANG {i}", "TGL LAHIR": t} for i, t in enumerate(texts)])
    assert result.frame["TGL LAHIR"].to_list() == ["25-07-1960", "31-12-1955", "14-03-1999", "05-07-1980"]
    assert result.changes["reason"].unique().to_list() == ["date_month_first_column"]
    assert cleaned(result.frame.to_dicts()).changes.is_empty()


def us_locale(day):
    return f"{day.year}-{day.day:02d}-{day.month:02d}" if day.day <= 12 else f"{day:%d-%m-%Y}"


def test_dates_turned_by_a_locale_are_proposed_and_stay_recognisable():
    days = [date(1950 + i % 60, i % 12 + 1, i * 7 % 28 + 1) for i in range(120)]
    rows = [{"NAMA": f"ORANG {i}", "TGL LAHIR": us_locale(day)} for i, day in enumerate(days)]
    once = cleaned(rows)
    assert not once.changes["applied"].any()
    assert set(once.changes["reason"]) == {"date_swapped"}
    assert cleaned(once.frame.to_dicts()).changes.equals(once.changes)
    told = cleaned(rows, apply="all")
    read = [
        text if "-" not in text[:4] else "-".join(reversed(text.split("-")))
        for text in told.frame["TGL LAHIR"]
    ]
    assert read == [day.isoformat() for day in days]
    assert cleaned(told.frame.to_dicts(), apply="all").changes.is_empty()


def test_temporary_number_gets_its_zero_back_when_told():
    rows = [{"NAMA": "ORANG A", "NIK": "0621201000100001"}, {"NAMA": "ORANG B", "NIK": "621201000100002"}]
    assert lines(cleaned(rows)) == [
        (1, "NIK", "621201000100002", "0621201000100002", "temporary_zero_lost", False)
    ]
    assert cleaned(rows, apply="all").frame["NIK"].to_list() == ["0621201000100001", "0621201000100002"]


def test_a_field_joined_of_two_columns_is_left_alone():
    rows = [{"DEPAN": "SITI ", "BELAKANG": " AMINAH"}]
    assert cleaned(rows, columns={"nama_lgkp": ["DEPAN", "BELAKANG"]}).changes.is_empty()


def test_opaque_ids_are_left_alone():
    assert cleaned([PERSON | {"NIK": "'A-1"}], nik_scheme="opaque").changes.is_empty()


def test_formats_of_the_office_decide_what_a_date_may_become():
    rows = [{"NAMA": "ORANG", "TGL LAHIR": "1 Juli 1960"}]
    assert cleaned(rows, date_formats=["%m-%d-%Y"]).changes.is_empty()


cells = st.fixed_dictionaries(
    {
        "NIK": st.sampled_from(
            [
                NIK,
                f"'{NIK}",
                "6212 0101 0780 9002",
                "62120141O760900I",
                "0",
                "621201000100002",
                "0621201000100001",
                "6,2E+15",
                "6212010107809100",
                None,
            ]
        ),
        "NAMA": st.sampled_from(
            ["SITI  AMINAH", "M. ALI", "MUH. YUSUF, S.Pd", "RUSLAN bin ALI", "@A", "A\nB", " X "]
        ),
        "TGL LAHIR": st.sampled_from(
            [
                "1/7/1960",
                "07/25/1980",
                "1960-01-07",
                "01-07-60",
                "29402",
                "00-00-1960",
                "x",
                "1 Pebruari 1980",
                "07-01-1960",
                "12.12.1980",
                None,
            ]
        ),
        "TGL UBAH": st.sampled_from(["1/5/2020", "2020-05-01 13:45:00", "05-01-2020", "05/31/2020", None]),
        "JK": st.sampled_from(["L", "P", "M", "F", "Pria", "PEREMPUAN", "?", None]),
        "STATUS REKAM": st.sampled_from(
            ["PRR", "PRINT_READY_RECORD", "print ready", "SFE", "BELUM  REKAM", None]
        ),
        "RT/RW": st.sampled_from(["001/002", "05-Mar", "2026-03-05", None]),
    }
)


@given(rows=st.lists(cells, min_size=1, max_size=30), apply=st.sampled_from(["certain", "all"]))
@settings(max_examples=20, deadline=None)
def test_cleaning_twice_is_cleaning_once(rows, apply):
    once = cleaned(rows, apply=apply)
    twice = cleaned(once.frame.to_dicts(), apply=apply)
    assert twice.frame.equals(once.frame)
    assert not twice.changes["applied"].any()


@given(rows=st.lists(cells, min_size=1, max_size=12))
@settings(max_examples=20, deadline=None)
def test_the_change_table_tells_every_difference(rows):
    result = cleaned(rows)
    before = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String()))
    applied = result.changes.filter("applied")
    told = {
        (row, column): (old, new)
        for row, column, old, new in applied.select("row", "column", "before", "after").rows()
    }
    differ = {
        (row, column): (before[column][row], result.frame[column][row])
        for column in before.columns
        for row in range(len(before))
        if before[column][row] != result.frame[column][row]
    }
    assert told == differ


def test_every_kind_speaks_both_languages():
    assert all(
        kind.id.endswith(".") and kind.en.endswith(".") and kind.id != kind.en for kind in KINDS.values()
    )
