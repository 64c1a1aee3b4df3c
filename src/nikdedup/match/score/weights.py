"""Weight, probability, relation and band of each compared pair.

weight_log2 is the log2 odds that two records are one person, prior included, against
everything else they could be: strangers, twins, siblings, parent and child, or two
people under one NIK. 0 is even odds, 10 is a thousand to one.

Source: Fellegi and Sunter (1969); the alternatives to `match` are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nikdedup.columnar.arrays import Rows
from nikdedup.config import MatchConfig
from nikdedup.match.compare import Compared
from nikdedup.match.features import Evidence, among, missing
from nikdedup.match.levels import NIK_EQUAL, KkLevel, NameLevel
from nikdedup.match.score.em import MATCHES_PER_RECORD
from nikdedup.match.score.held import YEARS_14, presumed_two
from nikdedup.match.score.model import ALTERNATIVES, Model
from nikdedup.runtime.threads import chunks, side_by_side

Weights = NDArray[np.float64]
NIK_OF_TWO_LOG2 = 20.0
"""Odds that names without any likeness under one NIK are two people, whatever else they have in common: twins on whom
one NIK was typed have all of it."""


@dataclass(frozen=True)
class Scored:
    """Per pair: total weight, the weight of each field against strangers, and what else takes away from it.

    kinship_log2: what kin and shared NIKs explain as well (<= 0). recording_log2: what it says that
    both passed the national check under two NIKs (<= 0).
    """

    weight_log2: Weights
    fields: dict[str, Weights]
    kinship_log2: Weights
    recording_log2: Weights
    relation: NDArray[np.str_]

    def take(self, which: NDArray[np.bool_] | Rows | slice) -> Scored:
        """Return the scores of the pairs that `which` marks."""
        fields = {name: of[which] for name, of in self.fields.items()}
        return Scored(
            self.weight_log2[which],
            fields,
            self.kinship_log2[which],
            self.recording_log2[which],
            self.relation[which],
        )

    @classmethod
    def joined(cls, parts: list[Scored]) -> Scored:
        """Return the parts as one; at least one part."""
        return cls(
            np.concatenate([part.weight_log2 for part in parts]),
            {name: np.concatenate([part.fields[name] for part in parts]) for name in parts[0].fields},
            np.concatenate([part.kinship_log2 for part in parts]),
            np.concatenate([part.recording_log2 for part in parts]),
            np.concatenate([part.relation for part in parts]),
        )


def score(
    model: Model, e: Evidence, compared: Compared, left: Rows, right: Rows, *, prior_log2: float
) -> Scored:
    """Return weight and relation of each compared pair.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
        prior_log2: odds that any two records are one person.
    """
    parts = side_by_side(
        lambda some: _score(model, e, compared.take(some), left[some], right[some], prior_log2),
        chunks(len(left)),
    )
    return Scored.joined(parts)


def _score(
    model: Model, e: Evidence, compared: Compared, left: Rows, right: Rows, prior_log2: float
) -> Scored:
    records = e.population.records
    match = {name: known_log2(model, name, "match", compared) for name in compared.level}
    stranger = {name: _stranger(model, name, compared, records) for name in compared.level}
    stranger["name"] = stranger["name"] + _contained(model, "stranger", compared)
    fields = {name: match[name] - stranger[name] for name in match}
    recording = np.where(presumed_two(e, left, right), model.both_passed_log2, 0.0)
    against_strangers = prior_log2 + recording + np.sum(list(fields.values()), axis=0)
    total = np.zeros(len(left))
    odds = {}
    for name in ALTERNATIVES:
        odds[name] = _alternative(model, name, compared, stranger, records)
        odds[name][~_possible(name, compared)] = -np.inf
        if name == "shared_nik":
            two = compared.nik_of_two
            odds[name][two] = np.maximum(odds[name], against_strangers + NIK_OF_TWO_LOG2)[two]
        total = np.logaddexp2(total, odds[name])
    weight = against_strangers - total
    return Scored(weight, fields, -total, recording, _relation(weight, against_strangers, odds, compared))


def _stranger(model: Model, name: str, compared: Compared, records: int) -> Weights:
    """Return log2 u of each pair's level in one field, by the rarity of what is shared."""
    field = model.fields[name]
    level = compared.level[name]
    value = field.stranger[level].astype(np.float64)
    if name == "kk":
        return np.where(level == KkLevel.EQUAL, np.log2(model.household / among(records)), value)
    value = value - field.slope[level] * compared.shared_log2[name]
    return np.minimum(value, 0.0)


def _alternative(
    model: Model, name: str, compared: Compared, stranger: dict[str, Weights], records: int
) -> Weights:
    """Return log2 odds of an alternative against strangers."""
    odds = np.full(len(compared.days_apart), model.prior_log2(name, records))
    for field in compared.level:
        if name in model.fields[field].known:
            odds += known_log2(model, field, name, compared) - stranger[field]
    return odds


def known_log2(model: Model, field: str, hypothesis: str, compared: Compared) -> Weights:
    """Return log2 of the chance of each pair's level in one field, under a hypothesis that has a row for it.

    What names have in common beyond their parents' names speaks against kin, but where one name is the other
    and words more: twins are named so whatever the words.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        field: a field of the model.
        hypothesis: what may be so: a row of the model's table for the field.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
    """
    found = model.fields[field].known[hypothesis][compared.level[field]].astype(np.float64)
    if field != "name":
        return found
    found += _contained(model, hypothesis, compared)
    alike = compared.level["name"] >= NameLevel.ONE_WORD
    if hypothesis == "twin":
        alike &= ~compared.contained
    beyond = np.clip(compared.own_log2 - model.own_free, 0, model.own_most)
    return found - np.where(alike, model.own_decay.get(hypothesis, 0.0) * beyond, 0.0)


def _contained(model: Model, name: str, compared: Compared) -> Weights:
    """Return log2 of how often close names are, or are not, one contained in the other, under a hypothesis."""
    share = model.contained[name]
    said = np.where(compared.contained, np.log2(share), np.log2(1 - share))
    return np.where(compared.level["name"] == NameLevel.CLOSE, said, 0.0)


def _possible(name: str, compared: Compared) -> NDArray[np.bool_]:
    if name == "parent_child":
        return compared.days_apart >= YEARS_14
    return np.ones(len(compared.days_apart), np.bool_)


def _relation(
    weight: Weights, against_strangers: Weights, odds: dict[str, Weights], compared: Compared
) -> NDArray[np.str_]:
    """Name the likeliest explanation; `none` where strangers explain the pair best."""
    names = np.array(["same_person", *ALTERNATIVES, "none"])
    table = np.stack([against_strangers, *(odds[name] for name in ALTERNATIVES), np.zeros(len(weight))])
    named: NDArray[np.str_] = names[table.argmax(axis=0)]
    nik_equal = np.isin(compared.level["nik_birth_sex"], NIK_EQUAL)
    return np.where(nik_equal & (named == "none"), "shared_nik", named)


def prior_shift(weight_log2: Weights, records: int, expected: float) -> float:
    """Return what to add to all weights so that the prior says as many matches as the weights imply.

    The expectation-maximisation step for the share of matches alone (m and u stay as shipped), to its fixed
    point, within MATCHES_PER_RECORD. A clean register lowers the odds, one full of doubles raises them; a small
    extract does so as far as it is one of the records it is taken to lie among.

    Args:
        weight_log2: weight of each compared pair, in bits, prior included.
        records: number of records of the extract.
        expected: matches that the prior of these weights says.
    """
    low, high = np.log2(MATCHES_PER_RECORD) - np.log2(expected)
    shift = 0.0
    for _ in range(50):
        found = float((1 / (1 + np.exp2(-(weight_log2 + shift).clip(-60, 60)))).sum())
        implied = (found + expected * missing(records)) / among(records)
        following = float(np.clip(np.log2(max(implied, 1e-9) / expected), low, high))
        if abs(following - shift) < 1e-6:
            break
        shift = following
    return round(shift, 6)


def band(
    weight: Weights, decided: Weights, vetoed: NDArray[np.bool_], config: MatchConfig
) -> NDArray[np.str_]:
    """Return confirmed, review or an empty string for each pair.

    Args:
        weight: weight of each pair, in bits.
        decided: highest threshold at which it is confirmed, as `decided_log2` returns it.
        vetoed: whether a rule forbids to confirm the pair.
        config: settings of the run.
    """
    reviewed = weight >= config.review_log2
    confirmed = reviewed & (decided >= config.confirmed_log2) & ~vetoed
    return np.select([confirmed, reviewed], ["confirmed", "review"], "")


def typical_weights(model: Model, compared: Compared, scored: Scored) -> dict[str, list[float | None]]:
    """Return the median weight of each level of each field among the compared pairs; null where no pair has it.

    Agreement on a rare value weighs more than this, on a common one less.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        scored: weights and relations of the same pairs.
    """

    def medians(name: str) -> list[float | None]:
        level, weights = compared.level[name], scored.fields[name]
        of_level = (weights[level == k] for k in range(len(model.fields[name].stranger)))
        return [round(float(np.median(some)), 3) if len(some) else None for some in of_level]

    return dict(zip(scored.fields, side_by_side(medians, scored.fields), strict=True))
