"""Other numbers for NIKs and family cards, by a key: as valid as they were, slips and neighbours kept.

Region, date and the last digit stay: they stand in other columns too, or tell nobody. The three digits before the last
are moved on by a keyed number, the same for all numbers of one region and date, and for NIKs that may be one written
twice: one serial, one birth date in the column beside, and one digit apart where the matcher takes it for a slip.
Other ids become keyed hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.columnar.components import components

_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]")
_SHORTENED = re.compile(r"\d(?:[.,]\d*)?E\+?\d+", re.IGNORECASE)
_BEGIN, _MOVED = 12, 1000
_TELLING = (0, 1, 2, 3, 6, 7, 8, 9, 10, 11)
"""Digits of a NIK in which one that is wrong counts as a slip: not those of the kecamatan."""


def keyed(key: bytes, text: str) -> str:
    """Return a keyed hash as hexadecimal digits."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Numbers:
    """Gives each NIK and card number of an extract another one.

    Args:
        key: by which they are exchanged.
        niks: the NIKs of an extract.
        births: the birth dates beside them, as they came.
        others: further cells that hold such numbers.
    """

    def __init__(self, key: bytes, niks: pl.Series, births: pl.Series, others: Iterable[str] = ()) -> None:
        self._key = key
        digits = niks.str.replace_all(r"\D", "")
        whole = (
            pl.DataFrame({"nik": digits, "birth": births})
            .filter(pl.col("nik").str.len_bytes() == 16)
            .unique()
        )
        self._leader = _leaders(whole)
        self._full: dict[str, set[int]] = {}
        for number in {*whole["nik"], *map(_digits, others)}:
            if len(number) == 16 and number[15] == "0" and number[_BEGIN:] != "0000":
                begin = number[:_BEGIN]
                self._full.setdefault(self._leader.get(begin, begin), set()).add(int(number[12:15]))
        self._more: dict[str, int] = {}

    def of(self, text: str) -> str:
        """Return a cell with another number in it, signs and blanks as they are; letters become X."""
        digits = _digits(text)
        if _SHORTENED.fullmatch(text.strip()):  # few digits are left of it, and they are kept in any case
            return text
        if len(digits) in (15, 16) and not _LETTERS.search(text):
            new = iter(self._moved(digits))
        elif not digits:
            return text if not _LETTERS.search(text) else _LETTERS.sub("X", text)
        else:
            new = iter(str(int(keyed(self._key, digits), 16)).zfill(90)[-len(digits) :])
        return _LETTERS.sub("X", _DIGITS.sub(lambda _: next(new), text))

    def _moved(self, digits: str) -> str:
        begin, serial = digits[:_BEGIN], digits[_BEGIN:]
        if not serial.strip("0"):
            return digits
        return f"{begin}{(int(serial[:3]) + self._moved_by(begin)) % _MOVED:03d}{serial[3:]}"

    def _moved_by(self, begin: str) -> int:
        """Return by how much serials are moved on; no serial becomes 0000, which is none."""
        leader = self._leader.get(begin, begin)
        if leader not in self._more:
            full = self._full.get(leader, set())
            drawn = (
                1 + int(keyed(self._key, f"{leader}/{salt}"), 16) % (_MOVED - 1) for salt in range(10_000)
            )
            self._more[leader] = next((more for more in drawn if (_MOVED - more) not in full), 0)
        return self._more[leader]


def _digits(text: str) -> str:
    return "".join(_DIGITS.findall(text))


def _leaders(numbers: pl.DataFrame) -> dict[str, str]:
    """Return for each beginning of 12 digits the smallest that it hangs together with, where that is another one.

    numbers: nik and birth, each pair once.
    """
    names = numbers["nik"].str.slice(0, _BEGIN).unique().sort()
    if names.is_empty():
        return {}
    begin = pl.col("nik").str.slice(0, _BEGIN)
    frame = numbers.select(
        "birth", serial=pl.col("nik").str.slice(_BEGIN), begin=begin,
        node=begin.replace_strict(names, pl.int_range(len(names), eager=True), return_dtype=pl.Int64),
    )  # fmt: skip
    ties = [_ties(frame, at) for at in _TELLING]
    whole = components(len(names), *(np.concatenate([tie[side] for tie in ties]) for side in (0, 1)))
    known = names.to_list()
    return {known[at]: known[to] for at, to in enumerate(whole.tolist()) if at != to}


def _ties(frame: pl.DataFrame, at: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which beginnings may be one, with a slip in one digit; a birth date that is missing is any."""
    slipped = pl.col("begin").str.slice(0, at) + "*" + pl.col("begin").str.slice(at + 1)
    alike = frame.select("birth", "serial", "node", slipped=slipped)
    key = ["slipped", "serial"]
    dated = alike.filter(pl.col("birth").is_not_null()).join(alike, on=[*key, "birth"], maintain_order="left")
    undated = alike.filter(pl.col("birth").is_null()).join(alike, on=key, maintain_order="left")
    pairs = pl.concat([part.select("node", "node_right") for part in (dated, undated)])
    pairs = pairs.filter(pl.col("node") > pl.col("node_right"))
    return pairs["node_right"].to_numpy(), pairs["node"].to_numpy()
