"""How many confirmed pairs are wrong: measured on pairs that are known to be two people."""

from nikdedup.match.decoys.false_matches import FalseMatches

__all__ = ["FalseMatches"]
