"""Second names: a record agrees with another by either of its names.

Who is called SUSANTI ALIAS SIOK HWA in one list is SIOK HWA in the other. Few records have an alias, so all
names are compared first, and those few pairs once more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.match.compare.names import ComparedNames, compare_names
from nikdedup.match.features import Aliases, Evidence

Names = NDArray[np.uint32]


def by_either_name(e: Evidence, left: Rows, right: Rows, compared: ComparedNames) -> ComparedNames:
    """Return the comparison of each pair by those of its names that agree best. compared: by the first names."""
    if not len(e.aliases):
        return compared
    bears = np.zeros(len(e), bool)
    bears[e.aliases.row] = True
    some = np.flatnonzero(bears[left] | bears[right])
    left, right = left[some], right[some]
    first = [e.names.words.name[rows] for rows in (left, right)]
    second = [_second(e.aliases, rows) for rows in (left, right)]
    best = compared
    for names in ((second[0], first[1]), (first[0], second[1]), (second[0], second[1])):
        asked = np.flatnonzero((names[0] > 0) & (names[1] > 0))
        if len(asked):
            sides = left[asked], right[asked]
            best = _better(best, some[asked], _compared(e, sides, (names[0][asked], names[1][asked])))
    return best


def _second(aliases: Aliases, rows: Rows) -> Names:
    """Return the number of each row's second name; 0 where it has none."""
    place = np.searchsorted(aliases.row, rows).clip(max=len(aliases) - 1)
    return np.where(aliases.row[place] == rows, aliases.name[place], np.uint32(0))


def _compared(e: Evidence, sides: tuple[Rows, Rows], names: tuple[Names, Names]) -> ComparedNames:
    """Compare pairs by the names with these numbers."""
    left, right = np.arange(2 * len(sides[0]), dtype=np.int32).reshape(2, -1)
    parents = tuple(
        words.held_by(words.name[np.concatenate(sides)]) for words in (e.mothers.words, e.fathers.words)
    )
    return compare_names(e.names.words.held_by(np.concatenate(names)), left, right, parents=parents)


def _better(best: ComparedNames, asked: NDArray[np.intp], other: ComparedNames) -> ComparedNames:
    """Return the comparison with that of the pairs asked for wherever they agree better so."""
    before = best.keep(asked)
    won = (other.level > before.level) | (
        (other.level == before.level) & (other.shared_log2 > before.shared_log2)
    )
    level, shared, own = best.level.copy(), best.shared_log2.copy(), best.own_log2.copy()
    level[asked[won]], shared[asked[won]] = other.level[won], other.shared_log2[won]
    own[asked[won]] = other.own_log2[won]
    return ComparedNames(level, shared, own)
