"""What answers come to names rows by their keys, and says in which file they stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what entries are named by and where they come from."""
    for name, kind in (
        ("record_key_l", sa.String(200)),
        ("record_key_r", sa.String(200)),
        ("source", sa.Text),
    ):
        op.add_column("verdict_links", sa.Column(name, kind))
