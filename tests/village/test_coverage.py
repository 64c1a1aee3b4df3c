"""KTP-el coverage before and after the proposals, counted by hand."""

import math
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup import dedupe
from nikdedup.residents import overlap_of, with_codes
from nikdedup.schema import CLEAN, DECISIONS, EVIDENCE, VERDICTS
from nikdedup.village.target import coverage, holders_of, standing

COLUMNS = {"row": pl.Int64(), "_source": pl.UInt32(), **CLEAN, **VERDICTS, **EVIDENCE}


def residents(*people: dict[str, Any]) -> pl.DataFrame:
    """Adults who are alive and recorded, each with a NIK of their own, but for what is said."""
    usual = {
        "wajib_ktp_clean": True,
        "recorded": "yes",
        "flag_status_clean": "alive",
        "nik_verdict": "valid",
        "nama_lgkp_clean": "SITI AMINAH",
        "tgl_lhr_clean": date(1960, 7, 1),
        "flags": [],
        "_source": 0,
    }
    rows = [
        {**dict.fromkeys(COLUMNS), **usual, "row": i, "nik_clean": f"62120141076{9001 + i:05d}", **one}
        for i, one in enumerate(people)
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def decided(**actions: int) -> pl.DataFrame:
    rows = [{**dict.fromkeys(DECISIONS), "row": row, "action": action} for action, row in actions.items()]
    return pl.DataFrame(rows, schema=DECISIONS)


NOT = {"recorded": "no"}
NOBODY = decided()


@pytest.mark.parametrize(
    ("people", "decisions", "before", "after"),
    [
        pytest.param([{}, {}, NOT, NOT], NOBODY, (4, 2, 50.0, 2), (4, 2, 50.0, 2), id="nothing proposed"),
        pytest.param(
            [{}, {}, NOT, NOT],
            decided(propose_deactivation=2, keep=0),
            (4, 2, 50.0, 2),
            (3, 2, 66.67, 1),
            id="a never recorded double leaves the denominator",
        ),
        pytest.param(
            [{}, {}, NOT],
            decided(propose_deactivation=1),
            (3, 2, 66.67, 1),
            (2, 1, 50.0, 1),
            id="a recorded double leaves both",
        ),
        pytest.param(
            [{}, NOT],
            decided(verify=1, record=0),
            (2, 1, 50.0, 1),
            (2, 1, 50.0, 1),
            id="only deactivation changes it",
        ),
        pytest.param(
            [{}, {"wajib_ktp_clean": False}, {"wajib_ktp_clean": None, **NOT}],
            NOBODY,
            (1, 1, 100.0, 0),
            (1, 1, 100.0, 0),
            id="children and unknown ages",
        ),
        pytest.param(
            [{}, *({"flag_status_clean": gone, **NOT} for gone in ("dead", "moved", "abroad", "inactive"))],
            NOBODY,
            (1, 1, 100.0, 0),
            (1, 1, 100.0, 0),
            id="the dead, departed and deactivated",
        ),
        pytest.param(
            [{"flag_status_clean": None}, {"flag_status_clean": "unknown", **NOT}],
            NOBODY,
            (2, 1, 50.0, 1),
            (2, 1, 50.0, 1),
            id="an unknown status is no departure",
        ),
        pytest.param(
            [{}, {"recorded": "unknown"}],
            NOBODY,
            (2, 1, 50.0, 1),
            (2, 1, 50.0, 1),
            id="unknown is not recorded",
        ),
        pytest.param(
            [NOT],
            decided(propose_deactivation=0),
            (1, 0, 0.0, 1),
            (0, 0, None, 0),
            id="nobody is left",
        ),
    ],
)
def test_counted_by_hand(
    people: list[dict[str, Any]], decisions: pl.DataFrame, before: tuple[Any, ...], after: tuple[Any, ...]
) -> None:
    keys = ("wajib_ktp", "recorded", "percent", "missing_to_target")
    found = coverage(holders_of(standing(residents(*people))), decisions, target=0.992)
    assert found is not None
    assert found.model_dump() == {
        **dict(zip(keys, before, strict=True)),
        "target": 0.992,
        "after": dict(zip(keys, after, strict=True)),
    }


@pytest.mark.parametrize(
    "people",
    [
        pytest.param([], id="no records"),
        pytest.param([{"recorded": "unknown"}, {"recorded": "unknown"}], id="no status"),
        pytest.param([{"wajib_ktp_clean": None}], id="no ages"),
    ],
)
def test_what_cannot_be_told_is_null(people: list[dict[str, Any]]) -> None:
    assert coverage(holders_of(standing(residents(*people))), NOBODY, target=0.992) is None


@pytest.mark.parametrize("known", [0, 1], ids=["register first", "list first"])
def test_a_resident_whom_two_inputs_hold_counts_once(known: int) -> None:
    """The register knows that she is recorded, the list drawn from it says nothing."""
    same = {"nik_clean": "6212014107609001", "flags": ["source_overlap"]}
    copies = [{**same, "_source": i, "recorded": "yes" if i == known else "unknown"} for i in (0, 1)]
    people = residents(*copies, NOT)
    found = coverage(holders_of(standing(people), overlap_of(with_codes(people))), NOBODY, target=1)
    assert found is not None
    assert (found.wajib_ktp, found.recorded) == (2, 1)


def test_overlapping_inputs_count_as_one_through_the_whole_run() -> None:
    people = pl.DataFrame(
        {
            "NIK": [f"62120141076090{n:02d}" for n in (1, 2, 3)],
            "NAMA": ["SITI AMINAH", "RUSMINI", "DEWI LESTARI"],
            "JK": ["P"] * 3,
            "TGL LAHIR": ["1960-07-01"] * 3,
            "NAMA IBU": ["NURHAYATI", "SALMAH", "KARTINI"],
            "STATUS REKAM": ["PRINT_READY_RECORD", "BELUM REKAM", "BELUM REKAM"],
        }
    )
    alone = dedupe(people, reference_date="2026-06-30")
    twice = dedupe(
        [people, people.filter(pl.col("STATUS REKAM") == "BELUM REKAM")], reference_date="2026-06-30"
    )
    assert alone.run["counts"]["coverage"]["wajib_ktp"] == 3
    assert twice.run["counts"]["coverage"] == alone.run["counts"]["coverage"]


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60),
    st.sampled_from(["0.992", "0.99", "0.9", "0.07", "0.57", "1.0"]),
)
def test_missing_to_target_is_exact(people: list[tuple[bool, bool]], target: str) -> None:
    """Domain facts 10: ceil(target x wajib KTP) - recorded, without a rounding error of floats."""
    rows = [row for row, (_, displaced) in enumerate(people) if displaced]
    lines = [{**dict.fromkeys(DECISIONS), "row": row, "action": "propose_deactivation"} for row in rows]
    table = residents(*({"recorded": "yes" if recorded else "no"} for recorded, _ in people))
    found = coverage(holders_of(standing(table)), pl.DataFrame(lines, schema=DECISIONS), target=float(target))
    assert found is not None
    for counts, group in ((found, people), (found.after, [one for one in people if not one[1]])):
        recorded = sum(known for known, _ in group)
        assert counts is not None
        assert (counts.wajib_ktp, counts.recorded) == (len(group), recorded)
        assert counts.missing_to_target == max(0, math.ceil(Fraction(target) * len(group)) - recorded)
