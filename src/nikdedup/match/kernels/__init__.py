"""The innermost loops: compiled where there was a compiler, in numpy elsewhere, with one result."""

try:
    from nikdedup.match.kernels.names_cy import agreement, likely_words
    from nikdedup.match.kernels.pairs_cy import block_pairs, keeps

    COMPILED = True
except ImportError:  # installed where there is no compiler
    from nikdedup.match.kernels.names_py import agreement, likely_words
    from nikdedup.match.kernels.pairs_py import block_pairs, keeps

    COMPILED = False

__all__ = ["COMPILED", "agreement", "block_pairs", "keeps", "likely_words"]
