"""recordlinkage as a guest: our passes as one of its index algorithms, our levels as its comparison vectors.

What its classifiers find comes back as a list of constraints, or as a Result with the decisions that follow.

>>> import recordlinkage
>>> from nikdedup.interop.recordlinkage import Agreement, Passes
>>> index = recordlinkage.Index([Passes()])
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from nikdedup.config import Config
from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.match import PairVectors, pair_vectors, pairs_of_passes
from nikdedup.match.features import PartFeatures, part_features_of
from nikdedup.residents import understand
from nikdedup.residents.read import expand, extract_of, read_parts
from nikdedup.run.dedupe import dedupe
from nikdedup.run.result import Result
from nikdedup.runtime.extras import needed
from nikdedup.runtime.threads import processors

with needed("nikdedup.interop.recordlinkage"):
    from recordlinkage.base import BaseIndexAlgorithm

Positions = NDArray[np.int64]

_KINDS = ("agreement", "levels", "weight")


class Passes(BaseIndexAlgorithm):  # type: ignore[misc]
    """The pairs that our passes bring together, and sampled non-matches, as a MultiIndex of labels.

    A classifier learns what a match is from what is none: without non-matches it would learn from doubles alone. They
    are drawn from all pairs. The same frame gives the same pairs.

    Args:
        non_matches: how many non-matches for each pair; 0 for none.
        near: share of them that passes bring together and weights rule out, mostly relatives: for classifiers that
            are told which pairs are matches; one that is not told takes relatives for matches.
        reach: "review" for pairs whose weight reaches the review threshold, "all" for every pair of a pass.
        config: as for `nikdedup.dedupe`.
        verify_integrity: as for every index algorithm of recordlinkage.
        suffixes: as for every index algorithm of recordlinkage.
        **options: as for `nikdedup.dedupe`.

    Raises:
        ConfigError: for a setting that is unknown or not allowed.

    Example:
        >>> people = pd.DataFrame({"NIK": ["6212014107809001", "6212014107809002"], "NAMA": ["SITI AMINAH"] * 2})
        >>> Passes(non_matches=0).index(people).to_list()
        [(1, 0)]
    """

    name = "nikdedup"
    description = "the passes of nikdedup"

    def __init__(
        self,
        *,
        non_matches: float = 1.0,
        near: float = 0.0,
        reach: Literal["review", "all"] = "review",
        config: Config | str | Path | dict[str, Any] | None = None,
        verify_integrity: bool = True,
        suffixes: tuple[str, str] = ("_1", "_2"),
        **options: Any,
    ) -> None:
        super().__init__(verify_integrity=verify_integrity, suffixes=suffixes)
        if reach not in ("review", "all"):
            raise ConfigError(f"{argument('reach', reach)}; allowed: review, all")
        if not 0 <= non_matches < float("inf"):
            raise ConfigError(f"{argument('non_matches', non_matches)}; allowed: 0 or more")
        if not 0 <= near <= 1:
            raise ConfigError(f"{argument('near', near)}; allowed: 0 to 1")
        self.non_matches, self.near, self.reach = non_matches, near, reach
        self.config = Config.resolve(config, options)

    def _dedup_index(self, df_a: Any) -> pd.MultiIndex:
        return self._pairs((_frame(df_a),))

    def _link_index(self, df_a: Any, df_b: Any) -> pd.MultiIndex:
        return self._pairs((_frame(df_a), _frame(df_b)))

    def _pairs(self, frames: tuple[pd.DataFrame, ...]) -> pd.MultiIndex:
        records = _Records.of(frames, self.config)
        left, right, reaching = pairs_of_passes(
            records.features, self.config, source=records.source, link=len(frames) > 1, threads=processors()
        )
        kept = reaching | (self.reach == "all")
        pairs = np.stack([left, right], axis=1).astype(np.int64)
        wanted = round(self.non_matches * int(kept.sum()))
        near = _some(pairs[~kept], round(self.near * wanted))
        drawn = records.drawn(wanted - len(near), pairs)
        return records.labelled(np.concatenate([pairs[kept], near, drawn]))


@dataclass(frozen=True)
class Agreement:
    """Comparison vectors of pairs, with the signature of `recordlinkage.Compare`.

    kind: "agreement" for yes or no per question (1 or 0; missing is 0), as ECM and Naive Bayes take it; "levels" for
    our levels per field, 0 for missing, whose meaning is in `run.json`; "weight" for our one weight (log2).
    """

    kind: Literal["agreement", "levels", "weight"] = "agreement"
    config: Config | str | Path | dict[str, Any] | None = None

    @door
    def compute(
        self, pairs: pd.MultiIndex, x: pd.DataFrame, x_link: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return a row per pair and a column per question or field.

        Args:
            pairs: labels of the records of each pair.
            x: the frame whose records were paired.
            x_link: the other frame, where two are linked.

        Raises:
            InputError: for a label that is not in the frame, or a frame that cannot be read.
            ConfigError: for another kind, or settings that are not allowed.

        Example:
            >>> people = pd.DataFrame({"NIK": ["6212014107809001", "6212014107809002"], "NAMA": ["SITI AMINAH"] * 2})
            >>> Agreement().compute(Passes(non_matches=0).index(people), people)[["name", "nik"]].to_dict("records")
            [{'name': 1, 'nik': 0}]
        """
        if self.kind not in _KINDS:
            raise ConfigError(f"{argument('kind', self.kind)}; allowed: {', '.join(_KINDS)}")
        config = Config.resolve(self.config, {})
        records = _Records.of((x,) if x_link is None else (x, x_link), config)
        at = records.positions(pairs)
        known: NDArray[np.bool_] = np.all(at >= 0, axis=1)
        left, right = np.sort(at[known].astype(np.int32), axis=1).T
        found = pair_vectors(
            records.features,
            config,
            np.ascontiguousarray(left),
            np.ascontiguousarray(right),
            source=records.source,
        )
        columns = {name: _spread(values, known) for name, values in self._columns(found).items()}
        return pd.DataFrame(columns, index=pairs)

    def _columns(self, found: PairVectors) -> Mapping[str, NDArray[Any]]:
        if self.kind == "weight":
            return {"weight_log2": found.weight_log2}
        if self.kind == "levels":
            return found.levels
        return {name: agrees.astype(np.uint8) for name, agrees in found.agreements().items()}


@door
def constraints(
    links: pd.MultiIndex,
    x: pd.DataFrame,
    x_link: pd.DataFrame | None = None,
    *,
    who: str,
    when: date | str,
    kind: Literal["must_link", "cannot_link"] = "must_link",
    why: str = "recordlinkage",
    config: Config | str | Path | dict[str, Any] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return links of a classifier as a list of constraints, as `settle.constraints` takes it (save it as CSV).

    Records are named by `record_id` of the config, else by their row, which holds for the same frames alone. Links of
    rows that are no records, such as totals, are left out.

    Args:
        links: labels of the records of each pair.
        x: the frame whose records were paired.
        x_link: the other frame, where two are linked.
        who: whose word it is.
        when: day on which it was said.
        kind: whether pairs are one person, or two.
        why: kept with each entry.
        config: as for `nikdedup.dedupe`.
        **options: as for `nikdedup.dedupe`.

    Raises:
        InputError: for a label that is not in the frame.
        ConfigError: for settings that are not allowed.

    Example:
        >>> people = pd.DataFrame({"NAMA": ["SITI AMINAH", "SITI AMINA"]})
        >>> one = pd.MultiIndex.from_tuples([(1, 0)])
        >>> constraints(one, people, who="ECM", when="2026-01-05").iloc[0, :3].to_list()
        ['must_link', '1', '0']
    """
    settings = Config.resolve(config, options)
    records = _Records.of((x,) if x_link is None else (x, x_link), settings)
    at = records.positions(links)
    at = at[(at >= 0).all(axis=1)]
    return pd.DataFrame(
        {
            "kind": kind,
            "record_id_l": records.ids.gather(at[:, 0]).to_list(),
            "record_id_r": records.ids.gather(at[:, 1]).to_list(),
            "who": who,
            "when": str(when),
            "why": why,
        }
    )


@door
def result(
    links: pd.MultiIndex,
    x: pd.DataFrame,
    x_link: pd.DataFrame | None = None,
    *,
    who: str,
    when: date | str,
    config: Config | str | Path | dict[str, Any] | None = None,
    **options: Any,
) -> Result:
    """Return a Result whose people are those that a classifier has linked, with what should happen to each record.

    Nobody else is joined: pairs that nikdedup itself would have confirmed stand in the band `review`.

    Args:
        links: labels of the records of each pair.
        x: the frame whose records were paired.
        x_link: the other frame, where two are linked.
        who: whose word it is; it stands among the reasons.
        when: day on which it was said.
        config: as for `nikdedup.dedupe`.
        **options: as for `nikdedup.dedupe`.

    Raises:
        InputError: for a label that is not in the frame.
        ConfigError: for settings that are not allowed.

    Example:
        >>> people = pd.DataFrame({"NAMA": ["SITI AMINAH", "SITI AMINA", "SLAMET"]})
        >>> one = pd.MultiIndex.from_tuples([(1, 0)])
        >>> result(one, people, who="ECM", when="2026-01-05").people["person_id"].to_list()
        ['P0', 'P0', 'P2']
    """
    declared = constraints(links, x, x_link, who=who, when=when, config=config, **options)
    data: dict[str, Any] = {"data": x} if x_link is None else {"link": (x, x_link)}
    only = {"confirmed_log2": 1e9, "target_precision": None}
    with tempfile.TemporaryDirectory(prefix="nikdedup-", ignore_cleanup_errors=True) as folder:
        listed = Path(folder) / "links.parquet"
        pl.from_pandas(declared).write_parquet(listed)
        settings = Config.resolve(config, {**options, **only, "constraints": listed})
        made = dedupe(**data, config=settings)
    return _without_list(made)


def _without_list(made: Result) -> Result:
    """Return a Result that names no list, for that was there for the run alone; the links stand in its record."""
    settle = made.config.settle.model_copy(update={"constraints": None})
    config = made.config.model_copy(update={"settle": settle})
    kept = type(made.record.config).model_validate(config.deciding(), strict=False)
    record = made.record.model_copy(update={"config": kept})
    return replace(made, config=config, record=record)


@dataclass(frozen=True)
class _Records:
    """Frames as the matcher knows them. at: for each record, its position among the rows of all frames.

    features: used up by whoever asks first. ids: record ids by position, null where a row is no record.
    """

    frames: tuple[pd.DataFrame, ...]
    features: PartFeatures
    source: NDArray[np.int32]
    at: Positions
    ids: pl.Series

    @classmethod
    def of(cls, frames: tuple[pd.DataFrame, ...], config: Config) -> _Records:
        """Read and understand frames."""
        extract = extract_of(read_parts(expand(list(frames), config.limits), config=config), config=config)
        source = extract.frame["_source"].to_numpy().astype(np.int32)
        starts = np.cumsum([0, *(len(frame) for frame in frames)])
        at = extract.frame["source_row"].to_numpy() - 1 + starts[source]
        ids = pl.Series([None], dtype=pl.String).new_from_index(0, int(starts[-1]))
        ids = ids.scatter(at, extract.frame["record_id"])
        residents = understand(extract, config)[1]
        features = part_features_of(
            residents,
            structured=config.nik_scheme == "nik",
            plain=config.plain_names,
            further={name: kind for name, kind in config.further.items() if name in extract.mapping},
        )
        return cls(frames, features, source, at, ids)

    @property
    def starts(self) -> Positions:
        """Where the rows of each frame begin among those of all."""
        return np.cumsum([0, *(len(frame) for frame in self.frames)])

    def positions(self, pairs: pd.MultiIndex) -> Positions:
        """Return the two records of each pair by number; -1 for a row that is no record."""
        row = np.full(int(self.starts[-1]), -1, np.int64)
        row[self.at] = np.arange(len(self.at))
        sides = [self.frames[0], self.frames[-1]]
        found = []
        for side, frame in enumerate(sides):
            if not frame.index.is_unique:
                raise InputError("pairs: a label stands more than once in the index of the frame")
            at = frame.index.get_indexer(pairs.get_level_values(side))
            if (missing := int((at < 0).sum())) > 0:
                raise InputError(f"pairs: {missing} labels are not in the index of the frame")
            found.append(row[at + (self.starts[-2] if side and len(self.frames) > 1 else 0)])
        return np.stack(found, axis=1)

    def labelled(self, pairs: Positions) -> pd.MultiIndex:
        """Return pairs of records as labels, sorted; of one frame the later row comes first, as for recordlinkage."""
        at = self.at[pairs.reshape(-1, 2)]
        if len(self.frames) == 1:
            at = at[:, ::-1]
        at = at[np.lexsort((at[:, 1], at[:, 0]))]
        first, second = at[:, 0], at[:, 1] - (self.starts[-2] if len(self.frames) > 1 else 0)
        return pd.MultiIndex.from_arrays([self.frames[0].index[first], self.frames[-1].index[second]])

    def drawn(self, wanted: int, known: Positions) -> Positions:
        """Return so many pairs of records drawn from all, none of which is known; fewer where there are no more."""
        n = len(self.at)
        if n < 2:
            return np.zeros((0, 2), np.int64)
        number = np.arange(4 * wanted + 16, dtype=np.uint64)
        one, other = _scattered(number) % n, _scattered(number + np.uint64(1 << 40)) % n
        pairs = np.sort(np.stack([one, other], axis=1).astype(np.int64), axis=1)
        fits = pairs[:, 0] < pairs[:, 1]
        if len(self.frames) > 1:
            fits &= self.source[pairs[:, 0]] != self.source[pairs[:, 1]]
        code = pairs @ np.array([n, 1])
        fits &= ~np.isin(code, known @ np.array([n, 1]))
        first = np.sort(np.unique(code[fits], return_index=True)[1])
        return pairs[fits][first[:wanted]]


def _frame(columns: Any) -> pd.DataFrame:
    """Return what recordlinkage hands to an index algorithm as a frame."""
    return columns if isinstance(columns, pd.DataFrame) else pd.concat(list(columns), axis=1)


def _some(pairs: Positions, wanted: int) -> Positions:
    """Return so many of some pairs, spread over all of them."""
    order = np.argsort(_scattered(np.arange(len(pairs), dtype=np.uint64)), kind="stable")
    return pairs[np.sort(order[:wanted])]


def _scattered(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers that look drawn by lot, the same for the same numbers everywhere (the finaliser of splitmix64)."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _spread(values: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[Any]:
    whole = np.zeros(len(known), values.dtype)
    whole[known] = values
    return whole
