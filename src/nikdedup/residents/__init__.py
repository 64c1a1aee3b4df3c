"""A record as it came and as we understand it: read, clean, judge, profile."""
