"""Every reason code a record may carry in `flags`, with its sentence in Indonesian and English.

A code never says that a record is wrong for good: `certain` tells whether the
file itself proves the finding, or whether a person should look.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources

import numpy as np
import numpy.typing as npt
import polars as pl

from nikdedup.columnar.distinct import distinct, taken


@dataclass(frozen=True)
class Reason:
    """A finding about one record: what it says, and whether the data prove it."""

    id: str
    en: str
    certain: bool


def _load() -> dict[str, Reason]:
    text = resources.files("nikdedup").joinpath("data/reasons.toml").read_text(encoding="utf-8")
    return {code: Reason(**entry) for code, entry in tomllib.loads(text).items()}


REASONS: dict[str, Reason] = _load()
"""Reason code -> sentences; `flags` holds nothing else."""

_POSITION = {code: i for i, code in enumerate(REASONS)}


@dataclass(eq=False)
class Flags:
    """Reason codes of n records while they are gathered: one bit per code and record."""

    n: int
    words: list[npt.NDArray[np.uint64]] = field(init=False)

    def __post_init__(self) -> None:
        self.words = [np.zeros(self.n, np.uint64) for _ in range(-(-len(REASONS) // 64))]

    def add(self, code: str, where: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> None:
        """Give `code` to the records of a mask of n booleans, or at the positions given."""
        at = np.flatnonzero(where) if where.dtype == np.bool_ else where
        if len(at):
            word, bit = divmod(_POSITION[code], 64)
            self.words[word][at] |= np.uint64(1 << bit)

    def add_lists(self, lists: pl.Series) -> None:
        """Give each record the codes of its list; null and empty lists add nothing."""
        at = np.flatnonzero((lists.list.len() > 0).fill_null(False).to_numpy())
        combinations, index = distinct(lists.gather(at).list.join(","))
        bits = [0, *(sum(1 << _POSITION[code] for code in text.split(",")) for text in combinations)]
        for i, word in enumerate(self.words):
            table = np.array([mask >> (64 * i) & (2**64 - 1) for mask in bits], np.uint64)
            word[at] |= table[index]

    def any_of(self, codes: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return where at least one of `codes` was given."""
        found = np.zeros(self.n, bool)
        wanted = sum(1 << _POSITION[code] for code in codes)
        for i, word in enumerate(self.words):
            found |= (word & np.uint64(wanted >> (64 * i) & (2**64 - 1))) != 0
        return found

    def lists(self) -> pl.Series:
        """Return n lists of codes, sorted, possibly empty, never null."""
        at = np.flatnonzero(np.bitwise_or.reduce(self.words))
        keys = pl.DataFrame({f"w{i}": word[at] for i, word in enumerate(self.words)})
        seen = keys.unique(maintain_order=True).with_row_index("index", offset=1)
        index = np.zeros(self.n, np.uint32)
        index[at] = keys.join(seen, on=keys.columns, how="left", maintain_order="left")["index"].to_numpy()
        combinations = [[], *(_codes(row[1:]) for row in seen.iter_rows())]
        return taken(pl.Series("flags", combinations, dtype=pl.List(pl.String())), index)


def _codes(words: Iterable[int]) -> list[str]:
    bits = sum(int(word) << (64 * i) for i, word in enumerate(words))
    return sorted(code for code, i in _POSITION.items() if bits >> i & 1)
