"""The pairs of records that are worth comparing, and their weights: what every way through the matcher begins with."""

from __future__ import annotations

from nikdedup.match.block import Candidates, candidates
from nikdedup.match.compare import Compared
from nikdedup.match.matcher import Matcher
from nikdedup.match.score import Scored
from nikdedup.runtime.share import within


def weighed(matcher: Matcher, *, across_only: bool, threads: int) -> tuple[Candidates, Compared, Scored]:
    """Return the pairs that a pass brings together and that can reach the review threshold, compared and scored.

    across_only: pairs of different sources only. threads: passes that run at a time.
    """
    config = matcher.config.match
    with within(0.0, 0.5):
        found = candidates(
            matcher.evidence, matcher.prefilter, config, across_only=across_only, threads=threads
        )
    names = matcher.names(found.left, found.right)
    reachable = matcher.reachable(found.left, found.right, names) | found.unfiltered
    found = found.keep(reachable)
    return found, *matcher.score(found.left, found.right, names.keep(reachable))
