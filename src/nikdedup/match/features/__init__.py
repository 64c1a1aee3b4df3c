"""What the matcher knows of each record, as arrays."""
