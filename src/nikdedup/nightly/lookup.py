"""Whether a person is already there: records asked about, compared with those of the newest night.

By the features that are kept with its snapshot and the judgement it went by: weights are those that a run linking
the two would give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nikdedup.config import Config
from nikdedup.match import Judgement, compare_across, rarer
from nikdedup.match.features import (
    Coded,
    Evidence,
    Frequencies,
    PartFeatures,
    Tally,
    evidence_in,
    part_features_of,
)
from nikdedup.nightly import kept_features
from nikdedup.nightly.kept_features import COUNTS, Whole
from nikdedup.nightly.near import near
from nikdedup.nightly.place import FEATURES, RUN
from nikdedup.publish import PEOPLE, RESIDENTS, RunRecord, opened
from nikdedup.residents import normalise_and_survey, understand_again
from nikdedup.residents.read import extract_of, read_parts
from nikdedup.run.inputs import Inputs
from nikdedup.run.learnt import judgement_of
from nikdedup.run.result import settings_of
from nikdedup.schema import PAIRS

MANY = 150
"""Records asked about from which on all of the night are compared as they are: near ones are looked for one by one."""
SMALL = 50_000
"""Records of a night up to which all of them are compared with whomever is asked about: it takes half a second."""
KNOWN_BY = ("nik", "nama_lgkp", "tgl_lhr_clean", "nama_lgkp_ibu", "kec_name", "kel_name")
"""Cells by which people know each other."""
_PAIR = [name for name in PAIRS if name not in ("row_l", "row_r", "record_id_l", "record_id_r")]


@dataclass(frozen=True)
class Lookup:
    """The newest night of a state, ready to be asked.

    folder: of its snapshot. record, config, judgement: of its run.
    """

    folder: Path
    record: RunRecord
    config: Config
    judgement: Judgement

    @classmethod
    def of(cls, snapshot: Path) -> Lookup:
        """Open the snapshot of a night; its tables are read when something is looked for in them.

        Args:
            snapshot: its folder.
        """
        with opened(snapshot / RUN, largest=0) as run:
            return cls(snapshot, run.record, settings_of(run), judgement_of(run.record))

    @cached_property
    def features(self) -> PartFeatures:
        """What the matcher knows of each record of the night; made again where it was not kept."""
        if self._kept.is_dir():
            return kept_features.read(self._kept, plain=self.config.plain_names)
        residents = pl.read_parquet(self.folder / RUN / RESIDENTS)
        return self._features_of(understand_again(residents, self.record, self.config))

    @cached_property
    def whole(self) -> Whole:
        """What is told of all of them."""
        return kept_features.whole(self._kept, self.features)

    @property
    def _kept(self) -> Path:
        return self.folder / FEATURES

    @cached_property
    def _people(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / RUN / PEOPLE)

    def ask(self, data: Any, *, threads: int = 1) -> pl.DataFrame:
        """Return the likeliest records of the night for each record asked about, the likeliest first.

        Args:
            data: records asked about, as `dedupe` takes an extract; one row each.
            threads: most threads at work.

        Returns:
            asked (row asked about), row, record_id and person_id of the night, and what schema.PAIRS says of two
            records: levels, weight_log2, probability, relation and band.
        """
        return self.compare(self.understood(data), threads=threads)

    def compare(self, asked: pl.DataFrame, *, threads: int = 1) -> pl.DataFrame:
        """Return the same of records that are understood already.

        Args:
            asked: as `understood` returns it.
            threads: most threads at work.
        """
        few = len(asked) <= MANY and self._kept.is_dir() and len(self.features.numbers["birth"]) > SMALL
        compared = self._near(asked, threads) if few else self._all(asked, threads)
        wanted = self._people.filter(_is_among(compared["row"]))
        joined = compared.join(wanted.select("row", "record_id", "person_id").collect(), on="row", how="left")
        ordered = joined.sort("asked", "weight_log2", "row", descending=[False, True, False])
        return ordered.select("asked", "row", "record_id", "person_id", *_PAIR)

    def understood(self, data: Any) -> pl.DataFrame:
        """Return records asked about with the columns of schema.CLEAN, VERDICTS and EVIDENCE, read as the night was.

        Headers that the night's settings name are taken where they are there; none of them must be.

        Args:
            data: as `ask` takes it.
        """
        inputs = Inputs.of(data, limits=self.config.limits)
        config = self.config.with_options(record_id=None)
        extract = extract_of(read_parts(inputs.items, config=config, whole=False), config=config)
        found = normalise_and_survey(extract.frame, config=config, reference_date=self.record.day)[0]
        further = [f"{name}_clean" for name in self.features.further]
        return found.with_columns(
            pl.lit(None, pl.String).alias(name) for name in further if name not in found.columns
        )

    def shown(self, found: pl.DataFrame) -> pl.DataFrame:
        """Return the cells by which people know each other of the records that were found, in their order.

        Args:
            found: as `ask` returns it.
        """
        residents = pl.scan_parquet(self.folder / RUN / RESIDENTS)
        there = residents.collect_schema().names()
        wanted = residents.filter(_is_among(found["row"]))
        known = wanted.select("row", *(name for name in KNOWN_BY if name in there)).collect()
        return found.select("row").join(known, on="row", how="left", maintain_order="left")

    def _features_of(self, asked: pl.DataFrame) -> PartFeatures:
        config = self.config
        further = {name: kind for name, kind in config.further.items() if name in self.record.input.mapping}
        return part_features_of(
            asked, structured=config.nik_scheme == "nik", plain=config.plain_names, further=further
        )

    def _all(self, asked: pl.DataFrame, threads: int) -> pl.DataFrame:
        """Compare with every record of the night, as a run linking the two does."""
        many = len(self.features.numbers["birth"])
        both = _together(self.features, np.arange(many), self._features_of(asked))
        source = np.repeat(np.array([0, 1], np.int32), [many, len(asked)])
        pairs = compare_across(both, self.config, source=source, judgement=self.judgement, threads=threads)
        return _from_asked(pairs, np.arange(many))

    def _near(self, asked: pl.DataFrame, threads: int) -> pl.DataFrame:
        """Compare with the records that any pass could bring together with those asked about."""
        row = np.arange(len(asked), dtype=np.int32)
        e = evidence_in(self._features_of(asked), row=row)
        rows = near(self.features, self.whole, e)
        mine = self._features_of(asked)
        within = rarer(self.whole.population, e.population), _counts(self.features, self.whole, rows, mine, e)
        both = _together(self.features, rows, mine)
        source = np.repeat(np.array([0, 1], np.int32), [len(rows), len(asked)])
        pairs = compare_across(
            both, self.config, source=source, judgement=self.judgement, within=within, threads=threads
        )
        return _from_asked(pairs, rows)


def _is_among(rows: pl.Series) -> pl.Expr:
    """Say whether a record is one of some rows: as plain numbers, by which polars skips what a file need not tell."""
    return pl.col("row").is_in(rows.unique().to_list())


def _from_asked(pairs: pl.DataFrame, rows: NDArray[np.integer[Any]]) -> pl.DataFrame:
    """Return pairs by the records asked about, which stand behind the rows of the night."""
    left, right = pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy()
    return pairs.with_columns(pl.Series("row", rows[left], pl.Int64), pl.Series("asked", right - len(rows)))


def _together(there: PartFeatures, rows: NDArray[np.integer[Any]], asked: PartFeatures) -> PartFeatures:
    """Return the features of some records of the night, and behind them those of the records asked about."""
    some = there if len(rows) == len(there.numbers["birth"]) else there.of(rows)
    numbers = {name: np.concatenate([values, asked.numbers[name]]) for name, values in some.numbers.items()}
    texts = {name: _texts(text, asked.texts[name]) for name, text in some.texts.items()}
    return PartFeatures(numbers, texts, there.plain, there.further)


def _texts(there: Coded, asked: Coded) -> Coded:
    if len(asked.index) <= MANY:
        return Coded(there.known, np.asarray(there.index)).with_more(asked.of(np.arange(len(asked.index))))
    known = pl.concat(
        [there.known, asked.known.filter(~asked.known.is_in(there.known.implode()))], rechunk=True
    )
    place = pl.DataFrame({"text": known, "at": np.arange(1, len(known) + 1, dtype=np.uint32)})
    own = pl.DataFrame({"text": asked.known}).join(place, on="text", how="left", maintain_order="left")["at"]
    at = np.concatenate([np.zeros(1, np.uint32), own.to_numpy()])
    return Coded(known, np.concatenate([there.index, at[asked.index]]))


def _counts(
    there: PartFeatures, whole: Whole, rows: NDArray[np.int64], asked: PartFeatures, e: Evidence
) -> Frequencies:
    """Return how many records of the night and of those asked about share the values of the records compared."""
    counts = {}
    own = {
        "birth": (there.numbers["birth"][rows], asked.numbers["birth"]),
        **{
            name: (there.numbers[name][rows], asked.numbers[name])
            for name in ("skeleton", "mother", "father")
        },
    }
    for name in COUNTS:
        before = whole.shared[name][rows]
        if name in own:
            counts[name] = _added(before, *own[name])
        else:
            text = there.texts[name]
            mine = asked.texts[name].of(np.arange(len(asked.texts[name].index)))
            counts[name] = _added(before, *_codes(text, rows, mine), elsewhere=_elsewhere(text))
    return Frequencies(*(counts[name] for name in COUNTS))


def _codes(text: Coded, rows: NDArray[np.int64], mine: pl.Series) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the same number for the same text of rows of the night and of the records asked about."""
    new: dict[str, int] = {}
    own = []
    for one in mine:
        at = None if one is None else text.known.index_of(one)
        own.append(0 if one is None else new.setdefault(one, -1 - len(new)) if at is None else at + 1)
    return text.index[rows].astype(np.int64), np.array(own, np.int64)


def _elsewhere(text: Coded) -> Callable[[int], int]:
    return lambda code: int(np.count_nonzero(text.index == code)) if code > 0 else 0


def _added(
    before: NDArray[Any],
    there: NDArray[Any],
    asked: NDArray[Any],
    *,
    elsewhere: Callable[[int], int] | None = None,
) -> Tally:
    """Count the values of those that are there and then of those asked about, once both are counted.

    before: how many of the night share each value of `there`. elsewhere: counts a value that none of `there` has.
    """
    value, number = np.unique(np.concatenate([there, asked]), return_inverse=True)
    count = np.zeros(len(value), np.int64)
    np.maximum.at(count, number[: len(there)], before)
    if elsewhere is not None:
        for at in np.unique(number[len(there) :]):
            count[at] = count[at] or elsewhere(int(value[at]))
    count += np.bincount(number[len(there) :], minlength=len(value))
    missing = 0 if elsewhere is not None else -1
    count[value == missing] = 1
    return Tally(np.maximum(count, 1).astype(np.uint32), number)
