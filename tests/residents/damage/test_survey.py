from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest

from nikdedup.config import Config
from nikdedup.residents.damage.signs import blocks_of
from nikdedup.residents.flags import REASONS
from nikdedup.residents.normalise import normalise, survey

TODAY = date(2026, 6, 30)
WORDS = [
    "".join(w)
    for w in product(
        ["BA", "SU", "WI", "NA", "RO", "TI"], ["LAN", "RIN", "MAD", "SIH", "TON"], ["TO", "SA", "DI", "WA"]
    )
]
DAMAGE = {
    "nik_truncated",
    "kk_truncated",
    "nik_filled_down",
    "nik_series",
    "nik_on_many_people",
    "nik_temporary_zero_lost",
    "nik_float_rounded",
    "birth_swapped_by_locale",
    "birth_month_first",
    "source_overlap",
}


@dataclass
class Source:
    file: str | None = "a.xlsx"
    sheet: str | None = None
    input: int = 0
    column_types: dict[str, str] = field(default_factory=dict)


def people(n, *, seed=1, file="a.xlsx", first=0, ordered=False):
    """Return n healthy synthetic residents; ordered: sorted by NIK."""
    rng = np.random.default_rng(seed)
    born = [date(1945, 1, 1) + timedelta(int(d)) for d in rng.integers(0, 29000, n)]
    born = [d.replace(month=7, day=1) if rng.random() < 0.05 else d for d in born]
    sex = rng.integers(0, 2, n)
    serials: dict[str, int] = {}
    niks, cards = [], []
    for day, woman in zip(born, sex, strict=True):
        group = f"6212{rng.integers(1, 11):02d}{day.day + 40 * woman:02d}{day:%m%y}"
        serials[group] = serials.get(group, 9000) + 1
        niks.append(f"{group}{serials[group]}")
        issued = date(2006, 1, 1) + timedelta(int(rng.integers(0, 7000)))
        cards.append(f"6212{rng.integers(1, 11):02d}{issued:%d%m%y}{rng.integers(9001, 9999)}")
    frame = pl.DataFrame(
        {
            "source_file": [file] * n,
            "nik": niks,
            "no_kk": cards,
            "nama_lgkp": [f"{WORDS[a]} {WORDS[b]}" for a, b in rng.integers(0, len(WORDS), (n, 2)).tolist()],
            "jenis_klmin": np.array(["L", "P"])[sex],
            "tgl_lhr": [f"{d:%d-%m-%Y}" for d in born],
        }
    )
    if ordered:
        frame = frame.sort("nik")
    return frame.with_columns(
        row=pl.Series(range(first, first + n), dtype=pl.Int64), source_sheet=pl.lit(None, pl.String)
    )


def cleaned(frame, sources=(), **options):
    return normalise(frame, config=Config(**options), reference_date=TODAY, sources=sources)


def having(frame, code):
    return frame.filter(pl.col("flags").list.contains(code))["row"].to_list()


def cut(column):
    """Do what Excel does to 16 digits typed as a number."""
    return pl.col(column).str.head(15) + "0"


@pytest.mark.parametrize("ordered", [False, True], ids=["shuffled", "in_order_of_nik"])
def test_healthy_rows_are_not_marked(ordered):
    frame = cleaned(people(10_000, ordered=ordered))
    marked = frame.filter(pl.col("flags").list.eval(pl.element().is_in(list(DAMAGE))).list.any())
    assert len(marked) <= 1
    assert set(frame["nik_verdict"].unique()) == {"valid"}


@pytest.mark.parametrize(("column", "code"), [("nik", "nik_truncated"), ("no_kk", "kk_truncated")])
def test_truncated_column(column, code):
    frame = cleaned(people(60).with_columns(cut(column)))
    assert len(having(frame, code)) == 60
    if column == "nik":
        assert frame["nik_verdict"].unique().to_list() == ["suspect_truncated"]
        assert frame["nik_clean"].null_count() == 0
        assert frame["nik_birth"].to_list() == frame["tgl_lhr_clean"].to_list()
    else:
        assert frame["no_kk_clean"].null_count() == 60


def test_three_numeric_cells_suffice():
    damaged = people(3).with_columns(cut("nik"))
    assert having(cleaned(damaged), "nik_truncated") == []
    assert having(cleaned(damaged, [Source(column_types={"nik": "number"})]), "nik_truncated") == [0, 1, 2]


def test_column_truncated_in_half():
    frame = people(200).with_columns(nik=pl.when(pl.col("row") % 2 == 0).then(cut("nik")).otherwise("nik"))
    found = set(having(cleaned(frame), "nik_truncated"))
    assert set(range(0, 200, 2)) <= found
    assert all(frame["nik"][row].endswith("0") for row in found)


def test_a_pasted_part_is_found_and_the_rest_left_alone():
    frame = people(6_000).with_columns(
        nik=pl.when(pl.col("row").is_between(1100, 1599)).then(cut("nik")).otherwise("nik")
    )
    found = set(having(cleaned(frame), "nik_truncated"))
    # The outermost zeros may be typed: one healthy row in ten ends in 0.
    assert set(range(1101, 1599)) <= found <= set(range(1100, 1600))


def test_a_part_at_the_end_of_a_source_is_marked_to_its_last_row():
    frame = people(300).with_columns(nik=pl.when(pl.col("row") >= 280).then(cut("nik")).otherwise("nik"))
    found = set(having(cleaned(frame), "nik_truncated"))
    assert set(range(281, 300)) <= found <= set(range(280, 300))


def test_typed_rows_between_two_pasted_parts_are_left_alone():
    pasted = pl.col("row").is_between(100, 499) | pl.col("row").is_between(600, 899)
    frame = people(1_000).with_columns(nik=pl.when(pasted).then(cut("nik")).otherwise("nik"))
    found = having(cleaned(frame), "nik_truncated")
    assert not any(row < 100 or 499 < row < 600 or row > 899 for row in found)
    assert len(found) >= 696


def test_some_typed_rows_inside_a_pasted_part_do_not_hide_it():
    pasted = pl.col("row").is_between(1000, 1199) & (pl.col("row") % 10 != 0)
    frame = people(3_000).with_columns(nik=pl.when(pasted).then(cut("nik")).otherwise("nik"))
    found = set(having(cleaned(frame), "nik_truncated"))
    assert {row for row in range(1002, 1199) if row % 10} <= found
    assert found <= set(range(1001, 1200))


def test_only_the_damaged_source_is_marked():
    frame = pl.concat([people(50).with_columns(cut("nik")), people(50, seed=2, file="b.xlsx", first=50)])
    assert having(cleaned(frame), "nik_truncated") == list(range(50))


def test_float_column_above_2_53():
    frame = people(4).with_columns(nik=pl.Series([f"{p}014107609003" for p in (6212, 9001, 9101, 9401)]))
    found = cleaned(frame, [Source(column_types={"nik": "float"})])
    assert having(found, "nik_float_rounded") == [2, 3]
    assert found["nik_verdict"].to_list()[2:] == ["suspect_truncated"] * 2


def test_scientific_notation():
    frame = cleaned(
        people(2).with_columns(nik=pl.Series(["6,21201E+15", "6.21E+15"]), no_kk=pl.Series(["6,2E+15", "1"]))
    )
    assert frame["nik_verdict"].to_list() == ["invalid", "invalid"]
    assert having(frame, "nik_scientific") == [0, 1]
    assert having(frame, "kk_scientific") == [0]
    assert frame["nik_clean"].null_count() == frame["no_kk_clean"].null_count() == 2


def test_filled_down_keeps_the_first():
    frame = people(12)
    nik = frame["nik"].to_list()
    nik[4:9] = [nik[3]] * 5
    found = cleaned(frame.with_columns(nik=pl.Series(nik)))
    assert having(found, "nik_filled_down") == [4, 5, 6, 7, 8]
    assert found["nik_clean"][3] == nik[3]
    assert found["nik_clean"][4:9].null_count() == found["nik_birth"][4:9].null_count() == 5
    assert set(found["nik_verdict"][4:9]) == {"invalid"}


def test_one_person_listed_three_times_is_not_filled_down():
    frame = people(3)
    same = frame.with_columns(
        pl.col("nik", "tgl_lhr").first(), nama_lgkp=pl.Series(["SITI AMINAH", "SITI AMINA", "ST AMINAH"])
    )
    assert having(cleaned(same), "nik_filled_down") == []


def test_series_of_foreign_dates():
    frame = people(20)
    nik = frame["nik"].to_list()
    nik[5:15] = [str(int(nik[4]) + i) for i in range(1, 11)]
    found = cleaned(frame.with_columns(nik=pl.Series(nik)))
    assert having(found, "nik_series") == list(range(5, 15))
    assert found["nik_clean"][5:15].null_count() == 10


def test_rising_serials_of_one_default_date_are_healthy():
    frame = people(30).with_columns(
        nik=pl.Series([f"62120101076{i // 30}{9001 + i}" for i in range(30)]),
        tgl_lhr=pl.lit("01-07-1960"),
        jenis_klmin=pl.lit("L"),
    )
    assert having(cleaned(frame), "nik_series") == []


def test_one_number_on_many_people():
    frame = people(400)
    nik = frame["nik"].to_list()
    rows = [10, 80, 150, 220, 290, 360]
    for row in rows:
        nik[row] = "6212010107609001"
    found = cleaned(frame.with_columns(nik=pl.Series(nik)))
    assert having(found, "nik_on_many_people") == rows
    assert found["nik_clean"].gather(rows).null_count() == 6


def test_two_people_on_one_number_are_left_to_the_matcher():
    frame = people(50)
    nik = frame["nik"].to_list()
    nik[40] = nik[3]
    assert set(cleaned(frame.with_columns(nik=pl.Series(nik)))["nik_clean"].gather([3, 40])) == {nik[3]}


def test_temporary_number_that_lost_its_zero():
    nik = pl.Series(["0621201000100001", "621201000100002", "0621201000100003", "6212010107609001"])
    found = cleaned(people(4).with_columns(nik=nik))
    assert found["nik_verdict"].to_list() == ["temporary", "temporary", "temporary", "warning"]
    assert having(found, "nik_temporary_zero_lost") == [1]
    assert cleaned(people(1).with_columns(nik=nik[1:2]))["nik_verdict"].to_list() == ["invalid"]


def locale_damage(frame):
    """Open dd-mm-yyyy on a US-locale PC: what reads as month first becomes a date cell."""
    day, month, year = (pl.col("tgl_lhr").str.slice(i, n) for i, n in ((0, 2), (3, 2), (6, 4)))
    turned = pl.concat_str(year, pl.lit("-"), day, pl.lit("-"), month)
    return frame.with_columns(tgl_lhr=pl.when(day.cast(pl.Int8) <= 12).then(turned).otherwise("tgl_lhr"))


def test_locale_swap_is_undone_without_the_nik():
    frame = people(300)
    found = cleaned(locale_damage(frame).with_columns(nik=pl.lit(None, pl.String)))
    assert found["tgl_lhr_clean"].to_list() == cleaned(frame)["tgl_lhr_clean"].to_list()
    assert not found["birth_from_nik"].any()
    assert len(having(found, "birth_swapped_by_locale")) > 50


def test_true_date_cells_are_left_alone():
    frame = people(300)
    iso = frame.with_columns(tgl_lhr=pl.col("tgl_lhr").str.to_date("%d-%m-%Y").dt.to_string("%Y-%m-%d"))
    found = cleaned(iso)
    assert found["tgl_lhr_clean"].to_list() == cleaned(frame)["tgl_lhr_clean"].to_list()
    assert having(found, "birth_swapped_by_locale") == []


def test_swapped_throughout_is_seen_by_the_niks():
    frame = people(300)
    day, month, year = (pl.col("tgl_lhr").str.slice(i, n) for i, n in ((0, 2), (3, 2), (6, 4)))
    turned = pl.concat_str(month, day, year, separator="-")
    swapped = frame.with_columns(tgl_lhr=pl.when(day.cast(pl.Int8) <= 12).then(turned).otherwise("tgl_lhr"))
    no_nik = swapped.with_columns(nik=pl.when(pl.col("row") < 250).then("nik"))
    expected = cleaned(frame)["tgl_lhr_clean"].to_list()
    found = cleaned(no_nik)
    assert found["tgl_lhr_clean"].to_list()[:250] == expected[:250]


def test_month_first_column():
    frame = people(200)
    us = frame.with_columns(tgl_lhr=pl.col("tgl_lhr").str.to_date("%d-%m-%Y").dt.to_string("%m/%d/%Y"))
    assert cleaned(us)["tgl_lhr_clean"].to_list() == cleaned(frame)["tgl_lhr_clean"].to_list()


@pytest.mark.parametrize("scheme", ["opaque", "nik"])
@pytest.mark.parametrize("sign", ["/", ""], ids=["slashes", "digits alone"])
def test_a_column_has_one_order_where_no_nik_tells(scheme, sign):
    """Most dates that prove an order prove month first: all that prove none are read so, never a mixture."""
    texts = ["07/25/1980", "12/31/1975", "04/05/1990", "25/04/1966", "02/03/1971"]
    texts = [text.replace("/", sign) for text in texts]
    frame = people(5).with_columns(tgl_lhr=pl.Series(texts), nik=pl.Series([f"A{k}" for k in range(5)]))
    found = cleaned(frame, nik_scheme=scheme)["tgl_lhr_clean"]
    assert found.dt.to_string("%d-%m-%Y").to_list() == [
        "25-07-1980", "31-12-1975", "05-04-1990", "25-04-1966", "03-02-1971"
    ]  # fmt: skip
    day_first = frame.with_columns(tgl_lhr=pl.Series([texts[0], texts[3].replace("25", "30"), *texts[2:]]))
    assert cleaned(day_first, nik_scheme=scheme)["tgl_lhr_clean"].dt.day().to_list()[2] == 4


def test_english_sex_of_opaque_ids():
    frame = people(4).with_columns(jenis_klmin=pl.Series(["M", "F"] * 2))
    assert cleaned(frame, nik_scheme="opaque")["jenis_klmin_clean"].to_list() == ["L", "P"] * 2


def test_english_sex_per_source():
    a = people(6).with_columns(jenis_klmin=pl.Series(["M", "F"] * 3))
    b = people(4, seed=2, file="b.xlsx", first=6).with_columns(jenis_klmin=pl.Series(["L", "P", "M", "F"]))
    assert cleaned(pl.concat([a, b]))["jenis_klmin_clean"].to_list() == ["L", "P"] * 3 + [
        "L",
        "P",
        None,
        None,
    ]


def test_source_overlap():
    a = people(5).with_columns(_source=pl.lit(0, pl.UInt32))
    b = people(5).with_columns(
        _source=pl.lit(1, pl.UInt32), row=pl.col("row") + 5, source_file=pl.lit("b.xlsx")
    )
    b = b.with_columns(nama_lgkp=pl.when(pl.col("row") < 8).then("nama_lgkp").otherwise(pl.lit("ORANG LAIN")))
    assert having(cleaned(pl.concat([a, b])), "source_overlap") == [0, 1, 2, 5, 6, 7]
    assert (
        having(
            cleaned(pl.concat([people(5), people(5)]).with_columns(row=pl.Series(range(10)))),
            "source_overlap",
        )
        == []
    )


def test_rt_rw_turned_into_a_date():
    frame = people(3).with_columns(no_rt=pl.Series(["2026-03-05", "05-Mar", "005"]))
    found = cleaned(frame)
    assert having(found, "rt_rw_was_date") == [0, 1]
    assert found["no_rt_clean"][2] == "005"


def test_repeated_header_and_several_people():
    found = cleaned(people(2).with_columns(nik=pl.Series(["NIK", "6212010107609001\n6212010107609002"])))
    assert having(found, "row_repeated_header") == [0]
    assert having(found, "nik_several") == [1]


def test_blocks_follow_the_sources():
    frame = pl.concat([people(3), people(2, file="b.xlsx", first=3), people(1, first=5)])
    assert [(key[1], rows.start, rows.stop) for key, rows in blocks_of(frame)] == [
        ("a.xlsx", 0, 3),
        ("b.xlsx", 3, 5),
        ("a.xlsx", 5, 6),
    ]


def test_survey_of_nothing():
    empty = people(1).clear()
    assert len(survey(empty, config=Config(), reference_date=TODAY).marks) == 0


def test_every_reason_speaks_both_languages():
    assert all(r.id.endswith(".") and r.en.endswith(".") and r.id != r.en for r in REASONS.values())
