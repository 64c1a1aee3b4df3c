"""The way through the matcher: residents in, pairs and people out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup import schema
from nikdedup.config import Config
from nikdedup.match.block import PASSES, Candidates, candidates, passes_of
from nikdedup.match.bound import Screen
from nikdedup.match.cluster import Edges, cluster
from nikdedup.match.compare import LEVEL_NAMES, Compared, Frequencies, compare
from nikdedup.match.decoys import measure_decoys
from nikdedup.match.evidence import Evidence, evidence_of
from nikdedup.match.model import Model, opaque, shipped_model
from nikdedup.match.names import compare_names
from nikdedup.match.score import Scored, band, prior_shift, score, typical_weights, vetoes
from nikdedup.match.tiles import Rows

APART = ("mother_differs", "both_passed_check", "sex_differs", "generation_apart", "twins_possible")
"""Vetoes that also keep two records out of one person when a third one connects them."""


@dataclass(frozen=True)
class Matched:
    """pairs: schema.PAIRS. people: schema.PEOPLE. report: what run.json says about matching.

    residents: the records as they were given, flagged `source_overlap` where two inputs hold one record.
    """

    pairs: pl.DataFrame
    people: pl.DataFrame
    residents: pl.DataFrame
    report: dict[str, Any]


def pair_scorer(
    residents: pl.DataFrame, *, config: Config, prior_log2: float
) -> Callable[[int, int], dict[str, Any]]:
    """Return a function that scores any two rows of an extract, whether a pass brought them together or not.

    The function gives one line of schema.PAIRS as a dict, and `weight_<field>` for the weight each field
    had in this very pair (prior_log2 is the run's own); `weight_kinship` and `weight_recording` are what takes away from their sum.
    """
    e = evidence_of(residents, structured=config.nik_scheme == "nik")
    matcher = Matcher.of(e, config, prior_log2=prior_log2)
    position = {row: place for place, row in enumerate(e.row.tolist())}

    def score_rows(row_a: int, row_b: int) -> dict[str, Any]:
        first, second = sorted((row_a, row_b))
        left, right = (np.array([position[row]], np.int32) for row in (first, second))
        found = Candidates(left, right, np.zeros(1, np.uint32), [])
        compared, scored, bands = matcher.judge(left, right)
        row = _pairs_table(found, compared, scored, bands, residents, every=True).row(0, named=True)
        weights = {f"weight_{field}": float(weight[0]) for field, weight in scored.fields.items()}
        extra = {
            "weight_kinship": float(scored.kinship_log2[0]),
            "weight_recording": float(scored.recording_log2[0]),
        }
        return row | {"passes": passes_of(e, int(left[0]), int(right[0]))} | weights | extra

    return score_rows


def match(
    residents: pl.DataFrame,
    *,
    config: Config,
    link: bool = False,
    threads: int = 1,
    officers: pl.DataFrame | None = None,
) -> Matched:
    """Find the pairs and people among residents (schema.CLEAN, VERDICTS, EVIDENCE columns).

    officers: row_l, row_r and kind (must_link, cannot_link) of what officers have settled, with every
    consequence; it goes before any weight. A record that two inputs hold (an office sends its register and a list drawn from it) is
    compared once; its copies share its person and are no duplicates.
    """
    if not link and "_source" in residents.columns and residents["_source"].n_unique() > 1:
        first, residents = fold_overlap(residents)
        once = residents.filter(first == residents["row"])
        matched = _match(once, config, link=False, threads=threads, officers=officers)
        return replace(matched, residents=residents, people=_unfold(matched.people, residents, first))
    return _match(residents, config, link=link, threads=threads, officers=officers)


def _match(
    residents: pl.DataFrame, config: Config, *, link: bool, threads: int, officers: pl.DataFrame | None
) -> Matched:
    e = evidence_of(residents, structured=config.nik_scheme == "nik")
    matcher = replace(Matcher.of(e, config), settled=Settled.of(officers, e.row))
    model = matcher.model
    found = candidates(e, matcher.screen, config.match, across_only=link, threads=threads)
    found = found.keep(matcher.worth(found.left, found.right))
    compared, scored = matcher.score(found.left, found.right)
    matcher, scored = matcher.with_prior_of(scored)
    bands = matcher.bands(compared, scored, found.left, found.right)
    ids = residents["record_id"]
    rank = _rank(ids)
    apart = matcher.settled.apart(found.left, found.right)
    bands = np.where(apart, "", bands)
    confirmed = bands == "confirmed"
    must = matcher.settled.must
    people = cluster(
        len(e),
        np.concatenate([found.left[confirmed], must[0]]),
        np.concatenate([found.right[confirmed], must[1]]),
        np.concatenate([scored.weight_log2[confirmed], np.full(len(must[0]), CERTAIN_LOG2)]),
        rank,
        matcher.edges,
        join_log2=config.match.review_log2,
    )
    parted = confirmed & (people.label[found.left] != people.label[found.right])
    bands = np.where(parted, "review", bands)
    pairs = _pairs_table(found, compared, scored, bands, residents)
    thresholds = config.match
    report = {
        "model": model.version,
        "prior_log2": round(matcher.prior_log2, 6),
        "levels": {
            field: {str(level): text for level, text in names.items()} for field, names in LEVEL_NAMES.items()
        },
        "weights": typical_weights(model, compared, scored),
        "thresholds": {
            "review_log2": thresholds.review_log2,
            "confirmed_log2": thresholds.confirmed_log2,
            "shipped_confirmed_log2": type(thresholds)().confirmed_log2,
        },
        "decoys": measure_decoys(matcher, int((bands == "confirmed").sum()), threads=threads),
        "passes": [one.as_dict() for one in found.passes],
        "candidate_pairs": len(found.left),
        "refused_joins": len(people.refused),
    }
    return Matched(pairs, _people_table(residents, people.label), residents, report)


SAME = (
    "nik_clean",
    "nama_lgkp_clean",
    "tgl_lhr_clean",
    "jenis_klmin_clean",
    "nama_lgkp_ibu_clean",
    "no_kk_clean",
)
"""Identity fields: records of different inputs that are equal in all of them are one resident seen twice."""


def fold_overlap(residents: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Return, per record, the row of its first copy in another input, and residents with `source_overlap` flagged.

    Only records with a usable NIK and a name fold; equal records of one input are duplicates, not overlap.
    """
    usable = pl.col("nik_verdict").is_in(["valid", "warning"]) & pl.col("nama_lgkp_clean").is_not_null()
    copy = pl.int_range(pl.len()).over([*SAME, "_source"])
    marked = residents.select("row", usable=usable, copy=copy, *[pl.col(c) for c in SAME])
    group = [*SAME, "usable", "copy"]
    first = marked.select(
        pl.when("usable").then(pl.col("row").min().over(group)).otherwise("row")
    ).to_series()
    overlap = marked.select(pl.col("usable") & (pl.len().over(group) > 1)).to_series()
    flags = pl.when(overlap).then(pl.col("flags").list.concat(pl.lit(["source_overlap"])).list.sort())
    return first, residents.with_columns(flags.otherwise("flags").alias("flags"))


def _unfold(people: pl.DataFrame, residents: pl.DataFrame, first: pl.Series) -> pl.DataFrame:
    """Give every copy the person of the record it is a copy of."""
    copies = residents.select("row", "record_id", first=first)
    return (
        copies.join(people.select(first="row", person_id="person_id"), on="first", how="left")
        .select("row", "record_id", "person_id")
        .sort("row")
    )


CERTAIN_LOG2 = 1000.0
"""Weight of what an officer has settled."""


@dataclass(frozen=True)
class Settled:
    """Pairs of records (left < right) that officers have said are one person, or two."""

    must: tuple[Rows, Rows]
    cannot: tuple[Rows, Rows]
    records: int

    @classmethod
    def of(cls, officers: pl.DataFrame | None, row: NDArray[np.int64]) -> Settled:
        """Turn rows of the extract into positions among the records that are compared."""
        none = np.empty(0, np.int32), np.empty(0, np.int32)
        if officers is None or officers.is_empty():
            return cls(none, none, len(row))
        order = np.argsort(row)
        place = [order[np.searchsorted(row[order], officers[side].to_numpy())] for side in ("row_l", "row_r")]
        sides = np.sort(np.stack(place), axis=0).astype(np.int32)
        must = (officers["kind"] == "must_link").to_numpy()
        return cls((sides[0, must], sides[1, must]), (sides[0, ~must], sides[1, ~must]), len(row))

    def joined(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Whether officers have said that each pair is one person."""
        return self._among(self.must, left, right)

    def apart(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Whether officers have said that each pair is two people."""
        return self._among(self.cannot, left, right)

    def _among(self, pairs: tuple[Rows, Rows], left: Rows, right: Rows) -> NDArray[np.bool_]:
        code = np.minimum(left, right).astype(np.int64) * self.records + np.maximum(left, right)
        return np.isin(code, pairs[0].astype(np.int64) * self.records + pairs[1])


@dataclass(frozen=True)
class Matcher:
    """Evidence, model and frequencies of one extract: judges any pair of its records."""

    evidence: Evidence
    model: Model
    frequencies: Frequencies
    config: Config
    prior_log2: float
    settled: Settled

    @cached_property
    def screen(self) -> Screen:
        """The cheap weighing of candidates."""
        return Screen.of(self.evidence, self.model, self.frequencies)

    @classmethod
    def of(cls, e: Evidence, config: Config, *, prior_log2: float | None = None) -> Matcher:
        """Take the shipped model and the frequencies of the extract; the shipped prior unless one is given."""
        model = shipped_model() if e.structured else opaque(shipped_model())
        prior = model.prior_log2("match", len(e)) if prior_log2 is None else prior_log2
        return cls(e, model, Frequencies.of(e), config, prior, Settled.of(None, e.row))

    def worth(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Return which pairs can still reach the review threshold now that their names are compared."""
        names = compare_names(self.evidence.names.words, self.evidence.names.text, left, right)
        field = self.model.fields["name"]
        slack = np.where(field.rare[names.level], names.shared_log2, 0) - field.stranger[names.level]
        weight = (field.known["match"][names.level] + slack).astype(np.float32)
        review = self.config.match.review_log2
        return self.screen.keeps(left, right, review_log2=review, name_log2=weight)

    def score(self, left: Rows, right: Rows) -> tuple[Compared, Scored]:
        """Compare and score pairs."""
        compared = compare(self.evidence, self.frequencies, left, right)
        return compared, score(self.model, self.evidence, compared, left, right, prior_log2=self.prior_log2)

    def with_prior_of(self, scored: Scored) -> tuple[Matcher, Scored]:
        """Return the matcher with the share of matches that the weights themselves imply, and the weights under it."""
        shift = prior_shift(scored.weight_log2, len(self.evidence), self.model.expected["match"])
        moved = replace(scored, weight_log2=scored.weight_log2 + shift)
        return replace(self, prior_log2=self.prior_log2 + shift), moved

    def bands(self, compared: Compared, scored: Scored, left: Rows, right: Rows) -> NDArray[np.str_]:
        """Return the band of each scored pair."""
        vetoed = np.any(list(vetoes(self.evidence, compared, left, right).values()), axis=0)
        return band(scored.weight_log2, vetoed, self.config.match)

    def judge(self, left: Rows, right: Rows) -> tuple[Compared, Scored, NDArray[np.str_]]:
        """Compare and score pairs; third is the band of each."""
        compared, scored = self.score(left, right)
        return compared, scored, self.bands(compared, scored, left, right)

    def edges(self, left: Rows, right: Rows) -> Edges:
        """Return weights of pairs inside a chain, and which of them must stay apart."""
        compared, scored = self.score(left, right)
        against = vetoes(self.evidence, compared, left, right)
        joined = self.settled.joined(left, right)
        apart = np.any([against[name] for name in APART], axis=0) & ~joined | self.settled.apart(left, right)
        return Edges(left, right, np.where(joined, CERTAIN_LOG2, scored.weight_log2), apart)


def _rank(ids: pl.Series) -> NDArray[np.int64]:
    """Return the order of record ids: shorter first, then by text, so that 9 comes before 10."""
    frame = pl.DataFrame({"id": ids})
    order = frame.select(pl.arg_sort_by(pl.col("id").str.len_bytes(), "id")).to_series().to_numpy()
    rank = np.empty(len(ids), np.int64)
    rank[order] = np.arange(len(ids))
    return rank


def _people_table(residents: pl.DataFrame, label: Rows) -> pl.DataFrame:
    ids = residents["record_id"]
    return pl.DataFrame(
        {"row": residents["row"], "record_id": ids, "person_id": "P" + ids.gather(label)},
        schema=schema.PEOPLE,
    )


def _pairs_table(
    found: Candidates,
    compared: Compared,
    scored: Scored,
    bands: NDArray[np.str_],
    residents: pl.DataFrame,
    *,
    every: bool = False,
) -> pl.DataFrame:
    """Return schema.PAIRS: pairs that are confirmed, to be reviewed or of a named relation; or all of them."""
    relation = np.where(bands != "", "same_person", scored.relation)
    relation = np.where((bands == "") & (relation == "same_person"), "none", relation)
    keep = np.flatnonzero((bands != "") | (relation != "none") | every)
    left, right = found.left[keep], found.right[keep]
    weight = scored.weight_log2[keep]
    names = pl.Series([one.name for one in PASSES])
    table = pl.DataFrame(
        {
            "row_l": residents["row"].gather(left),
            "row_r": residents["row"].gather(right),
            "record_id_l": residents["record_id"].gather(left),
            "record_id_r": residents["record_id"].gather(right),
            "passes": _pass_names(found.found[keep], names),
            **{f"level_{name}": compared.level[name][keep] for name in schema.LEVELS},
            "weight_log2": weight.round(6),
            "probability": (1 / (1 + np.exp2(-weight))).round(9),
            "relation": relation[keep].astype(str),
            "band": pl.Series(bands[keep].astype(str)).replace("", None),
        },
        schema=schema.PAIRS,
    )
    return table.sort("row_l", "row_r")


def _pass_names(found: NDArray[np.uint32], names: pl.Series) -> pl.Series:
    """Turn bits into lists of pass names; each distinct combination once."""
    codes, back = np.unique(found, return_inverse=True)
    lists = [[name for bit, name in enumerate(names) if code >> bit & 1] for code in codes.tolist()]
    return pl.Series(lists, dtype=pl.List(pl.String)).gather(back)
