"""The words of names that need a rule: titles, abbreviations, classes; and one word's class form."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import polars as pl

from nikdedup.residents.names.phonetic import names_table


@dataclass(frozen=True)
class Lexicon:
    """The shipped tables, turned for look-up by word."""

    before: frozenset[str]
    spelled: frozenset[str]
    anywhere: frozenset[str]
    late: frozenset[str]
    after: frozenset[str]
    bare: frozenset[str]
    alias: frozenset[str]
    two_people: frozenset[str]
    alias_spelled: tuple[tuple[str, ...], ...]
    baby: frozenset[str]
    child: frozenset[str]
    of_mother: frozenset[str]
    of_father: frozenset[str]
    patronymic: dict[str, list[int]]
    tails: frozenset[str]
    """Words behind which another name begins."""
    no_name_never: frozenset[str]
    no_name_alone: frozenset[str]
    no_name_beside: frozenset[str]
    no_name_words: frozenset[str]
    """All words of entries that say no name."""
    no_name_spelled: frozenset[tuple[str, ...]]
    abbreviation: dict[str, tuple[str, str]]
    bali: dict[str, str]
    bali_markers: frozenset[str]
    abdul: frozenset[str]
    classes: dict[str, str]
    degree_starts: frozenset[str]
    """What may stand before an inner dot of a degree."""
    abbreviated: frozenset[str]
    signs_two: frozenset[str]
    signs_father: frozenset[str]
    signs_alias: frozenset[str]
    special: frozenset[str]
    """Words that cannot be understood without their neighbours."""


@cache
def lexicon() -> Lexicon:
    """Return the shipped words of names (data/names.toml, data/titles.toml)."""
    names = names_table()
    titles = tomllib.loads(files("nikdedup.data").joinpath("titles.toml").read_text(encoding="utf-8"))
    spelled = frozenset(titles["before"].pop("spelled"))
    before = frozenset(word for group in titles["before"].values() for word in group)
    anywhere = frozenset(word for group in titles["anywhere"].values() for word in group)
    late = frozenset(titles["anywhere"]["deceased"])
    bare = frozenset(titles["after"]["bare"])
    bali = dict(names["balinese"])
    markers = frozenset(bali.pop("markers"))
    abbreviation = {word: (entry["full"], entry["where"]) for word, entry in names["abbreviation"].items()}
    alias, people = frozenset(names["alias"]["words"]), frozenset(names["two_people"]["words"])
    spelled_alias = tuple(tuple(letters) for letters in names["alias"]["spelled"])
    baby, child, mother, father = (
        frozenset(names["baby"][group]) for group in ("words", "child", "mother", "father")
    )
    never, alone, beside = (frozenset(names["no_name"][group]) for group in ("never", "alone", "beside"))
    tails = alias | set(names["patronymic"])
    no_name_spelled = frozenset(map(tuple, names["no_name"]["spelled"]))
    special = (
        before | anywhere | late | bare | alias | people | baby | mother | father | never | alone | beside
        | set(names["patronymic"]) | set(abbreviation) | set(bali) | {letters[0] for letters in no_name_spelled}
    )  # fmt: skip
    after = frozenset(titles["after"]["degrees"]) | bare
    degree_starts = frozenset(degree[:end] for degree in after for end in range(1, len(degree)))
    return Lexicon(
        before, spelled, anywhere, late, after, bare, alias, people, spelled_alias,
        baby, child, mother, father,
        names["patronymic"], tails, never, alone, beside, never | alone | beside, no_name_spelled,
        abbreviation, bali, markers,
        frozenset(names["abdul"]["followers"]),
        {member: key for key, members in names["class"].items() for member in members},
        degree_starts, frozenset(abbreviation) | set(bali) | {"A"}, people | set("&;\n"),
        frozenset(names["patronymic"]) | {"A", "B"}, alias | set("@/("), special,
    )  # fmt: skip


_ABDULLAH = re.compile(r"ABD(?:U|OE)L+[AO]H?")
_ABDUL_JOINED = re.compile(
    r"ABD(?:U|OE)(?:L(?P<rest>[A-Z]{4,})|(?P<same>[RSNTZ])(?P=same)?(?P<tail>[A-Z]{3,}))"
)


@lru_cache(maxsize=1 << 16)
def respell(word: str) -> str:
    """Return one word in the spelling of its class; two words where two were written as one.

    word: upper case A to Z. Gentle: Supriyanto and Suprianto stay apart.

    >>> respell("NORHAYATI"), respell("ABDURRAHMAN"), respell("ACHMAD"), respell("SUMIYATI")
    ('NUR HAYATI', 'ABDUL RAHMAN', 'AHMAD', 'SUMIYATI')
    """
    classes = lexicon().classes
    first, rest = _split(classes.get(word, word))
    if not rest:
        return first
    if rest in lexicon().special or any(part in lexicon().special for part in rest.split()):
        return word
    return f"{first} {respell(rest)}"


def respelt(words: pl.Series) -> pl.Series:
    """Return which words `respell` might change; it is quick to tell of most that it does not.

    words: n strings. Returns n booleans.
    """
    starts = "|".join(("ABD", *_starts()))
    return words.is_in(list(lexicon().classes)) | words.str.contains(f"^(?:{starts})")


def _split(word: str) -> tuple[str, str]:
    """Return a joined first word and the rest, or the word and ""."""
    if word.startswith("ABD"):
        if _ABDULLAH.fullmatch(word):
            return "ABDULLAH", ""
        if found := _ABDUL_JOINED.fullmatch(word):
            rest = found["rest"] or found["same"] + found["tail"]
            return "ABDUL", ("L" + rest if rest in names_table()["abdul"]["shared_l"] else rest)
    if not word.startswith(_starts()) or word in _exceptions():
        return word, ""
    for first, members, shortest, starts in _splits():
        for member in members:
            rest = word[len(member) :]
            if word.startswith(member) and len(rest) >= shortest and rest[0] in (starts or rest):
                return first, rest
    return word, ""


@cache
def _exceptions() -> frozenset[str]:
    return frozenset(names_table()["split_exceptions"]["words"])


@cache
def _starts() -> tuple[str, ...]:
    return tuple(member for _, members, _, _ in _splits() for member in members)


@cache
def _splits() -> list[tuple[str, list[str], int, str]]:
    """Return first word, members, shortest rest and letters the rest begins with; NURUL before NUR."""
    table = names_table()["split"]
    rows = [(first, row["members"], row["rest"], row["starts"]) for first, row in table.items()]
    return sorted(rows, key=lambda row: -len(row[0]))
