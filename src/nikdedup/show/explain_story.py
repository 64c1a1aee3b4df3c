"""The story of several records: those of one person or one case, what links them, what is proposed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import polars as pl

from nikdedup.errors import InputError
from nikdedup.publish import RunRecord
from nikdedup.schema import holds_residents
from nikdedup.settle import shape_of, shape_text
from nikdedup.show import numbers
from nikdedup.show.cell import cell, head, table
from nikdedup.show.compared import text_of, value
from nikdedup.show.differing import differences
from nikdedup.show.explain import declared_of, rulings
from nikdedup.show.explain_text import printable, ruling_lines
from nikdedup.show.explained import Ruling
from nikdedup.show.figures import Table
from nikdedup.show.network import Line, Node, network
from nikdedup.show.places import places
from nikdedup.show.small import linked
from nikdedup.show.summary import aligned
from nikdedup.show.texts import label, say

_SHOWN = ("nama_lgkp", "nik", "tgl_lhr", "jenis_klmin", "nama_lgkp_ibu", "no_kk", "wilayah")


@dataclass(frozen=True)
class Link:
    """A stored pair of which at least one side is among the records told; `differs` names fields."""

    row_l: int
    row_r: int
    inside: bool
    relation: str
    band: str | None
    weight_log2: float
    differs: str = ""


@dataclass(frozen=True, repr=False)
class Story:
    """Several records, explained; `.text()`, `.as_dict()`, `.svg()`, and HTML in a notebook.

    members: one dict per record: row, place (its line in the file), person_id, recorded, and the shown fields,
    masked unless the caller asked for identities. shape: what holds three or
    more records of a person together. links: strongest first, those to other records
    too, since "why not one more" is part of the story.
    """

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
        for one in self._tables():
            if one:
                whole = Table("", one.headers, (one.headers, *one.rows), text_columns=len(one.headers))
                lines += [one.title, *aligned(whole), ""]
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
        tables = (table(one) for one in self._tables())
        lines = "".join(f"<p>{escape(line)}</p>" for line in ruling_lines(self.rulings, self.lang))
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        first = head(self._title(), self.shape)
        return cell(first, self._picture(), *tables, lines, notes, then=self._then(), lang=self.lang)

    def _picture(self) -> str:
        """Return the records and what links them as a small picture."""
        inside = [member["row"] for member in self.members]
        action = {ruling.row: ruling.action for ruling in self.rulings}
        named = [(row, label("action", action[row], self.lang) if row in action else "") for row in inside]
        joined = [(one.row_l, one.row_r, one.band) for one in self.links if one.inside]
        return linked(named, joined, self._title(), self.lang)

    def _then(self) -> list[str]:
        """Return the calls that a reader may want next."""
        pairs = [one for one in self.links if one.inside][-1:]
        return [f"result.explain({one.row_l}, {one.row_r})" for one in pairs]

    def _counts(self) -> str:
        links = sum(one.inside for one in self.links)
        return f"{len(self.members)} records, {links} links between them"

    def _title(self) -> str:
        raise NotImplementedError

    def _tables(self) -> tuple[Table, Table]:
        return self._members_table("explain.members"), self._links_table()

    def _members_table(self, title: str, *more: str) -> Table:
        """Return the records, one per line; more: keys of members that are shown too."""
        lang = self.lang
        record, line = say("explain.row", lang), say("explain.file_line", lang)
        shown = [part for part in _SHOWN if any(member.get(part) for member in self.members)]
        names = (*(label("part", part, lang) for part in shown), say("report.class", lang))
        members = tuple(
            (
                str(member["row"]),
                member["place"] or numbers.NONE,
                *(member.get(part) or numbers.NONE for part in shown),
                label("recorded", member["recorded"], lang),
                *(member[key] for key in more),
            )
            for member in self.members
        )
        others = (say(f"explain.{key.removesuffix('_id')}", lang) for key in more)
        headers = (record, line, *names, *others)
        return Table(say(title, lang), headers, members, text_columns=len(headers))

    def _links_table(self) -> Table:
        lang = self.lang
        keys = [say(f"explain.{key}", lang) for key in ("relation", "band", "weight", "differs")]
        links = tuple(
            (
                f"{link.row_l} – {link.row_r}",
                label("relation", link.relation, lang),
                label("band", link.band or "null", lang),
                numbers.decimal(link.weight_log2, lang, signed=True),
                link.differs or numbers.NONE,
            )
            for link in self.links
        )
        return Table(say("explain.links", lang), (say("explain.row", lang), *keys), links, text_columns=5)


@dataclass(frozen=True, repr=False)
class PersonStory(Story):
    """A whole person, explained."""

    person_id: str

    def __repr__(self) -> str:
        return f"PersonStory({self.person_id}, {self._counts()})"

    def _then(self) -> list[str]:
        return [*super()._then(), f"result.plot.person({self.members[0]['row']})"]

    def _title(self) -> str:
        return say("explain.person_title", self.lang, person=self.person_id, n=len(self.members))


@dataclass(frozen=True, repr=False)
class CaseStory(Story):
    """A whole case, explained: everything that hangs together, one person or several."""

    case_id: str

    def __repr__(self) -> str:
        return f"CaseStory({self.case_id}, {self._counts()})"

    def _title(self) -> str:
        return say("explain.case_title", self.lang, case=self.case_id, n=len(self.members))

    def _tables(self) -> tuple[Table, Table]:
        return self._members_table("explain.case_members", "person_id"), self._links_table()


def explain_person(
    person: str | int,
    *,
    residents: pl.DataFrame | None,
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    decisions: pl.DataFrame,
    run: RunRecord | None = None,
    show_identities: bool = False,
    lang: str = "id",
) -> PersonStory:
    """Tell the story of a person, by `person_id` (text) or by one of their rows (int).

    Tables as in schema.py; residents may be None where the run kept none.

    Args:
        person: a person_id (text), or the row of one of the person's records (a number).
        residents: the published table, or None where the run kept none.
        pairs: as schema.PAIRS.
        people: as schema.PEOPLE.
        decisions: as schema.DECISIONS.
        run: record of the run (run.json); None where what is declared of records is not told.
        show_identities: show NIKs and names in full; masked otherwise.
        lang: `id` or `en`.

    Raises:
        InputError: for a person or a row that does not exist.
    """
    known = people.filter(
        pl.col("row") == person if isinstance(person, int) else pl.col("person_id") == person
    )
    if known.is_empty():
        what = f"row {person}" if isinstance(person, int) else "this person_id"
        raise InputError(f"{what}: not in this run; allowed: a person_id or a row of people.parquet")
    person_id = known["person_id"][0]
    rows = people.filter(pl.col("person_id") == person_id)["row"].sort().to_list()
    told = _told(rows, residents, pairs, people, decisions, run, show_identities, lang)
    return PersonStory(person_id=person_id, shape=_shape(rows, told["links"], lang), lang=lang, **told)


def explain_case(
    case_id: str,
    *,
    residents: pl.DataFrame | None,
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    decisions: pl.DataFrame,
    run: RunRecord | None = None,
    show_identities: bool = False,
    lang: str = "id",
) -> CaseStory:
    """Tell the story of a case: its records, of however many people, the pairs and what is proposed.

    Tables as in schema.py; residents may be None where the run kept none. The case is one of `decisions`.

    Args:
        case_id: one of `decisions`.
        residents: the published table, or None where the run kept none.
        pairs: as schema.PAIRS.
        people: as schema.PEOPLE.
        decisions: as schema.DECISIONS.
        run: record of the run (run.json); None where what is declared of records is not told.
        show_identities: show NIKs and names in full; masked otherwise.
        lang: `id` or `en`.
    """
    rows = decisions.filter(pl.col("case_id") == case_id)["row"].unique().sort().to_list()
    told = _told(rows, residents, pairs, people, decisions, run, show_identities, lang)
    return CaseStory(case_id=case_id, shape="", lang=lang, **told)


def _told(
    rows: list[int],
    residents: pl.DataFrame | None,
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    decisions: pl.DataFrame,
    run: RunRecord | None,
    show_identities: bool,
    lang: str,
) -> dict[str, Any]:
    """Return members, links, rulings and notes of a story about `rows`."""
    where = places(residents, rows, lang)
    kept = residents if holds_residents(residents) else None
    notes = (say("explain.masked", lang),) if kept is not None and not show_identities else ()
    persons = dict(people.filter(pl.col("row").is_in(rows)).select("row", "person_id").iter_rows())
    return {
        "members": _members(rows, kept, where, persons, show_identities, lang),
        "links": _links(rows, pairs, kept, lang),
        "rulings": rulings(decisions, rows, where, lang),
        "notes": (
            *(() if run is None else declared_of(run, rows, lang)),
            say("explain.legend", lang),
            *(notes if kept is not None else (say("explain.no_residents", lang),)),
        ),
    }


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
    persons: dict[int, str],
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
            {
                "row": row,
                "place": where[row],
                "person_id": persons[row],
                "recorded": resident.get("recorded") or "unknown",
                **shown,
            }
        )
    return tuple(members)


def _links(
    rows: list[int], pairs: pl.DataFrame, residents: pl.DataFrame | None, lang: str
) -> tuple[Link, ...]:
    """Return the stored pairs that touch `rows`, strongest first; what differs where residents were kept."""
    touching = pairs.filter(pl.col("row_l").is_in(rows) | pl.col("row_r").is_in(rows))
    ordered = touching.sort("weight_log2", "row_l", "row_r", descending=[True, False, False])
    differs: list[str | None] = [None] * ordered.height
    if residents is not None:
        both = ordered.select(row="row_l", other_row="row_r")
        needed = pl.concat([both["row"], both["other_row"]])
        differs = differences(both, residents.filter(pl.col("row").is_in(needed.implode())), lang).to_list()
    return tuple(
        Link(
            p["row_l"],
            p["row_r"],
            p["row_l"] in rows and p["row_r"] in rows,
            p["relation"],
            p["band"],
            p["weight_log2"],
            apart or "",
        )
        for p, apart in zip(ordered.iter_rows(named=True), differs, strict=True)
    )
