"""open(): the Result of a finished run, from the folder it is kept in."""

from __future__ import annotations

from pathlib import Path

from nikdedup.errors import door
from nikdedup.publish import opened_whole
from nikdedup.run.result import Result, load


@door
def open(folder: str | Path) -> Result:  # as a user says it: nikdedup.open
    """Return the Result kept in a run's folder.

    A run written with `residents=False` has a residents table of the ids alone.

    Args:
        folder: the folder that `Result.write`, or the command line, has written.

    Raises:
        InputError: if it is not a finished run, or a file of it is not as it was written.
    """
    with opened_whole(Path(folder)) as run:
        return load(run)
