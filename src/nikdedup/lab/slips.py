"""Single slips of pen, ear and machine on a name.

These rules were written without a look at any matcher: some are the slips an
Indonesian registry is known for, others (lost vowels, letters that look alike,
clipped words, an alias) have no special reason to be expected.

A slip is a function from n names, whose names they are and a generator to n names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from nikdedup.lab.words import Ints

_NEAR = {
    "A": "SQ", "B": "VN", "C": "XV", "D": "SF", "E": "RW", "F": "DG", "G": "FH", "H": "GJ", "I": "OU",
    "J": "HK", "K": "JL", "L": "KP", "M": "NK", "N": "MB", "O": "IP", "P": "OL", "Q": "WA", "R": "TE",
    "S": "AD", "T": "RY", "U": "YI", "V": "BC", "W": "EQ", "X": "CZ", "Y": "TU", "Z": "XA",
}  # fmt: skip
_OLD = [
    ("U", "OE"), ("Y", "J"), ("J", "DJ"), ("C", "TJ"), ("SY", "SJ"), ("KH", "CH"), ("NY", "NJ"), ("OE", "U"),
]  # fmt: skip
_SOUND = [
    ("F", "P"), ("P", "F"), ("V", "P"), ("V", "F"), ("Z", "J"), ("J", "Z"), ("SY", "S"), ("KH", "H"),
    ("KH", "K"), ("Q", "K"), ("X", "KS"), ("TH", "T"), ("DH", "D"), ("O", "U"), ("U", "O"), ("E", "I"),
    ("I", "E"), ("AI", "E"), ("AU", "O"), ("IY", "I"), ("IA", "IYA"), ("UW", "U"), ("UA", "UWA"),
    ("YA", "IA"), ("LL", "L"), ("MM", "M"), ("NN", "N"), ("SS", "S"), ("DD", "D"), ("D", "DD"), ("N", "NN"),
    ("AH", "A"), ("I", "Y"), ("Y", "I"), ("RAHMA", "ROCHMA"), ("KH", "CH"), ("E", "A"), ("NG", "N"),
    ("DZ", "Z"), ("TI", "TIE"), ("A", "AH"),
]  # fmt: skip
_LOOKS = [
    ("O", "0"),
    ("I", "1"),
    ("S", "5"),
    ("B", "8"),
    ("RN", "M"),
    ("CL", "D"),
    ("L", "1"),
    ("M", "RN"),
    ("I", "L"),
]
_ADDED = (
    "PUTRA", "PUTRI", "SARI", "DEWI", "NUR", "ADI", "WATI", "SAPUTRA",
    "LESTARI", "RAHMAN", "HIDAYAT", "FITRI", "AYU", "WIJAYA", "ANA", "JAYA",
)  # fmt: skip
_TITLES_M = ["H. {}", "H {}", "{}, S.PD", "{} S.E.", "DRS. {}", "{} SH", "IR. {}", "HAJI {}"]
_TITLES_F = ["HJ. {}", "HJ {}", "{}, S.PD", "{}, A.MD", "DRA. {}", "{} S.KEP", "HAJJAH {}"]
_ALIASES = (
    "UDIN", "AMAT", "UTUH", "ANANG", "JOKO", "IYAN", "MAMA",
    "INDAI", "BAPA", "AMANG", "ACIL", "WATI", "YATI", "TINI", "BUDI",
)  # fmt: skip
_FATHERS = ("UDIN", "AMAT", "UTUH", "ANANG", "SALEH", "AHMAD", "UMAR", "LAMAN", "JAHRI", "SAWANG")

Slip = Callable[[pl.Series, pl.Series, np.random.Generator], pl.Series]


def put(values: pl.Series, rows: Ints, new: pl.Series) -> pl.Series:
    """Return `values` with the ones at `rows` replaced."""
    return values.scatter(pl.Series(rows), new) if len(rows) else values


def _words(names: pl.Series) -> pl.DataFrame:
    """Return names as columns w0 to w5 (null where there is no such word) and their count n."""
    split = names.str.split(" ")
    columns = {f"w{i}": split.list.get(i, null_on_oob=True) for i in range(6)}
    return pl.DataFrame({**columns, "n": split.list.len().cast(pl.Int64).fill_null(0)})


def _join(words: pl.DataFrame) -> pl.Series:
    names = words.select(
        pl.concat_str([f"w{i}" for i in range(6)], separator=" ", ignore_nulls=True).replace("", None)
    )
    return names.to_series()


def _pick(words: pl.DataFrame, rng: np.random.Generator, *, low: int = 0, spare: int = 0) -> pl.DataFrame:
    """Add k: a word index drawn from `low` to the last word less `spare`, -1 where there is none."""
    room = np.minimum(words["n"].to_numpy(), 6) - low - spare
    k = low + np.floor(rng.random(len(words)) * np.maximum(room, 1)).astype(np.int64)
    return words.with_columns(pl.Series("k", np.where(room > 0, k, -1)))


def _each(words: pl.DataFrame, change: Callable[[pl.Expr], pl.Expr]) -> pl.DataFrame:
    """Apply `change` to the word at index k only."""
    return words.with_columns(
        pl.when(pl.col("k") == i).then(change(pl.col(f"w{i}"))).otherwise(pl.col(f"w{i}")).alias(f"w{i}")
        for i in range(6)
    )


def typo(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return names with one key missed, hit beside, swapped with the next or hit twice."""
    length = names.str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    first = (rng.random(len(names)) < 0.08) | (length < 2)
    at = np.where(first, 0, 1 + np.floor(rng.random(len(names)) * np.maximum(length - 1, 1)).astype(np.int64))
    frame = pl.DataFrame(
        {"s": names, "at": at, "kind": rng.integers(0, 4, len(names)), "z": rng.integers(0, 2, len(names))}
    )
    s, at_ = pl.col("s"), pl.col("at")
    head, key, tail = s.str.slice(0, at_), s.str.slice(at_, 1), s.str.slice(at_ + 1)
    beside = pl.when(pl.col("z") == 0).then(_swap_key(key, 0)).otherwise(_swap_key(key, 1))
    following = tail.str.slice(0, 1)
    can_swap = (following != "") & (following != key)
    changed = (
        pl.when(pl.col("kind") == 0).then(head + tail)
        .when(pl.col("kind") == 1).then(head + beside + tail)
        .when((pl.col("kind") == 2) & can_swap).then(head + following + key + tail.str.slice(1))
        .otherwise(head + key + key + tail)
    )  # fmt: skip
    tidy = changed.str.replace_all("  ", " ").str.strip_chars()
    return frame.select(pl.when(tidy == "").then(s).otherwise(tidy)).to_series()


def _swap_key(key: pl.Expr, side: int) -> pl.Expr:
    return key.replace({letter: near[side] for letter, near in _NEAR.items()})


def _spelling(rules: list[tuple[str, str]]) -> Slip:
    """Make a slip that applies a rule drawn at random; a name none of six draws fits stays as it is."""
    old = pl.Series([rule[0] for rule in rules])
    new = pl.Series([rule[1] for rule in rules])

    def respell(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
        left = np.arange(len(names))
        for _attempt in range(6):
            rule = pl.Series(rng.integers(0, len(rules), len(left)))
            frame = pl.DataFrame(
                {"s": names.gather(pl.Series(left)), "old": old.gather(rule), "new": new.gather(rule)}
            )
            at = pl.col("s").str.find(pl.col("old"), literal=True)
            found = frame.with_columns(at=at)
            hit = found["at"].is_not_null().to_numpy()
            names = put(names, left[hit], _replaced(found.filter(pl.col("at").is_not_null())))
            left = left[~hit]
        return names

    return respell


def _replaced(found: pl.DataFrame) -> pl.Series:
    """Put `new` where `old` stands at position `at` of `s`."""
    s, at = pl.col("s"), pl.col("at")
    tail = s.str.slice(at.cast(pl.Int64) + pl.col("old").str.len_chars().cast(pl.Int64))
    return found.select(s.str.slice(0, at) + pl.col("new") + tail).to_series()


def _drop_word(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    words = _pick(_words(names), rng)
    last = pl.Series(rng.random(len(names)) < 0.6)
    words = words.with_columns(
        k=pl.when(pl.col("n") < 2).then(-1).when(last).then(pl.col("n") - 1).otherwise("k")
    )
    return _join(_each(words, lambda _word: pl.lit(None, dtype=pl.String)))


def _add_word(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    return names + " " + pl.Series(rng.choice(_ADDED, len(names)), dtype=pl.String)


def _swap_words(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    words = _pick(_words(names), rng, spare=1)
    swapped = words.with_columns(
        pl.when(pl.col("k") == i).then(pl.col(f"w{i + 1}"))
        .when(pl.col("k") == i - 1).then(pl.col(f"w{max(i - 1, 0)}"))
        .otherwise(pl.col(f"w{i}")).alias(f"w{i}")
        for i in range(5)
    )  # fmt: skip
    last = pl.when(pl.col("k") == 4).then(words["w4"]).otherwise(pl.col("w5"))
    return _join(swapped.with_columns(w5=last))


def _initial(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    later = pl.Series(rng.random(len(names)) < 0.75)
    words = _words(names)
    k = pl.when(pl.col("n") < 2).then(-1).when(later).then(pl.col("n") - 1).otherwise(0)
    dot = pl.Series(np.where(rng.random(len(names)) < 0.5, ".", ""))
    return _join(_each(words.with_columns(k=k, dot=dot), lambda w: w.str.slice(0, 1) + pl.col("dot")))


def _join_words(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    words = _pick(_words(names), rng, spare=1)
    glue = [
        (pl.lit(" ") if i else pl.lit("")) + pl.col(f"w{i}") if i == 0
        else pl.when(pl.col("k") == i - 1).then(pl.col(f"w{i}")).otherwise(" " + pl.col(f"w{i}"))
        for i in range(6)
    ]  # fmt: skip
    joined = words.select(pl.concat_str(glue, ignore_nulls=True).str.strip_chars().replace("", None))
    return joined.to_series()


def _split_word(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    words = _pick(_words(names), rng).with_columns(cut=pl.Series(rng.integers(3, 5, len(names))))

    def parted(word: pl.Expr) -> pl.Expr:
        halves = word.str.slice(0, pl.col("cut")) + " " + word.str.slice(pl.col("cut"))
        return pl.when(word.str.len_chars() >= pl.col("cut") + 3).then(halves).otherwise(word)

    return _join(_each(words, parted))


def _clip_word(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    words = _pick(_words(names), rng).with_columns(cut=pl.Series(rng.integers(4, 6, len(names))))
    return _join(_each(words, lambda w: w.str.slice(0, pl.col("cut"))))


def _vowels_lost(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    words = _pick(_words(names), rng)

    def short(word: pl.Expr) -> pl.Expr:
        bare = word.str.slice(0, 1) + word.str.slice(1).str.replace_all("[AIUEO]", "")
        return pl.when(word.str.len_chars() > 4).then(bare).otherwise(word)

    return _join(_each(words, short))


def _title(names: pl.Series, woman: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Glue on a title, before or after the name."""
    pick = pl.Series(rng.integers(0, len(_TITLES_F), len(names)))
    frame = pl.DataFrame({"s": names, "f": woman, "k": pick})
    forms = pl.lit(None, dtype=pl.String)
    for index, (man_form, woman_form) in enumerate(zip(_TITLES_M, _TITLES_F, strict=False)):
        text = pl.when("f").then(pl.format(woman_form, "s")).otherwise(pl.format(man_form, "s"))
        forms = pl.when(pl.col("k") == index).then(text).otherwise(forms)
    return frame.select(forms.alias("s")).to_series()


def _alias(names: pl.Series, _: pl.Series, rng: np.random.Generator) -> pl.Series:
    sign = rng.choice([" ALS ", " ALIAS ", " @ "], len(names))
    return (
        names
        + pl.Series(sign, dtype=pl.String)
        + pl.Series(rng.choice(_ALIASES, len(names)), dtype=pl.String)
    )


def _patronymic(names: pl.Series, woman: pl.Series, rng: np.random.Generator) -> pl.Series:
    frame = pl.DataFrame(
        {
            "s": names,
            "f": woman,
            "p": rng.choice(_FATHERS, len(names)),
        }
    )
    sign = pl.when("f").then(pl.lit(" BINTI ")).otherwise(pl.lit(" BIN "))
    return frame.select(pl.col("s") + sign + pl.col("p")).to_series()


def one_word(names: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Return only the first word of most names, the last word of the others."""
    words = names.str.split(" ")
    last = pl.Series(rng.random(len(names)) < 0.25)
    frame = pl.DataFrame({"a": words.list.first(), "z": words.list.last(), "last": last})
    long = (pl.col("z").str.len_chars() > 3) & pl.col("last")
    return frame.select(pl.when(long).then("z").otherwise("a")).to_series()


SLIPS: dict[str, Slip] = {
    "typo": typo,
    "old_spelling": _spelling(_OLD),
    "sound_alike": _spelling(_SOUND),
    "letter_look": _spelling(_LOOKS),
    "vowels_lost": _vowels_lost,
    "drop_word": _drop_word,
    "add_word": _add_word,
    "swap_words": _swap_words,
    "initial": _initial,
    "join_words": _join_words,
    "split_word": _split_word,
    "clip_word": _clip_word,
    "title": _title,
    "alias": _alias,
    "patronymic": _patronymic,
}
SMALL = ("typo", "old_spelling", "sound_alike", "letter_look")
"""Slips inside one word; the others move, cut or add words."""
