"""Libraries that nights need beside the plain install: `runtime.extras` says what is missing."""

from nikdedup.runtime.extras import PARTS, needed

__all__ = ["PARTS", "needed"]
