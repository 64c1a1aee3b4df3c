"""An upper bound on the weight of a pair, before letters are compared."""

from nikdedup.match.prefilter.prefilter import Prefilter, names_log2

__all__ = ["Prefilter", "names_log2"]
