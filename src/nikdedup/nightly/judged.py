"""Answers of villages in the audit: who read them in or took them back, when, from which files, about which records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from nikdedup.nightly import audit
from nikdedup.nightly.facts import current
from nikdedup.nightly.state import Store
from nikdedup.runtime.stopping import undisturbed


def audit_verdicts(
    store: Store,
    what: Literal["verdicts", "verdicts_undone"],
    *,
    who: str,
    at: str,
    files: int,
    keys: Iterable[str],
) -> None:
    """Write an entry about answers that were read in or taken back; records stand in it by their pseudonyms alone.

    Args:
        store: a state that is held for writing.
        what: whether they were read in or taken back.
        who: did it.
        at: when, UTC.
        files: how many files they came from.
        keys: record keys of the answers, one for each.
    """
    about = list(keys)
    with store.ledger.changing() as connection:
        rows = sorted({audit.pseudonym(store.key, key) for key in about})
        details = {"answers": len(about), "files": files}
        run = current(connection)
        head = audit.add(connection, at=at, who=who, what=what, run=run, details=details, rows=rows)
    with undisturbed():
        store.write_head(head)
