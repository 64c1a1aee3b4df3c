"""Evidence and model of the records at hand: what judges any pair of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.config import Config
from nikdedup.match.cluster import CERTAIN_LOG2, Constraints, Edges
from nikdedup.match.compare import Compared, ComparedNames, compare, compare_own_names
from nikdedup.match.features import Evidence
from nikdedup.match.prefilter import Prefilter, names_log2
from nikdedup.match.score import (
    Chances,
    Estimate,
    Model,
    Scored,
    band,
    chances_of,
    decided_log2,
    estimate,
    opaque,
    prior_shift,
    reviewed_chance,
    rules_of,
    score,
    shipped_model,
    vetoes,
    with_further,
    with_match,
    with_word_counts,
)
from nikdedup.runtime.threads import chunks, side_by_side
from nikdedup.schema import KIN

APART = (
    "nik_of_two",
    "mother_differs",
    "patronymic_differs",
    "both_passed_check",
    "sex_differs",
    "generation_apart",
    "twins_possible",
)
"""Vetoes that also keep two records out of one person when a third one connects them."""
FAMILIES = ("sex_differs", "generation_apart")
"""Those of them that tell relatives apart: a file of opaque ids lists persons, not families."""


Weights = NDArray[np.float64]
PRIOR_DIGITS = 6
"""Digits of a prior behind the point: it is used as it is written down, so that a later run can go by it."""


@dataclass(frozen=True)
class Judgement:
    """What a run has learnt of its extract, for later runs that are to judge alike.

    model: version of the shipped weights. match: field -> m of level 1 and up, empty where the shipped m stand.
    """

    model: str
    prior_log2: float
    match: dict[str, list[float]]
    confirmed_log2: float

    def as_dict(self) -> dict[str, Any]:
        """Return the judgement, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Matcher:
    """Evidence and model of the records at hand: judges any pair of them."""

    evidence: Evidence
    model: Model
    prefilter: Prefilter
    config: Config
    prior_log2: float
    constraints: Constraints

    @classmethod
    def of(
        cls,
        e: Evidence,
        config: Config,
        *,
        prior_log2: float | None = None,
        match: dict[str, list[float]] | None = None,
    ) -> Matcher:
        """Take the shipped model for the population; the shipped prior and m unless they are given."""
        population = e.population
        model = shipped_model() if population.ids is None else opaque(shipped_model(), population.ids)
        model = with_further(model, e.kinds, population.further)
        model = with_word_counts(with_match(model, match or {}), population.word_counts)
        prior = model.prior_log2("match", population.records) if prior_log2 is None else prior_log2
        return cls(e, model, Prefilter.of(e, model), config, prior, Constraints.of(None, e.row))

    def names(self, left: Rows, right: Rows) -> ComparedNames:
        """Compare the names of pairs, before anything else is."""
        return compare_own_names(self.evidence, left, right)

    def reachable(self, left: Rows, right: Rows, names: ComparedNames) -> NDArray[np.bool_]:
        """Return which pairs can still reach the review threshold now that their names are compared."""
        review = self.config.match.review_log2
        exact = names_log2(self.model, names)
        return self.prefilter.keeps(left, right, review_log2=review, name_log2=exact)

    def score(self, left: Rows, right: Rows, names: ComparedNames | None = None) -> tuple[Compared, Scored]:
        """Compare and score pairs; names: of the same pairs, where they are compared already."""
        compared = compare(self.evidence, left, right, own_names=names)
        return compared, score(self.model, self.evidence, compared, left, right, prior_log2=self.prior_log2)

    def estimated(
        self, compared: Compared, scored: Scored, *, more_log2: Weights | float = 0.0
    ) -> tuple[Matcher, Scored, Estimate | None]:
        """Return the matcher with m and prior of the extract itself, the weights under it, and how that went.

        With `match.estimate` off (then third is None), or where it was refused, the prior alone follows the extract.

        Args:
            compared: levels and term frequencies of pairs.
            scored: their weights.
            more_log2: by how many bits each is likelier for what no field says, when it is asked which are one person.
        """
        found = None
        if self.config.match.estimate:
            weight, records = scored.weight_log2 + more_log2, self.evidence.population.records
            found = estimate(self.model, compared.level, weight, records)
        if found is None or not found.match:
            return *self.with_prior_of(scored), found
        matcher, moved = self.with_match(found.match, compared, scored)
        return *matcher.with_prior_of(moved), found

    def by(self, judgement: Judgement, compared: Compared, scored: Scored) -> tuple[Matcher, Scored]:
        """Return the matcher with what an earlier run has learnt, and the weights under it."""
        matcher, moved = self.with_match(judgement.match, compared, scored)
        return matcher.with_prior(judgement.prior_log2, moved)

    def with_match(
        self, match: dict[str, list[float]], compared: Compared, scored: Scored
    ) -> tuple[Matcher, Scored]:
        """Return the matcher with another m, and the weights under it; both as they are where `match` is empty."""
        if not match:
            return self, scored
        matcher = replace(self, model=with_match(self.model, match))
        known, shipped = (
            {name: model.fields[name].known["match"].astype(np.float64) for name in scored.fields}
            for model in (matcher.model, self.model)
        )
        weight = scored.weight_log2.copy()
        fields = {name: of_field.copy() for name, of_field in scored.fields.items()}

        def move(some: slice) -> None:
            for name, of_field in fields.items():
                more = (known[name] - shipped[name])[compared.level[name][some]]
                of_field[some] += more
                weight[some] += more

        side_by_side(move, chunks(len(weight)))
        return matcher, replace(scored, weight_log2=weight, fields=fields)

    def with_prior_of(self, scored: Scored) -> tuple[Matcher, Scored]:
        """Return the matcher with the share of matches that the weights themselves imply, and the weights under it."""
        shift = prior_shift(
            scored.weight_log2, self.evidence.population.records, self.model.expected["match"]
        )
        return self.with_prior(round(self.prior_log2 + shift, PRIOR_DIGITS), scored)

    def with_prior(self, prior_log2: float, scored: Scored) -> tuple[Matcher, Scored]:
        """Return the matcher with another share of matches, and the weights under it."""
        moved = replace(scored, weight_log2=scored.weight_log2 + (prior_log2 - self.prior_log2))
        return replace(self, prior_log2=prior_log2), moved

    def bands(self, compared: Compared, scored: Scored, left: Rows, right: Rows) -> NDArray[np.str_]:
        """Return the band of each scored pair."""
        return self.banded(scored, self.chances(compared, scored, left, right))

    def banded(self, scored: Scored, chances: Chances) -> NDArray[np.str_]:
        """Return the band of each scored pair. chances: of the same pairs."""
        weight = scored.weight_log2
        return band(weight, self.decided_log2(weight, chances.chance), chances.held, self.config.match)

    def decided_log2(
        self, weight_log2: NDArray[np.float64], chance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the highest threshold at which pairs of such weight and chance are confirmed, rules aside."""
        return decided_log2(weight_log2, chance, sure=self.config.match.confirmed_probability)

    def chances(self, compared: Compared, scored: Scored, left: Rows, right: Rows) -> Chances:
        """Return how likely each scored pair is one person, clustering aside, and which a rule forbids to confirm."""
        return chances_of(self.evidence, compared, scored, left, right)

    def reviewed_chance(
        self,
        compared: Compared,
        scored: Scored,
        left: Rows,
        right: Rows,
        *,
        kind: LevelArray,
        beside: dict[str, NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Return how likely scored pairs are that are put to people. kind: PairKind. beside: as `beside` returns it."""
        return reviewed_chance(self.evidence, compared, scored, left, right, kind=kind, beside=beside)

    def rules(
        self, compared: Compared, scored: Scored, left: Rows, right: Rows
    ) -> dict[str, NDArray[np.bool_]]:
        """Return, per rule, which of the scored pairs may never be confirmed."""
        return rules_of(self.evidence, compared, scored, left, right)

    def with_confirmed(self, threshold_log2: float) -> Matcher:
        """Return the matcher with another threshold of what is confirmed."""
        limits = self.config.match.model_copy(update={"confirmed_log2": threshold_log2})
        return replace(self, config=self.config.model_copy(update={"match": limits}))

    def judge(self, left: Rows, right: Rows) -> tuple[Compared, Scored, NDArray[np.str_]]:
        """Compare and score pairs; third is the band of each."""
        compared, scored = self.score(left, right)
        return compared, scored, self.bands(compared, scored, left, right)

    def edges(self, left: Rows, right: Rows) -> Edges:
        """Return weights of pairs inside a chain, and the rule by which each of them must stay apart."""
        compared, scored = self.score(left, right)
        against = vetoes(self.evidence, compared, left, right)
        joined = self.constraints.joined(left, right)
        e = self.evidence
        related = (scored.weight_log2 < self.config.match.review_log2) & np.isin(scored.relation, KIN)
        rules = {
            "cannot_link": self.constraints.apart(left, right),
            **{name: against[name] & ~joined for name in APART if e.structured or name not in FAMILIES},
            "possible_relative": related & ~joined,
        }
        apart = np.select(list(rules.values()), list(rules), "")
        return Edges(left, right, np.where(joined, CERTAIN_LOG2, scored.weight_log2), apart)
