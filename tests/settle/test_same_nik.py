"""Records under one NIK, and numbers that a file has damaged: what stays, what goes, and what is never deactivated."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.settle.decisions import decide
from tests.settle.household import decided, outcome, tell

A, B, TYPO = "6212010107809001", "6212035703809002", "6212010107809003"
CUT_A, CUT_B = A[:-1] + "0 verdict=suspect_truncated", B[:-1] + "0 verdict=suspect_truncated"
OLD, NEW = "6212010101059001", "6212010101199002"
BROKEN, NONE, VILLAGE = "none verdict=invalid", "none", "0212010107800001 verdict=temporary"

STORIES = {
    "three cards": (
        f"""0 nik={A} class=unique kk={OLD}
        1 nik={A} class=belum kk={NEW}
        2 nik={A} class=belum kk=6212010101129003
        0~1 same_person confirmed 30
        0~2 same_person confirmed 30""",
        {0: ("keep", 0), 1: ("close_kk", 0), 2: ("close_kk", 0)},
    ),
    "a copy and another card": (
        f"""0 nik={A} class=unique kk={OLD}
        1 nik={A} class=belum kk={OLD}
        2 nik={A} class=belum kk={NEW}
        0~1 same_person confirmed 30
        0~2 same_person confirmed 30""",
        {0: ("keep", 0), 1: ("drop_copy", 0), 2: ("close_kk", 0)},
    ),
    "copies with nothing between them": (
        f"""0 nik={A} class=belum
        1 nik={A} class=belum
        0~1 same_person confirmed 30""",
        {0: ("keep", 0), 1: ("drop_copy", 0)},
    ),
    "copies of a child": (
        f"""0 nik={A} class=belum wajib=no!
        1 nik={A} class=belum wajib=no! changed=2025-01-01
        0~1 same_person confirmed 30""",
        {0: ("drop_copy", 1), 1: ("keep", 1)},
    ),
    "another NIK beside two of one": (
        f"""0 nik={A} class=unique kk={OLD}
        1 nik={A} class=belum kk={NEW}
        2 nik={B} class=belum
        0~1 same_person confirmed 30
        0~2 same_person confirmed 20""",
        {0: ("keep", 0), 1: ("close_kk", 0), 2: ("propose_deactivation", 0)},
    ),
    "two of the NIK that goes": (
        f"""0 nik={A} class=unique
        1 nik={B} class=belum
        2 nik={B} class=belum
        0~1 same_person confirmed 20
        1~2 same_person confirmed 30""",
        {0: ("keep", 0), 1: ("propose_deactivation", 0), 2: ("propose_deactivation", 0)},
    ),
    "a copy of whom to record": (
        f"""0 nik={A} class=belum changed=2025-01-01
        1 nik={A} class=belum
        2 nik={B} class=belum
        0~1 same_person confirmed 30
        0~2 same_person confirmed 20""",
        {0: ("record", 0), 1: ("drop_copy", 0), 2: ("verify", None)},
    ),
    "a copy beside a typing error": (
        f"""0 nik={A} class=unique
        1 nik={A} class=unique
        2 nik={TYPO} class=belum
        0~1 same_person confirmed 30
        0~2 same_person confirmed 20""",
        {0: ("keep", 0), 1: ("drop_copy", 0), 2: ("correct_nik", 0)},
    ),
    "a copy beside a village number": (
        f"""0 nik={A} class=unique
        1 nik={A} class=unique
        2 nik={NONE} class=belum
        0~1 same_person confirmed 30
        0~2 same_person confirmed 20""",
        {0: ("keep", 0), 1: ("drop_copy", 0), 2: ("propose_deactivation", 0)},
    ),
    "one village number twice": (
        f"""0 nik={VILLAGE} class=captured
        1 nik={VILLAGE} class=belum
        0~1 same_person confirmed 20""",
        {0: ("keep", 0), 1: ("drop_copy", 0)},
    ),
    "copies, one of them deceased": (
        f"""0 nik={A} class=unique life=alive
        1 nik={A} class=unique life=dead
        0~1 same_person confirmed 30""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "a copy whose NIK somebody else holds too": (
        f"""0 nik={A} class=unique
        1 nik={A} class=belum
        2 nik={A} class=belum name=BUDI_SANTOSO sex=L
        0~1 same_person confirmed 30
        0~2 shared_nik - -8""",
        {0: ("keep", 0), 1: ("separate", 0), 2: ("correct_nik", None)},
    ),
    "broken number, the whole one recorded": (
        f"""0 nik={A} class=unique
        1 nik={BROKEN} class=belum
        0~1 same_person confirmed 14""",
        {0: ("keep", 0), 1: ("correct_nik", 0)},
    ),
    "broken number of a child": (
        f"""0 nik={A} class=belum wajib=no!
        1 nik={BROKEN} class=belum wajib=no!
        0~1 same_person confirmed 14""",
        {0: ("keep", 0), 1: ("correct_nik", 0)},
    ),
    "two broken beside the whole one": (
        f"""0 nik={BROKEN} class=unique
        1 nik={A} class=belum
        2 nik={BROKEN} class=unique
        0~1 same_person confirmed 14
        1~2 same_person confirmed 14""",
        {0: ("correct_nik", 1), 1: ("keep", 1), 2: ("correct_nik", 1)},
    ),
    "a copy of the whole number beside a broken one": (
        f"""0 nik={BROKEN} class=unique
        1 nik={A} class=belum changed=2024-01-01
        2 nik={A} class=belum
        0~1 same_person confirmed 14
        1~2 same_person confirmed 30""",
        {0: ("correct_nik", 1), 1: ("keep", 1), 2: ("drop_copy", 1)},
    ),
    "broken, recorded, beside two NIKs": (
        f"""0 nik={BROKEN} class=unique
        1 nik={A} class=belum
        2 nik={B} class=belum
        0~1 same_person confirmed 14
        1~2 same_person confirmed 20""",
        {0: ("verify", None), 1: ("verify", None), 2: ("verify", None)},
    ),
    "broken, recorded, the whole one deceased": (
        f"""0 nik={BROKEN} class=unique life=alive
        1 nik={A} class=belum life=dead
        0~1 same_person confirmed 14""",
        {0: ("verify", None), 1: ("verify", None)},
    ),
    "broken beside a village number": (
        f"""0 nik={A} class=unique
        1 nik={BROKEN} class=belum
        2 nik={VILLAGE} class=belum
        0~1 same_person confirmed 14
        0~2 same_person confirmed 14""",
        {0: ("keep", 0), 1: ("correct_nik", 0), 2: ("propose_deactivation", 0)},
    ),
    "a cut number of another NIK": (
        f"""0 nik={A} class=unique
        1 nik={CUT_B} class=belum
        0~1 same_person confirmed 14""",
        {0: ("keep", 0), 1: ("correct_nik", 0)},
    ),
    "a column cut to 15 digits": (
        f"""0 nik={CUT_A} class=unique
        1 nik={CUT_B} class=belum
        0~1 same_person confirmed 14""",
        {0: ("keep", 0), 1: ("correct_nik", 0)},
    ),
    "the NIK cut, recorded": (
        f"""0 nik={CUT_A} class=unique
        1 nik={A} class=belum
        0~1 same_person confirmed 14""",
        {0: ("correct_nik", 1), 1: ("keep", 1)},
    ),
}


@pytest.mark.parametrize(("story", "expected"), STORIES.values(), ids=STORIES.keys())
def test_the_household_gets_its_decisions(story: str, expected: dict[int, tuple[str, int | None]]) -> None:
    assert outcome(decided(story)) == expected


def test_a_policy_may_treat_copies_like_the_others(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        '[[rule]]\nname = "all"\nscope = "person"\norder = ["recorded", "record_key"]\nsurvivor = "keep"\n'
        'others = "verify"\nsame_nik = "as_others"\nreasons = ["same_nik"]\n'
        'text_id = "Periksa {other}."\ntext_en = "See {other}."\n'
        + "".join(
            f'[[rule]]\nname = "{scope}"\nscope = "{scope}"\nothers = "verify"\nreasons = ["nik_shared"]\n'
            'text_id = "Periksa."\ntext_en = "Look."\n'
            for scope in ("shared_nik", "review")
        ),
        encoding="utf-8",
    )
    story = STORIES["copies of a child"][0]
    config = Config.resolve({"settle": {"policy": str(path)}}, {})
    assert outcome(decided(story, config=config)) == {0: ("keep", 0), 1: ("verify", 0)}
    path.write_text(
        path.read_text(encoding="utf-8").replace('same_nik = "as_others"\n', ""), encoding="utf-8"
    )
    assert outcome(decided(story, config=config)) == {0: ("keep", 0), 1: ("drop_copy", 0)}


NUMBERS = [A, B, TYPO, CUT_A, CUT_B, BROKEN, NONE, VILLAGE, "6212019907809001 verdict=invalid"]


@st.composite
def households(draw: st.DrawFn) -> str:
    """Draw a person of two to five records, of any numbers, cards and statuses."""
    count = draw(st.integers(2, 5))
    lines = []
    for row in range(count):
        number, card = draw(st.sampled_from(NUMBERS)), draw(st.sampled_from([OLD, NEW, "none"]))
        status = draw(st.sampled_from(["belum", "unique", "captured", "unknown", "duplicate", "in_dispute"]))
        life = draw(st.sampled_from(["alive", "alive", "dead", "moved", "inactive"]))
        wajib = draw(st.sampled_from(["", " wajib=no!"]))
        lines.append(f"{row} nik={number} kk={card} class={status} life={life}{wajib}")
    lines += [
        f"{row}~{row + 1} same_person confirmed {draw(st.integers(10, 30))}" for row in range(count - 1)
    ]
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(households())
def test_no_number_that_stays_or_is_damaged_is_ever_sent_for_deactivation(story: str) -> None:
    people, pairs, residents = tell(story)
    decisions = decide(people, pairs, residents, config=Config())
    about = residents.select("row", "nik_clean", "nik_verdict", "no_kk_clean")
    gone = decisions.filter(action="propose_deactivation").join(about, on="row")
    assert not gone["nik_verdict"].is_in(["invalid", "suspect_truncated"]).any()
    assert not gone["survivor_row"].is_null().any()
    both = decisions.join(about, on="row").join(
        about, left_on="survivor_row", right_on="row", suffix="_kept", how="inner"
    )
    same = both["nik_clean"] == both["nik_clean_kept"]
    assert not (same & (both["action"] == "propose_deactivation")).any()
    going = both.filter(pl.col("action").is_in(["close_kk", "drop_copy"]))
    assert (going["nik_clean"] == going["nik_clean_kept"]).all()
    assert (
        (going["no_kk_clean"] != going["no_kk_clean_kept"])
        .fill_null(False)
        .equals(going["action"] == "close_kk")
    )
    damaged = pl.col("nik_verdict_kept").is_in(["invalid", "suspect_truncated"])
    displaced = both.filter(damaged & (pl.col("row") != pl.col("survivor_row")))
    assert not displaced["nik_verdict"].is_in(["valid", "warning"]).any(), (
        "no whole NIK gives way to a damaged one"
    )
