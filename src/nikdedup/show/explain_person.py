"""The story of one person: the records taken as theirs, what links them, what is proposed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import polars as pl

from nikdedup.errors import InputError
from nikdedup.settle.shapes import shape_of, shape_text
from nikdedup.show import numbers
from nikdedup.show.compared import text_of, value
from nikdedup.show.explain import Ruling, rulings
from nikdedup.show.explain_text import STYLE, printable, ruling_lines
from nikdedup.show.figures import Table
from nikdedup.show.network import Line, Node, network
from nikdedup.show.places import places
from nikdedup.show.summary import aligned
from nikdedup.show.texts import label, say

_SHOWN = ("nama_lgkp", "nik", "tgl_lhr", "jenis_klmin", "nama_lgkp_ibu", "no_kk", "wilayah")


@dataclass(frozen=True)
class Link:
    """A stored pair of which at least one side is a record of the person."""

    row_l: int
    row_r: int
    inside: bool
    relation: str
    band: str | None
    weight_log2: float


@dataclass(frozen=True)
class PersonStory:
    """A whole cluster, explained; `.text()`, `.as_dict()`, `.svg()`, and HTML in a notebook.

    members: one dict per record: row, place (its line in the file), recorded, and the shown fields, masked
    unless the caller asked for identities. shape: what holds three or
    more records together. links: strongest first, those to records of other
    people too, since "why not one more" is part of the story.
    """

    person_id: str
    members: tuple[dict[str, Any], ...]
    links: tuple[Link, ...]
    rulings: tuple[Ruling, ...]
    shape: str
    notes: tuple[str, ...]
    lang: str

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts and lists, ready for JSON."""
        return dict(json.loads(json.dumps(asdict(self))))

    def text(self) -> str:
        """Return the story for a terminal, without decoration."""
        lines = [self._title(), *([self.shape] if self.shape else []), ""]
        for table in self._tables():
            if table:
                head = Table("", table.headers, (table.headers, *table.rows), text_columns=len(table.headers))
                lines += [table.title, *aligned(head), ""]
        return printable([*lines, *ruling_lines(self.rulings, self.lang), *self.notes])

    def svg(self) -> str:
        """Return a drawing of the records and what links them, those of other people in grey."""
        rows = [member["row"] for member in self.members]
        others = sorted({row for link in self.links for row in (link.row_l, link.row_r)} - set(rows))
        place = {member["row"]: member["place"] for member in self.members}
        action = {ruling.row: ruling.action for ruling in self.rulings}
        nodes = [Node(row, place.get(row, ""), action.get(row), row in place) for row in [*rows, *others]]
        lines = [Line(one.row_l, one.row_r, one.band, one.weight_log2) for one in reversed(self.links)]
        return network(nodes, lines, self._title(), self.lang)

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{escape(self._title())}</b><br>{escape(self.shape)}</p>"]
        for table in self._tables():
            if table:
                head = "".join(f"<th>{escape(name)}</th>" for name in table.headers)
                rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in table.rows)
                body = "".join(f"<tr>{row}</tr>" for row in rows)
                parts.append(f"<p>{escape(table.title)}</p><table><tr>{head}</tr>{body}</table>")
        parts += [f"<p>{escape(line)}</p>" for line in ruling_lines(self.rulings, self.lang)]
        parts += [f"<p><small>{escape(note)}</small></p>" for note in self.notes]
        return f'{STYLE}<div class="nikx">{"".join(parts)}</div>'

    def _title(self) -> str:
        return say("explain.person_title", self.lang, person=self.person_id, n=len(self.members))

    def _tables(self) -> tuple[Table, Table]:
        lang = self.lang
        record, line = say("explain.row", lang), say("explain.file_line", lang)
        shown = [part for part in _SHOWN if any(member.get(part) for member in self.members)]
        headers = (record, line, *(label("part", part, lang) for part in shown), say("report.class", lang))
        members = tuple(
            (
                str(member["row"]),
                member["place"] or numbers.NONE,
                *(member.get(part) or numbers.NONE for part in shown),
                label("recorded", member["recorded"], lang),
            )
            for member in self.members
        )
        keys = [say(f"explain.{key}", lang) for key in ("relation", "band", "weight")]
        links = tuple(
            (
                f"{link.row_l} – {link.row_r}",
                label("relation", link.relation, lang),
                label("band", link.band or "null", lang),
                numbers.decimal(link.weight_log2, lang, signed=True),
            )
            for link in self.links
        )
        return (
            Table(say("explain.members", lang), headers, members),
            Table(say("explain.links", lang), (record, *keys), links),
        )


def explain_person(
    person: str | int,
    *,
    residents: pl.DataFrame | None,
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    decisions: pl.DataFrame,
    show_identities: bool = False,
    lang: str = "id",
) -> PersonStory:
    """Tell the story of a person, by `person_id` (text) or by one of their rows (int).

    Tables as in schema.py; residents may be None where the run kept none.
    InputError for a person or a row that does not exist.
    """
    known = people.filter(
        pl.col("row") == person if isinstance(person, int) else pl.col("person_id") == person
    )
    if known.is_empty():
        what = f"row {person}" if isinstance(person, int) else "this person_id"
        raise InputError(f"{what}: not in this run; allowed: a person_id or a row of people.parquet")
    person_id = known["person_id"][0]
    rows = people.filter(pl.col("person_id") == person_id)["row"].sort().to_list()
    where = places(residents, rows, lang)
    links = _links(rows, pairs)
    kept = residents is not None and "nama_lgkp_clean" in residents.columns
    notes = (say("explain.masked", lang),) if kept and not show_identities else ()
    return PersonStory(
        person_id=person_id,
        members=_members(rows, residents if kept else None, where, show_identities, lang),
        links=links,
        rulings=rulings(decisions, rows, where, lang),
        shape=_shape(rows, links, lang),
        notes=(say("explain.legend", lang), *(notes if kept else (say("explain.no_residents", lang),))),
        lang=lang,
    )


def _shape(rows: list[int], links: tuple[Link, ...], lang: str) -> str:
    """Say what holds three or more records together; two are held by their one pair."""
    if len(rows) < 3:
        return ""
    joining = [(one.row_l, one.row_r, one.weight_log2) for one in links if one.band == "confirmed"]
    return shape_text(shape_of(rows, joining), lang, lambda row: say("explain.number", lang, row=row))


def _members(
    rows: list[int],
    residents: pl.DataFrame | None,
    where: dict[int, str],
    show_identities: bool,
    lang: str,
) -> tuple[dict[str, Any], ...]:
    found: dict[int, dict[str, Any]] = {}
    if residents is not None:
        found = {r["row"]: r for r in residents.filter(pl.col("row").is_in(rows)).iter_rows(named=True)}
    members = []
    for row in rows:
        resident = found.get(row, {})
        shown = {part: text_of(value(resident, part), part, show_identities, lang) for part in _SHOWN}
        members.append(
            {"row": row, "place": where[row], "recorded": resident.get("recorded") or "unknown", **shown}
        )
    return tuple(members)


def _links(rows: list[int], pairs: pl.DataFrame) -> tuple[Link, ...]:
    touching = pairs.filter(pl.col("row_l").is_in(rows) | pl.col("row_r").is_in(rows))
    ordered = touching.sort("weight_log2", "row_l", "row_r", descending=[True, False, False])
    return tuple(
        Link(
            p["row_l"],
            p["row_r"],
            p["row_l"] in rows and p["row_r"] in rows,
            p["relation"],
            p["band"],
            p["weight_log2"],
        )
        for p in ordered.iter_rows(named=True)
    )
