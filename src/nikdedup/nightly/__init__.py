"""Runs that survive the night: the same people under the same numbers, every change on record.

state        the folder: where ledger, snapshots and keys lie, and who holds it
ledger       a database that is written in whole transactions; tables, facts, migrations
audit        entries that follow from each other, so that none can be changed or lost unseen
snapshot     the tables of a published night, and what the next one needs of them
records      which records of two nights are the same
persons      which person of tonight is which person of last night
events       what happened to a person, and why
proposals    which decisions are others than last night, and why
health       what must hold beside the last nights
one_night    one night, on one screen
past         what the ledger tells of nights, persons and records
going_back   an earlier night read again
forgetting   old nights of which nothing is left that could tell of a person
job          the job file; checking: all its faults; sources: what it reads; jobs: a job run
refitting    weights learnt anew, shown before they hold
"""

import lazy_loader

from nikdedup.nightly.extras import needed

_loaded, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    with needed("a state"):
        return _loaded(name)
