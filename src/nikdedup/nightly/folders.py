"""Which run a folder is read as, and which book of verdicts it has; of a run's folder a plain install can tell it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nikdedup.errors import InputError
from nikdedup.nightly.newest import newest
from nikdedup.nightly.place import RUN, SNAPSHOTS, is_state
from nikdedup.publish import shown
from nikdedup.runtime.extras import needed

if TYPE_CHECKING:
    from nikdedup.village import Book


def book_of(folder: Path) -> Book:
    """Return the book of a folder, begun or not: in its ledger where it is a state of nights, else in files.

    Args:
        folder: a state, or a folder that answers are or will be read into.
    """
    from nikdedup.village import FileBook

    files = FileBook(folder)
    if not is_state(folder) or files.exists:
        return files
    with needed("a state"):
        from nikdedup.nightly.verdict_book import LedgerBook

        return LedgerBook(folder)


def book_to_change(folder: Path) -> Book:
    """Return the book of a folder to be changed; what lies in files of a state is brought into its ledger first.

    Args:
        folder: a state, or a folder that answers are or will be read into.

    Raises:
        BusyError: where something is to be brought in while somebody else holds the state.
    """
    from nikdedup.village import FileBook

    if is_state(folder) and FileBook(folder).exists:
        with needed("a state"):
            from nikdedup.nightly.state import writing

            with writing(folder):  # which brings them in
                pass
    return book_of(folder)


def made_a_state(folder: Path) -> bool:
    """Make a folder that answers were read into a state with a ledger, which takes them in; False on a plain install.

    Args:
        folder: a folder with a book of verdicts in files.
    """
    if not all(find_spec(library) for library in ("sqlalchemy", "alembic")):
        return False
    from nikdedup.nightly.state import writing

    with writing(folder, make=True):  # which takes them in
        return True


def run_folder(folder: Path) -> Path:
    """Return the folder of a run: the newest of a state, else the folder itself.

    Args:
        folder: the folder.

    Raises:
        InputError: before the first night.
    """
    found = _newest(folder)
    if found is None:
        raise InputError(f"{shown(folder)}: no night was published yet")
    return found


def run_read(folder: Path) -> Path:
    """Return the run that a folder is read as: also, before the first night, the run that its answers began with.

    Args:
        folder: a run, a state, or a folder that answers were read into.
    """
    book = book_of(folder)
    found = _newest(folder)
    if book.exists and (found is None or not is_state(folder)):
        return Path(book.about()["run"])
    return run_folder(folder)


def _newest(folder: Path) -> Path | None:
    """Return the run of the newest night of a state, None before the first; else the folder itself."""
    if not is_state(folder):
        return folder
    with needed("a state"):
        run = newest(folder)
        return None if run is None else folder / SNAPSHOTS / str(run) / RUN
