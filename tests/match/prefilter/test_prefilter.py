"""The cheap prefilter against scoring every pair: what it may lose, and what it must throw away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.config import Config
from nikdedup.lab import generate
from nikdedup.match import kernels as loops
from nikdedup.match.block.pairs import blocks_of, pairs_in_blocks
from nikdedup.match.compare.births import nik_birth_sex
from nikdedup.match.features.features import Evidence, evidence_of
from nikdedup.match.kernels import BIRTHS, EQUAL
from nikdedup.match.kernels import pairs_py as plain
from nikdedup.match.levels import NIK_EQUAL
from nikdedup.match.pipeline import Matcher
from nikdedup.match.prefilter import Prefilter
from nikdedup.match.score.held import NIK_SLIPS
from nikdedup.match.score.weights import prior_shift
from nikdedup.residents import understand
from nikdedup.residents.read.extract import read
from nikdedup.runtime import kernels
from tests.match.registry import all_pairs, evidence, nik

ROWS = 6_000
CONFIG = Config(reference_date=date(2026, 6, 30))


class Brute:
    """Every pair of one birth date or one KK of an extract, scored without any prefilter."""

    def __init__(self, e: Evidence) -> None:
        found = [pairs_in_blocks(blocks_of(key), None) for key in (e.birth.astype(np.int64) + 10**6, e.kk)]
        left, right = (np.concatenate(side) for side in zip(*found, strict=True))
        both = np.unique(np.minimum(left, right).astype(np.int64) * len(e) + np.maximum(left, right))
        self.left, self.right = (side.astype(np.int32) for side in np.divmod(both, len(e)))
        self.matcher = Matcher.of(e, CONFIG)
        _, scored = self.matcher.score(self.left, self.right)
        shift = prior_shift(scored.weight_log2, len(e), self.matcher.model.expected["match"])
        self.worth = scored.weight_log2 + shift >= CONFIG.match.review_log2


@pytest.fixture(scope="module")
def brute(tmp_path_factory: pytest.TempPathFactory) -> Brute:
    path = tmp_path_factory.mktemp("bound") / "hard.parquet"
    generate(path, rows=ROWS, seed=17, profile="hard")
    _, residents = understand(read(path, config=CONFIG), CONFIG)
    return Brute(evidence_of(residents, structured=True))


def lost(brute: Brute, kept: np.ndarray) -> float:
    """Return the share of pairs at or above the review threshold that are not kept."""
    assert brute.worth.sum() > 100, "too few pairs to speak of a share"
    return float((brute.worth & ~kept).sum() / brute.worth.sum())


def worth(brute: Brute) -> np.ndarray:
    pairs = brute.left, brute.right
    return brute.matcher.reachable(*pairs, brute.matcher.names(*pairs))


def test_the_prefilter_loses_next_to_nothing_that_would_be_reviewed(brute):
    kept = brute.matcher.prefilter.keeps(brute.left, brute.right, review_log2=CONFIG.match.review_log2)
    assert lost(brute, kept) < 0.01


def test_nor_does_the_second_look_with_the_names_compared(brute):
    assert lost(brute, worth(brute)) < 0.01


def test_once_names_are_compared_less_is_left_in_doubt(brute):
    pairs = brute.left, brute.right
    names = brute.matcher.names(*pairs)
    weights = brute.matcher.prefilter.weights
    assert weights.named_margin_log2 < weights.margin_log2
    closer = brute.matcher.reachable(*pairs, names).sum()
    wide = replace(weights, named_margin_log2=weights.margin_log2)
    wider = replace(brute.matcher, prefilter=replace(brute.matcher.prefilter, weights=wide))
    assert closer < 0.9 * wider.reachable(*pairs, names).sum()


def test_the_prefilter_throws_most_of_the_rest_away(brute):
    kept = brute.matcher.prefilter.keeps(brute.left, brute.right, review_log2=CONFIG.match.review_log2)
    assert kept[~brute.worth].mean() < 0.5
    assert worth(brute)[~brute.worth].mean() < kept[~brute.worth].mean()


def test_the_prefilter_looks_at_both_sides_alike(brute):
    review = CONFIG.match.review_log2
    here = brute.matcher.prefilter.keeps(brute.left, brute.right, review_log2=review)
    there = brute.matcher.prefilter.keeps(brute.right, brute.left, review_log2=review)
    np.testing.assert_array_equal(here, there)


BORN = "1980-03-17"
CROWD = [
    {
        "name": f"WARGA {chr(65 + i // 26)}{chr(65 + i % 26)}U",
        "born": f"19{50 + i % 50}-06-1{i % 9}",
        "sex": "L",
    }
    for i in range(400)
]
RATNA = {"name": "RATNA DEWI", "born": BORN}
HOUSE = {"mother": "SELPI", "kk": "6212010101109001"}
CUT = {"verdict": "suspect_truncated"}


STORIES = [
    ("one NIK, two names", {"name": "SITI", "nik": nik(BORN)}, {"name": "BUDI", "nik": nik(BORN)}, True),
    (
        "one NIK cut",
        {"name": "SITI", "nik": nik(BORN, 9007)},
        {"name": "BUDI", "nik": nik(BORN, 9000), **CUT},
        True,
    ),
    (
        "15 digits alike",
        {"name": "SITI", "nik": nik(BORN, 9007)},
        {"name": "BUDI", "nik": nik(BORN, 9008)},
        False,
    ),
    ("name and date", RATNA, RATNA, True),
    ("name, date swapped", RATNA | {"born": "1980-03-07"}, RATNA | {"born": "1980-07-03"}, True),
    ("a rare name, no dates", {"name": "RATNA DEWI"}, {"name": "RATNA DEWI"}, True),
    ("strangers", RATNA, {"name": "YOHANES TUMBANG", "born": "1955-10-02"}, False),
    ("siblings", RATNA | HOUSE, {"name": "YOHANES", "born": "1985-10-02"} | HOUSE, False),
]


@pytest.mark.parametrize(("one", "other", "kept"), [pytest.param(*s[1:], id=s[0]) for s in STORIES])
def test_stories(one, other, kept):
    e = evidence(*CROWD, one, other)
    prefilter = Matcher.of(e, Config()).prefilter
    left, right = np.array([len(CROWD)], np.int32), np.array([len(CROWD) + 1], np.int32)
    assert prefilter.keeps(left, right, review_log2=Config().match.review_log2).tolist() == [kept]


def test_a_lower_threshold_keeps_no_less(brute):
    some = brute.left[:20_000], brute.right[:20_000]
    kept = [brute.matcher.prefilter.keeps(*some, review_log2=review) for review in (8.0, 0.0, -6.0, -1e6)]
    for strict, loose in pairwise(kept):
        assert (loose | ~strict).all()
    assert kept[-1].all()


KNOWN = [
    year << 9 | month << 5 | day for year in (0, 1980, 1989, 1998) for month in (0, 3) for day in (0, 14)
]
"""Birth dates of which parts are known."""
days = st.builds(date, st.integers(1950, 2012), st.integers(1, 12), st.integers(1, 28)).map(str)
births = st.fixed_dictionaries(
    {"sex": st.sampled_from(["L", "P", None])},
    optional={"default": st.booleans(), "nik": days.map(nik)},
).flatmap(
    lambda one: (
        st.one_of(
            days.map(lambda born: {"born": born}), st.sampled_from(KNOWN).map(lambda known: {"known": known})
        )
    ).map(lambda born: one | born)
)


@given(births, births, st.booleans(), st.booleans())
def test_no_birth_counts_for_less_than_the_score_gives_it(one, other, exchanged, shared):
    if exchanged and "born" in one:
        other = other | {"born": one["born"][:2] + one["born"][3] + one["born"][2] + one["born"][4:]}
    if shared and "born" in one:
        other = other | {"nik": nik(one["born"], 9700)}
    e = evidence(*CROWD[:40], {"name": "RATNA DEWI"} | one, {"name": "RATNA DEWI"} | other)
    left, right = np.array([40], np.int32), np.array([41], np.int32)
    prefilter, model = Matcher.of(e, Config()).prefilter, Matcher.of(e, Config()).model
    level, bits = nik_birth_sex(e, left, right)
    field = model.fields["nik_birth_sex"]
    score = field.known["match"][level] - np.minimum(field.stranger[level] - field.slope[level] * bits, 0)
    kind = plain._birth(e, prefilter.records[left, BIRTHS], prefilter.records[right, BIRTHS], left, right)
    says = prefilter.worth["birth"][left] if kind[0] == EQUAL else prefilter.weights.birth_log2[kind]
    within = prefilter.weights.named_margin_log2
    assert level[0] in (*NIK_SLIPS, *NIK_EQUAL) or says[0] >= score[0] - within


def test_a_name_known_exactly_takes_the_place_of_the_share_of_letters():
    e = evidence(*CROWD, {"name": "RATNA DEWI"}, {"name": "RATNA DEWI"})
    left, right = np.array([400], np.int32), np.array([401], np.int32)
    prefilter = Matcher.of(e, Config()).prefilter
    for weight, kept in ((-30.0, False), (30.0, True)):
        assert (
            prefilter.keeps(
                left,
                right,
                review_log2=0.0,
                name_log2=(np.array([weight], np.float32), np.array([99], np.float32)),
            )[0]
            == kept
        )


@pytest.mark.parametrize("way", [loops.block_pairs, plain.block_pairs], ids=["compiled", "plain"])
def test_blocks_keep_what_the_prefilter_keeps(brute, way, monkeypatch):
    e, prefilter, review = brute.matcher.evidence, brute.matcher.prefilter, CONFIG.match.review_log2
    monkeypatch.setattr(loops, "block_pairs", way)
    blocks = blocks_of(e.kk)
    left, right = pairs_in_blocks(blocks, None)
    kept = prefilter.keeps(left, right, review_log2=review)
    kept_in_blocks = pairs_in_blocks(blocks, None, prefilter.rule(review))
    np.testing.assert_array_equal(kept_in_blocks, (left[kept], right[kept]))
    source = np.arange(len(e), dtype=np.int32) % 2
    apart = kept & (source[left] != source[right])
    np.testing.assert_array_equal(
        pairs_in_blocks(blocks, None, prefilter.rule(review, source=source)), (left[apart], right[apart])
    )
    assert 0 < apart.sum() < kept.sum() < len(left)
    together = plain.keeps(prefilter, left, right, review - prefilter.weights.margin_log2, None, None, True)
    np.testing.assert_array_equal(
        pairs_in_blocks(blocks, None, prefilter.rule(review, together=True)),
        (left[together], right[together]),
    )


def test_a_wider_margin_is_for_names_in_part_not_for_those_in_full():
    e = evidence(*CROWD, RATNA, RATNA, RATNA | {"name": "RATNA SUSANTI"})
    left, right = np.array([400, 400], np.int32), np.array([401, 402], np.int32)
    model = Matcher.of(e, Config()).model

    def kept(more: float) -> np.ndarray:
        weights = replace(model.prefilter, margin_log2=model.prefilter.margin_log2 + more)
        prefilter = Prefilter.of(e, replace(model, prefilter=weights))
        thresholds = np.arange(-40, 40, 0.25)
        return np.sum([prefilter.keeps(left, right, review_log2=least) for least in thresholds], axis=0) / 4

    np.testing.assert_allclose(kept(1.0) - kept(0.0), [0.0, 1.0], atol=0.26)


def test_no_pairs():
    none = np.empty(0, np.int32)
    assert len(Matcher.of(evidence(*CROWD), Config()).prefilter.keeps(none, none, review_log2=0.0)) == 0


@pytest.mark.skipif(
    not kernels.compiled("nikdedup.match.kernels.pairs_cy"), reason="the loops are not compiled here"
)
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_compiled_and_plain_keep_the_same_pairs(brute, together, known):
    prefilter = brute.matcher.prefilter
    weight = np.random.default_rng(3).normal(0, 8, len(brute.left)).astype(np.float32) if known else None
    kin = None if weight is None else weight[::-1].copy()
    for least in (-10.0, 0.0, 12.0):
        ways = [
            way(prefilter, brute.left, brute.right, least, weight, kin, together)
            for way in (loops.keeps, plain.keeps)
        ]
        assert 0 < ways[0].sum() < len(brute.left)
        np.testing.assert_array_equal(*ways)


@pytest.mark.skipif(
    not kernels.compiled("nikdedup.match.kernels.pairs_cy"), reason="the loops are not compiled here"
)
def test_compiled_and_plain_tell_dates_apart_alike():
    days = {
        date(1980 + y, m, d)
        for y in (-78, -20, -10, -3, 0, 1, 2, 4, 8, 10, 22)  # 1902 and 2002: a century that two digits lose
        for m in (3, 4, 12)
        for d in (1, 4, 5, 14, 28)
    }
    born = [str(day) for day in sorted(days)] + ["1980-07-01", "1982-12-31", "1983-07-01"]
    people = [{"name": "RATNA DEWI", "born": day} for day in born]
    people += [{"name": "RATNA DEWI", "born": day, "nik": nik(other)} for day, other in pairwise(born[::7])]
    people += [{"name": "RATNA DEWI", "born": day, "default": True} for day in born[::5]]
    people += [{"name": "RATNA DEWI", "born": day, "sex": sex} for day in born[::9] for sex in "LP"]
    people += [{"name": "RATNA DEWI", "known": known} for known in KNOWN]
    e = evidence(*people, {"name": "RATNA DEWI"}, {"name": "RATNA DEWI", "nik": nik(born[0]), "sex": "P"})
    prefilter = Matcher.of(e, Config()).prefilter
    left, right = all_pairs(len(e))
    told = set()
    for least in np.arange(-30.0, 30.0, 0.5):
        one, other = (
            way(
                prefilter,
                left,
                right,
                least,
                np.zeros(len(left), np.float32),
                np.full(len(left), 99, np.float32),
                False,
            )
            for way in (loops.keeps, plain.keeps)
        )
        np.testing.assert_array_equal(one, other)
        told.add(int(one.sum()))
    assert len(told) > 5, "the thresholds must tell the kinds of dates apart"
