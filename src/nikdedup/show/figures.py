"""The figures of a run as formatted tables: what summary, report and notebook all print.

Input everywhere is the record of a run and a language. A section the
run does not have (no recording status, no NIK scheme) gives an empty table, never
an error. The `timing` of a run is left out on purpose: reports carry no clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from nikdedup import schema
from nikdedup.publish import Coverage, RunRecord
from nikdedup.show import numbers
from nikdedup.show.texts import label, reason, say


@dataclass(frozen=True)
class Table:
    """A table ready to print: every cell is text already."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None
    text_columns: int = 1
    """How many columns on the left hold words; the others hold figures."""
    bars: tuple[float, ...] = ()
    """Share of the largest row (0 to 1), for a bar behind the first cell; empty for none."""

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def stacks(self) -> bool:
        """Whether a telephone is too narrow for the columns: there each row is then laid out on its own."""
        return sum(8.2 * letters + 10 for letters in self._longest_words(0)) > 318

    @property
    def cell_rem(self) -> float:
        """Return the width in rem of one figure with its header above it, where rows are laid out on their own."""
        return round(max(self._longest_words(self.text_columns), default=0) * 0.58 + 0.3, 1)

    def _longest_words(self, first: int) -> list[int]:
        """Return the letters of the longest word of each column from `first` on; lines break between words only."""
        lines = [self.headers, *self.rows, *([self.total] if self.total else [])]
        columns = list(zip(*lines, strict=True))[first:]
        return [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]


def coverage(run: RunRecord) -> Coverage | None:
    """Return the coverage before and after the proposals; None if the extract cannot say."""
    found = run.counts.coverage
    return found if found and found.wajib_ktp and found.recorded is not None else None


def counts(run: RunRecord, names: tuple[str, ...], lang: str) -> list[tuple[str, str]]:
    """Return label and figure of some counts of a run."""
    return [
        (say(f"headline.{name}", lang), numbers.integer(getattr(run.counts, name), lang)) for name in names
    ]


def headline(run: RunRecord, lang: str) -> list[tuple[str, str, str]]:
    """Return label, figure and a second line for the few numbers a reader looks for first."""
    names = ("records", "people", "people_of_two_or_more", "review_pairs", "shared_niks")
    cards = [(name, figure, "") for name, figure in counts(run, names, lang)]
    proposed = run.counts.actions.get("propose_deactivation", 0)
    cards.insert(3, (say("headline.deactivation", lang), numbers.integer(proposed, lang), ""))
    found = coverage(run)
    if found:
        target = say("coverage.target", lang, target=numbers.percent(found.target, lang))
        was, will = (numbers.percent(side.share, lang, floor=True) for side in found.sides)
        cards.append((say("headline.coverage", lang), f"{was} → {will}", target))
        missing = " → ".join(numbers.integer(side.missing_to_target, lang) for side in found.sides)
        cards.append((say("headline.missing", lang), missing, ""))
    return cards


def coverage_table(run: RunRecord, lang: str) -> Table:
    """Return coverage before, after and the difference; empty if the extract cannot say."""
    title = say("coverage.title", lang)
    headers = ("", say("word.before", lang), say("word.after", lang), say("coverage.difference", lang))
    found = coverage(run)
    if found is None:
        return Table(title, headers, ())
    before, after = sides = found.sides

    def line(key: str, **values: str) -> tuple[str, ...]:
        a, b = (int(getattr(side, key)) for side in sides)
        return (say(f"coverage.{key}", lang, **values), *(numbers.integer(n, lang) for n in (a, b, b - a)))

    points = numbers.decimal((after.share - before.share) * 100, lang, signed=True)
    shares = (*(numbers.percent(side.share, lang, floor=True) for side in sides), points)
    rows = (
        line("wajib_ktp"),
        line("recorded"),
        (say("coverage.percent", lang), *shares),
        line("missing_to_target", target=numbers.percent(found.target, lang)),
    )
    return Table(title, headers, rows)


def counted(title: str, header: str, names: list[tuple[str, int]], lang: str, *, unit: str = "") -> Table:
    """Return a table of names with their counts, shares and a total; rows in the order given."""
    total = sum(count for _, count in names)
    largest = max((count for _, count in names), default=0) or 1
    rows = tuple(
        (name, numbers.integer(count, lang), numbers.percent(count / total if total else 0.0, lang, digits=1))
        for name, count in names
    )
    foot = (say("word.total", lang), numbers.integer(total, lang), numbers.percent(1.0, lang, digits=1))
    headers = (header, unit or say("word.rows", lang), say("word.share", lang))
    bars = tuple(count / largest for _, count in names)
    return Table(title, headers, rows, foot if rows else None, bars=bars)


def _ordered(counts: dict[str, int] | None, order: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return the codes that occur, those of `order` first, then the others by name."""
    counts = {str(code or "null"): n for code, n in (counts or {}).items() if n}
    known = [code for code in order if code in counts]
    return [(code, counts[code]) for code in known + sorted(set(counts) - set(known))]


def kind_name(code: str | None, lang: str) -> str:
    """Return a kind with its letter: "C  one person, several NIKs"."""
    return (
        label("kind", code or "null", lang)
        if code in (None, "null")
        else f"{code} · {label('kind', code, lang)}"
    )


def kinds(run: RunRecord, lang: str) -> Table:
    """Return records with a decision by kind of duplicate; those without a kind last."""
    counts = {code: n for code, n in run.counts.kinds.items() if code in schema.KINDS}
    counts["null"] = run.counts.decisions - sum(counts.values())
    names = [(kind_name(code, lang), n) for code, n in _ordered(counts, schema.KINDS)]
    return counted(say("report.kinds", lang), say("report.kind", lang), names, lang)


def actions(run: RunRecord, lang: str) -> Table:
    """Return records by proposed action."""
    found = _ordered(run.counts.actions, schema.ACTIONS)
    names = [(label("action", code, lang), n) for code, n in found]
    return counted(say("report.actions", lang), say("report.action", lang), names, lang)


def relations(run: RunRecord, lang: str) -> Table:
    """Return stored pairs by relation."""
    found = _ordered(run.counts.relations, schema.RELATIONS)
    names = [(label("relation", code, lang), n) for code, n in found]
    unit = say("report.pairs", lang)
    return counted(say("report.relations", lang), say("report.relation", lang), names, lang, unit=unit)


def verdicts(run: RunRecord, lang: str) -> Table:
    """Return records by verdict on their NIK."""
    found = _ordered(run.quality.nik_verdicts, schema.NIK_VERDICTS)
    names = [(label("verdict", code, lang), n) for code, n in found]
    return counted(say("report.verdicts", lang), say("report.verdict", lang), names, lang)


def recording_classes(run: RunRecord, lang: str) -> Table:
    """Return records by class of the recording status."""
    found = _ordered(run.quality.recording_classes, schema.RECORDING_CLASSES)
    names = [(label("recording", code, lang), n) for code, n in found]
    return counted(say("report.classes", lang), say("report.class", lang), names, lang)


def flags(run: RunRecord, lang: str) -> Table:
    """Return records by data-quality remark, most frequent first.

    A record may have several remarks, so there is no total: it would count records twice.
    """
    found = sorted(run.quality.flags.items(), key=lambda item: (-item[1], item[0]))
    largest = found[0][1] if found else 1
    rows = tuple((reason(code, lang), code, numbers.integer(n, lang)) for code, n in found if n)
    headers = (say("report.reason", lang), say("word.code", lang), say("word.rows", lang))
    bars = tuple(n / largest for _, n in found if n)
    return Table(say("report.flags", lang), headers, rows, text_columns=2, bars=bars)


def skipped(run: RunRecord, lang: str) -> Table:
    """Return how many rows were no records, by reason."""
    counts: dict[str, int] = {}
    for row in run.input.skipped:
        counts[row.reason] = counts.get(row.reason, 0) + 1
    names = [(label("skipped", code, lang), n) for code, n in _ordered(counts, ())]
    return counted(say("report.skipped", lang), say("report.reason", lang), names, lang)


def passes(run: RunRecord, lang: str) -> Table:
    """Return what every pass compared, kept, found alone and skipped, with totals of what can be added."""
    keys = ("compared", "candidates", "unique", "blocks", "skipped_blocks", "skipped_pairs")
    found = run.passes
    rows = tuple(
        (label("pass", step.name, lang), *(numbers.integer(getattr(step, key), lang) for key in keys))
        for step in found
    )
    # Several passes may keep one pair: kept pairs are not added up, pairs found by one pass only are.
    sums = {key: sum(getattr(step, key) for step in found) for key in keys if key != "candidates"}
    total = (say("word.total", lang), *(numbers.integer(sums.get(key), lang) for key in keys))
    titles = ("pass", "compared", "kept", "unique", "blocks", "skipped_blocks", "skipped_pairs")
    headers = tuple(say(f"report.{key}", lang) for key in titles)
    return Table(say("report.passes", lang), headers, rows, total if rows else None)


def histogram(run: RunRecord, lang: str) -> Table:
    """Return the number of pairs in every interval of weight, empty ends left out."""
    edges, counts = run.histogram.edges, run.histogram.counts
    filled = [i for i, n in enumerate(counts) if n]
    inner = range(filled[0], filled[-1] + 1) if filled else range(0)
    largest = max(counts, default=0) or 1
    rows = tuple(
        (
            numbers.decimal(edges[i], lang, digits=1),
            numbers.decimal(edges[i + 1], lang, digits=1),
            numbers.integer(counts[i], lang),
        )
        for i in inner
    )
    total = (say("word.total", lang), "", numbers.integer(sum(counts), lang))
    headers = tuple(say(f"report.{key}", lang) for key in ("from_weight", "to_weight", "number_of_pairs"))
    bars = tuple(counts[i] / largest for i in inner)
    return Table(say("report.histogram", lang), headers, rows, total if rows else None, 0, bars)


def compared_fields(run: RunRecord) -> list[str]:
    """Return the fields that a run has compared: those of schema.LEVELS, then its further columns of evidence."""
    return [*schema.LEVELS, *sorted(run.levels.keys() - set(schema.LEVELS))]


def level_name(run: RunRecord, field: str, level: int, lang: str) -> str:
    """Return what a level of a field means, in words."""
    return label("level", run.levels.get(field, {}).get(str(level), level), lang)


def weights(run: RunRecord, lang: str) -> Table:
    """Return the weight of every level of every field; the level "missing" has none."""
    rows = tuple(
        (
            label("field", field, lang),
            level_name(run, field, level, lang),
            numbers.decimal(value, lang, signed=True),
        )
        for field in compared_fields(run)
        for level, value in enumerate(run.weights.get(field, []))
        if level
    )
    headers = tuple(say(f"report.{key}", lang) for key in ("field", "level", "log2"))
    return Table(say("report.weights", lang), headers, rows, text_columns=2)


def sources(run: RunRecord, lang: str) -> Table:
    """Return the files and sheets that were read, with their rows and a total."""
    found = run.input.sources
    rows = tuple(
        (s.file or numbers.NONE, s.sheet or numbers.NONE, numbers.integer(s.rows, lang)) for s in found
    )
    total = (say("word.total", lang), "", numbers.integer(sum(s.rows for s in found), lang))
    headers = (say("report.file", lang), say("report.sheet", lang), say("word.rows", lang))
    return Table(say("report.sources", lang), headers, rows, total if rows else None, text_columns=2)


def columns(run: RunRecord, lang: str) -> Table:
    """Return which header of the file was read as which SIAK field."""
    mapping = run.input.mapping
    rows = tuple((field.upper(), ", ".join(mapping[field])) for field in sorted(mapping))
    headers = (say("report.siak", lang), say("report.header", lang))
    return Table(say("report.columns", lang), headers, rows, text_columns=2)


def health(run: RunRecord, lang: str) -> list[tuple[bool, str]]:
    """Return every health check: whether it passed, and its sentence; failed ones first."""
    checks = [(check.ok, check.text(lang)) for check in run.health]
    return sorted(checks, key=lambda check: check[0])
