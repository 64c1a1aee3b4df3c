"""Extracts looked at in parts."""

from itertools import accumulate
from typing import Any

from nikdedup import Config
from nikdedup.columnar.spill import Shelf
from nikdedup.residents.parts.look import look_at
from nikdedup.residents.parts.slices import fields_of, slices_of
from nikdedup.residents.parts.whole import Sliced
from nikdedup.residents.read import expand


def looked_at(data: Any, shelf: Shelf, most: int, config: Config = Config()) -> Sliced:  # noqa: B008 (Config is frozen)
    """Return an extract as it is seen in parts of `most` rows."""
    items = expand(data)
    slices = slices_of(items, config, shelf, most=most)
    places = [0, *accumulate(one.rows for one in slices)]
    several = len({index for index, _ in items}) > 1
    looks = [
        look_at(one, config, shelf, part=part, place=place, fields=fields_of(slices), several=several)
        for part, (one, place) in enumerate(zip(slices, places, strict=False))
    ]
    return Sliced.of(slices, looks, config)
