"""An upper bound on the weight of a pair, before letters are compared."""
