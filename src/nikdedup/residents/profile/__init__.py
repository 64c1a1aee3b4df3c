"""What an extract is like: how full its columns are, what is wrong with its rows, what its texts mean.

The profile holds counts, codes and row numbers, and no identity: texts that are shown (a recording
status, say) are in a list, are plain words, or make up a good part of a column of few texts.
"""

from nikdedup.residents.profile.measure import FIRST_ROWS
from nikdedup.residents.profile.table import PROFILE, SECTIONS, as_dict, profile_table

__all__ = ["FIRST_ROWS", "PROFILE", "SECTIONS", "as_dict", "profile_table"]
