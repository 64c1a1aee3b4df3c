"""Which records are one person, and what must stay apart."""
