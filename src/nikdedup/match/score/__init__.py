"""The Fellegi-Sunter model, the weights it gives, and what forbids a pair."""

from nikdedup.match.score.em import Estimate, estimate
from nikdedup.match.score.model import Model, opaque, shipped_model, with_match
from nikdedup.match.score.weights import (
    Scored,
    band,
    prior_shift,
    score,
    typical_weights,
    vetoed,
    vetoes,
)

__all__ = [
    "Estimate",
    "Model",
    "Scored",
    "band",
    "estimate",
    "opaque",
    "prior_shift",
    "score",
    "shipped_model",
    "typical_weights",
    "vetoed",
    "vetoes",
    "with_match",
]
