"""The Fellegi-Sunter model, the weights it gives, and what forbids a pair."""

from nikdedup.match.score.calibration import (
    Calibration,
    Chances,
    PairKind,
    chances_of,
    decided_log2,
    reviewed_chance,
    rules_of,
    shipped_calibration,
)
from nikdedup.match.score.em import Estimate, estimate
from nikdedup.match.score.held import vetoes
from nikdedup.match.score.model import (
    Field,
    Model,
    opaque,
    shipped_model,
    with_further,
    with_match,
    with_word_counts,
)
from nikdedup.match.score.told import Told
from nikdedup.match.score.unrivalled import likelier, unrivalled_log2
from nikdedup.match.score.weights import (
    Scored,
    band,
    known_log2,
    prior_shift,
    score,
    typical_weights,
)

__all__ = [
    "Calibration",
    "PairKind",
    "Chances",
    "chances_of",
    "decided_log2",
    "reviewed_chance",
    "rules_of",
    "Told",
    "Estimate",
    "Field",
    "Model",
    "Scored",
    "band",
    "estimate",
    "known_log2",
    "likelier",
    "opaque",
    "prior_shift",
    "score",
    "shipped_calibration",
    "shipped_model",
    "typical_weights",
    "unrivalled_log2",
    "vetoes",
    "with_further",
    "with_match",
    "with_word_counts",
]
