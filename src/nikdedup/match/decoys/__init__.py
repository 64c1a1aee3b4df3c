"""How many confirmed pairs are wrong: measured on pairs that are known to be two people."""
