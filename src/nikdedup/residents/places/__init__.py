"""Where a resident was born and lives: regions by code and name, places of birth, addresses."""
