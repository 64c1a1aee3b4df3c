"""What clean may put right in an extract: one line per cell and change, certain or proposed."""
