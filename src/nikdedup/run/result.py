"""A finished run: its tables, what can be asked of it, and the folder it is kept in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import polars as pl

from nikdedup.columnar.pandas_frame import pandas_frame
from nikdedup.config import Config
from nikdedup.errors import InputError, argument, door
from nikdedup.publish import RESIDENTS, OpenRun, RunRecord, opened, publish, write_parquet, writing, written
from nikdedup.run.kept import Stored, published
from nikdedup.run.looks import Looks
from nikdedup.run.resources import disk_needed, files_at_once
from nikdedup.runtime.journal import tell_stage
from nikdedup.runtime.memory import give_back_freed_memory
from nikdedup.runtime.timing import measured
from nikdedup.schema import EVIDENCE, holds_residents

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from nikdedup.run.plots import Plots
    from nikdedup.run.profile import Profile
    from nikdedup.run.recheck import Recheck
    from nikdedup.show import Asked, CaseStory, Explanation, PersonStory

TABLES = ("residents", "people", "pairs", "decisions")


@dataclass(eq=False, repr=False)
class Result(Looks):
    """Tables of a run as polars frames (columns: schema), and what the run says of itself.

    known: the residents; of a run of just now also the columns they were understood by, which are not published; of a
    run in parts a file of those that are published.
    kept: names under which `write` has kept workbooks that somebody had filled in.
    """

    known: pl.DataFrame | Stored
    people: pl.DataFrame
    pairs: pl.DataFrame
    decisions: pl.DataFrame
    record: RunRecord
    config: Config = field(default_factory=Config)
    timing: dict[str, Any] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    @cached_property
    def run(self) -> dict[str, Any]:
        """The content of run.json as a dict, `timing` and `files` left out."""
        return self.record.as_dict()

    @cached_property
    def residents(self) -> pl.DataFrame:
        """Residents as they are published; made, or read, when they are first asked for."""
        if isinstance(self.known, Stored):
            return self.known.frame
        return self.known if self.understood is None else published(self.known)

    @property
    def scanned(self) -> pl.LazyFrame:
        """Residents as they are published, of which no more is read than is used."""
        return self.known.scan() if isinstance(self.known, Stored) else self.residents.lazy()

    @property
    def _complete(self) -> bool:
        """Whether the residents are there, not their ids alone."""
        return isinstance(self.known, Stored) or holds_residents(self.known)

    @property
    def understood(self) -> pl.DataFrame | None:
        """Residents with the columns they were understood by; None of an earlier run."""
        known = self.known
        return known if isinstance(known, pl.DataFrame) and set(EVIDENCE) <= set(known.columns) else None

    def _table(self, name: str) -> pl.DataFrame:
        if name not in TABLES:
            raise InputError(f"no table {name!r}; allowed: {', '.join(TABLES)}")
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def to_pandas(self, name: str) -> pd.DataFrame:
        """Return a table as a pandas frame: whole numbers `Int64`, texts `string`, under pandas 2 and 3.

        Args:
            name: residents, people, pairs or decisions.

        Raises:
            InputError: for any other name.
        """
        return pandas_frame(self._table(name))

    def to_arrow(self, name: str) -> pa.Table:
        """Return a table as a pyarrow Table; texts are large_string, which every version reads.

        Args:
            name: residents, people, pairs or decisions.

        Raises:
            InputError: for any other name.
        """
        return self._table(name).to_arrow(compat_level=pl.CompatLevel.oldest())

    def summary(self, lang: Literal["id", "en"] | None = None) -> str:
        """Return the before-and-after of the run as plain text; after `write` with the workbooks it has kept.

        Args:
            lang: `id` or `en`; that of the run where None.
        """
        from nikdedup.show import summary_text

        return summary_text(self.record, lang or self.config.run.lang, kept=self.kept)

    @overload
    def explain(
        self, row_a: int | str, row_b: int | str, *, show_identities: bool = False, lang: str | None = None
    ) -> Explanation: ...

    @overload
    def explain(
        self, row_a: int | str, *, show_identities: bool = False, lang: str | None = None
    ) -> CaseStory | PersonStory: ...

    @door
    def explain(
        self,
        row_a: int | str,
        row_b: int | str | None = None,
        *,
        show_identities: bool = False,
        lang: str | None = None,
    ) -> Explanation | CaseStory | PersonStory:
        """Return why two records were joined, put to review or kept apart; of one, the story of its whole case.

        Of a record in no case of which a village or an officer has declared something, that of its person.

        `result.explain(12, 4711)`, `result.explain("daftar.xlsx:Murung:14", "R-0071")`,
        `result.explain("K-03f77983c5f7a50b")`

        Args:
            row_a: a number is a row; a text is what tables and workbook show: a row, a record id, a place
                (FILE:SHEET:ROW, SHEET:ROW, FILE:ROW) or, given alone, a case id.
            row_b: the other record, in the same ways; None for the case of the first.
            show_identities: show NIKs and names in full; masked otherwise.
            lang: `id` or `en`; that of the run where None.

        Raises:
            InputError: where a text means no record, or more than one.
        """
        asked, lang = self._asked, lang or self.config.run.lang
        tables: dict[str, Any] = {name: self._table(name) for name in TABLES}
        if row_b is None:
            from nikdedup.show import explain_case, explain_person

            tables |= {"run": self.record, "show_identities": show_identities, "lang": lang}
            if (row := asked.alone(row_a)) is not None:
                return explain_person(row, **tables)
            return explain_case(asked.case(row_a), **tables)
        from nikdedup.show import explain_pair

        return explain_pair(
            asked.row(row_a), asked.row(row_b), **tables,
            run=self.record, score=self._scorer, show_identities=show_identities, lang=lang,
        )  # fmt: skip

    @property
    def _asked(self) -> Asked:
        from nikdedup.show import Asked

        return Asked(people=self.people, decisions=self.decisions, residents=self.residents, run=self.record)

    @door
    def explain_person(
        self, person: str | int, *, show_identities: bool = False, lang: str | None = None
    ) -> PersonStory:
        """Return the story of a person: all records, what joins them, and what is proposed.

        Args:
            person: a person_id, or a row of one of the person's records.
            show_identities: show NIKs and names in full; masked otherwise.
            lang: `id` or `en`; that of the run where None.

        Raises:
            InputError: for a person or a row that does not exist.
        """
        from nikdedup.show import explain_person

        return explain_person(
            person, residents=self.residents, pairs=self.pairs, people=self.people, decisions=self.decisions,
            run=self.record, show_identities=show_identities, lang=lang or self.config.run.lang,
        )  # fmt: skip

    @property
    def plot(self) -> Plots:
        """Pictures of the run as altair charts, `result.plot.weights()` and others; see `run.plots.Plots`."""
        from nikdedup.run.plots import Plots
        from nikdedup.show.plots import Look

        return Plots(self, Look(self.config.run.lang))

    @door
    def recheck(self) -> Recheck:
        """Compute every decision again from pairs and residents, and compare.

        Raises:
            InputError: where the run kept no residents.
        """
        from nikdedup.run.recheck import recheck

        return recheck(self)

    @cached_property
    def _scorer(self) -> Callable[[int, int], dict[str, Any]] | None:
        """Score any two rows; None where the run kept no residents. Made at first use: it counts the whole extract."""
        from nikdedup.run.scored import scorer_of

        return scorer_of(self) if self._complete else None

    @cached_property
    @door
    def profile(self) -> Profile:
        """What the extract is like: completeness, findings, default dates, NIK against columns, texts.

        Raises:
            InputError: where the run kept no residents.
        """
        from nikdedup.run.profile import profile_of

        if not self._complete:
            raise InputError(
                f"profile: this run was written without residents ({argument('residents', False)})"
            )
        found = self.record.input
        return profile_of(
            self.scanned, config=self.config, reference_date=self.record.day, mapping=found.mapping,
            skipped=[(one.file, one.sheet, one.row, one.reason) for one in found.skipped],
        )  # fmt: skip

    @door
    def write(self, out: str | Path) -> Path:
        """Write the run's folder, whole or not at all.

        A decisions.xlsx of the earlier run that somebody has filled in is kept under the date of its last change.

        Args:
            out: a new or empty folder, or an earlier run; parents are made.

        Returns:
            The path of the folder.

        Raises:
            InputError: for a folder that holds something else.
            BusyError: while another run writes there.
            RunError: where the disk is full or a file locked; an earlier run is as it was.
        """
        return self.published_in(Path(out))

    def published_in(
        self, folder: Path, *, aside: Mapping[str, Callable[[Path], object]] | None = None
    ) -> Path:
        """Write the run's folder as `write` does.

        Args:
            folder: as for `write`.
            aside: of files that are written already, on the same disk, what moves each to where it is told; by name.
        """
        moves = aside or {}
        begin = time.perf_counter()
        give_back_freed_memory()
        needed = 0 if RESIDENTS in moves else disk_needed(len(self.people))
        with writing(folder, needed_bytes=needed):
            writers = {**self._writers(), **moves}
            kept = publish(
                folder,
                writers,
                lambda files: written(self.record, {**self.timing, "write": measured(begin)}, files),
                threads=self._files_at_once,
            )
        self.kept = tuple(kept)
        tell_stage("write", {"files": len(writers) + 1}, measured(begin))
        return folder

    @property
    def _files_at_once(self) -> int:
        return files_at_once(self.config, len(self.people), most=pl.thread_pool_size())

    def _writers(self) -> dict[str, Callable[[Path], object]]:
        """Return what writes each file: first those that keep one thread busy the longest, last what takes all."""
        run = self.config.run
        if (run.residents or run.report) and not self._complete:
            without = argument("residents", False)
            raise InputError(f"write: this run was kept without residents ({without}); run dedupe again")
        writers: dict[str, Callable[[Path], object]] = {}
        if run.report:
            writers |= {"report.html": self._write_report, "decisions.xlsx": self._write_workbook}
        writers |= {f"{name}.parquet": partial(write_parquet, self._table(name)) for name in TABLES[1:]}
        if run.residents:
            known = self.known
            writers[RESIDENTS] = known.copy if isinstance(known, Stored) else self._write_residents
        return writers

    def _write_residents(self, path: Path) -> None:
        write_parquet(self.residents, path)

    def _write_workbook(self, path: Path) -> None:
        from nikdedup.show import write_workbook

        rows = pl.concat([self.decisions[name] for name in ("row", "survivor_row", "other_row")]).unique()
        residents = self.scanned.filter(pl.col("row").is_in(rows.implode())).collect()
        write_workbook(path, self.decisions, residents, lang=self.config.run.lang)

    def _write_report(self, path: Path) -> None:
        from nikdedup.run.ktp_coverage import ktp_coverage
        from nikdedup.show import report_html
        from nikdedup.show.page import Seen

        profile, codes = self.profile.as_dict(), self.config.region_codes
        behind = Seen(self.pairs, self.scanned, ktp_coverage(self), profile, codes)
        html = report_html(self.record, self.decisions, self.config.run.lang, seen=behind)
        path.write_text(html, encoding="utf-8")

    def __repr__(self) -> str:
        counts = self.record.counts
        return (
            f"Result({counts.records} records, {counts.people} people, "
            f"{counts.confirmed_pairs} confirmed and {counts.review_pairs} review pairs)"
        )

    def _repr_html_(self) -> str:
        from nikdedup.show import result_html

        return result_html(self.record, lang=self.config.run.lang)


def load(run: OpenRun) -> Result:
    """Return the Result of a run that is open."""
    people, pairs, decisions = run.people, run.pairs, run.decisions
    residents = people.select("row", "record_id") if run.residents is None else run.residents
    return Result(residents, people, pairs, decisions, run.record, settings_of(run), run.record.timing)


def settings_of(run: OpenRun) -> Config:
    """Return the settings that a run was made with."""
    told = {part: getattr(run.record, part).model_dump(exclude_unset=True) for part in ("config", "options")}
    return Config.of({**told["config"], "run": told["options"]}, origin=f"{run.name}/run.json")


@door
def recheck_folder(folder: str | Path) -> Recheck:
    """Return the recheck of a run's folder, also where its files were changed since.

    InputError where the folder is no run, or lacks what the decisions were computed from.
    """
    from nikdedup.run.recheck import check_whole, recheck

    with opened(Path(folder)) as run:
        check_whole(run)
        result = load(run)
    return recheck(result, changed=run.changed, filled_in=run.filled_in)
