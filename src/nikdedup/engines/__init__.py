"""Where pieces of a large extract are worked on: processes of this machine."""

from nikdedup.engines.workers import Workers

__all__ = ["Workers"]
