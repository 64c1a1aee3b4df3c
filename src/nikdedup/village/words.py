"""The words in which a village answers, read as people write them: in capitals, shortened, misspelt, with a NIK behind.

A word that is like two answers, or like none, is no answer: it stays open and somebody is asked again.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from rapidfuzz.distance import OSA

LEAST_LIKE = 0.8
"""Share of letters that a misspelt answer has in common with the right one."""
MARGIN = 0.1
"""By how much the best answer must be more alike than the next."""
NEGATIONS = frozenset({"tidak", "tdk", "bukan", "belum", "blm", "not", "no"})
"""Words that turn an answer around: a misspelt answer has those of the right one, no more and no less."""


@dataclass(frozen=True)
class Answer:
    """An answer and what follows from it. life, pair: None where nothing of the kind does."""

    code: str
    id: str
    en: str
    also: tuple[str, ...]
    life: str | None = None
    pair: str | None = None
    recorded: bool = False

    def label(self, lang: str) -> str:
        """Return the words of the drop-down."""
        return self.id if lang == "id" else self.en


class Read(NamedTuple):
    """What was read from a cell: the code of an answer, None if it is none, and a NIK that stands beside it."""

    code: str | None
    nik: str | None


@cache
def answers() -> dict[str, Answer]:
    """Return all answers by their code, in the order of the drop-down, from data/verdicts.toml."""
    table = tomllib.loads((files("nikdedup") / "data" / "verdicts.toml").read_text(encoding="utf-8"))
    return {
        code: Answer(**{"code": code, **told, "also": tuple(told["also"])}) for code, told in table.items()
    }


@cache
def _known() -> dict[str, str]:
    """Return every way to write an answer, as `_plain` has it, with its code."""
    return {
        _plain(text): code
        for code, answer in answers().items()
        for text in (answer.id, answer.en, *answer.also)
    }


_NIK = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){15}(?!\d)")
_CERTIFICATE = re.compile(r"\b(?:ada akta|akta ada)\b", re.IGNORECASE)
"""That there is a certificate: the *ada* of it says nothing of the resident."""


@lru_cache(maxsize=4096)
def read_answer(text: str) -> Read:
    """Return the answer in a cell.

    >>> read_answer("SUDAH REKAM"), read_answer("meningal dunia"), read_answer("tidak meninggal").code
    (Read(code='recorded', nik=None), Read(code='dead', nik=None), None)
    >>> read_answer("Ganda dg NIK 6212014107609001").code, read_answer("???").code
    ('double', None)
    """
    found = _NIK.search(text)
    nik = re.sub(r"\D", "", found[0]) if found else None
    words = _plain(_CERTIFICATE.sub(" akta ", _NIK.sub(" ", text)))
    if not words:
        return Read("double" if nik else None, nik)
    code = _known().get(words) or _shortened(words) or _misspelt(words)
    return Read(code, nik)


def _plain(text: str) -> str:
    """Return the words of a text in small letters, without signs and the fillers before a NIK."""
    words = re.findall(r"[^\W_]+", text.lower())
    while len(words) > 1 and words[-1] in ("nik", "dg", "dgn", "dengan", "no", "of"):
        words.pop()
    return " ".join(words)


def _shortened(words: str) -> str | None:
    """Return the answer that a text begins with as its own words, where what follows turns nothing around."""
    parts = words.split()
    for end in range(len(parts) - 1, 0, -1):
        code = _known().get(" ".join(parts[:end]))
        if code is not None:
            return code if _certain(code, parts[end:]) else None
    return None


def _certain(code: str, rest: list[str]) -> bool:
    """Say whether words behind an answer only add to it: a place, a date; no other answer and no negation."""
    if len(rest) > 6 or NEGATIONS & set(rest):
        return False
    named = {
        other
        for end in range(1, len(rest) + 1)
        for at in range(len(rest))
        if (other := _known().get(" ".join(rest[at : at + end])))
    }
    return named <= {code}


def _misspelt(words: str) -> str | None:
    """Return the one answer that a text is most like, if it is like enough and no other comes near."""
    best: dict[str, float] = {}
    for known, code in _known().items():
        if NEGATIONS & set(known.split()) == NEGATIONS & set(words.split()):
            best[code] = max(best.get(code, 0.0), OSA.normalized_similarity(words, known))
    first, second = (sorted(best.items(), key=lambda one: -one[1]) + [("", 0.0)] * 2)[:2]
    return first[0] if first[1] >= LEAST_LIKE and first[1] - second[1] >= MARGIN else None
