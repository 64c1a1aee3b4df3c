"""Which records are one person: block, compare, score, cluster."""

from nikdedup.match.explained import pair_scorer
from nikdedup.match.pipeline import Matched, match

__all__ = ["Matched", "match", "pair_scorer"]
