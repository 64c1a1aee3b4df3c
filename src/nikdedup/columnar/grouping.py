"""Which rows hold the same code."""

from nikdedup.runtime.kernels import compiled

if compiled("nikdedup.columnar.grouping_cy"):
    from nikdedup.columnar.grouping_cy import grouped, mixed, numbered
else:
    from nikdedup.columnar.grouping_py import grouped, mixed, numbered

__all__ = ["grouped", "mixed", "numbered"]
