"""result.plot: every picture of a run, as altair charts that can be changed, saved and put beside others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl

from nikdedup.errors import ConfigError, InputError, argument, door
from nikdedup.run.ktp_coverage import ktp_coverage
from nikdedup.run.ran import Ran
from nikdedup.show import mask_nik, plots

if TYPE_CHECKING:
    import altair

    from nikdedup.show import Explanation, PersonStory

LANGS = ("id", "en")
_MEMBER = ("row", "nama_lgkp", "stat_hbkel_clean", "jenis_klmin_clean", "tgl_lhr_clean", "recorded")
_DATES = ("tgl_entri_clean", "tgl_ubah_clean", "ektp_created_clean")


class Explained(Ran, Protocol):
    """What pictures are made of: a finished run that explains itself."""

    def explain(self, row_a: int | str, row_b: int | str, *, lang: str | None = None) -> Explanation:
        """Return why two records were joined, put to review or kept apart."""

    def explain_person(self, person: str | int, *, lang: str | None = None) -> PersonStory:
        """Return the story of a person."""


@dataclass(frozen=True)
class Plots:
    """Pictures of a run, in its language and for a light page: `result.plot.weights()`.

    `result.plot(lang="en", dark=True).weights()` is the same in English for a dark page. Every picture is an altair
    chart: `chart.properties(width=400)` changes it, `left | right` puts two side by side, and
    `chart.save("weights.html")` (or .png, .svg, .pdf, .json) saves it; the page needs no network. Pictures are made of
    counts, or show few records with NIKs and names masked. Where there is nothing to draw, the picture says so.
    """

    ran: Explained
    look: plots.Look

    def __repr__(self) -> str:
        names = (name for name in vars(type(self)) if not name.startswith("_"))
        return f"Plots({', '.join(names)})"

    @door
    def __call__(self, *, lang: Literal["id", "en"] | None = None, dark: bool | None = None) -> Plots:
        """Return the pictures in another language or for a dark page; what is None stays as it is.

        Args:
            lang: `id` or `en`.
            dark: whether they stand on a dark page.

        Raises:
            ConfigError: for another language.

        Example:
            `result.plot(lang="en", dark=True).weights()`
        """
        if lang is not None and lang not in LANGS:
            raise ConfigError(f"{argument('lang', lang)}; allowed: {', '.join(LANGS)}")
        look = replace(
            self.look, lang=lang or self.look.lang, dark=self.look.dark if dark is None else bool(dark)
        )
        return replace(self, look=look)

    @door
    def weights(self) -> altair.TopLevelMixin:
        """Return the pairs by weight of evidence: bars by band, both thresholds, and the expected false ones.

        The dashed curve sums the chances that the pairs of a bar are two people; what the decoys of the run measured
        at its threshold stands above. Weights are log2 of odds; heights are on a logarithmic scale.

        Returns:
            The chart; one line of text where the run stored no pair.

        Example:
            `result.plot.weights()`
        """
        return self._picture(plots.weights_spec(self.ran.record, self.ran.pairs, self.look))

    @door
    def threshold(self, *, pairs_per_hour: float = 20) -> altair.TopLevelMixin:
        """Return the threshold desk: for each confirmed threshold what it would cost and bring.

        Four panels over the threshold (log2): expected false joins with an interval of 95 in 100, pairs to review,
        clerk hours for them, and joins more or fewer than now. The expectation is the model's, from the probabilities
        of the pairs; what decoys measured at the threshold of the run stands beside it. Which pairs a rule holds back
        is known above that threshold alone: below it the joins are the most there can be.

        Args:
            pairs_per_hour: how many pairs a clerk decides in an hour.

        Returns:
            The chart; one line of text where no stored pair may be joined.

        Raises:
            ConfigError: for a pace that is not above 0.

        Example:
            `result.plot.threshold(pairs_per_hour=30)`
        """
        pace = pairs_per_hour
        if isinstance(pace, bool) or not isinstance(pace, int | float) or not 0 < pace < 1e6:
            raise ConfigError(f"{argument('pairs_per_hour', pace)}; allowed: a number above 0")
        spec = plots.desk_spec(self.ran.record, self.ran.pairs, self.look, pairs_per_hour=pace)
        return self._picture(spec)

    @door
    def passes(self) -> altair.TopLevelMixin:
        """Return what each pass of blocking brought, and what no other pass would have.

        Passes without a pair are counted in a line. Lengths are on a logarithmic scale.

        Returns:
            The chart; one line of text where no pass brought a pair.

        Example:
            `result.plot.passes()`
        """
        return self._picture(plots.passes_spec(self.ran.record, self.look))

    @door
    def waterfall(self, row_a: int | str, row_b: int | str) -> altair.TopLevelMixin:
        """Return the sum of one pair, field by field (log2), with both thresholds; masked.

        The first call on a run counts how common the values of its whole extract are, as `Result.explain` does: a
        second or two at a million residents, later ones none.

        Args:
            row_a: a record, in all ways that `Result.explain` takes one.
            row_b: the other record.

        Returns:
            The chart; one line of text where the run kept neither the pair nor its residents.

        Raises:
            InputError: where a text means no record or more than one, and for a record with itself.

        Example:
            `result.plot.waterfall(0, 1)`
        """
        return self._picture(
            plots.waterfall_spec(self.ran.explain(row_a, row_b, lang=self.look.lang), self.look)
        )

    @door
    def m_u(self) -> altair.TopLevelMixin:
        """Return how likely each level of agreement is for one person (m) and for two (u), field by field.

        m is what the run estimated, else the shipped one. u follows from the weight that a level had in this run
        (the median of the stored pairs); levels that no stored pair has are left out.

        Returns:
            The chart; one line of text where the run stored no pair.

        Example:
            `result.plot.m_u()`
        """
        from nikdedup.match import match_chances

        record = self.ran.record
        return self._picture(plots.levels_spec(record, match_chances(record.estimate.match), self.look))

    @door
    def term_frequencies(self, field: str = "name") -> altair.TopLevelMixin:
        """Return how common the values of a column are, and what it is worth that two records share one.

        Bars count the records whose value so many records share; dots are log2 of all records over those that share
        the value. Values themselves are not shown.

        Args:
            field: name, mother, father, kk, place, address or birth.

        Returns:
            The chart; one line of text where the run kept no residents or the column is empty.

        Raises:
            ConfigError: for another field.

        Example:
            `result.plot.term_frequencies("mother")`
        """
        if field not in plots.COLUMNS:
            raise ConfigError(f"{argument('field', field)}; allowed: {', '.join(plots.COLUMNS)}")
        return self._picture(plots.frequencies_spec(self._residents, field, self.look))

    @door
    def completeness(self) -> altair.TopLevelMixin:
        """Return how full each column is, and how much of it could be understood.

        A cell is understood where there is a clean form of it; columns without one count as understood. Shares are of
        all records.

        Returns:
            The chart; one line of text where the run read no column.

        Example:
            `result.plot.completeness()`
        """
        return self._picture(plots.completeness_spec(self.ran.record, self._residents, self.look))

    @door
    def coverage(self) -> altair.TopLevelMixin:
        """Return the bridge from today's KTP-el coverage to the target, cause by cause, and a dot per kecamatan.

        Causes are who is dead, moved, abroad or inactive, and duplicates as proposed; each resident leaves for one
        cause. What is still missing to the target must be recorded. Of kecamatan the 25 that need most recordings
        are shown.

        Returns:
            The chart; one line of text where coverage cannot be computed: without residents, a reference date or a
            recording status.

        Example:
            `result.plot.coverage()`
        """
        return self._picture(plots.bridge_spec(ktp_coverage(self.ran), self.look))

    @door
    def quality(self) -> altair.TopLevelMixin:
        """Return a heat map of faults: the share of records with one, by column and kecamatan of residence.

        A fault is a reason code that says something against a value; a NIK from elsewhere or a shortened name is
        none. The 14 kecamatan with most records are shown, the others together.

        Returns:
            The chart; one line of text where the run kept no residents or found no fault.

        Example:
            `result.plot.quality()`
        """
        spec = plots.quality_spec(self._residents, self.look, extra=self.ran.config.region_codes)
        return self._picture(spec)

    @door
    def nik(self, number_or_row: str | int) -> altair.TopLevelMixin:
        """Return the anatomy of a NIK in colours: place, date and sex, serial, and whether the columns agree; masked.

        Args:
            number_or_row: a row, whose NIK is compared with the columns beside it, or a NIK of 16 digits as text.

        Returns:
            The chart; one line of text and the reasons where there are no 16 digits to read.

        Raises:
            InputError: for a row that does not exist.

        Example:
            `result.plot.nik("6212014107809001")`
        """
        from nikdedup.residents.ids import Nik

        record = self._record(number_or_row) if isinstance(number_or_row, int) else None
        text = (record.get("nik_clean") or record.get("nik")) if record is not None else number_or_row
        born = (record or {}).get("tgl_lhr_clean")
        nik = Nik(text, reference_date=self.ran.record.day, birth_year=born.year if born else None)
        return self._picture(plots.nik_spec(nik, record, self.look))

    @door
    def family(self, kk: str | int) -> altair.TopLevelMixin:
        """Return a family card: its members by generation, with initials, age, place in the family and recording.

        Args:
            kk: the number of a card as text, or a row, whose card is shown.

        Returns:
            The chart.

        Raises:
            InputError: for a card that no record has, a row that does not exist or has no card, and where the run was
                kept without residents.

        Example:
            `result.plot.family(0)`
        """
        card = self._record(kk)["no_kk_clean"] if isinstance(kk, int) else re.sub(r"[\s.-]", "", kk)
        if card is None:
            raise InputError(f"row {kk}: has no number of a family card that could be read")
        own = self._kept.filter(pl.col("no_kk_clean") == card).select(_MEMBER).collect()
        if own.is_empty():
            raise InputError(
                "this family card: not in this run; allowed: the number of one, or a row of residents"
            )
        spec = plots.family_spec(own.to_dicts(), mask_nik(card), self.ran.record.day, self.look)
        return self._picture(spec)

    @door
    def person(self, person: str | int) -> altair.TopLevelMixin:
        """Return the records of a person on a line of time, what is proposed for each, and what links them; masked.

        Points are the dates of entry, of the last change and of recording for the KTP-el.

        Args:
            person: a person_id, or a row of one of the person's records.

        Returns:
            The chart.

        Raises:
            InputError: for a person or a row that does not exist.

        Example:
            `result.plot.person(0)`
        """
        story = self.ran.explain_person(person, lang=self.look.lang)
        rows = [one["row"] for one in story.members]
        dates: dict[int, dict[str, Any]] = {}
        if self._residents is not None:
            own = self._residents.filter(pl.col("row").is_in(rows)).select("row", *_DATES).collect()
            dates = {line["row"]: line for line in own.iter_rows(named=True)}
        return self._picture(plots.person_spec(story, dates, self.look))

    @door
    def missing_evidence(self) -> altair.TopLevelMixin:
        """Return in how many confirmed and review pairs each field could not be compared.

        Returns:
            The chart; one line of text where no stored pair may be joined.

        Example:
            `result.plot.missing_evidence()`
        """
        return self._picture(plots.missing_spec(self.ran.record, self.ran.pairs, self.look))

    @property
    def _residents(self) -> pl.LazyFrame | None:
        """Published residents; None where the run kept their ids alone."""
        scanned = self.ran.scanned
        return scanned if "flags" in scanned.collect_schema().names() else None

    @property
    def _kept(self) -> pl.LazyFrame:
        """Published residents; InputError where the run kept their ids alone."""
        if self._residents is None:
            raise InputError(f"this run was kept without residents ({argument('residents', False)})")
        return self._residents

    def _record(self, row: int) -> dict[str, Any]:
        """Return the published line of a row; InputError where there is none."""
        found = self._kept.filter(pl.col("row") == row).collect()
        if found.is_empty():
            raise InputError(f"row {row}: no such row; allowed 0 to {self.ran.people.height - 1}")
        return found.row(0, named=True)

    def _picture(self, spec: dict[str, Any]) -> altair.TopLevelMixin:
        return plots.picture(spec, self.look)
