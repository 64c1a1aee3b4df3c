"""Arrays and what is done with them, without a word of the registry."""
