"""What holds for every set of people, pairs and residents, tried on random households."""

from __future__ import annotations

import random
from datetime import date
from functools import lru_cache

import polars as pl
import pytest

from nikdedup.config import Config
from nikdedup.run.recheck import differences
from nikdedup.schema import DECISIONS, DISPLACED, PAIRS, PEOPLE, empty
from nikdedup.settle import units
from nikdedup.settle.decisions import decide
from nikdedup.settle.policy import load_policy
from nikdedup.settle.units import NEAR_TIE_LOG2
from tests.settle.household import decided, pairs_of, people_of, record, residents_of

NIKS = ["6212010107809001", "6212010107809003", "6212035703809002", "6212055703809007", None]
CLASSES = ["belum", "captured", "failed", "in_dispute", "duplicate", "unique", "unknown"]
DAYS = [None, date(2012, 1, 1), date(2018, 1, 1)]
RULES = {rule.name: rule for rule in load_policy().rules}

Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
Pair = dict[str, object]


def _household(rng: random.Random, first: int) -> tuple[list[dict[str, object]], list[set[int]], list[Pair]]:
    """Return up to seven records from `first` on, in random persons, with random pairs between them."""
    rows = range(first, first + rng.randint(2, 7))
    records = [
        record(
            row,
            nik=rng.choice(NIKS),
            kk=rng.choice(["6212010101109001", "6212010101159002", None]),
            life=rng.choice(["alive", "alive", "alive", "unknown", "dead", "moved", "inactive"]),
            wajib=rng.choice([True, None, False]),
            changed=rng.choice(DAYS),
            recorded_on=rng.choice(DAYS),
            **{"class": rng.choice(CLASSES)},
        )
        for row in rows
    ]
    labels = {row: rng.randint(0, 2) for row in rows}
    groups = [{row for row in rows if labels[row] == label} for label in range(3)]
    niks = {entry["row"]: entry["nik_clean"] for entry in records}
    pairs = [_pair(rng, niks, labels, left, right) for left in rows for right in rows if left < right]
    return records, groups, [pair for pair in pairs if pair]


def _pair(
    rng: random.Random, niks: dict[object, object], labels: dict[int, int], left: int, right: int
) -> Pair | None:
    if labels[left] == labels[right]:
        drawn = rng.choice([("same_person", "confirmed"), None])
    elif niks[left] is not None and niks[left] == niks[right]:
        drawn = ("shared_nik", None)
    else:
        drawn = rng.choice([("same_person", "review"), ("twin", None), ("twin", "review"), None, None])
    if drawn is None:
        return None
    weight = rng.randint(-40, 200) / 8
    return {"row_l": left, "row_r": right, "relation": drawn[0], "band": drawn[1], "weight_log2": weight}


@lru_cache(maxsize=8)
def _tables(seed: int) -> Tables:
    """Return 120 random households at once: far cheaper than a run for each."""
    rng = random.Random(seed)
    records: list[dict[str, object]] = []
    groups: list[set[int]] = []
    pairs: list[Pair] = []
    for _ in range(120):
        found = _household(rng, len(records))
        records += found[0]
        groups += found[1]
        pairs += found[2]
    return people_of(records, groups), pairs_of(pairs), residents_of(records)


@lru_cache(maxsize=8)
def _decided(seed: int) -> pl.DataFrame:
    return decide(*_tables(seed), config=Config())


world = pytest.mark.parametrize("seed", range(3))


@world
def test_one_line_per_record_that_needs_a_decision(seed: int) -> None:
    people, pairs, _ = _tables(seed)
    sizes = people["person_id"].value_counts()
    many = set(people.join(sizes.filter(pl.col("count") > 1), on="person_id", how="semi")["row"])
    open_pairs = pairs.filter((pl.col("band") == "review") | (pl.col("relation") == "shared_nik"))
    decisions = _decided(seed)
    assert sorted(decisions["row"]) == sorted(many | set(open_pairs["row_l"]) | set(open_pairs["row_r"]))
    assert dict(decisions.schema) == DECISIONS
    assert decisions["decision_id"].is_sorted()


@world
def test_no_survivor_ranks_lower_than_a_record_it_displaces(seed: int) -> None:
    residents = {entry["row"]: entry for entry in _tables(seed)[2].iter_rows(named=True)}
    for decision in _decided(seed).filter(pl.col("survivor_row") != pl.col("row")).iter_rows(named=True):
        order = RULES[decision["rule"]].order
        kept, displaced = (_rank(residents[decision[key]], order) for key in ("survivor_row", "row"))
        assert kept > displaced


def _rank(entry: dict[str, object], order: tuple[str, ...]) -> list[float]:
    """Rank a record in plain Python by the keys of a rule, first recording wins."""
    lowest = float("-inf")
    recorded_on, changed = entry["ektp_created_clean"], entry["tgl_ubah_clean"]
    real = entry["nik_verdict"] in ("valid", "warning")
    card = entry["no_kk_clean"]
    values = {
        "recorded": {"yes": 2, "unknown": 1}.get(str(entry["recorded"]), 0),
        "passed_check": int(entry["passed_check"] is True),
        "recording": -recorded_on.toordinal() if isinstance(recorded_on, date) else lowest,
        "latest_activity": changed.toordinal() if isinstance(changed, date) else lowest,
        "complete_parents": int(entry["nama_lgkp_ibu_clean"] is not None),
        "newest_kk": int(str(card)[10:12] + str(card)[8:10] + str(card)[6:8]) if card else lowest,
        "undamaged_nik": int(real),
        "nik_fits": 0,
        "living": int(entry["flag_status_clean"] in ("alive", "unknown")),
        "active": int(entry["flag_status_clean"] != "inactive"),
        "record_key": -int(str(entry["record_id"])),
    }
    sound = int(real or entry["nik_verdict"] in ("temporary", "missing"))
    return [sound, *(values[key] for key in order), values["record_key"]]


@world
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    people, pairs, residents = (table.sample(fraction=1, shuffle=True, seed=seed) for table in _tables(seed))
    assert decide(people, pairs, residents, config=Config()).equals(_decided(seed))


@world
@pytest.mark.parametrize("threads", [2, 5])
def test_shared_out_among_threads_the_decisions_are_the_same(
    seed: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _decided(seed)
    monkeypatch.setattr("nikdedup.settle.decisions.LEAST_SHARE", 1)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: threads)
    shares: list[int] = []
    whole = units.Cases.shares

    def counted(cases: units.Cases, many: int) -> list[units.Cases]:
        found = whole(cases, many)
        shares.extend(len(share.records) for share in found)
        return found

    monkeypatch.setattr(units.Cases, "shares", counted)
    assert decide(*_tables(seed), config=Config()).equals(expected)
    assert len(shares) == threads
    assert min(shares) > 0


@world
def test_two_who_passed_the_check_under_two_niks_are_never_merged(seed: int) -> None:
    residents = {entry["row"]: entry for entry in _tables(seed)[2].iter_rows(named=True)}
    for decision in _decided(seed).filter(pl.col("survivor_row") != pl.col("row")).iter_rows(named=True):
        kept, other = residents[decision["survivor_row"]], residents[decision["row"]]
        assert not (
            kept["passed_check"] and other["passed_check"] and kept["nik_clean"] and other["nik_clean"]
        ) or (kept["nik_clean"] == other["nik_clean"])


@world
def test_the_counterpart_is_the_strongest_pair(seed: int) -> None:
    """Of a person's record without a number, the strongest with one; of those nearly as strong, one with a number."""
    people, pairs, residents = _tables(seed)
    person = dict(people.select("row", "person_id").iter_rows())
    verdict = dict(residents.select("row", "nik_verdict").iter_rows())
    others: dict[int, list[tuple[bool, float, int]]] = {}
    deciding = (pl.col("band").is_not_null()) | (pl.col("relation") == "shared_nik")
    for left, right, weight in pairs.filter(deciding).select("row_l", "row_r", "weight_log2").iter_rows():
        for row, other in ((left, right), (right, left)):
            without = verdict[row] in ("temporary", "missing") and person[row] == person[other]
            leads = without and verdict[other] in ("valid", "warning")
            others.setdefault(row, []).append((leads, weight, other))
    best = {}
    for row, found in others.items():
        leads, strongest, _ = max(found)
        near = [one for one in found if one[0] == leads and one[1] >= strongest - NEAR_TIE_LOG2]
        best[row] = min(near, key=lambda one: (verdict[one[2]] not in ("valid", "warning"), one[2]))[1:]
    decided = _decided(seed).filter(pl.col("row").is_in(sorted(best)))
    rows = decided.select("row", "weight_log2", "other_row").iter_rows()
    assert {row: (weight, other) for row, weight, other in rows} == best


@world
def test_weights_that_move_a_little_leave_who_stands_against_whom(seed: int) -> None:
    people, pairs, residents = _tables(seed)
    even = pairs.with_columns(weight_log2=pl.lit(10.0))
    moved = pairs.with_columns(weight_log2=9.8 + pl.int_range(pl.len()) * 7 % 5 / 10)
    told = [decide(people, these, residents, config=Config()) for these in (even, moved)]
    one, other = (found.select("row", "other_row", "kind", "rule", "case_id").sort("row") for found in told)
    assert one.equals(other)


@world
def test_a_case_holds_all_that_hangs_together(seed: int) -> None:
    decisions = _decided(seed)
    case = dict(decisions.select("row", "case_id").iter_rows())
    assert all(case[row] == case[other] for row, other in decisions.select("row", "other_row").iter_rows())
    per_person = decisions.group_by("person_id").agg(pl.col("case_id").n_unique())
    assert (per_person["case_id"] == 1).all()
    records = decisions.group_by("case_id").agg(pl.col("record_key").sort().str.join(","))
    assert records["record_key"].is_unique().all()
    assert decisions["case_id"].str.contains("^K-[0-9a-f]{16}$").all()
    assert (decisions["decision_id"].str.slice(0, 18) == decisions["case_id"]).all()


@world
def test_applied_decisions_bring_no_new_ones_for_settled_people(seed: int) -> None:
    """Where one record stays and all others are taken out, nothing is left to decide about that person."""
    people, pairs, residents = _tables(seed)
    decisions = _decided(seed)
    gone = decisions.filter(pl.col("action").is_in(DISPLACED))["row"].implode()
    stays = ~pl.col("row").is_in(gone)
    left = pairs.filter(~pl.col("row_l").is_in(gone) & ~pl.col("row_r").is_in(gone))
    again = decide(people.filter(stays), left, residents.filter(stays), config=Config())
    settled = decisions.group_by("case_id").agg(
        (pl.col("action").is_in(["keep", *DISPLACED])).all(), pl.col("rule").n_unique()
    )
    settled = settled.filter(pl.col("action") & (pl.col("rule") == 1))
    before = decisions.join(settled, on="case_id", how="semi").filter(pl.col("rule") != "already_inactive")
    displacing = before.filter(pl.col("action").is_in(DISPLACED))["survivor_row"].unique()
    assert not set(displacing) & set(again["row"])


def test_one_case_that_all_hang_together_in_leaves_the_other_threads_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = [record(row, nik=NIKS[0]) for row in range(6)]
    shared: list[Pair] = [
        {"row_l": 0, "row_r": row, "relation": "shared_nik", "band": None, "weight_log2": 1.0}
        for row in range(1, 6)
    ]
    tables = people_of(records, [{row} for row in range(6)]), pairs_of(shared), residents_of(records)
    expected = decide(*tables, config=Config())
    monkeypatch.setattr("nikdedup.settle.decisions.LEAST_SHARE", 1)
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 3)
    assert decide(*tables, config=Config()).equals(expected)
    assert expected["case_id"].n_unique() == 1


def test_nothing_to_decide() -> None:
    residents = residents_of([record(0, nik=NIKS[0]), record(1, nik=NIKS[2])])
    people = people_of([record(0), record(1)], [])
    assert decide(people, empty(PAIRS), residents, config=Config()).schema == DECISIONS
    none = residents.clear()
    assert decide(empty(PEOPLE), empty(PAIRS), none, config=Config()).is_empty()


def test_a_stored_decision_is_reproduced_and_a_changed_one_found() -> None:
    records = [record(0, nik=NIKS[0]), record(1, nik=NIKS[2], **{"class": "unique"})]
    people = people_of(records, [{0, 1}])
    pairs = pairs_of(
        [{"row_l": 0, "row_r": 1, "relation": "same_person", "band": "confirmed", "weight_log2": 20.0}]
    )
    residents = residents_of(records)
    stored = decide(people, pairs, residents, config=Config())
    again = decide(people, pairs, residents, config=Config())
    assert differences(stored, again).is_empty()
    forged = stored.with_columns(action=pl.lit("keep"))
    assert differences(forged, again).rows() == [(0, "action")]
    fewer = stored.filter(pl.col("row") == 0)
    assert set(differences(fewer, again)["row"]) == {1}


def test_counts_as_recorded_is_the_offices_own() -> None:
    """`recorded` is what the office counts; the rules ask it and not the class."""
    story = f"""0 nik={NIKS[0]} class=captured recorded=no
        1 nik={NIKS[2]} class=duplicate recorded=yes
        0~1 same_person confirmed 20"""
    decisions = decided(story)
    assert decisions["survivor_row"].to_list() == [1, 1]
