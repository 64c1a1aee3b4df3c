"""The steps that bring a ledger from one version to the next, forward only; Alembic runs them."""
