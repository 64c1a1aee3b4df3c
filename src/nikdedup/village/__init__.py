"""The loop through desa and kelurahan: who counts, what is asked of a village, what it answers, where to go.

roll       every resident of a run, once, with place and standing
target     coverage as a run itself says it; tally: by kecamatan, desa, sex and age, with the effect of each cause
targets    shares that an office wants to reach
"""

from nikdedup.village.roll import Roll, roll_of
from nikdedup.village.tally import BY, CAUSES, KEYS, Effect, Side, Tally, furthest_behind, tallies
from nikdedup.village.target import coverage, holders_of, standing
from nikdedup.village.targets import Papers, Targets

__all__ = [
    "BY",
    "CAUSES",
    "Effect",
    "KEYS",
    "Papers",
    "Roll",
    "Side",
    "Tally",
    "Targets",
    "coverage",
    "furthest_behind",
    "holders_of",
    "roll_of",
    "standing",
    "tallies",
]
