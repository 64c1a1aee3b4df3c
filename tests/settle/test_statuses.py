"""Who is declared dead or gone: tied to rows, officers before villages, and said in decisions."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.errors import InputError
from nikdedup.residents import record_keys
from nikdedup.residents.keys import counted, hashed
from nikdedup.settle.constraints import check_entries, resolve_constraints
from nikdedup.settle.declared import load_constraints, named_in, with_villages
from nikdedup.settle.officers import Officers
from nikdedup.settle.statuses import STATUSES, resolve_statuses
from tests.settle.household import decided, outcome, tell

A, B, C = "6212010107809001", "6212035703809002", "6212055703809007"
RESIDENTS = tell(f"0 nik={A}\n1 nik={B}\n2 nik={A}\n3 nik={C} verdict=suspect_truncated")[2].with_columns(
    record_key=pl.Series(["k0", "k1", "k2", "k3"])
)


def told(*entries: dict[str, str]) -> pl.DataFrame:
    """A list of officers; who and when are told of all."""
    return load_constraints(pl.DataFrame([{"who": "Kasi", "when": "2026-05-04"} | one for one in entries]))


def statuses(*entries: dict[str, str]) -> list[tuple[int, str]]:
    found, _, _ = resolve_statuses(told(*entries), RESIDENTS)
    return found.select("row", "status").rows()


@pytest.mark.parametrize(
    ("named", "rows"),
    [
        pytest.param({"record_id_l": "1"}, [1], id="by record id"),
        pytest.param({"nik_l": B}, [1], id="by NIK"),
        pytest.param({"nik_l": A}, [0, 2], id="a NIK stands for all who hold it"),
        pytest.param({"nik_l": C}, [], id="a damaged NIK is nobody's"),
        pytest.param({"record_key_l": "k3"}, [3], id="a damaged NIK by its key"),
        pytest.param({"record_key_l": "k2"}, [2], id="one of two equal NIKs by its key"),
        pytest.param({"record_key_l": "k2", "nik_l": B}, [2], id="the key goes before the NIK"),
        pytest.param({"record_key_l": "gone", "nik_l": B}, [1], id="the NIK where a cell has changed"),
        pytest.param({"record_key_l": "gone", "nik_l": A}, [], id="a NIK of two says nothing then"),
    ],
)
def test_how_a_record_is_named(named: dict[str, str], rows: list[int]) -> None:
    assert statuses({"kind": "dead"} | named) == [(row, "dead") for row in rows]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=12))
def test_every_row_has_a_key_of_its_own(cells: list[tuple[int, int, int]]) -> None:
    """However alike rows are, whatever became of their NIKs: a list can name each, and so it can be answered."""
    frame = pl.DataFrame(
        {
            "row": range(len(cells)),
            "record_id": [str(i) for i in range(len(cells))],
            "nik": [(A, "62120", None)[nik] for nik, _, _ in cells],
            "nama_lgkp": [("SITI", "RUSMINI")[name] for _, name, _ in cells],
            "alamat": [("A", "B", None)[address] for _, _, address in cells],
        },
        schema_overrides={"nik": pl.String, "alamat": pl.String},
    )
    verdict = pl.when(pl.col("nik") == A).then(pl.lit("valid")).otherwise(pl.lit("invalid"))
    known = counted(hashed(frame)).with_columns(nik_clean="nik", nik_verdict=verdict)
    residents = known.with_columns(record_keys(known))
    listed = told(*({"kind": "dead", "record_key_l": key} for key in residents["record_key"]))
    found, unmatched, _ = resolve_statuses(listed, residents)
    assert found.select("row", "line").rows() == [(i, i + 1) for i in range(len(cells))]
    assert unmatched == []
    assert named_in(listed, known)["row"].to_list() == list(range(len(cells)))


def test_a_pair_of_equal_niks_is_named_by_its_keys() -> None:
    listed = told({"kind": "cannot_link", "record_key_l": "k0", "record_key_r": "k2"})
    links, unmatched, aside = resolve_constraints(listed, RESIDENTS)
    assert links.select("row_l", "row_r").rows() == [(0, 2)]
    assert (unmatched, aside) == ([], [])


def test_records_of_one_nik_may_be_two_people() -> None:
    """The same NIK on both sides is no contradiction: its holders are told apart by their rows."""
    listed = told({"kind": "cannot_link", "nik_l": A, "nik_r": A})
    check_entries(listed)
    assert resolve_constraints(listed, RESIDENTS)[0].select("row_l", "row_r").rows() == [(0, 2)]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        pytest.param({"kind": "dead"}, "give record_id_l, nik_l or record_key_l", id="nobody named"),
        pytest.param({"kind": "dead", "record_id_l": "1", "nik_l": B}, "one of them", id="named in two ways"),
        pytest.param(
            {"kind": "moved", "record_id_l": "1", "nik_r": B}, "is about one record", id="two records"
        ),
        pytest.param({"kind": "unknown", "record_id_l": "1"}, "kind is none of", id="no status of ours"),
        pytest.param({"kind": "must_link", "record_id_l": "1"}, "give record_id_r", id="half a pair"),
        pytest.param(
            {"kind": "must_link", "record_key_l": "k", "record_key_r": "k"}, "the same record", id="itself"
        ),
    ],
)
def test_wrong_entries_are_named(entry: dict[str, str], fault: str) -> None:
    with pytest.raises(InputError, match=f"entry 1: .*{fault}"):
        told(entry)


def test_officers_who_contradict_each_other_are_asked() -> None:
    with pytest.raises(InputError, match=r"entry 2 \(moved\) contradicts entry 1 \(dead\)"):
        statuses({"kind": "dead", "nik_l": A}, {"kind": "moved", "record_id_l": "2"})


def test_what_officers_say_goes_before_villages() -> None:
    villages = told(
        {"kind": "moved", "record_key_l": "k0", "source": "murung.xlsx, BERIWIT, M7"},
        {"kind": "dead", "record_key_l": "k1"},
        {"kind": "must_link", "record_key_l": "k1", "record_key_r": "k2"},
        {"kind": "must_link", "record_key_l": "k0", "record_key_r": "k3"},
    )
    officers = told(
        {"kind": "dead", "record_id_l": "0"}, {"kind": "cannot_link", "record_id_l": "1", "record_id_r": "2"}
    )
    found = Officers.resolved(with_villages(officers, villages), RESIDENTS, reference_date=None)
    assert found.statuses.select("row", "status", "line").rows() == [(0, "dead", 1), (1, "dead", 4)]
    assert found.links.select("row_l", "row_r", "kind").rows() == [
        (0, 3, "must_link"),
        (1, 2, "cannot_link"),
    ]
    assert (found.entries, found.answers, found.aside) == (2, 4, (3, 5))
    assert Officers.of(found.kept()).statuses.equals(found.statuses)


def test_no_number_of_a_resident_goes_along_in_where_an_answer_stood() -> None:
    listed = told({"kind": "dead", "record_id_l": "1", "source": f"{B}.xlsx, BERIWIT, M7"})
    kept = Officers.resolved(listed, RESIDENTS, reference_date=None).kept()
    assert kept is not None
    assert B not in str(kept)
    assert "621203••••••••02.xlsx, BERIWIT, M7" in str(kept)


def test_a_status_lapses_after_its_day() -> None:
    listed = told({"kind": "abroad", "record_id_l": "1", "until": "2026-06-29"})
    found = Officers.resolved(listed, RESIDENTS, reference_date=date(2026, 6, 30))
    assert found.statuses.is_empty()
    assert found.lapsed == (1,)


def _stated(row: int, status: str, source: str | None) -> pl.DataFrame:
    line = (row, status, "BERIWIT", date(2026, 11, 20), None, 1, source)
    return pl.DataFrame([line], schema=STATUSES, orient="row")


STORY = f"""0 nik={A} class=unique life=alive
    1 nik={B} class=belum life=alive
    0~1 same_person confirmed 20"""


def test_a_declared_death_decides_as_one_in_the_extract() -> None:
    dead = decided(STORY.replace("class=unique life=alive", "class=unique life=dead"))
    said = decided(STORY, statuses=_stated(0, "dead", "murung.xlsx, BERIWIT, M7"))
    assert outcome(said) == outcome(dead) != outcome(decided(STORY))
    row = said.filter(pl.col("row") == 0).row(0, named=True)
    assert {"status_deceased", "status_declared"} <= set(row["reasons"])
    assert "Jawaban BERIWIT pada 20-11-2026 (murung.xlsx, BERIWIT, M7)." in row["reasons_id"]
    assert "Answered by BERIWIT on 2026-11-20 (murung.xlsx, BERIWIT, M7)." in row["reasons_en"]
    other = said.filter(pl.col("row") == 1).row(0, named=True)
    assert "status_declared" not in other["reasons"]


def test_an_officer_is_named_with_the_entry() -> None:
    said = decided(STORY, statuses=_stated(0, "moved", None))
    assert "Stated by BERIWIT on 2026-11-20 (officers' list, entry 1)." in said["reasons_en"][0]


def test_the_extract_goes_before_what_is_declared() -> None:
    gone = STORY.replace("class=unique life=alive", "class=unique life=moved")
    said = decided(gone, statuses=_stated(0, "dead", None))
    assert said.drop("decision_id").equals(decided(gone).drop("decision_id"))
