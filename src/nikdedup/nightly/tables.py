"""The tables of the ledger. Migrations make them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

META = MetaData()

FACTS = Table(
    "facts",
    META,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What there is one of: state_id; current: the run that is read; next_run, next_person; judgement: the one in use."""

RUNS = Table(
    "runs",
    META,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("state", String(12), nullable=False),
    Column("based_on", Integer),
    Column("began", String(32), nullable=False),
    Column("ended", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("version", String(40), nullable=False),
    Column("judgement", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("fingerprint", String(80), nullable=False),
    Column("reference_date", String(10)),
    Column("figures", Text, nullable=False),
)
"""One line a night. state: published, refused (a check failed) or rolled_back. based_on: the run before it."""

JUDGEMENTS = Table(
    "judgements",
    META,
    Column("judgement", Integer, primary_key=True, autoincrement=False),
    Column("learnt", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("content", Text, nullable=False),
)
"""What was learnt, and when; content: as match.Judgement has it."""

PERSONS = Table(
    "persons",
    META,
    Column("person", Integer, primary_key=True, autoincrement=False),
    Column("since", Integer, primary_key=True, autoincrement=False),
    Column("until", Integer),
    Column("records", Text, nullable=False),
)
"""Persons of two records or more: which records, from which run on and until before which."""

RETIRED = Table(
    "retired",
    META,
    Column("record_key", String(200), primary_key=True),
    Column("person", Integer, primary_key=True, autoincrement=False),
    Column("since", Integer, primary_key=True, autoincrement=False),
    Column("until", Integer),
    Index("retired_person", "person"),
)
"""Persons that are no more, by the records they had last; until: the run in which the person came back."""

EVENTS = Table(
    "events",
    META,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("cause", String(20), nullable=False),
    Column("person", Integer),
    Column("other", Integer),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("events_person", "person"),
    Index("events_other", "other"),
)
"""What happened to persons, in order; see events.Event."""

DECISIONS = Table(
    "decisions",
    META,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("record_key", String(200), primary_key=True),
    Column("cause", String(20), nullable=False),
    Column("person", Integer, nullable=False),
    Column("before", Text),
    Column("after", Text),
)
"""Proposals that are others than the night before: of which record, and what was and is proposed."""

CONSTRAINTS = Table(
    "constraints",
    META,
    Column("record_l", String(200), primary_key=True),
    Column("record_r", String(200), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("since", Integer, primary_key=True, autoincrement=False),
    Column("until", Integer),
    Column("who", Text, nullable=False),
    Column("declared", String(10)),
)
"""What is declared of two records (must_link or cannot_link), or of one, then both, who is dead or gone: from which run
on and until before which."""

AUDIT = Table(
    "audit",
    META,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(20), nullable=False),
    Column("run", Integer),
    Column("details", Text, nullable=False),
    Column("rows", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Who did what and when; see audit.py."""

VERDICTS = Table(
    "verdicts",
    META,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("entry", String(16), nullable=False),
    Column("key", Text),
    Column("list", String(8)),
    Column("part", String(20)),
    Column("kecamatan_code", Text),
    Column("desa_code", Text),
    Column("desa", Text),
    Column("record_key", String(200)),
    Column("content", Text),
    Column("other_key", String(200)),
    Column("other_content", Text),
    Column("kind", String(8)),
    Column("action", String(40)),
    Column("weight_log2", Float(53)),
    Column("answer", String(40)),
    Column("problem", String(40)),
    Column("nik", Text),
    Column("day", String(10)),
    Column("note", Text),
    Column("matched", String(20)),
    Column("file", Text),
    Column("file_sha256", String(64)),
    Column("sheet", Text),
    Column("cell", String(40)),
    Column("who", Text),
    Column("at", String(32)),
    Column("back_who", Text),
    Column("back_at", String(32)),
)
"""Answers of villages in the order in which they came, as village.ENTRIES has them; one taken back stays, marked."""

VERDICT_LINKS = Table(
    "verdict_links",
    META,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("record_id_l", Text),
    Column("record_id_r", Text),
    Column("nik_l", Text),
    Column("nik_r", Text),
    Column("record_key_l", String(200)),
    Column("record_key_r", String(200)),
    Column("who", Text),
    Column("when", String(10)),
    Column("why", Text),
    Column("until", String(10)),
    Column("source", Text),
)
"""What the answers that stand come to for the next night, as a list of `settle.constraints` has it."""

LISTS = Table(
    "lists",
    META,
    Column("list", String(8), primary_key=True),
    Column("given", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("about", Text, nullable=False),
)
"""Lists that were given out, when and by whom; about: what each was made with. Their rows lie in the state."""
