"""Synthetic residents with known truth, and how well a run found it.

`lab` shares the table names of `schema` with the rooms and nothing else: it has its own
word lists and its own slips, so that the matcher is never examined by its own rules.
"""

from nikdedup.lab.evaluation import evaluate
from nikdedup.lab.generator import GenerateReport, generate
from nikdedup.lab.rates import profiles
from nikdedup.lab.scorecard import Evaluation

__all__ = ["Evaluation", "GenerateReport", "evaluate", "generate", "profiles"]
