"""What came back: columns moved and renamed, rows sorted and lost, keys edited and gone, answers that differ."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.village import Known, Line, lines_of
from nikdedup.village.grids import Grid
from nikdedup.village.lists import ROWS, row_key

NUMBER = "0A1B2C3D"
HEADS = [
    "NO",
    "NIK",
    "NAMA",
    "TEMPAT, TGL LAHIR",
    "KETERANGAN",
    "HASIL VERIFIKASI",
    "TANGGAL",
    "CATATAN",
    "KUNCI BARIS",
    "BAGIAN",
    "STATUS REKAM",
]
NAMES = ["SITI AMINAH", "RUSMINI", "DEWI LESTARI", "KARTINI", "SALMAH", "ERNAWATI"]


def known(*more: dict[str, Any]) -> Known:
    """Lists of six residents of one desa, all of them asked about, and others besides."""
    people = [
        {"name": name, "nik": f"62120141076090{i:02d}", "birth": date(1960 + i, 7, 1)}
        for i, name in enumerate(NAMES, 1)
    ]
    rows = [
        {
            **dict.fromkeys(ROWS),
            "key": row_key(NUMBER, str(i)),
            "number": i,
            "asked": True,
            "part": "unrecorded",
            **one,
        }
        for i, one in enumerate([*people, *more], 1)
    ]
    return Known.of(pl.DataFrame(rows, schema=ROWS))


KNOWN = known()


def sheet(**answered: str) -> list[list[str]]:
    """The sheet as it was given out, NIKs masked, with answers: `a1` in the first row and so on."""
    rows = KNOWN.rows.iter_rows(named=True)
    table = [
        [
            str(one["number"]),
            f"{one['nik'][:6]}••••••••{one['nik'][-2:]}",
            one["name"],
            f"MURUNG, {one['birth']:%d-%m-%Y}",
            "",
            answered.get(f"a{one['number']}", ""),
            "",
            "",
            one["key"],
            "1 Belum rekam",
            "belum rekam",
        ]
        for one in rows
    ]
    return [["DAFTAR VERIFIKASI BERIWIT"], ["Kecamatan MURUNG"], ["Perlu diisi:", "", "6"], HEADS, *table]


def read(rows: list[list[str]], given: Known = KNOWN) -> list[Line]:
    return lines_of(Grid("BERIWIT", rows), given)


def answers_of(lines: list[Line]) -> dict[int, str]:
    return {line.at: line.code for line in lines if line.at is not None and line.code}


def column(rows: list[list[str]], name: str) -> int:
    return rows[3].index(name)


def without_key(row: list[str]) -> list[str]:
    return [*row[:8], *row[9:]]


ANSWERED = {"a1": "MENINGGAL", "a2": "sdah rekam", "a3": "pindah", "a5": "ada, belum rekam"}
WANTED = {0: "dead", 1: "recorded", 2: "moved", 4: "present"}


def test_as_it_was_given_out() -> None:
    lines = read(sheet(**ANSWERED))
    assert answers_of(lines) == WANTED
    assert [(line.problem, line.cell) for line in lines if line.problem] == [
        ("blank", "F8"),
        ("blank", "F10"),
    ]
    assert {line.by for line in lines} == {"key"}


@pytest.mark.parametrize("seed", range(4))
def test_columns_moved_and_rows_sorted(seed: int) -> None:
    rows = sheet(**ANSWERED)
    order = list(range(len(HEADS)))
    random.Random(seed).shuffle(order)
    body = [[row[i] for i in order] for row in rows[3:]]
    head, *lines = body
    random.Random(seed).shuffle(lines)
    assert answers_of(read([head, *lines])) == WANTED


def test_heads_renamed_are_told_by_what_their_columns_hold() -> None:
    rows = sheet(**ANSWERED)
    rows[3] = list("ABCDEFGHIJK")
    assert answers_of(read(rows)) == WANTED


def test_heads_gone_altogether() -> None:
    assert answers_of(read(sheet(**ANSWERED)[4:])) == WANTED


def test_what_the_list_itself_says_is_no_answer() -> None:
    """Without heads, and nothing answered: neither "1 Belum rekam" nor "belum rekam" is taken for one."""
    assert answers_of(read(sheet()[4:])) == {}


def test_heads_misspelt() -> None:
    rows = sheet(**ANSWERED)
    rows[3][5], rows[3][8] = "HASIL VERFIKASI", "kunci  baris."
    assert answers_of(read(rows)) == WANTED


def test_rows_deleted_and_a_list_of_their_own_put_below() -> None:
    rows = sheet(**ANSWERED)
    twice = [*rows[:4], rows[4], rows[6], ["", "", "DESA KEDUA"], rows[3], rows[5], rows[8]]
    assert answers_of(read(twice)) == WANTED


def test_the_key_column_lost_leaves_what_is_shown() -> None:
    rows = [without_key(row) for row in sheet(**ANSWERED)]
    lines = read(rows)
    assert answers_of(lines) == WANTED
    assert {line.by for line in lines} == {"shown"}


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        pytest.param("0A1B2C3D-000000000000-00", "edited_key", id="digits changed"),
        pytest.param("0A1B2C3D-00000", "edited_key", id="cut off"),
        pytest.param("x", "edited_key", id="overwritten"),
        pytest.param(row_key("FFFFFFFF", "1"), "other_list", id="of another list"),
        pytest.param(row_key(NUMBER, "nobody"), "unknown_row", id="of no row"),
    ],
)
def test_keys_that_lead_nowhere_stay_open(key: str, problem: str) -> None:
    rows = sheet(a1="meninggal", a2="pindah")
    rows[4][8], rows[4][2] = key, "ORANG LAIN"
    [line] = [one for one in read(rows) if one.cell == "F5"]
    assert (line.at, line.code, line.problem) == (None, None, problem)


def test_an_edited_key_is_known_by_what_its_row_shows_and_marked() -> None:
    rows = sheet(a1="meninggal")
    rows[4][8] = rows[4][8][:-1] + ("0" if rows[4][8][-1] != "0" else "1")
    line = read(rows)[0]
    assert (line.at, line.code, line.by) == (0, "dead", "shown")


def test_two_who_look_alike_stay_open_without_a_key() -> None:
    twin = {"name": "SITI AMINAH", "nik": "6212014107609901", "birth": date(1961, 7, 1)}
    rows = [without_key(row) for row in sheet(a1="meninggal")]
    rows[4][0] = ""
    assert read(rows, known(twin))[0].problem == "ambiguous"
    rows[4][1] = "6212014107609001"
    assert read(rows, known(twin | {"nik": "6212024107609001"}))[0].at == 0


NIK = "6212014107609077"


@pytest.mark.parametrize(
    ("word", "other", "code", "problem"),
    [
        pytest.param(f"sudah rekam dengan NIK {NIK}", None, "double", None, id="recorded under another NIK"),
        pytest.param("sudah rekam 6212014107609001", None, "recorded", None, id="recorded under its own"),
        pytest.param(f"ganda dengan NIK {NIK}", None, "double", None, id="a double of a NIK"),
        pytest.param("ganda", "k9", "double", None, id="a double of the one proposed"),
        pytest.param("ganda", None, None, "no_nik", id="a double of nobody"),
        pytest.param("orang yang sama", None, None, "no_nik", id="the same as nobody"),
    ],
)
def test_with_which_nik(word: str, other: str | None, code: str | None, problem: str | None) -> None:
    own = {"name": "HALIMAH", "nik": "6212014107609001", "birth": date(1960, 7, 1), "other_key": other}
    given = known(own)
    row = [*sheet()[4][:8], given.rows["key"][6], "", ""]
    row[5] = word
    [line] = [one for one in read([*sheet()[:4], row], given) if one.at == 6]
    assert (line.code, line.problem) == (code, problem)


@pytest.mark.parametrize("word", ["???", "ok", "tidak meninggal", "meninggal atau pindah", "-"])
def test_unknown_words_stay_open_with_their_cell(word: str) -> None:
    [line] = [one for one in read(sheet(a2=word)) if one.problem != "blank"]
    assert (line.problem, line.cell, line.code) == ("unknown_word", "F6", None)


def test_one_row_twice_with_two_answers_is_a_conflict_unless_the_days_differ() -> None:
    rows = sheet(a1="meninggal")
    again = [*rows[4][:5], "pindah", *rows[4][6:]]
    assert [line.problem for line in read([*rows, again]) if line.at == 0] == ["conflict", "conflict"]
    rows[4][6], again[6] = "01-11-2026", "02-11-2026"
    assert [line.code for line in read([*rows, again]) if line.at == 0] == ["dead", "moved"]


def test_of_two_lists_of_one_resident_the_sheet_and_the_number_tell_which_is_meant() -> None:
    """A case of two villages stands on the lists of both."""
    one = {"name": "SITI AMINAH", "nik": "6212014107609001", "birth": date(1961, 7, 1), "number": 9}
    rows = [without_key(row) for row in sheet(a1="meninggal")]
    two = known(one | {"desa": "JUKING PAJANG"}, one | {"desa": "BERIWIT"})
    two = Known.of(two.rows.with_columns(pl.col("desa").fill_null("MUARA UNTU")))
    assert lines_of(Grid("JUKING PAJANG", rows), two)[0].at == 6
    assert lines_of(Grid("Beriwit", rows), two)[0].at == 7
    assert lines_of(Grid("Lembar 1", rows), two)[0].at == 0, "number 1 is Muara Untu's"
    rows[4][0] = ""
    assert lines_of(Grid("Lembar 1", rows), two)[0].problem == "ambiguous"


def test_dates_notes_and_other_niks_come_along() -> None:
    rows = sheet(a1="ganda dengan NIK 6212.0141.0760.9077", a2="pindah 3/10/2026", a3="ganda")
    rows[4][6], rows[4][7] = "2026-11-05", "akta 12"
    rows[6][7] = "NIK yang benar 6212014107609088"
    first, second, third = read(rows)[:3]
    assert (first.nik, first.day, first.note) == ("6212014107609077", date(2026, 11, 5), "akta 12")
    assert (second.code, second.day) == ("moved", date(2026, 10, 3))
    assert third.nik == "6212014107609088"


def test_a_column_that_a_village_has_added_is_no_answer_and_not_lost() -> None:
    rows = [[*row, "RT lama 3"] if i > 3 else row for i, row in enumerate(sheet(a1="meninggal"))]
    assert read(rows)[0].note == "RT lama 3"


def test_rows_that_ask_nothing_answer_nothing() -> None:
    rows = sheet(a1="lihat no. 4", a2="pembanding")
    quiet = Known.of(KNOWN.rows.with_columns(asked=pl.lit(False)))
    assert read(rows, quiet) == []


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param([["BERITA ACARA"], ["NO", "DESA"], ["1", "BERIWIT"]], id="the form that is signed"),
        pytest.param([["meninggal"], ["pindah"]], id="answers of nobody"),
        pytest.param(
            [["NIK", "NAMA", "TGL LAHIR", "STATUS KTP"]]
            + [
                [f"62120141076090{i:02d}", name, f"01-07-{1960 + i}", "BELUM REKAM"]
                for i, name in enumerate(NAMES, 1)
            ],
            id="an extract whose statuses read like answers",
        ),
        pytest.param(
            [["NIK", "NAMA LENGKAP", "TGL LAHIR", "KETERANGAN", "NIK PASANGAN", "ID KEPUTUSAN"]]
            + [
                [f"62120141076090{i:02d}", name, f"01-07-{1960 + i}", "", "6212014107609099", f"K-{i:016x}"]
                for i, name in enumerate(NAMES, 1)
            ],
            id="decisions.xlsx: what the program proposes is no answer",
        ),
    ],
)
def test_sheets_that_are_no_list(rows: list[list[str]]) -> None:
    assert read(rows) == []


@given(
    st.lists(st.sampled_from(["meninggal", "PINDAH", "", "???", "sudah rekam"]), min_size=6, max_size=6),
    st.randoms(),
)
def test_order_of_rows_and_columns_says_nothing(said: list[str], chance: random.Random) -> None:
    rows = sheet(**{f"a{i}": text for i, text in enumerate(said, 1)})
    order = list(range(len(HEADS)))
    chance.shuffle(order)
    head, *lines = ([row[i] for i in order] for row in rows[3:])
    chance.shuffle(lines)
    told = {(line.at, line.code, line.problem) for line in read(rows)}
    assert {(line.at, line.code, line.problem) for line in read([head, *lines])} == told
