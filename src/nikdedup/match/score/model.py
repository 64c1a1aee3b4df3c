"""The Fellegi-Sunter model as a table: P(level | hypothesis) per field.

Six hypotheses explain a pair: one person (match), two strangers, or two people who
agree on much for a reason: twins, siblings, parent and child, a NIK held by both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nikdedup.match.features import IdChance, among, missing
from nikdedup.match.kernels import PrefilterWeights
from nikdedup.match.levels import FURTHER_LEVELS, LEVEL_NAMES, NIK_EQUAL, SAME_BIRTH, BirthLevel, FurtherLevel
from nikdedup.schema import IDS

ALTERNATIVES = ("twin", "sibling", "parent_child", "shared_nik")
"""Two people who agree for a reason; field rows they do not have are those of strangers."""
FAMILY = ALTERNATIVES[:3]
"""Those of them that are kin."""

SOME = (0.02, 0.98)
"""Bounds of the share of names that differ in how many words they have."""

SLIP_LOG2 = (-16.0, -3.0)
"""Bounds of log2 of the chance that two people's values of a column lie one slip apart."""

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Field:
    """One field of the model; every array is indexed by level and holds log2 values.

    known: hypothesis -> log2 P(level | hypothesis). stranger: the part of log2 u that does not
    depend on the value; `slope` times the term frequency of the shared value is subtracted from it.
    """

    known: dict[str, Table]
    stranger: Table
    slope: Table


@dataclass(frozen=True)
class Model:
    """All fields, how many pairs of each hypothesis an extract holds per record, and the version.

    further: by kind of a further column of evidence (schema.FURTHER).
    own_free, own_most, own_decay: from how many bits on, for how many, and by how many bits each, what two
    names have in common beyond their parents' names speaks against the kin of a hypothesis. contained: hypothesis ->
    share of close names that are one contained in the other, where of two names `word_counts_differ` do so.
    """

    fields: dict[str, Field]
    further: dict[str, Field]
    expected: dict[str, float]
    household: float
    both_passed_log2: float
    own_free: float
    own_most: float
    own_decay: dict[str, float]
    contained: dict[str, float]
    word_counts_differ: float
    opaque_kin_log2: float
    prefilter: PrefilterWeights
    version: str

    def prior_log2(self, hypothesis: str, records: int) -> float:
        """Return log2 of the odds that a random pair of the extract is of this hypothesis.

        A small extract is taken to lie among others, see small_extracts.py.
        """
        return float(np.log2(self.expected[hypothesis]) - np.log2((among(records) - 1) / 2))


@cache
def shipped_model() -> Model:
    """Return the model in `data/model.toml`."""
    text = files("nikdedup.data").joinpath("model.toml").read_text(encoding="utf-8")
    return model_of(tomllib.loads(text))


def model_of(values: dict[str, Any]) -> Model:
    """Build a model from the values of a TOML table as `data/model.toml` describes it."""
    fields = {name: _field(values[name], len(levels)) for name, levels in LEVEL_NAMES.items()}
    fields["nik_birth_sex"] = _told_alone(fields["nik_birth_sex"])
    return Model(
        fields,
        further={kind: _field(row, len(FURTHER_LEVELS)) for kind, row in values["further"].items()},
        expected=dict(values["expected"]),
        household=float(values["kk"]["household"]),
        both_passed_log2=float(values["recording"]["both_passed_log2"]),
        own_free=float(values["name"]["own"]["free"]),
        own_most=float(values["name"]["own"]["most"]),
        own_decay={name: float(bits) for name, bits in values["name"]["own"]["decay"].items()},
        contained={name: float(share) for name, share in values["name"]["contained"]["of"].items()},
        word_counts_differ=float(values["name"]["contained"]["word_counts_differ"]),
        opaque_kin_log2=float(values["nik_birth_sex"]["opaque"]["kin_log2"]),
        prefilter=PrefilterWeights.of(values["prefilter"]),
        version=values["version"],
    )


def opaque(model: Model, chance: IdChance) -> Model:
    """Return the model for ids without the structure of a NIK.

    A slip in the id is evidence of its own, as far as two people's ids seldom lie so near; and such a file is a
    list of persons, no register of whole families.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        chance: how alike the ids of two people are.
    """
    joint = model.fields["nik_birth_sex"]

    def by_chance(row: Table) -> Table:
        found = row.copy()
        found[BirthLevel.NIK_SLIP] = chance.slip_log2
        found[BirthLevel.BORN_TOGETHER_NIK_SLIP] = row[BirthLevel.BORN_TOGETHER] + chance.slip_log2
        for level in NIK_EQUAL:
            found[level] = max(row[level], chance.equal_log2)
        return found

    known = {name: row if name == "match" else by_chance(row) for name, row in joint.known.items()}
    joint = _told_alone(replace(joint, known=known, stranger=by_chance(joint.stranger)))
    kin = {name: model.expected[name] * 2**model.opaque_kin_log2 for name in FAMILY}
    return replace(model, fields=model.fields | {"nik_birth_sex": joint}, expected=model.expected | kin)


def with_further(model: Model, kinds: Mapping[str, str], chances: Mapping[str, IdChance]) -> Model:
    """Return the model with a field for each further column of evidence.

    Args:
        model: the shipped model.
        kinds: name of each column -> its kind.
        chances: how alike two values of each column lie by chance.
    """
    fields = dict(model.fields)
    for name, kind in kinds.items():
        field = model.further[kind]
        if kind in IDS:
            stranger = field.stranger.copy()
            stranger[FurtherLevel.SIMILAR] = np.clip(chances[name].slip_log2, *SLIP_LOG2)
            field = replace(field, stranger=stranger)
        fields[name] = field
    return replace(model, fields=fields)


def with_word_counts(model: Model, records: NDArray[np.int64]) -> Model:
    """Return the model for an extract of names with so many words.

    Where all names have two words, seldom is one the other and a word more, but by a slip of one person. A
    small extract is taken to lie among others, see small_extracts.py.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        records: how many have a name of 0, 1, 2... words.
    """
    named = int(records[1:].sum())
    shares = records[1:] / max(named, 1)
    unseen = missing(named)
    differ = ((1 - float((shares**2).sum())) * named + model.word_counts_differ * unseen) / (named + unseen)
    times = _odds(np.clip(differ, *SOME)) / _odds(model.word_counts_differ)
    odds = {name: _odds(share) * (times if name != "match" else 1) for name, share in model.contained.items()}
    return replace(model, contained={name: float(of / (1 + of)) for name, of in odds.items()})


def _odds(share: float) -> float:
    return share / (1 - share)


def with_match(model: Model, match: dict[str, list[float]]) -> Model:
    """Return the model with another m: field -> P(level | match) from level 1 on; other fields keep theirs.

    Args:
        model: levels of each field and how likely they are for one person and for two.
        match: field -> P(level | one person), from level 1 on.
    """
    fields = dict(model.fields)
    for name, m in match.items():
        if name not in fields:  # a further column that an earlier extract had
            continue
        known = fields[name].known
        learnt = _log2(np.array([1.0, *m], np.float32))
        row = np.append(learnt, known["match"][len(learnt) :])  # levels that an earlier run did not know
        fields[name] = replace(fields[name], known=known | {"match": row})
        if name == "nik_birth_sex":
            fields[name] = _told_alone(fields[name])
    return replace(model, fields=fields)


def _told_alone(joint: Field) -> Field:
    """Return the joint comparison with what a birth date says alone: any of the levels that NIKs would tell apart."""

    def alone(row: Table) -> Table:
        several = np.log2(np.exp2(row[list(SAME_BIRTH)].astype(np.float64)).sum())
        return np.append(row[: BirthLevel.BORN_TOGETHER_ALONE], np.float32(several))

    slope = joint.slope.copy()
    slope[BirthLevel.BORN_TOGETHER_ALONE] = slope[BirthLevel.BORN_TOGETHER]
    return Field({name: alone(row) for name, row in joint.known.items()}, alone(joint.stranger), slope)


def _field(row: dict[str, Any], levels: int) -> Field:
    known = {
        hypothesis: _log2(np.array([1.0, *row[hypothesis]], np.float32))
        for hypothesis in ("match", *ALTERNATIVES)
        if hypothesis in row
    }
    stranger = np.zeros(levels, np.float32)
    slope = np.zeros(levels, np.float32)
    for level, probability in row["stranger"].items():
        stranger[int(level)] = np.log2(probability)
    for level, slack in row.get("slack", {}).items():
        stranger[int(level)] = slack
        slope[int(level)] = row.get("slope", {}).get(level, 1.0)
    return Field(known, stranger, slope)


def _log2(values: Table) -> Table:
    return np.log2(np.maximum(values, 1e-12)).astype(np.float32)
