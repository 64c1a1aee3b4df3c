"""Which records are compared: passes, their blocks, and the pairs inside."""
