"""How likely each level of agreement is between two records of one person, as a run held it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nikdedup.match.score import shipped_model, with_match


def match_chances(match: Mapping[str, Sequence[float]] | None) -> dict[str, list[float]]:
    """Return m of each field: the chance of each level from 1 on between two records of one person.

    Args:
        match: m per field as run.json holds it, of fields whose m the run has estimated; the shipped m where None.

    Example:
        >>> [round(m, 3) for m in match_chances({"kk": [0.75, 0.25]})["kk"]]
        [0.75, 0.25]
    """
    learnt = {name: list(m) for name, m in (match or {}).items()}
    model = with_match(shipped_model(), learnt)
    return learnt | {
        name: np.exp2(field.known["match"][1:].astype(float)).tolist() for name, field in model.fields.items()
    }
