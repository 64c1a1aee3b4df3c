"""What an extract is like: how full its columns are, what is wrong with its rows, what its texts mean."""

from nikdedup.residents.profile.table import FIRST_ROWS, PROFILE, SECTIONS, as_dict, profile_table

__all__ = ["FIRST_ROWS", "PROFILE", "SECTIONS", "as_dict", "profile_table"]
