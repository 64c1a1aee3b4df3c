"""The first ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "facts",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("based_on", sa.Integer),
        sa.Column("began", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("judgement", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=False),
        sa.Column("reference_date", sa.String(10)),
        sa.Column("figures", sa.Text, nullable=False),
    )
    op.create_table(
        "judgements",
        sa.Column("judgement", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("learnt", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    _make_persons()
    _make_what_happened()


def _make_persons() -> None:
    op.create_table(
        "persons",
        sa.Column("person", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", sa.Integer),
        sa.Column("records", sa.Text, nullable=False),
    )
    op.create_table(
        "retired",
        sa.Column("record_key", sa.String(200), primary_key=True),
        sa.Column("person", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", sa.Integer),
    )
    op.create_index("retired_person", "retired", ["person"])
    op.create_table(
        "constraints",
        sa.Column("record_l", sa.String(200), primary_key=True),
        sa.Column("record_r", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("since", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", sa.Integer),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("declared", sa.String(10)),
    )


def _make_what_happened() -> None:
    op.create_table(
        "events",
        sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("person", sa.Integer),
        sa.Column("other", sa.Integer),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
    op.create_index("events_person", "events", ["person"])
    op.create_index("events_other", "events", ["other"])
    op.create_table(
        "decisions",
        sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record_key", sa.String(200), primary_key=True),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )
    op.create_table(
        "audit",
        sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("run", sa.Integer),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("rows", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
