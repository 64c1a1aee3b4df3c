"""A column of personal names in a gentle and in a blocking form.

`clean_names` gives for a column what `parse_name` (parse.py) gives for one name, and
reads each distinct word only once (rewriting.py), and each shape of a name whose words need
their neighbours (shapes.py). The gentle form must not turn two people
into one: it expands only what can be read in one way. The blocking form may; how it sounds
a word stands in phonetic.py.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import polars as pl

from nikdedup.residents.names import rewriting as tokens
from nikdedup.residents.names.folded import fold
from nikdedup.residents.names.lexicon import lexicon, respell, respelt
from nikdedup.residents.names.no_name import RUNS, no_word
from nikdedup.residents.names.parse import (
    BABY,
    EXPANDED,
    FLAGS,
    INITIALS,
    LATE,
    OLD_FORM_LENGTHS,
    PLACEHOLDER,
    STUMP,
    TITLE,
    TRUNCATED,
    NameParts,
    flag_names,
    name_skeleton,
    parse_name,
)
from nikdedup.residents.names.phonetic import skeleton, skeletons
from nikdedup.residents.names.rewriting import CHANGED, FRONT, MANY, ONE, OWN, SHY, SLOW, Word, Words
from nikdedup.residents.names.shapes import read_by_shape

__all__ = ["FLAGS", "NameParts", "clean_names", "fold", "parse_name"]


TAILS = ("patronymic", "mother", "alias")
"""What a name says beside itself: the father's name, the mother's, a second name."""


def clean_names(names: pl.Series, *, own: bool = True) -> pl.DataFrame:
    """Return clean, skeleton, patronymic, mother, alias and flags of n names, in the order given.

    Columns: `clean` (gentle comparison form), `skeleton` (blocking form, null exactly where clean is),
    `patronymic` (father's name from bin or binti, else null), `mother` (where a newborn has no name but hers),
    `alias` (a second name), all strings; `flags`, a list of reason codes, sorted, never null. Equal to
    `parse_name` of each text.

    Args:
        names: n strings or null.
        own: not of a parent, of whose name nothing but clean, skeleton and whether the cell says none
            (`nothing`, booleans) are asked for.
    """
    texts = names.cast(pl.String)
    forms = ("clean", "skeleton", *(TAILS if own else ()))
    done = tokens.rewrite(texts, _VOCABULARY, read_by_shape, forms=len(forms))
    cleaned = pl.DataFrame(dict(zip(forms, done.forms, strict=True)))
    if not own:
        return cleaned.with_columns(pl.Series("nothing", done.bits & (PLACEHOLDER | BABY) != 0))
    bits = pl.Series("bits", done.bits & (OWN | ONE)) | _truncated_bits(texts, cleaned["clean"])
    return cleaned.with_columns(_flag_lists(bits))


def _truncated_bits(texts: pl.Series, clean: pl.Series) -> pl.Series:
    places = (texts.str.len_bytes() >= min(OLD_FORM_LENGTHS)).arg_true()
    long = texts.gather(places).str.strip_chars()
    full = long.str.len_chars().is_in(OLD_FORM_LENGTHS) & clean.gather(places).is_not_null()
    stumps = places.filter(full & long.str.contains(STUMP.pattern))
    return pl.zeros(len(texts), dtype=pl.UInt32, eager=True).scatter(stumps, TRUNCATED)


def _flag_lists(bits: pl.Series) -> pl.Series:
    """Return the reason codes of each row; there are few combinations, so each is built once."""
    combinations = bits.unique().sort()
    lists = pl.Series("flags", [list(flag_names(value)) for value in combinations], dtype=pl.List(pl.String))
    return lists.gather(combinations.search_sorted(bits))


_PLAIN = re.compile(r"[A-Za-z]+(?:['`-][A-Za-z]+)*\.?")


@lru_cache(maxsize=1 << 18)
def _word(text: str) -> Word:
    """Say what one run of characters without spaces becomes, whatever stands beside it."""
    slow = Word(("", ""), SLOW, ("", ""), SLOW)
    if not _PLAIN.fullmatch(text):
        return slow
    upper = text.upper().replace("'", "").replace("`", "")
    words = upper.rstrip(".").split("-")
    dotted = upper.endswith(".")
    if any(map(no_word, words)):
        return slow
    if len(upper) == 1:
        return _letter(upper, text)
    # A dot may be the inner dot of a degree (S. Pd, STh. I).
    if any(word in lexicon().special for word in words) or (dotted and words[-1] in lexicon().degree_starts):
        return _front_word(words[0]) if len(words) == 1 else slow
    clean = " ".join(map(respell, words))
    form = name_skeleton(clean.split())
    bits = MANY if " " in clean else 0
    if any(len(word) == 1 for word in words):
        bits |= INITIALS | SHY
    if clean != text:
        bits |= CHANGED
    return Word((clean, form), bits, (clean, form), bits)


def _letter(letter: str, text: str) -> Word:
    """Say what a single letter without a dot becomes: an initial, unless it is special in front."""
    bits = INITIALS | SHY | (0 if letter == text else CHANGED)
    if letter in lexicon().special:
        special = _front_word(letter)
        return Word((letter, letter), bits, special.front, special.front_bits)
    return Word((letter, letter), bits, (letter, letter), bits)


def _front_word(word: str) -> Word:
    """Say what a word becomes that is special; plain only as a title or abbreviation in front."""
    lex = lexicon()
    front, bits = ("", ""), SLOW
    if word in lex.before:
        bits = TITLE | FRONT | CHANGED | (LATE if word in lex.late else 0)
    elif word in lex.abbreviation and lex.abbreviation[word][1] in ("any", "first"):
        full = lex.abbreviation[word][0]
        front, bits = (full, skeleton(full)), EXPANDED | FRONT | CHANGED
    return Word(("", ""), SLOW, front, bits)


def _words(texts: pl.Series) -> Words:
    """Say what each run of characters becomes: words that stay as they are, which are nearly all, in one go."""
    plain = texts.str.contains(r"^[A-Z]{2,}$") & ~texts.is_in(list(lexicon().special)) & ~respelt(texts)
    plain &= ~_doubtful(texts)
    clean = texts.filter(plain)
    stays = [clean, pl.Series(skeletons(clean.to_list()), dtype=pl.String)]
    rest = Words.of([_word(text) for text in texts.filter(~plain)], forms=2)
    # The words stand as plain ones, then others: back to where they came from.
    place = np.argsort(np.argsort(~plain.to_numpy(), kind="stable"))
    no_bits = np.zeros(len(clean), np.uint32)
    forms, front = (
        [pl.concat(both).gather(place) for both in zip(stays, forms, strict=True)]
        for forms in (rest.forms, rest.front)
    )
    bits, front_bits = (np.concatenate([no_bits, bits])[place] for bits in (rest.bits, rest.front_bits))
    return Words(forms, bits, front, front_bits)


def _doubtful(words: pl.Series) -> pl.Series:
    """Return which words `no_word` might call none; of most it is quick to tell that it does not."""
    runs = "|".join(run[at : at + 4] for run in RUNS for at in range(len(run) - 3))
    return (words.str.strip_chars(words.str.head(1)) == "") | words.str.contains(f"^(?:{runs})")


_VOCABULARY = tokens.Vocabulary(_words, forms=2)
