"""An upper bound on the weight of a pair, before letters are compared."""

from nikdedup.match.prefilter.prefilter import Prefilter

__all__ = ["Prefilter"]
