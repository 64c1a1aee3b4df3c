"""The loop through desa and kelurahan: coverage against the target."""
