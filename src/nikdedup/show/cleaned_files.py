"""What `clean` writes: which input goes to which file, in its own shape or stacked, and the lists of changes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nikdedup.errors import InputError, argument
from nikdedup.publish import make_folder
from nikdedup.residents.read import PartFile, suffix
from nikdedup.show.change_list import LIST_WIDTHS, changes_list
from nikdedup.show.clean_tables import CleanTable, listed, stacked
from nikdedup.show.extract_file import SUFFIXES, check_name, check_target, write_all, writer
from nikdedup.show.formulas import neutralised
from nikdedup.show.own_shape import AS_TABLE, CSVS, KEPT, PARQUETS, WORKBOOKS, own_shape

_NEVER = "is an input; the extract as it came is never overwritten"
_PLAIN_CSVS = (".csv", ".tsv", ".txt")

Write = Callable[[Path], None]


@dataclass(frozen=True)
class Plan:
    """Where everything goes.

    own: inputs that are written in their own shape, with the file and the list of each. stacked: the file of all
    inputs under each other, with its list; one of the two is empty. changes: one list for everything,
    where one was named. folder: to be made where it is missing.
    """

    own: list[tuple[Path, Path, Path]]
    stacked: tuple[Path, Path] | None
    changes: Path | None
    folder: Path | None


def plan(out: str | Path, changes: str | Path | None, inputs: Sequence[Path]) -> Plan:
    """Return where an extract and its changes go.

    Args:
        out: file or folder of the extract.
        changes: file of the changes; beside `out` where None.
        inputs: files that are read.

    Raises:
        InputError: unless they may be written and are no inputs.
    """
    listed_at = None if changes is None else Path(changes)
    check_name(Path(out), "out")
    if _names_folder(out):
        made = _into_folder(Path(out), listed_at, inputs)
    else:
        target = Path(out)
        own = len(inputs) == 1 and not _inside(inputs[0]) and _same_format(inputs[0], target)
        check_target(target, "out", (target.suffix.lower(),) if own else _allowed(inputs))
        listing = listed_at or _list_beside(target)
        pair = [(inputs[0], target, listing)] if own else []
        made = Plan(pair, None if own else (target, listing), listed_at, None)
    if listed_at is not None:
        check_target(listed_at, "changes")
    _check(made, inputs)
    return made


def _names_folder(out: str | Path) -> bool:
    return str(out).endswith(("/", os.sep)) or Path(out).is_dir() or not Path(out).suffix


def _into_folder(folder: Path, listed_at: Path | None, inputs: Sequence[Path]) -> Plan:
    """Return each input under its own name in a folder; an .xls as .xlsx."""
    if not inputs:
        raise InputError(
            f"{argument('out')} {folder.name}: a frame has no name for a file in a folder; name a file"
        )
    if not folder.is_dir():
        if folder.exists():
            raise InputError(f"{argument('out')} {folder.name}: is no folder")
        if not folder.absolute().parent.is_dir():
            raise InputError(
                f"{argument('out')} {folder.name}: the folder {folder.absolute().parent.name} does not exist"
            )
    there = folder.absolute() if folder.is_dir() else folder.absolute().parent
    if not os.access(there, os.W_OK):
        raise InputError(f"{argument('out')} {folder.name}: the folder {there.name} is read-only")
    own = []
    for path in inputs:
        target = folder / _own_place(path, folder)
        own.append((path, target, listed_at or _list_beside(target, inside=_inside(path))))
    return Plan(own, None, listed_at, folder)


def _own_place(path: Path, folder: Path) -> str:
    """Return where an input goes in a folder; a part of a table where it lies in the table's own."""
    if isinstance(path, PartFile) and not path.own:
        raise InputError(
            f"{argument('out')} {folder.name}: {path.inside or path.name} is part of a table that is written as one; "
            "name a .parquet file"
        )
    if _inside(path):
        return path.inside if isinstance(path, PartFile) else path.name
    return path.name if suffix(path) in KEPT else f"{path.stem}{AS_TABLE}"


def _inside(path: Path) -> bool:
    return isinstance(path, PartFile) and bool(path.inside)


def _same_format(given: Path, target: Path) -> bool:
    """Return whether a file can keep its shape: the same ending, or two kinds of plain CSV."""
    ends = suffix(given), suffix(target)
    if ends[0] not in KEPT:
        return False
    if ends[0] == ends[1]:
        return True
    return (ends[0] in _PLAIN_CSVS and ends[1] == ".csv") or all(end in PARQUETS for end in ends)


def _allowed(inputs: Sequence[Path]) -> tuple[str, ...]:
    """Return what all inputs together, or one in another format, may be written as."""
    if len(inputs) == 1 and suffix(inputs[0]) == ".xlsm":
        return (".xlsm", *(end for end in SUFFIXES if end != ".xlsx"))
    return SUFFIXES


def _list_beside(target: Path, *, inside: bool = False) -> Path:
    """Return the path of the list: beside the extract, of its format.

    inside: in a folder of parts, where a name that begins with "_" is no part.
    """
    end = suffix(target)
    form = ".xlsx" if end in WORKBOOKS else ".csv" if end in CSVS else ".parquet"
    return target.with_name(f"{'_' * inside}{target.name[: len(target.name) - len(end)]}.changes{form}")


def _check(made: Plan, inputs: Sequence[Path]) -> None:
    """Raise InputError where a file would be an input, or two files one."""
    targets = [target for _, target, _ in made.own] or [made.stacked[0] if made.stacked else Path()]
    lists = {listing for *_, listing in made.own} or {made.stacked[1] if made.stacked else Path()}
    for option, paths in (("out", targets), ("changes", sorted(lists))):
        for path in paths:
            if any(_same(path, given) for given in inputs):
                raise InputError(f"{argument(option)} {path.name}: {_NEVER}")
    names = [str(target).casefold() for target in targets]
    if twice := next((t.name for t, name in zip(targets, names, strict=True) if names.count(name) > 1), None):
        raise InputError(
            f"{argument('out')}: two inputs have the name {twice}; clean them into different folders"
        )
    for listing in sorted(lists):
        if any(_same(listing, target) for target in targets):
            raise InputError(f"{argument('changes')} {listing.name}: is the same file as {argument('out')}")


def _same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve() or (path.exists() and other.exists() and path.samefile(other))


def write_plan(made: Plan, tables: Sequence[CleanTable], lang: str) -> tuple[pl.DataFrame, tuple[Path, ...]]:
    """Write what was planned, all of it or nothing; return the changes made and the paths, lists after their files.

    Args:
        made: where to write, as `plan` returns it.
        tables: cleaned tables, in order.
        lang: `id` or `en`.
    """
    files, lists = _stacked_file(made.stacked, tables) if made.stacked else _own_files(made.own, tables)
    whole = pl.concat([lines for _, lines, _ in lists]).sort("row", nulls_last=True, maintain_order=True)
    if made.changes is not None:
        lists = [(made.changes, whole, lists[0][2])]
    written = [(path, _list_writer(path, lines, lang, sign)) for path, lines, sign in lists]
    new = made.folder is not None and not made.folder.exists()
    if made.folder is not None:
        for path, _ in (*written, *files):
            make_folder(path.parent)
    try:
        write_all([*written, *files])
    except BaseException:
        if new and made.folder is not None and not any(path.is_file() for path in made.folder.rglob("*")):
            shutil.rmtree(made.folder)
        raise
    if made.changes is not None:
        paths = [*(path for path, _ in files), made.changes]
    else:
        paths = [path for file, one in zip(files, lists, strict=True) for path in (file[0], one[0])]
    return whole, tuple(paths)


_List = tuple[Path, pl.DataFrame, str]
"""Path of a list of changes, its lines, and the separator that its CSV form has."""


def _stacked_file(
    paths: tuple[Path, Path], tables: Sequence[CleanTable]
) -> tuple[list[tuple[Path, Write]], list[_List]]:
    target, listing = paths
    parquet = suffix(target) in PARQUETS
    whole = stacked(tables, typed=parquet and all(table.typed for table in tables), neutralised=not parquet)
    sign = next((table.table.separator for table in tables if table.table.separator), ",")
    write = writer(whole.headers, whole.table, suffix(target), separator=sign)
    return [(target, write)], [(listing, whole.changes, sign)]


def _own_files(
    own: Sequence[tuple[Path, Path, Path]], tables: Sequence[CleanTable]
) -> tuple[list[tuple[Path, Write]], list[_List]]:
    files: list[tuple[Path, Write]] = []
    lists: list[_List] = []
    for number, (given, target, listing) in enumerate(own):
        its = [table for table in tables if table.file == number]
        shape = own_shape(given, its)
        files.append((target, shape.write))
        lists.append((listing, listed([shape.lines]), its[0].table.separator or ","))
    return files, lists


def _list_writer(path: Path, lines: pl.DataFrame, lang: str, separator: str) -> Write:
    """Return what writes a list of changes: as the table of the API, or for reading."""
    if suffix(path) in PARQUETS:
        return writer(lines.columns, lines, ".parquet")
    table = neutralised(changes_list(lines, lang))
    return writer(table.columns, table, suffix(path), separator=separator, widths=LIST_WIDTHS)
