"""What a run says of itself, counted from its tables, health checks included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import polars as pl

import nikdedup
from nikdedup import schema
from nikdedup.columnar.distinct import distinct
from nikdedup.config import Config
from nikdedup.match import Matched
from nikdedup.publish import (
    SCHEMA_VERSION,
    Cost,
    Damage,
    Histogram,
    Input,
    NikCounts,
    Quality,
    RunCounts,
    RunRecord,
    Skipped,
    Source,
    Unused,
)
from nikdedup.residents import Overlap, blanks, costs
from nikdedup.residents.damage import Key, SourceDamage, nik_checks, together
from nikdedup.residents.read import Extract
from nikdedup.run.health import health_checks
from nikdedup.runtime.threads import at_once
from nikdedup.settle import Officers, policy_kept
from nikdedup.village import coverage, holders_of, standing

BIN_LOG2 = 1.0
"""Width of a bin of the weight histogram, in bits."""


@dataclass(frozen=True)
class Census:
    """What is counted over all residents, whether they concern anybody or not.

    quality: counts of reason codes, verdicts, recording classes and present values. holders: as `holders_of` gives
    them; of a part of an extract of several INPUTs as `standing` does, for others may hold the same residents.
    niks: NIKs against the columns beside them, as `nik_checks` gives them.
    """

    quality: dict[str, dict[str, int]]
    holders: pl.DataFrame
    niks: pl.DataFrame

    @classmethod
    def of(cls, residents: pl.DataFrame, *, several: bool = False) -> Census:
        """Count residents (schema.CLEAN, VERDICTS and EVIDENCE columns). several: whether there are several INPUTs."""
        return cls(
            *at_once(
                partial(_quality, residents),
                lambda: standing(residents) if several else holders_of(standing(residents)),
                partial(nik_checks, residents),
            )
        )

    @classmethod
    def together(
        cls,
        parts: Sequence[Census],
        holders: pl.DataFrame,
        overlap: Overlap | None,
        *,
        link: bool,
        statuses: pl.DataFrame,
    ) -> Census:
        """Add up the counts of the parts of one extract.

        holders: of all of them. overlap: None for one INPUT; it is not marked where INPUTs are linked. statuses: of
        records that are declared gone, which count no more.
        """
        quality: dict[str, dict[str, int]] = {}
        for part in parts:
            for kind, counts in part.quality.items():
                total = quality.setdefault(kind, {})
                for name, count in counts.items():
                    total[name] = total.get(name, 0) + count
        flags = quality["flags"]
        if overlap is not None:
            if not link:  # what the survey of the cells alone saw gives way, see Overlap.flagged
                flags |= {"source_overlap": int(overlap.copied.sum())}
            if not flags.get("source_overlap"):
                flags.pop("source_overlap", None)
            holders = holders_of(
                holders, overlap if "source_overlap" in flags else None, gone=statuses["row"]
            )
        elif len(statuses):
            holders = holders.filter(~pl.col("row").is_in(statuses["row"].implode()))
        quality["flags"] = dict(sorted(flags.items()))
        return cls(quality, holders, together([part.niks for part in parts]))


def _quality(residents: pl.DataFrame) -> dict[str, dict[str, int]]:
    flags = residents["flags"].explode().drop_nulls().value_counts(sort=False)
    return {
        "flags": dict(sorted((str(code), int(count)) for code, count in flags.iter_rows())),
        "nik_verdicts": _tally(residents["nik_verdict"], schema.NIK_VERDICTS),
        "recording_classes": _tally(residents["recording_class"], schema.RECORDING_CLASSES),
        "present": {
            column.removesuffix("_clean"): len(residents) - residents[column].null_count()
            for column in (*schema.CLEAN, *_further(residents))
        },
    }


def _further(residents: pl.DataFrame) -> list[str]:
    """Return the clean columns of further evidence."""
    known = {*schema.CLEAN, *schema.EVIDENCE, "gelar_clean"}
    return [name for name in residents.columns if name.endswith("_clean") and name not in known]


def record_of(
    extract: Extract,
    matched: Matched,
    decisions: pl.DataFrame,
    census: Census,
    *,
    config: Config,
    reference_date: date | None,
    officers: Officers,
    damage: Mapping[Key, SourceDamage],
    link: bool,
) -> RunRecord:
    """Return what a run says of itself.

    damage: what is wrong with sources as a whole. link: as for `Census.together`.
    """
    counts = _counts(matched, decisions)
    if len(officers.statuses):
        counts.declared = _tally(officers.statuses["status"], schema.GONE)
    if reference_date:
        counts.coverage = coverage(census.holders, decisions, target=config.coverage_target)
    quality = Quality(**census.quality, niks=[NikCounts(**one) for one in census.niks.iter_rows(named=True)])
    read = _input(extract, damage)
    if link:
        read.link = True
    read.cost += _blanks(read.mapping, quality, counts.records)
    if reference_date is None:
        read.cost.append(Cost(code="no_reference_date", rows=counts.records))
    parts = {
        "nikdedup": nikdedup.__version__,
        "schema_version": SCHEMA_VERSION,
        "input": read,
        "reference_date": reference_date and reference_date.isoformat(),
        "counts": counts,
        "officers": officers.kept(),
        "policy": policy_kept(config.settle.policy),
        "histogram": _histogram(matched.pairs["weight_log2"]),
        "quality": quality,
        "config": config.deciding(),
        "options": config.run.model_dump(include={"lang", "residents", "report"}),
        "versions": _versions(),
        "health": [],
    }
    record = RunRecord.model_validate(parts | matched.report, strict=False)
    record.health = health_checks(record)
    return record


def _blanks(mapping: Mapping[str, list[str]], quality: Quality, records: int) -> list[Cost]:
    """Return the fields that columns tell and that many records lack all the same."""
    missing = {name: records - count for name, count in quality.present.items()}
    missing["nik"] = quality.nik_verdicts["missing"]
    return [Cost(code=code, rows=rows) for code, rows in blanks(mapping, missing, records)]


def _input(extract: Extract, damage: Mapping[Key, SourceDamage]) -> Input:
    return Input(
        fingerprint=extract.fingerprint,
        sources=[
            Source(
                file=s.file,
                sheet=s.sheet,
                rows=s.rows,
                input=s.input,
                types=s.column_types,
                ragged_rows=s.ragged_rows,
                surplus_cells=s.surplus_cells,
                misquoted_rows=s.misquoted_rows,
                damage=_damage(damage.get((s.input, s.file, s.sheet), SourceDamage())),
            )
            for s in extract.sources
        ],
        mapping=extract.mapping,
        how=extract.how,
        unmapped=extract.unmapped,
        unused=[
            Unused(
                file=one.file,
                sheet=one.sheet,
                header=one.header,
                column=one.position,
                share=round(one.filled / one.rows, 4),
                may_be=list(one.may_be),
            )
            for one in extract.unused
        ],
        cost=[Cost(code=code, rows=rows) for code, rows in costs(extract.sources)],
        skipped=[
            Skipped(file=s.source_file, sheet=s.source_sheet, row=s.source_row, reason=s.reason)
            for s in extract.skipped
        ],
    )


def _damage(found: SourceDamage) -> Damage:
    """Return what is wrong with a source; what is not, is not said."""
    told = {name: value for name, value in vars(found).items() if value}
    return Damage.model_validate(
        {name: value if value is True else sorted(value) for name, value in told.items()}
    )


def _counts(matched: Matched, decisions: pl.DataFrame) -> RunCounts:
    people, pairs = matched.people, matched.pairs
    persons = people["person_id"]
    first = (
        persons.str.slice(1) == people["record_id"]
    )  # behind a P, a person is named after one of the records
    return RunCounts(
        records=len(people),
        people=int(first.sum()),
        people_of_two_or_more=persons.filter(~first).n_unique(),
        joined_pairs=_joined(persons.filter(~first)),
        confirmed_pairs=int((pairs["band"] == "confirmed").sum()),
        review_pairs=_open(pairs.filter(pl.col("band") == "review"), people),
        shared_niks=int((pairs["relation"] == "shared_nik").sum()),
        decisions=len(decisions),
        kinds=_tally(decisions["kind"], schema.KINDS),
        actions=_tally(decisions["action"], schema.ACTIONS),
        relations=_tally(pairs["relation"], schema.RELATIONS),
        coverage=None,
    )


def _joined(others: pl.Series) -> int:
    """Return the pairs of records of one person; others: the person of every record but the first of each."""
    further = others.value_counts()["count"].cast(pl.Int64)
    return int((further * (further + 1) // 2).sum())


def _open(review: pl.DataFrame, people: pl.DataFrame) -> int:
    """Return how many review pairs are of two people: what is joined otherwise waits for nobody."""
    rows = pl.concat([review["row_l"], review["row_r"]]).unique()
    concerned = people.filter(pl.col("row").is_in(rows.implode()))
    person = dict(concerned.select("row", "person_id").iter_rows())
    return sum(person[a] != person[b] for a, b in review.select("row_l", "row_r").iter_rows())


def _tally(values: pl.Series, known: tuple[str, ...]) -> dict[str, int]:
    there, index = distinct(values)
    counts = dict(zip(there, np.bincount(index, minlength=len(there) + 1)[1:].tolist(), strict=True))
    return {name: counts.get(name, 0) for name in known}


def _histogram(weights: pl.Series) -> Histogram:
    """Return counts of stored pairs per bin of weight; edges has one more entry than counts."""
    if weights.is_empty():
        return Histogram(edges=[], counts=[])
    values = weights.to_numpy()
    edges = np.arange(np.floor(values.min() / BIN_LOG2), np.ceil(values.max() / BIN_LOG2) + 1.5) * BIN_LOG2
    counts, edges = np.histogram(values, edges)
    return Histogram(edges=edges.tolist(), counts=counts.tolist())


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "polars", "pyarrow", "rapidfuzz")}
