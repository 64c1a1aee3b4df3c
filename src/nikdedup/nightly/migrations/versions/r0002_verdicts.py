"""Answers of villages, what they come to, and the lists that were given out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the villages' answers."""
    texts = ("kecamatan_code", "desa_code", "desa")
    op.create_table(
        "verdicts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.String(16), nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("list", sa.String(8)),
        sa.Column("part", sa.String(20)),
        *(sa.Column(name, sa.Text) for name in texts),
        sa.Column("record_key", sa.String(200)),
        sa.Column("content", sa.Text),
        sa.Column("other_key", sa.String(200)),
        sa.Column("other_content", sa.Text),
        sa.Column("kind", sa.String(8)),
        sa.Column("action", sa.String(40)),
        sa.Column("weight_log2", sa.Float(53)),
        sa.Column("answer", sa.String(40)),
        sa.Column("problem", sa.String(40)),
        sa.Column("nik", sa.Text),
        sa.Column("day", sa.String(10)),
        sa.Column("note", sa.Text),
        sa.Column("matched", sa.String(20)),
        sa.Column("file", sa.Text),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("sheet", sa.Text),
        sa.Column("cell", sa.String(40)),
        sa.Column("who", sa.Text),
        sa.Column("at", sa.String(32)),
        sa.Column("back_who", sa.Text),
        sa.Column("back_at", sa.String(32)),
    )
    _make_what_follows()


def _make_what_follows() -> None:
    names = ("record_id_l", "record_id_r", "nik_l", "nik_r", "who")
    op.create_table(
        "verdict_links",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        *(sa.Column(name, sa.Text) for name in names),
        sa.Column("when", sa.String(10)),
        sa.Column("why", sa.Text),
        sa.Column("until", sa.String(10)),
    )
    op.create_table(
        "lists",
        sa.Column("list", sa.String(8), primary_key=True),
        sa.Column("given", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
    )
