"""The innermost loops of the matcher, and what they read."""

from nikdedup.match.kernels.inputs import PrefilterRule, PrefilterTables, QgramFilter
from nikdedup.match.kernels.prefilter_weights import (
    ADDRESS,
    BIRTHS,
    EQUAL,
    FATHER,
    KK,
    MOTHER,
    NAME,
    NIK,
    PLACE,
    WORTH,
    PrefilterWeights,
)
from nikdedup.runtime.kernels import compiled

if compiled("nikdedup.match.kernels.names_cy"):
    from nikdedup.match.kernels.names_cy import agreement, likely_words
else:
    from nikdedup.match.kernels.names_py import agreement, likely_words
if compiled("nikdedup.match.kernels.pairs_cy", edition=2):
    from nikdedup.match.kernels.pairs_cy import block_pairs, keeps
else:
    from nikdedup.match.kernels.pairs_py import block_pairs, keeps

__all__ = [
    "ADDRESS",
    "BIRTHS",
    "EQUAL",
    "FATHER",
    "QgramFilter",
    "KK",
    "MOTHER",
    "NAME",
    "NIK",
    "PLACE",
    "PrefilterWeights",
    "PrefilterTables",
    "PrefilterRule",
    "WORTH",
    "agreement",
    "block_pairs",
    "keeps",
    "likely_words",
]
