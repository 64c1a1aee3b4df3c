"""The innermost loops: compiled where there was a compiler, in numpy elsewhere, with one result."""

from nikdedup.match.kernels.inputs import Gate, ScreenTables, Sieve
from nikdedup.match.kernels.prefilter_weights import (
    ADDRESS,
    BIRTH_LOG2,
    BIRTHS,
    COMMON_DATE_LOG2,
    EQUAL,
    FATHER,
    KK,
    MOTHER,
    NAME,
    NIK,
    PLACE,
    WORTH,
)

try:
    from nikdedup.match.kernels.names_cy import agreement, likely_words
    from nikdedup.match.kernels.pairs_cy import block_pairs, keeps

    COMPILED = True
except ImportError:  # installed where there is no compiler
    from nikdedup.match.kernels.names_py import agreement, likely_words
    from nikdedup.match.kernels.pairs_py import block_pairs, keeps

    COMPILED = False

__all__ = [
    "ADDRESS",
    "BIRTHS",
    "BIRTH_LOG2",
    "COMMON_DATE_LOG2",
    "COMPILED",
    "EQUAL",
    "FATHER",
    "Gate",
    "KK",
    "MOTHER",
    "NAME",
    "NIK",
    "PLACE",
    "ScreenTables",
    "Sieve",
    "WORTH",
    "agreement",
    "block_pairs",
    "keeps",
    "likely_words",
]
