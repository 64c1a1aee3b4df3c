"""result.plot: every picture of a run, as altair charts that can be changed, saved and put beside others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl

from nikdedup.config import Config
from nikdedup.errors import ConfigError, argument, door
from nikdedup.publish import RunRecord
from nikdedup.show import plots

if TYPE_CHECKING:
    import altair

    from nikdedup.show import Explanation

LANGS = ("id", "en")


class Ran(Protocol):
    """What pictures are made of: a finished run."""

    people: pl.DataFrame
    pairs: pl.DataFrame
    decisions: pl.DataFrame
    record: RunRecord
    config: Config

    def explain(self, row_a: int | str, row_b: int | str, *, lang: str | None = None) -> Explanation:
        """Return why two records were joined, put to review or kept apart."""


@dataclass(frozen=True)
class Plots:
    """Pictures of a run, in its language and for a light page: `result.plot.weights()`.

    `result.plot(lang="en", dark=True).weights()` is the same in English for a dark page. Every picture is an altair
    chart: `chart.properties(width=400)` changes it, `left | right` puts two side by side, and
    `chart.save("weights.html")` (or .png, .svg, .pdf, .json) saves it; the page needs no network. Pictures are made of
    counts, or show few records with NIKs and names masked. Where there is nothing to draw, the picture says so.
    """

    ran: Ran
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
            >>> run.plot(lang="en", dark=True).look
            Look(lang='en', dark=True)
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
            >>> run.plot.weights().to_dict()["width"]
            640
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
            >>> len(run.plot.threshold(pairs_per_hour=30).to_dict()["vconcat"])
            4
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
            >>> run.plot.passes().to_dict()["title"]["text"]
            'What each pass found'
        """
        return self._picture(plots.passes_spec(self.ran.record, self.look))

    @door
    def waterfall(self, row_a: int | str, row_b: int | str) -> altair.TopLevelMixin:
        """Return the sum of one pair, field by field (log2), with both thresholds; masked.

        Args:
            row_a: a record, in all ways that `Result.explain` takes one.
            row_b: the other record.

        Returns:
            The chart; one line of text where the run kept neither the pair nor its residents.

        Raises:
            InputError: where a text means no record or more than one, and for a record with itself.

        Example:
            >>> run.plot.waterfall(0, 1).to_dict()["title"]["text"]
            'Pair of 0 and 1'
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
            >>> run.plot.m_u().to_dict()["title"]["text"]
            'How likely each level of agreement is'
        """
        from nikdedup.match import match_chances

        record = self.ran.record
        return self._picture(plots.levels_spec(record, match_chances(record.estimate.match), self.look))

    def _picture(self, spec: dict[str, Any]) -> altair.TopLevelMixin:
        return plots.picture(spec, self.look)
