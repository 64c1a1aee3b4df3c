"""Why two records were joined, shown to a person, or left apart: every step of the evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from nikdedup import schema
from nikdedup.errors import InputError
from nikdedup.masking import mask_numbers
from nikdedup.publish import RunRecord
from nikdedup.settle import Officers, closed_links
from nikdedup.show import charts, drawing, figures, numbers
from nikdedup.show.compared import compared
from nikdedup.show.explain_text import pair_html, pair_text
from nikdedup.show.explained import Explained, Ruling, Step
from nikdedup.show.outcome import outcome_of
from nikdedup.show.places import places
from nikdedup.show.texts import label, say

if TYPE_CHECKING:
    import altair

Scorer = Callable[[int, int], dict[str, Any]]


@dataclass(frozen=True, repr=False)
class Explanation(Explained):
    """One pair, explained; `.text()`, `.as_dict()`, `.svg()`, `.chart()`, and HTML in a notebook.

    outcome: joined, joined_through, source_overlap, review, review_above, kept_apart,
    related, no_pass, no_pass_strong, below_review or not_stored. `steps` is empty where
    the pair was not stored and no scorer was given. row_a and row_b are record numbers, from 0;
    `places` says where each stands in its file. Everything shown is masked unless the caller
    asked for identities.
    """

    def __repr__(self) -> str:
        weight = "" if self.weight_log2 is None else f", weight {self.weight_log2:+.2f}"
        return f"Explanation(rows {self.row_a} and {self.row_b}, {self.outcome}{weight})"

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts and lists, ready for JSON."""
        return dict(json.loads(json.dumps(asdict(self))))

    def text(self) -> str:
        """Return the explanation for a terminal, without decoration."""
        return pair_text(self)

    def svg(self) -> str:
        """Return the waterfall chart of the weights; InputError where the pair has no steps to draw."""
        return drawing.svg(self._waterfall(), self.lang)

    def chart(self) -> altair.LayerChart:
        """Return the waterfall chart as one of altair's, to be changed, shown or saved in other formats.

        InputError where the pair has no steps to draw.
        """
        return drawing.altair_chart(self._waterfall())

    def _waterfall(self) -> charts.Spec:
        if not self.steps or self.weight_log2 is None:
            raise InputError(
                f"rows {self.row_a} and {self.row_b}: no levels to draw, the pair was not stored"
            )
        bars = [(say("explain.start", self.lang), 0.0, self.prior_log2)]
        bars += [(s.name, s.total_log2 - s.weight_log2, s.total_log2) for s in self.steps]
        bars.append((say("explain.total", self.lang), 0.0, self.weight_log2))
        return charts.waterfall(bars, self.thresholds, self.lang)

    def _repr_html_(self) -> str:
        return pair_html(self)


def explain_pair(
    row_a: int,
    row_b: int,
    *,
    residents: pl.DataFrame | None,
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    decisions: pl.DataFrame,
    run: RunRecord,
    score: Scorer | None = None,
    show_identities: bool = False,
    lang: str = "id",
) -> Explanation:
    """Explain why rows `row_a` and `row_b` are, or are not, one person.

    Args:
        row_a: row of one record.
        row_b: row of the other one.
        residents: the published table, or None where the run kept none.
        pairs: as schema.PAIRS.
        people: as schema.PEOPLE.
        decisions: as schema.DECISIONS.
        run: record of the run (run.json).
        score: gives one line of schema.PAIRS for a pair that was not stored, its `passes` empty if no pass
            brought the two together; it may add `weight_<field>`, the weights of this very pair where values
            decide them (rarity). Such pairs are not explained where None.
        show_identities: show NIKs and names in full; masked otherwise.
        lang: `id` or `en`.

    Raises:
        InputError: for a row that does not exist and for a row with itself.
    """
    _check_rows(row_a, row_b, people)
    stored = _stored(pairs, row_a, row_b)
    found = (score(row_a, row_b) if score else {}) | (stored or {}) or None
    kept = schema.holds_residents(residents)
    a, b = (_resident(residents if kept else None, row) for row in (row_a, row_b))
    outcome, verdict = outcome_of(row_a, row_b, found, bool(stored), (a, b), pairs, people, run, lang)
    where = places(residents, [row_a, row_b], lang)
    steps = _steps(found, a, b, run, show_identities, lang) if found else ()
    found = found or {}
    return Explanation(
        row_a=row_a,
        row_b=row_b,
        outcome=outcome,
        verdict=verdict,
        steps=steps,
        prior_log2=run.prior_log2,
        weight_log2=found.get("weight_log2"),
        probability=found.get("probability"),
        relation=found.get("relation"),
        band=found.get("band"),
        passes=tuple(found.get("passes") or ()),
        thresholds=run.thresholds.model_dump(),
        places=where,
        officers=_officers(run, row_a, row_b, lang),
        declared=declared_of(run, [row_a, row_b], lang),
        rulings=rulings(decisions, [row_a, row_b], where, lang),
        notes=_notes(kept, show_identities, lang),
        lang=lang,
    )


def rulings(decisions: pl.DataFrame, rows: list[int], where: dict[int, str], lang: str) -> tuple[Ruling, ...]:
    """Return the decisions on `rows`, in the order of the rows; where: their lines, as `places` gives them."""
    found = decisions.filter(pl.col("row").is_in(rows)).sort("row")
    return tuple(
        Ruling(
            row=d["row"],
            action=d["action"],
            kind=d["kind"],
            rule=d["rule"] or "",
            reason=mask_numbers(d[f"reasons_{lang}"] or ""),
            survivor_row=d["survivor_row"],
            place=where.get(d["row"], ""),
        )
        for d in found.iter_rows(named=True)
    )


def _check_rows(row_a: int, row_b: int, people: pl.DataFrame) -> None:
    for row in (row_a, row_b):
        if people.filter(pl.col("row") == row).is_empty():
            raise InputError(f"row {row}: no such row; allowed 0 to {people.height - 1}")
    if row_a == row_b:
        raise InputError(f"row {row_a}: a row cannot be compared with itself; give two rows")


def _stored(pairs: pl.DataFrame, row_a: int, row_b: int) -> dict[str, Any] | None:
    low, high = min(row_a, row_b), max(row_a, row_b)
    found = pairs.filter((pl.col("row_l") == low) & (pl.col("row_r") == high))
    return found.row(0, named=True) if found.height else None


def _resident(residents: pl.DataFrame | None, row: int) -> dict[str, Any]:
    if residents is None:
        return {}
    found = residents.filter(pl.col("row") == row)
    return found.row(0, named=True) if found.height else {}


def _steps(
    pair: dict[str, Any],
    a: dict[str, Any],
    b: dict[str, Any],
    run: RunRecord,
    show_identities: bool,
    lang: str,
) -> tuple[Step, ...]:
    """Return the fields in the order of schema.LEVELS, further columns of evidence, and what no level explains."""
    total = run.prior_log2
    steps = []
    for field in figures.compared_fields(run):
        level = int(pair[f"level_{field}"] or 0)
        table = run.weights.get(field, [])
        usual = table[level] if level < len(table) else None  # None where no stored pair has the level
        weight = float(pair.get(f"weight_{field}", usual or 0.0))
        rarity = 0.0 if usual is None else weight - usual
        total += weight
        values = tuple(compared(field, a, b, show_identities=show_identities, lang=lang))
        meaning = figures.level_name(run, field, level, lang) + _rarity(rarity, lang)
        steps.append(Step(field, label("field", field, lang), level, meaning, weight, total, values))
    for part in ("kinship", "recording"):
        taken = float(pair.get(f"weight_{part}") or 0.0)
        if abs(taken) >= 0.005:
            total += taken
            steps.append(Step(part, say(f"explain.{part}", lang), None, "", taken, total))
    rest = float(pair["weight_log2"]) - total
    if abs(rest) >= 0.005:
        name = say("explain.adjustment", lang)
        steps.append(Step("adjustment", name, None, "", rest, float(pair["weight_log2"])))
    return tuple(steps)


def _rarity(beyond: float, lang: str) -> str:
    """Say how much a shared value weighs beyond what its level usually weighs; nothing for little."""
    if abs(beyond) < 0.5:
        return ""
    key = "explain.rare" if beyond > 0 else "explain.common"
    return f" ({say(key, lang, weight=numbers.decimal(beyond, lang, digits=1, signed=True))})"


def _officers(run: RunRecord, row_a: int, row_b: int, lang: str) -> str | None:
    """Say what officers have declared about the pair, directly or through chains; None for nothing."""
    links = closed_links(Officers.of(run.officers).links)
    ends = (pl.col("row_l") == min(row_a, row_b)) & (pl.col("row_r") == max(row_a, row_b))
    for link in links.filter(ends).iter_rows(named=True):
        said = say(f"explain.{link['kind']}", lang)
        if link["who"] is None:
            return f"{said} {say('explain.follows', lang)}"
        return f"{said} {_stated(link, lang)}"
    return None


def _stated(told: dict[str, Any], lang: str) -> str:
    """Say who has declared something, when, and where it is written: in the officers' list, or a village's file."""
    day = numbers.day(told["when"].isoformat(), lang)
    if told["source"]:
        return say("explain.answered", lang, who=told["who"], when=day, source=told["source"])
    return say("explain.stated", lang, who=told["who"], when=day, line=told["line"])


def declared_of(run: RunRecord, rows: Sequence[int], lang: str) -> tuple[str, ...]:
    """Say what villages or officers have declared of records themselves, a line each, and where."""
    told = Officers.of(run.officers).statuses.filter(pl.col("row").is_in(list(rows)))
    return tuple(
        f"{say('explain.number', lang, row=one['row'])}: {label('meaning', one['status'], lang)} {_stated(one, lang)}"
        for one in told.sort("row").iter_rows(named=True)
    )


def _notes(residents: bool, show_identities: bool, lang: str) -> tuple[str, ...]:
    legend = say("explain.legend", lang)
    if not residents:
        return (legend, say("explain.no_residents", lang))
    return (legend,) if show_identities else (legend, say("explain.masked", lang))
