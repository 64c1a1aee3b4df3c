"""How well a run found the truth: pairs, kinds, traps, survivors. Knows nothing of the matcher.

Pairs are counted from the sizes of groups, n(n-1)/2, never listed, so that one huge false
person costs no more than a small one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from nikdedup.errors import InputError, door
from nikdedup.lab.calibration import calibrations, expected_false, judged_pairs
from nikdedup.lab.scorecard import GROUPS, TRAPS, Evaluation, GroupScore, Share
from nikdedup.publish import RunRecord, held, opened_whole
from nikdedup.schema import DECISIONS, KINDS, PAIRS, PEOPLE, TRUTH, TRUTH_GROUPS


class Run(Protocol):
    """A finished run in memory, such as a Result."""

    @property
    def people(self) -> pl.DataFrame:
        """Return the table of people."""

    @property
    def pairs(self) -> pl.DataFrame:
        """Return the table of pairs."""

    @property
    def decisions(self) -> pl.DataFrame:
        """Return the table of decisions."""


@door
def evaluate(run: Run | Path | str, truth: Path | str) -> Evaluation:
    """Judge a run by `truth`: precision, recall and F1 over pairs of records, by kind and trap.

    True pairs are pairs of records of one true person, found pairs those of one `person_id`. The kind of a true
    pair is that of its later letter, unmarked records counting as the earliest; files of `generate` give all
    records of a person one kind. A trap is a false pair both of whose records are marked with it. Survivors are
    judged on true persons of two records, joined by the run, of which the run's decisions hold exactly one for
    recorded: right is to keep that one, or to correct its own number where that is damaged.

    Args:
        run: a Result, or the folder of a finished run.
        truth: Parquet or CSV with record_id, true_person_id, kind, trap.

    Raises:
        InputError: where the record_ids of the two do not match one to one.

    Example:
        >>> import tempfile
        >>> import nikdedup
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     extract, truth = f"{folder}/extract.parquet", f"{folder}/truth.parquet"
        ...     _ = nikdedup.generate(extract, rows=500, seed=1, truth=truth)
        ...     found = evaluate(nikdedup.dedupe(extract), truth)
        >>> found.records, found.precision.hits <= found.precision.of
        (500, True)
    """
    truth = Path(truth)
    people, pairs, decisions, record = _tables(run)
    answers = _truth(truth)
    _same_records(people, answers, truth.name)
    both = people.join(answers, on="record_id", how="inner", maintain_order="left")

    groupings = (["true_person_id"], ["person_id"], ["true_person_id", "person_id"])
    true, found, hits = (_pairs(both, by) for by in groupings)
    review, review_true = _reviewed(pairs, both)
    sizes = both.group_by("person_id").len()["len"]
    judged = judged_pairs(pairs, both)
    return Evaluation(
        records=len(both),
        precision=Share(hits, found),
        recall=Share(hits, true),
        recall_by_kind=_by_kind(both),
        review_pairs=review,
        review_true=review_true,
        recall_with_review=Share(hits + review_true, true),
        shared_niks=_shared_niks(both, decisions),
        shared_nik_false_joins=_false_pairs(both.filter(pl.col("kind") == "B")),
        false_by_trap={trap: _false_pairs(both.filter(pl.col("trap") == trap)) for trap in TRAPS},
        survivor=_survivors(both, decisions),
        largest_person=int(sizes.max() or 0),  # type: ignore[arg-type]
        by_group=_by_group(both, pairs),
        calibration=calibrations(judged),
        expected_false=None if record is None else expected_false(judged, record),
    )


def _tables(run: Run | Path | str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, RunRecord | None]:
    """Return people, pairs and decisions of a run, and its record where it has one."""
    if isinstance(run, Path | str):
        if _is_run(Path(run)):
            with opened_whole(Path(run)) as found:
                return found.people, found.pairs, found.decisions, found.record
        wanted = {"people": PEOPLE, "pairs": PAIRS, "decisions": DECISIONS}
        people, pairs, decisions = (
            _table(Path(run) / f"{name}.parquet", one) for name, one in wanted.items()
        )
        return people, pairs, decisions, None
    if not all(hasattr(run, name) for name in ("people", "pairs", "decisions")):
        raise InputError(
            f"evaluate: found {type(run).__name__}; allowed: a Result or the folder of a finished run"
        )
    return run.people, run.pairs, run.decisions, getattr(run, "record", None)


def _is_run(folder: Path) -> bool:
    """Say whether a folder has a run.json; whether it may be read is told where it is opened."""
    try:
        return held(folder) is not None
    except OSError:
        return True


def _table(path: Path, table: dict[str, pl.DataType]) -> pl.DataFrame:
    if not path.is_file():
        raise InputError(f"{path.parent.name}: no {path.name}; expected the folder of a finished run")
    frame = _read(path)
    missing = [column for column in table if column not in frame.columns]
    if missing:
        raise InputError(
            f"{path.name}: columns {', '.join(missing)} are missing; expected {', '.join(table)}"
        )
    try:
        return frame.select(pl.col(column).cast(kind) for column, kind in table.items())
    except pl.exceptions.PolarsError as fault:
        raise InputError(f"{path.name}: a column is of another type ({type(fault).__name__})") from None


def _read(path: Path) -> pl.DataFrame:
    """Read Parquet, or CSV as text; InputError where the file is not what its suffix says."""
    try:
        if path.suffix.lower() == ".csv":
            return pl.read_csv(path, infer_schema_length=0, null_values=[""])
        return pl.DataFrame(pq.read_table(path))  # the fast reader ends the process at some damaged pages
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        pa.ArrowException,
        OSError,
        UnicodeDecodeError,
    ):
        raise InputError(f"{path.name}: not readable as {path.suffix.lower().lstrip('.')}") from None


def _truth(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise InputError(f"truth {path.name}: no such file")
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise InputError(f"truth {path.name}: allowed are .parquet and .csv")
    frame = _read(path)
    missing = [column for column in TRUTH if column not in frame.columns]
    if missing:
        raise InputError(
            f"truth {path.name}: columns {', '.join(missing)} are missing; expected {', '.join(TRUTH)}"
        )
    if TRUTH_GROUPS not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(TRUTH_GROUPS))
    try:
        frame = frame.select(pl.col(column).cast(pl.String) for column in (*TRUTH, TRUTH_GROUPS))
    except pl.exceptions.PolarsError as fault:
        raise InputError(
            f"truth {path.name}: a column is no text ({type(fault).__name__}); allowed: text"
        ) from None
    empty = frame.select(pl.col("record_id", "true_person_id").null_count()).row(0)
    if any(empty):
        raise InputError(
            f"truth {path.name}: {sum(empty)} cells of record_id or true_person_id are empty; allowed is none"
        )
    strange = int((~frame["kind"].drop_nulls().is_in(KINDS)).sum())
    if strange:
        raise InputError(
            f"truth {path.name}: {strange} cells of kind are unknown; allowed are {', '.join(KINDS)} or nothing"
        )
    words = frame[TRUTH_GROUPS].drop_nulls().str.split(" ").explode(empty_as_null=False)
    strange = int((~words.is_in(GROUPS)).sum())
    if strange:
        raise InputError(
            f"truth {path.name}: {strange} words of {TRUTH_GROUPS} are unknown; allowed are {', '.join(GROUPS)}"
        )
    return frame


def _same_records(people: pl.DataFrame, answers: pl.DataFrame, name: str) -> None:
    """Raise InputError unless run and truth hold the same record_ids, each once."""
    for frame, where in ((people, "run"), (answers, f"truth {name}")):
        repeated = len(frame) - frame["record_id"].n_unique()
        if repeated:
            raise InputError(f"{where}: {repeated} record_ids are repeated; each record may appear once")
    unknown = len(answers.join(people, on="record_id", how="anti"))
    missing = len(people.join(answers, on="record_id", how="anti"))
    if unknown or missing:
        raise InputError(
            f"truth {name}: {missing} records of the run are missing and {unknown} are unknown to the run; "
            "both must hold the same record_ids"
        )


def _pairs(frame: pl.DataFrame, by: list[str]) -> int:
    """Return the number of pairs of records that agree on all of `by`."""
    size = pl.col("len").cast(pl.Int64)
    return int(frame.group_by(by).len().select((size * (size - 1) // 2).sum()).item())


def _false_pairs(frame: pl.DataFrame) -> int:
    """Return the number of pairs joined by the run that are of two true persons."""
    return _pairs(frame, ["person_id"]) - _pairs(frame, ["person_id", "true_person_id"])


def _by_kind(both: pl.DataFrame) -> dict[str, Share]:
    true = _pairs_by_kind(both, ["true_person_id"])
    hits = _pairs_by_kind(both, ["true_person_id", "person_id"])
    return {kind: Share(hits.get(kind, 0), true[kind]) for kind in (*KINDS, "none") if kind in true}


def _pairs_by_kind(both: pl.DataFrame, by: list[str]) -> dict[str, int]:
    """Return the pairs that agree on `by`, counted by the later kind of the two ("none" if both unmarked)."""
    n = pl.col("len").cast(pl.Int64)
    counted = (
        both.with_columns(pl.col("kind").fill_null(""))
        .group_by([*by, "kind"])
        .len()
        .sort([*by, "kind"])
        .with_columns(earlier=n.cum_sum().over(by) - n)
        .with_columns(pairs=n * (n - 1) // 2 + n * pl.col("earlier"))
        .group_by("kind")
        .agg(pl.col("pairs").sum())
        .filter(pl.col("pairs") > 0)
    )
    return {kind or "none": pairs for kind, pairs in counted.sort("kind").iter_rows()}


def _by_group(both: pl.DataFrame, pairs: pl.DataFrame) -> dict[str, GroupScore]:
    """Return precision and recall over the pairs that have a record of each group; none where nobody is of a group."""
    if both[TRUTH_GROUPS].null_count() == len(both):
        return {}
    groups = pl.col(TRUTH_GROUPS).str.split(" ")
    member = [groups.list.contains(group).fill_null(False).alias(group) for group in GROUPS]
    true = _open_review(pairs, both).filter(pl.col("true_person_id") == pl.col("true_person_id_r"))
    either = pl.concat_str(TRUTH_GROUPS, f"{TRUTH_GROUPS}_r", separator=" ", ignore_nulls=True).str.split(" ")
    marked, reviewed = both.with_columns(member), true.select(either.alias("groups"))["groups"]
    scores = {}
    for group in GROUPS:
        found, wanted, hits = (
            _touched(marked, by, group)
            for by in (["person_id"], ["true_person_id"], ["true_person_id", "person_id"])
        )
        more = int(reviewed.list.contains(group).sum())
        scores[group] = GroupScore(Share(hits, found), Share(hits, wanted), Share(hits + more, wanted))
    return scores


def _touched(frame: pl.DataFrame, by: list[str], group: str) -> int:
    """Return the number of pairs that agree on all of `by`, of which at least one record is of a group."""
    return _pairs(frame, by) - _pairs(frame.filter(~pl.col(group)), by)


def _reviewed(pairs: pl.DataFrame, both: pl.DataFrame) -> tuple[int, int]:
    """Return how many review pairs the run did not join all the same, and how many of them are true."""
    review = _open_review(pairs, both)
    return len(review), len(review.filter(pl.col("true_person_id") == pl.col("true_person_id_r")))


def _open_review(pairs: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """Return the review pairs that the run did not join all the same, with person, truth and groups of either side."""
    side = both.select("record_id", "true_person_id", "person_id", TRUTH_GROUPS)
    return (
        pairs.filter(pl.col("band") == "review")
        .select("record_id_l", "record_id_r")
        .unique()
        .join(side, left_on="record_id_l", right_on="record_id")
        .join(side, left_on="record_id_r", right_on="record_id", suffix="_r")
        .filter(pl.col("person_id") != pl.col("person_id_r"))
    )


def _shared_niks(both: pl.DataFrame, decisions: pl.DataFrame) -> Share:
    """Return how many records made to share a NIK with someone else the run names as kind B."""
    shared = both.filter(pl.col("kind") == "B")
    named = decisions.filter(pl.col("kind") == "B").select("record_id").unique()
    return Share(len(shared.join(named, on="record_id", how="semi")), len(shared))


def _survivors(both: pl.DataFrame, decisions: pl.DataFrame) -> Share:
    """Return how often the recorded one of two records is the one kept, or stays with its number corrected."""
    decided = decisions.unique("record_id", keep="first", maintain_order=True)
    decided = decided.select("record_id", "recorded", "survivor_row", "action")
    two = pl.len().over("true_person_id") == 2
    pair = (
        both.filter(two)
        .filter(pl.col("person_id").n_unique().over("true_person_id") == 1)
        .join(decided, on="record_id", maintain_order="left")
        .filter(two, (pl.col("recorded") == "yes").sum().over("true_person_id") == 1)
    )
    kept = pair.with_columns(survivor=pl.col("survivor_row").drop_nulls().first().over("true_person_id"))
    recorded = kept.filter(pl.col("recorded") == "yes")
    stays = (pl.col("survivor") == pl.col("row")) | (pl.col("action") == "correct_nik")
    return Share(len(recorded.filter(stays)), len(recorded))
