"""What a night says of itself when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nikdedup.nightly.texts import say

if TYPE_CHECKING:
    from nikdedup.nightly.one_night import Night


def night_text(night: Night, lang: str) -> str:
    """Return what happened in a night, in a line or two.

    Args:
        night: a night that is over.
        lang: `id` or `en`.
    """
    counts = night.result.record.counts
    if night.first:
        told = say("night.first", lang, run=night.run, records=counts.records, people=counts.people)
    else:
        parts = [f"{say(f'event.{kind}', lang)}: {n}" for kind, n in night.happened.items() if n]
        told = say(
            "night.changes", lang,
            run=night.run, new=int((night.changes.same.was < 0).sum()), gone=len(night.changes.same.gone),
            changed=len(night.changes.same.changed), what=", ".join(parts) or say("night.nothing", lang),
        )  # fmt: skip
    end = "published" if night.published else "not_published" if night.checks else "dry"
    return f"{told}\n{say(f'night.{end}', lang, run=night.run)}"


def night_said(what: str, lang: str, **values: object) -> str:
    """Return one sentence about a night or a job.

    Args:
        what: a name of [night] in data/nightly.toml.
        lang: `id` or `en`.
        values: what stands in the sentence.
    """
    return say(f"night.{what}", lang, **values)
