"""Which records are one person: block, compare, score, cluster."""

from nikdedup.match.run import Matched, match, pair_scorer

__all__ = ["Matched", "match", "pair_scorer"]
