"""The shape of a person of many records: how many pairs hold it together, and where it would break."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nikdedup.settle.wording import templates

Link = tuple[int, int, float | None]
"""Two rows and the weight of their pair; None where nobody compared them (an officer's word)."""


@dataclass(frozen=True)
class Shape:
    """Counts of records and joining pairs, the weakest pair, and the weakest one without which all falls in two."""

    records: int
    links: int
    weakest: Link | None = None
    bridge: Link | None = None
    sides: tuple[int, int] | None = None


def shape_of(rows: Sequence[int], links: Iterable[Link]) -> Shape:
    """Return the shape of one person.

    Args:
        rows: its records.
        links: the pairs that join them; pairs with other records are passed over.

    Example:
        >>> shape_of([1, 2, 3, 4], [(1, 2, 9.0), (1, 3, 8.0), (2, 3, 7.0), (3, 4, 7.5)])
        Shape(records=4, links=4, weakest=(2, 3, 7.0), bridge=(3, 4, 7.5), sides=(1, 3))
    """
    known = set(rows)
    inside = sorted(
        {link for link in links if link[0] in known and link[1] in known},
        key=lambda link: (float("inf") if link[2] is None else link[2], link[0], link[1]),
    )
    shape = Shape(len(known), len(inside), inside[0] if inside else None)
    for link in _tree(inside):
        reached = _reached(link[0], [other for other in inside if other is not link])
        if link[1] not in reached:
            size = len(reached)
            sides = (min(size, len(known) - size), max(size, len(known) - size))
            return Shape(shape.records, shape.links, shape.weakest, link, sides)
    return shape


def _tree(links: Sequence[Link]) -> list[Link]:
    """Return the links of a strongest spanning tree, weakest first: no other link can be a bridge."""
    home: dict[int, set[int]] = {}
    kept = []
    for link in reversed(links):
        one, other = (home.setdefault(row, {row}) for row in link[:2])
        if one is not other:
            one |= other
            home |= dict.fromkeys(other, one)
            kept.append(link)
    return kept[::-1]


def _reached(start: int, links: Sequence[Link]) -> set[int]:
    beside: dict[int, list[int]] = {}
    for left, right, _ in links:
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    reached, waiting = {start}, [start]
    while waiting:
        found = set(beside.get(waiting.pop(), ())) - reached
        reached |= found
        waiting += found
    return reached


def shape_text(shape: Shape, lang: str, name: Callable[[int], str]) -> str:
    """Say a shape in one or two sentences; `name` calls a row as the sentences around it do.

    Args:
        shape: as `shape_of` returns it.
        lang: `id` or `en`.
        name: calls a row as the sentences around it do.
    """
    texts = templates()["shape"]
    parts = [texts["counts"][lang].format(records=shape.records, links=shape.links)]
    if shape.weakest is not None and shape.weakest[2] is not None:
        left, right, weight = shape.weakest
        shown = f"{weight:.1f}".replace(".", ",") if lang == "id" else f"{weight:.1f}"
        parts.append(texts["weakest"][lang].format(a=name(left), b=name(right), weight=shown))
    if shape.bridge is not None and shape.sides is not None:
        places = {"a": name(shape.bridge[0]), "b": name(shape.bridge[1])}
        parts.append(texts["bridge"][lang].format(**places, fewer=shape.sides[0], more=shape.sides[1]))
    elif shape.links:
        parts.append(texts["no_bridge"][lang])
    return " ".join(parts)
