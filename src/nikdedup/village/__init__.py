"""The loop through desa and kelurahan: coverage against the target."""

from nikdedup.village.target import coverage, holders_of, standing

__all__ = ["coverage", "holders_of", "standing"]
