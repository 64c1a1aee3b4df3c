"""Which rows hold the same code: compiled where there was a compiler, in numpy elsewhere, with one result."""

try:
    from nikdedup.columnar.grouping_cy import grouped, mixed, numbered

    COMPILED = True
except ImportError:  # installed where there is no compiler
    from nikdedup.columnar.grouping_py import grouped, mixed, numbered

    COMPILED = False

__all__ = ["COMPILED", "grouped", "mixed", "numbered"]
