"""The innermost loops: compiled where there was a compiler, in numpy elsewhere, with one result."""

try:
    from nikdedup.match.kernel import keeps, pairs_of
    from nikdedup.match.name_kernel import agreement, likely_words

    COMPILED = True
except ImportError:  # installed where there is no compiler
    from nikdedup.match.name_plain import agreement, likely_words
    from nikdedup.match.plain import keeps, pairs_of

    COMPILED = False

__all__ = ["COMPILED", "agreement", "keeps", "likely_words", "pairs_of"]
