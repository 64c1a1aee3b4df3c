"""What can be looked at in a run, pair by pair and as a whole; `Result` has these calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.run.ran import Ran

if TYPE_CHECKING:
    from nikdedup.run.covered import CoverageFound
    from nikdedup.show import Asked, Comparison, PairList


class Looks(Ran):
    """Calls of a Result that show its pairs, two of its records, its coverage and its decisions."""

    @property
    def _complete(self) -> bool:
        raise NotImplementedError

    @property
    def _asked(self) -> Asked:
        raise NotImplementedError

    def _write_workbook(self, path: Path) -> None:
        raise NotImplementedError

    @door
    def duplicates(
        self,
        *,
        kind: Literal["A", "B", "C", "D", "E", "F"] | None = None,
        band: Literal["confirmed", "review"] | None = None,
        kecamatan: str | None = None,
        side_by_side: bool = False,
        show_identities: bool = False,
        lang: Literal["id", "en"] | None = None,
    ) -> PairList:
        """Return the duplicate pairs with their records and what differs, the surest first.

        Args:
            kind: A to F; all where None. A pair has the kind of a record whose strongest counterpart is the other one.
            band: confirmed or review; where None both, and the NIKs held by two people.
            kecamatan: code (6 digits) or name of the kecamatan in which one of the two lives; all where None.
            side_by_side: left and right columns instead of two lines for each pair.
            show_identities: show NIKs and names in full, in the frame too; masked otherwise.
            lang: `id` or `en`; that of the run where None.

        Raises:
            ConfigError: for a value that is not allowed, or a kecamatan in which nobody lives.
            InputError: where the run kept no residents.

        Example:
            `result.duplicates(kind="C", band="review").to_excel("periksa.xlsx")`
        """
        from nikdedup.run.pairs_asked import pair_list, pairs_asked

        pairs = pairs_asked(self, kind=kind, band=band, kecamatan=kecamatan)
        return pair_list(self, pairs, side_by_side=side_by_side, show_identities=show_identities, lang=lang)

    @door
    def sample_review(
        self,
        n: int = 50,
        *,
        seed: int = 0,
        band: Literal["confirmed", "review"] = "review",
        side_by_side: bool = False,
        show_identities: bool = False,
        lang: Literal["id", "en"] | None = None,
    ) -> PairList:
        """Return a sample of the pairs to review, spread over all weights; the same run and seed give the same pairs.

        Args:
            n: how many pairs; all where there are fewer.
            seed: another one draws other pairs.
            band: review, or confirmed for a look at what was joined.
            side_by_side: as for `duplicates`.
            show_identities: as for `duplicates`.
            lang: as for `duplicates`.

        Raises:
            ConfigError: for a value that is not allowed.
            InputError: where the run kept no residents.

        Example:
            `result.sample_review(50, seed=7).to_excel("contoh.xlsx")`
        """
        from nikdedup.run.pairs_asked import pair_list, pairs_asked, sampled

        if band is None:
            raise ConfigError(f"{argument('band', band)}; allowed: confirmed, review")
        pairs = sampled(pairs_asked(self, kind=None, band=band, kecamatan=None), n, seed)
        return pair_list(self, pairs, side_by_side=side_by_side, show_identities=show_identities, lang=lang)

    @door
    def compare(
        self,
        row_a: int | str,
        row_b: int | str,
        *,
        show_identities: bool = False,
        lang: Literal["id", "en"] | None = None,
    ) -> Comparison:
        """Return two records side by side, field by field, with what differs; `explain` says what it weighs.

        Args:
            row_a: a record, in all ways that `explain` takes one.
            row_b: the other record.
            show_identities: show NIKs and names in full; masked otherwise.
            lang: `id` or `en`; that of the run where None.

        Raises:
            InputError: where a text means no record or more than one, for a record with itself, and where the run kept
                no residents.
            ConfigError: for another language.

        Example:
            `result.compare(12, "daftar.xlsx:Murung:14")`
        """
        from nikdedup.run.pairs_asked import comparison

        asked = self._asked
        return comparison(
            self, asked.row(row_a), asked.row(row_b), show_identities=show_identities, lang=lang
        )

    @door
    def to_excel(self, path: str | Path) -> Path:
        """Write the workbook of the decisions, as `write` puts it into a run's folder, readable by its owner only.

        Args:
            path: an .xlsx file.

        Returns:
            The path of the file.

        Raises:
            InputError: for another ending, a place where no file may be written, and where the run kept no residents.
            RunError: where the disk is full or the file is open in Excel; an earlier file is as it was.

        Example:
            `result.to_excel("usulan.xlsx")`
        """
        from nikdedup.show import check_target, write_all

        target = Path(path)
        check_target(target, "path", (".xlsx",))
        if not self._complete:
            raise InputError(f"this run was kept without residents ({argument('residents', False)})")
        write_all([(target, self._write_workbook)])
        return target

    @door
    def coverage(
        self, *, targets: str | Path | None = None, lang: Literal["id", "en"] | None = None
    ) -> CoverageFound:
        """Return the KTP-el recording coverage before and after the proposals, by kecamatan, desa, sex and age.

        Args:
            targets: a TOML file of shares to be reached; the target of the run where None.
            lang: `id` or `en`; that of the run where None.

        Raises:
            InputError: where the run kept no residents, has no reference date, or says of nobody whether they are
                recorded.

        Example:
            `result.coverage().write("cakupan")`
        """
        from nikdedup.run.covered import coverage_of

        return coverage_of(self, targets=targets, lang=lang)
