"""The loop through desa and kelurahan: coverage against the target."""

from nikdedup.village.target import coverage, standing

__all__ = ["coverage", "standing"]
