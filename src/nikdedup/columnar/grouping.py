"""Which rows hold the same code, and which codes a row holds."""

from nikdedup.runtime.kernels import compiled

if compiled("nikdedup.columnar.grouping_cy", edition=2):
    from nikdedup.columnar.grouping_cy import grouped, listed, may_be_among, mixed, numbered
else:
    from nikdedup.columnar.grouping_py import grouped, listed, may_be_among, mixed, numbered

__all__ = ["grouped", "listed", "may_be_among", "mixed", "numbered"]
