"""The profile of an extract: figures by hand, nothing that identifies anybody, both languages."""

import json
import re
from datetime import date

import polars as pl
import pytest

import nikdedup
from nikdedup.residents.profile import FIRST_ROWS, PROFILE, SECTIONS

TODAY = date(2026, 6, 30)
ROWS = 40


def people(n=ROWS):
    """Return n records of which row i is odd in a way the tests know."""
    days = [date(1950 + i, i % 12 + 1, 2 + i % 10) for i in range(n)]
    return pl.DataFrame({
        "No. NIK": [f"621201{day:%d%m%y}90{i + 11:02d}" for i, day in enumerate(days)],
        "NAMA": ["SITI AMINAH", "RUSLAN EFENDI", "SITI YUSUF", "RUSLAN HASAN"] * (n // 4),
        "TGL LAHIR": [f"{day:%d-%m-%Y}" for day in days],
        "JK": ["L"] * n,
        "NAMA IBU": ["NURHAYATI BINTI ALI", "-", None, "SUMIATI WATI"] * (n // 4),
        "STATUS REKAM": ["CARD_ISSUED", "BELUM REKAM"] * (n // 2),
    })  # fmt: skip


def put(frame, column, values):
    rows = pl.Series(list(values))
    return frame.with_columns(frame[column].scatter(rows, list(values.values())))


def lines(profile, section, **wanted):
    frame = profile.frame.filter(section=section, **wanted)
    return {line["measure"]: line for line in frame.iter_rows(named=True)}


def profile(frame, **options):
    return nikdedup.profile(frame, reference_date=TODAY, **options)


def test_table_is_as_promised():
    found = profile(people())
    assert dict(found.frame.schema) == PROFILE
    order = [SECTIONS.index(name) for name in found.frame["section"]]
    assert order == sorted(order)
    assert found.frame["share"].drop_nulls().is_between(0, 1).all()


def test_columns_are_measured():
    mother = lines(profile(people()), "columns", column="nama_lgkp_ibu")
    assert (mother["filled"]["count"], mother["filled"]["share"], mother["filled"]["value"]) == (
        30,
        0.75,
        "NAMA IBU",
    )
    assert mother["distinct"]["count"] == 3
    assert (mother["not_understood"]["count"], mother["not_understood"]["rows"][:2]) == (10, [1, 5])
    assert mother["type"]["value"] == "text"


def test_reasons_name_their_first_rows():
    rows = list(range(3, 33, 2))
    found = lines(profile(put(people(), "No. NIK", dict.fromkeys(rows, "6,2E+15"))), "reasons")[
        "nik_scientific"
    ]
    assert found["count"] == len(rows)
    assert found["rows"] == rows[:FIRST_ROWS]
    assert found["places"] == [str(row + 1) for row in rows[:FIRST_ROWS]]
    assert found["share"] == len(rows) / ROWS


def test_default_dates():
    dates = {0: "01-07-1950", 1: "31-12-1951", 2: "01-01-1952", 3: "15-04-1953", 4: "15-07-1954"}
    found = lines(profile(put(people(), "TGL LAHIR", dates)), "defaults")
    counts = {name: line["count"] for name, line in found.items()}
    assert counts == {"july_1": 1, "december_31": 1, "january_1": 1, "day_15": 2, "any": 5}


def test_nik_against_columns():
    frame = put(put(people(), "TGL LAHIR", {4: "20-09-1971"}), "JK", {6: "P", 7: "P"})
    found = profile(frame)
    assert lines(found, "nik", column="tgl_lhr")["differs"]["rows"] == [4]
    assert lines(found, "nik", column="tgl_lhr")["compared"]["count"] == ROWS
    assert lines(found, "nik", column="jenis_klmin")["differs"]["rows"] == [6, 7]
    assert lines(found, "nik", column="nik")["verdict_warning"]["count"] == 3


def test_origin_names_regencies():
    frame = put(people(), "No. NIK", {0: "3529010203509011", 1: "9936010303519011"})
    values = {
        line["value"]: line["count"]
        for line in profile(frame).frame.filter(section="origin").iter_rows(named=True)
    }
    assert values == {"6212 Kabupaten Murung Raya": 38, "3529 Kabupaten Sumenep": 1, "9936 NIT": 1}


def test_truncation_is_told_by_source(tmp_path):
    cut = people().with_columns(pl.col("No. NIK").str.head(15) + "0")
    for name, frame in (("a.csv", people()), ("b.csv", cut)):
        frame.write_csv(tmp_path / name)
    found = profile([tmp_path / "a.csv", tmp_path / "b.csv"]).frame.filter(
        section="truncation", measure="suspect"
    )
    assert {line["value"]: line["count"] for line in found.iter_rows(named=True)} == {
        "a.csv": 0,
        "b.csv": ROWS,
    }
    assert found["places"].to_list()[1][0] == "b.csv:2"


def test_texts_say_how_they_were_read():
    """What no list has is shown if it names nobody: plain words, a short code, or a good part of the column."""
    strange = {0: "GAGAL CETAK", 2: "9", 4: "SITI AMINAH", 6: "SITI AMINAH", 8: "SITI AMINAH", 10: "1990"}
    frame = put(people(), "STATUS REKAM", strange | dict.fromkeys(range(12, 34, 2), "ENTAH APA"))
    found = profile(frame).frame.filter(section="texts", column="ektp_status")
    read = {line["value"]: (line["measure"], line["count"]) for line in found.iter_rows(named=True)}
    assert {value: told for value, told in read.items() if told[0] == "unknown"} == {
        "ENTAH APA": ("unknown", 11),
        "GAGAL CETAK": ("unknown", 1),
        "9": ("unknown", 1),
    }
    assert read["2"] == ("not_shown", 4)


def test_no_rw_is_understood_as_none():
    frame = people().with_columns(RW=pl.Series(["000", "001", "-", "RW ?"] * (ROWS // 4)))
    found = lines(profile(frame), "columns", column="no_rw")["not_understood"]
    assert (found["count"], found["rows"][:2]) == (ROWS // 4, [3, 7])


def test_unknown_statuses_are_shown_with_their_count_to_be_mapped():
    frame = put(people(), "STATUS REKAM", dict.fromkeys(range(6), "SDH REKAM 2019"))
    found = profile(frame).frame.filter(section="texts", column="ektp_status", measure="unknown")
    assert found.select("value", "count").rows() == [("SDH REKAM 2019", 6)]
    mapped = profile(frame, status={"sdh rekam 2019": "captured"}).frame
    assert mapped.filter(section="texts", measure="captured")["count"].to_list() == [6]


@pytest.mark.parametrize(
    ("lang", "words"), [("id", ["kepala keluarga", "cerai mati"]), ("en", ["head of the family", "widowed"])]
)
def test_coded_columns_are_told_in_words(lang, words):
    frame = people().with_columns(SHDK=pl.lit("1"), STAT_KWN=pl.lit("CM"))
    assert all(word in profile(frame).text(lang) for word in words)


def test_renumbered_regions_count_as_one():
    old_and_new = {
        i: nik.replace("621201", "910101" if i % 2 else "930101", 1)
        for i, nik in enumerate(people()["No. NIK"])
    }
    frame = put(people(), "No. NIK", old_and_new).with_columns(
        NO_PROP=pl.lit("91"), NO_KAB=pl.lit("1"), NO_KEC=pl.Series([str(i % 2 + 1) for i in range(ROWS)])
    )
    found = profile(frame).frame
    origin = found.filter(section="origin").select("value", "count").rows()
    assert origin == [("9301 Kabupaten Merauke", ROWS)]
    homes = found.filter(section="residence").select("value", "count").rows()
    assert homes == [("930101 Merauke", ROWS // 2), ("930102 Muting", ROWS // 2)]


def test_residence_from_names_alone():
    frame = people().with_columns(KECAMATAN=pl.Series(["TANAH SIANG", "KEC. MURUNG"] * (ROWS // 2)))
    homes = profile(frame).frame.filter(section="residence").select("value", "count").rows()
    assert homes == [("621201 Murung", ROWS // 2), ("621202 Tanah Siang", ROWS // 2)]


def test_cards_due_on_the_reference_date():
    births = {0: "01-07-2022", 1: "02-03-2012", 2: "30-06-2009", 3: "-"}
    found = lines(profile(put(people().drop("No. NIK"), "TGL LAHIR", births)), "cards")
    counts = {name: line["count"] for name, line in found.items()}
    assert counts == {
        "wajib_ktp": ROWS - 3, "kia_without_photo": 1, "kia_with_photo": 1, "age_unknown": 1,
    }  # fmt: skip
    assert found["age_unknown"]["rows"] == [3]


def test_rows_that_are_no_records(tmp_path):
    frame = people()
    text = frame.write_csv()
    header, *body = text.splitlines()
    (tmp_path / "a.csv").write_text("\n".join([header, *body[:5], header, *body[5:]]))
    found = lines(profile(tmp_path / "a.csv"), "skipped")
    assert (found["header_repeated"]["count"], found["header_repeated"]["places"]) == (1, ["a.csv:7"])


@pytest.mark.parametrize("lang", ["id", "en"])
def test_nobody_can_be_recognised(lang):
    names = {1: "MARIAM SOLEHA", 3: "6212010203509011"}
    found = profile(put(people(), "STATUS REKAM", names))
    shown = found.text(lang) + found._repr_html_() + json.dumps(found.as_dict())
    assert not re.search(r"(?<![.\d])\d{12}", shown)
    assert not re.search("MARIAM|SOLEHA|AMINAH|NURHAYATI", shown)
    hidden = found.frame.filter(section="texts", measure="not_shown")
    assert hidden.select("count", "value").rows() == [(2, "2")]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("id", ["Kelengkapan kolom", "Tanggal lahir baku", "97,50%"]),
        ("en", ["Completeness", "Default birth dates", "97.50%"]),
    ],
)
def test_text_in_both_languages(lang, words):
    text = profile(put(people(), "No. NIK", {0: "0"})).text(lang)
    assert all(word in text for word in words)
    assert max(map(len, text.splitlines())) <= 120
    text.encode("cp1252")


def test_opaque_ids_have_no_nik_sections():
    found = profile(people(), nik_scheme="opaque")
    assert not set(found.frame["section"]) & {"nik", "origin", "truncation"}


def test_as_dict_is_json():
    found = profile(people()).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert (found["records"], found["reference_date"]) == (ROWS, "2026-06-30")
    assert set(SECTIONS) <= set(found)


def test_result_has_the_same_profile(tmp_path):
    frame = people()
    result = nikdedup.dedupe(frame, reference_date=TODAY, lang="en")
    own = profile(frame).frame.filter(pl.col("measure") != "type")
    assert result.profile.frame.equals(own)
    result.write(tmp_path / "run")
    assert nikdedup.open(tmp_path / "run").profile.frame.equals(own)
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "Completeness of the columns" in report
    assert "AMINAH" not in report


def test_a_run_without_residents_says_so(tmp_path):
    result = nikdedup.dedupe(people(), reference_date=TODAY, residents=False)
    result.write(tmp_path / "run")
    with pytest.raises(nikdedup.InputError, match="written without residents"):
        _ = nikdedup.open(tmp_path / "run").profile
