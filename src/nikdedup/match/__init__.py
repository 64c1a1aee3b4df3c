"""Which records are one person: block, compare, score, cluster."""

from nikdedup.match.asked import compare_across, rarer
from nikdedup.match.chances import match_chances
from nikdedup.match.explained import pair_scorer
from nikdedup.match.levels import NameLevel
from nikdedup.match.matcher import Judgement
from nikdedup.match.pipeline import Judged, Matched, judge, match
from nikdedup.match.vectors import PairVectors, pair_vectors, pairs_of_passes

__all__ = [
    "Judged",
    "Judgement",
    "Matched",
    "NameLevel",
    "PairVectors",
    "compare_across",
    "judge",
    "match",
    "match_chances",
    "pair_scorer",
    "pair_vectors",
    "pairs_of_passes",
    "rarer",
]
