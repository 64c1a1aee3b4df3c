"""The innermost loops: compiled where there was a compiler, in numpy elsewhere, with one result."""

try:
    from nikdedup.match.kernel import block_pairs, keeps
    from nikdedup.match.name_kernel import agreement, likely_words

    COMPILED = True
except ImportError:  # installed where there is no compiler
    from nikdedup.match.name_plain import agreement, likely_words
    from nikdedup.match.plain import block_pairs, keeps

    COMPILED = False

__all__ = ["COMPILED", "agreement", "block_pairs", "keeps", "likely_words"]
