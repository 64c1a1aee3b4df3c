"""Runs that survive the night: the same people under the same numbers, every change on record.

one_night    one night, on one screen; night_end: how it is published, or refused
last         what the night before has left; changes: what is other tonight
records      which records of two nights are the same
persons      which person of tonight is which person of last night
events       what happened to a person, and why; proposals: which decisions are others
health       what must hold beside the last nights
state        the folder: ledger, snapshots, key, and who holds it; place: what makes a folder one
ledger       a database that is written in whole transactions; tables, facts, migrations, recorded
audit        entries that follow from each other, so that none can be changed or lost unseen
snapshot     the tables of a published night; kept_features: what the matcher knew of each record
past         what the ledger tells of nights, persons and records; going_back, forgetting
lookup       whether a person is already there; question: one person asked about; near: who is worth comparing;
             answers: in words
job          the job file; checking: all its faults; sources, secret: what it reads; jobs: a job run
refitting    weights learnt anew, shown before they hold
pseudonym_extract an extract in which nobody is named; pseudonym_texts, pseudonym_words, pseudonym_ids: its columns
metrics      figures for Prometheus; lineage: events for OpenLineage
verdict_book answers of villages in the ledger; verdict_rows: as its rows; moved_verdicts: brought in from files
folders      which run and which answers a folder has; newest: its run, told at once; opening: what nikdedup.open gives
"""

import lazy_loader

from nikdedup.runtime.extras import needed

_loaded, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    with needed("a state"):
        return _loaded(name)
