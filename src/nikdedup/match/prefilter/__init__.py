"""An upper bound on the weight of a pair, before letters are compared."""

from nikdedup.match.prefilter.prefilter import Screen

__all__ = ["Screen"]
