"""The innermost loops: compiled where kernel.pyx was built, in numpy elsewhere, with one result."""

try:
    from nikdedup.match.kernel import keeps, pairs_of

    COMPILED = True
except ImportError:  # installed where there is no compiler
    from nikdedup.match.plain import keeps, pairs_of

    COMPILED = False

__all__ = ["COMPILED", "keeps", "pairs_of"]
