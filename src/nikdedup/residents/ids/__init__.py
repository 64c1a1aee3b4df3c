"""NIK and No. KK: sixteen digits out of a cell, and what they say."""
