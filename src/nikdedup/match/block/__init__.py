"""Which records are compared: passes, their blocks, and the pairs inside."""

from nikdedup.match.block.pairs import pairs_across
from nikdedup.match.block.passes import COPIES, PASSES
from nikdedup.match.block.run_passes import Candidates, PassReport, birth_sex_filter, candidates, passes_of

__all__ = [
    "COPIES",
    "Candidates",
    "PASSES",
    "PassReport",
    "birth_sex_filter",
    "candidates",
    "pairs_across",
    "passes_of",
]
