"""Columns of text with nobody named in them: names, addresses, and what is kept of dates and codes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import polars as pl

from nikdedup.columnar.distinct import map_distinct
from nikdedup.nightly.pseudonym_words import Words, exchanged
from nikdedup.residents.names import TAILS, clean_names
from nikdedup.residents.places import address_words, clean_address

NO_NAME, NO_PLACE = "TIDAK ADA", "-"
"""What stands where a cell is filled and says no name, and no place."""
FEW = 3
"""Records below which a text in a column of codes may be anything, a name too, and is left out."""
_LETTER = r"\p{L}"
_SIGNS = ("BCDFGHJKLMNPQRSTVWXYZ", "AEIOU", "123456789")


class Names:
    """Other names, for all columns of names of an extract.

    Args:
        key: by which letters are exchanged.
        own: names of the persons themselves.
        parents: columns with names of parents.
    """

    def __init__(self, key: bytes, own: pl.Series | None, parents: Iterable[pl.Series]) -> None:
        read = [(column, clean_names(column, own=False)) for column in parents]
        self._parents = {column.name: (column, forms.select("clean")) for column, forms in read}
        self._own = {} if own is None else {own.name: (own, clean_names(own).select("clean", *TAILS))}
        texts = [
            forms[name]
            for _, forms in (*self._parents.values(), *self._own.values())
            for name in forms.columns
        ]
        words = [text.drop_nulls().str.split(" ").explode() for text in texts]
        counts = pl.concat([pl.Series(dtype=pl.String), *words]).alias("word").drop_nulls().value_counts()
        self._words = Words(key, dict(counts.iter_rows()))

    def of(self, name: str) -> pl.Series:
        """Return a column of names with other names in it. name: of the column."""
        column, forms = (self._parents | self._own)[name]
        said = forms.select(
            map_distinct(forms[form], self._name, pl.String()).alias(form) for form in forms.columns
        )
        filled = pl.lit(column).str.strip_chars().str.len_chars() > 0
        made = pl.coalesce("clean", pl.when(filled).then(pl.lit(NO_NAME)))
        if len(said.columns) > 1:
            made = (
                pl.when(pl.col("clean").is_null() & pl.col("mother").is_not_null())
                .then(pl.concat_str(pl.lit("BAYI NY "), "mother"))
                .otherwise(made)
            )
            for mark, tail in (("BIN", "patronymic"), ("ALIAS", "alias")):
                there = pl.col("clean").is_not_null() & pl.col(tail).is_not_null()
                made = pl.when(there).then(pl.concat_str(made, pl.lit(f" {mark} "), tail)).otherwise(made)
        return self._in_readable_order(
            said.select(made.alias(name))[name], said["clean"], own=name in self._own
        )

    def _name(self, text: str) -> str:
        return " ".join(map(self._words.of, text.split(" ")))

    def _in_readable_order(self, names: pl.Series, wanted: pl.Series, *, own: bool) -> pl.Series:
        """Return names whose first word would be read as a title or an abbreviation with that word at the end."""
        read = clean_names(names, own=own)["clean"]
        other = (read != wanted).fill_null(read.is_null() & wanted.is_not_null())
        begins = pl.lit(wanted).str.splitn(" ", 2)
        first, rest = begins.struct.field("field_0"), begins.struct.field("field_1")
        turned = pl.concat_str(
            rest, pl.lit(" "), first, pl.lit(names).str.slice(pl.lit(wanted).str.len_chars())
        )
        table = names.to_frame("name")
        return table.select(
            pl.when(pl.lit(other) & rest.is_not_null()).then(turned).otherwise("name").alias(names.name)
        )[names.name]


class Addresses:
    """Other addresses: labels, kinds of place, RT and RW stay; other words and house numbers get others.

    key: by which letters and digits are exchanged.
    """

    def __init__(self, key: bytes) -> None:
        self._signs = str.maketrans(exchanged(key, "addresses", _SIGNS))

    def of(self, column: pl.Series) -> pl.Series:
        """Return a column of addresses with other addresses in it."""
        read = clean_address(column)
        filled = column.str.strip_chars().str.len_chars() > 0
        clean = map_distinct(read["clean"], self._address, pl.String()).alias("clean")
        frame = pl.DataFrame({"clean": clean, "rt": read["rt"], "rw": read["rw"], "filled": filled})
        parts = [pl.col("clean"), "RT " + pl.col("rt"), "RW " + pl.col("rw")]
        made = pl.concat_str(parts, separator=" ", ignore_nulls=True)
        either = pl.when(made.str.len_chars() > 0).then(made).otherwise(pl.lit(NO_PLACE))
        return frame.select(pl.when("filled").then(either).alias(column.name))[column.name]

    def _address(self, text: str) -> str:
        words = text.split(" ")
        return " ".join(word if word in address_words() else word.translate(self._signs) for word in words)


def coded(column: pl.Series) -> pl.Series:
    """Return a column of codes without texts that hardly any record has: who was entered there may be a person."""
    rare = pl.len().over(column.name) < FEW
    return column.to_frame().select(pl.when(~(rare & _lettered(column))).then(column.name))[column.name]


def dated(column: pl.Series) -> pl.Series:
    """Return a column of dates without cells that hold words, those of months aside."""
    left = pl.col(column.name).str.to_uppercase().str.replace_all(_months(), "")
    return column.to_frame().select(pl.when(~left.str.contains(_LETTER).fill_null(False)).then(column.name))[
        column.name
    ]


def _lettered(column: pl.Series) -> pl.Expr:
    return pl.col(column.name).str.contains(_LETTER).fill_null(False)


@cache
def _months() -> str:
    table = tomllib.loads(files("nikdedup.data").joinpath("months.toml").read_text(encoding="utf-8"))
    words = sorted({word for words in table["months"].values() for word in words}, key=len, reverse=True)
    return rf"\b(?:{'|'.join(words)}|T|Z)\b|\dT\d"
