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

from nikdedup.columnar.arrays import LevelArray, Rows
from nikdedup.columnar.calendar import NO_DATE
from nikdedup.config import MatchConfig
from nikdedup.match.compare import Compared, date_relations
from nikdedup.match.features import Evidence, among, missing
from nikdedup.match.levels import (
    NIK_EQUAL,
    AddressLevel,
    BirthLevel,
    FurtherLevel,
    KkLevel,
    NameLevel,
    PlaceLevel,
)
from nikdedup.match.score.em import MATCHES_PER_RECORD
from nikdedup.match.score.model import ALTERNATIVES, Model
from nikdedup.runtime.threads import chunks, side_by_side
from nikdedup.schema import IDS

Weights = NDArray[np.float64]
NIK_OF_TWO_LOG2 = 20.0
"""Odds that names without any likeness under one NIK are two people, whatever else they have in common: twins on whom
one NIK was typed have all of it."""
NIK_SLIPS = (BirthLevel.NIK_SLIP, BirthLevel.BORN_TOGETHER_NIK_SLIP)
"""Levels of two NIKs one slip apart."""
BORN_ALIKE = (BirthLevel.BORN_TOGETHER, BirthLevel.BORN_TOGETHER_NIK_SLIP)
"""Levels of equal birth date and sex and two NIKs, one digit apart or more."""
EXPLAINED = BirthLevel.DATE_IN_NIK
"""Level from which a NIK accounts for the difference of the dates."""
BIRTHS_APART = 270
"""Days between two births of one mother, at least."""
YEARS_14 = 14 * 365
"""Days between a parent and a child at least."""


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

    def take(self, which: Rows) -> Scored:
        """Return the scores of some pairs, by their places."""
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


def vetoes(e: Evidence, compared: Compared, left: Rows, right: Rows) -> dict[str, NDArray[np.bool_]]:
    """Return, per rule, which pairs may never be confirmed automatically (at most reviewed).

    Args:
        e: evidence of all records.
        compared: levels and term frequencies of the n pairs, as `compare` returns them.
        left: numbers of the records on the left, one for each of n pairs.
        right: numbers of the records on the right, n too.
    """
    level = compared.level
    nik_equal = np.isin(level["nik_birth_sex"], NIK_EQUAL)
    default = e.birth_default[left] & e.birth_default[right] & ~nik_equal
    said = e.father_in_name[left] & e.father_in_name[right]
    kin = _may_be_kin(e, level)
    return {
        "name_missing": (level["name"] == NameLevel.MISSING)
        & (level["nik_birth_sex"] != BirthLevel.NIK_AND_BIRTH),
        "name_alone": (level["nik_birth_sex"] == BirthLevel.MISSING)
        & ~_agree_at_home(e, level)
        & (level["place"] < PlaceLevel.SIMILAR),
        "nik_of_two": compared.nik_of_two,
        "names_differ_under_nik": compared.names_differ | _undated_under_one_nik(e, level),
        "siblings_possible": _siblings_under_one_nik(e, compared, left, right),
        "mother_differs": level["mother"] == NameLevel.DIFFERENT,
        "patronymic_differs": said
        & ((level["father"] == NameLevel.DIFFERENT) | (level["name"] == NameLevel.SIMILAR)),
        "father_differs_without_mother": (level["father"] == NameLevel.DIFFERENT)
        & (level["mother"] == NameLevel.MISSING),
        "default_date_without_mother": default
        & (level["mother"] == NameLevel.MISSING)
        & ~_father_or_card(level),
        "default_date_alone": default & ((level["name"] <= NameLevel.ONE_WORD) | _niks_apart(e, left, right)),
        "both_passed_check": presumed_two(e, left, right),
        "four_elements_alone": _four_elements_alone(e, level, left, right),
        "twins_possible": (level["kk"] == KkLevel.EQUAL) & _numbered_as_twins(e, compared, left, right),
        "sex_differs": compared.sex_differs & kin,
        "birth_differs": (level["nik_birth_sex"] == BirthLevel.DIFFERENT) & kin,
        "generation_apart": (compared.days_apart >= YEARS_14) & _unexplained(e, level["nik_birth_sex"]) & kin,
    }


def _undated_under_one_nik(e: Evidence, level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where one NIK is on names that share a word at most, and no date says whose it is."""
    undated: NDArray[np.bool_] = (level["nik_birth_sex"] == BirthLevel.NIK_UNDATED) & e.structured
    return undated & (level["name"] <= NameLevel.ONE_WORD)


def _four_elements_alone(
    e: Evidence, level: dict[str, LevelArray], left: Rows, right: Rows
) -> NDArray[np.bool_]:
    """Return where two undamaged NIKs have name, date, sex and place in common and nothing else: no proof.

    Mother, father, card or address prove; so does a NIK whose date digits are the other's with a slip. Of an id that
    is no NIK nobody knows that it is a person's only one. Source: docs/domain.md 6, the official test.
    """
    two: NDArray[np.bool_] = e.nik_plain[left] & e.nik_plain[right] & ~_agree_at_home(e, level) & e.structured
    two &= e.nik[left] != e.nik[right]
    slip = np.flatnonzero(two & np.isin(level["nik_birth_sex"], NIK_SLIPS))
    two[slip] = _says_of_birth(e, left[slip]) == _says_of_birth(e, right[slip])
    return two


def _father_or_card(level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where the father, or the card, stands in for a mother who is missing."""
    stands_in: NDArray[np.bool_] = (level["father"] >= NameLevel.CLOSE) | (level["kk"] == KkLevel.EQUAL)
    return stands_in


def _agree_at_home(e: Evidence, level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where mother, father, card, address or a further id agree."""
    agree: NDArray[np.bool_] = (level["mother"] >= NameLevel.SIMILAR) | (level["father"] >= NameLevel.SIMILAR)
    agree |= (level["kk"] == KkLevel.EQUAL) | (level["address"] >= AddressLevel.SIMILAR)
    for name, kind in e.kinds.items():
        if kind in IDS:
            agree |= level[name] == FurtherLevel.EQUAL
    return agree


def _may_be_kin(e: Evidence, level: dict[str, LevelArray]) -> NDArray[np.bool_]:
    """Return where two records may be of one family: on one card, on cards nobody knows, or under unlike names.

    A file of opaque ids lists persons, not families: there names alone tell.
    """
    if not e.structured:
        return level["name"] < NameLevel.CLOSE
    kin: NDArray[np.bool_] = (level["kk"] != KkLevel.DIFFERENT) | (level["name"] < NameLevel.SAME_SOUND)
    return kin


def _siblings_under_one_nik(e: Evidence, compared: Compared, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where one NIK is on names that are not equal, born so far apart as siblings are, and no slip says why."""
    level = compared.level
    apart: NDArray[np.bool_] = (level["nik_birth_sex"] == BirthLevel.NIK_ALONE) & (
        level["name"] < NameLevel.SAME_SOUND
    )
    apart &= (compared.days_apart > BIRTHS_APART) & e.structured
    slips = date_relations(e, left[apart], right[apart])
    default = e.birth_default[left[apart]] | e.birth_default[right[apart]]
    apart[apart] = ~(slips[0] | slips[1] | default)
    return apart


def _unexplained(e: Evidence, joint: LevelArray) -> NDArray[np.bool_]:
    """Return where no NIK accounts for dates a generation apart: they differ, or one NIK is on both."""
    unexplained: NDArray[np.bool_] = (
        (joint < EXPLAINED)
        | (joint == BirthLevel.TWO_PARTS)
        | ((joint == BirthLevel.NIK_ALONE) & e.structured)
    )
    return unexplained


def _numbered_as_twins(e: Evidence, compared: Compared, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where unlike names on one date have the NIKs that twins have.

    They are neighbours. Or the dates or sexes inside two undamaged NIKs differ, one issued with a slip, and so do
    their serials: an equal serial under another slip is one number, typed wrong. Or one name is the other and a word
    more, as the names of twins often are. Names of one sound are no twins'.
    """
    level = compared.level
    joint, unlike = level["nik_birth_sex"], level["name"] < NameLevel.SAME_SOUND
    apart = (
        np.isin(joint, BORN_ALIKE)
        & (level["name"] < NameLevel.SAME_SOUND)
        & e.nik_plain[left]
        & e.nik_plain[right]
        & e.structured
    )
    one, other = left[apart], right[apart]
    issued = (_says_of_birth(e, one) != _says_of_birth(e, other)) & (_serial(e, one) != _serial(e, other))
    apart[apart] = issued | compared.contained[apart]
    numbered: NDArray[np.bool_] = (unlike & (joint == BirthLevel.NEIGHBOURS)) | apart
    return numbered


def _serial(e: Evidence, rows: Rows) -> NDArray[np.int64]:
    return e.nik[rows] % 10_000


def _says_of_birth(e: Evidence, rows: Rows) -> NDArray[np.int64]:
    """Return the digits of the NIK that hold date and sex, as a number."""
    return e.nik[rows] // 10_000 % 1_000_000


def _niks_apart(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return where both NIKs are undamaged and the dates inside are a generation apart."""
    dated = (e.nik_birth[left] != NO_DATE) & (e.nik_birth[right] != NO_DATE)
    days = np.abs(e.nik_birth[left].astype(np.int64) - e.nik_birth[right])
    apart: NDArray[np.bool_] = e.nik_plain[left] & e.nik_plain[right] & dated & (days >= YEARS_14)
    return apart


def presumed_two(e: Evidence, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Whether both records passed the national 1:N check under different, undamaged NIKs: presumed two people."""
    plain = e.nik_plain[left] & e.nik_plain[right] & (e.nik[left] != e.nik[right])
    both: NDArray[np.bool_] = plain & e.passed_check[left] & e.passed_check[right]
    return both


def band(weight: Weights, vetoed: NDArray[np.bool_], config: MatchConfig) -> NDArray[np.str_]:
    """Return confirmed, review or an empty string for each pair.

    Args:
        weight: weight of each pair, in bits.
        vetoed: whether a rule forbids to confirm the pair.
        config: settings of the run.
    """
    confirmed = (weight >= config.confirmed_log2) & ~vetoed
    return np.select([confirmed, weight >= config.review_log2], ["confirmed", "review"], "")


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
