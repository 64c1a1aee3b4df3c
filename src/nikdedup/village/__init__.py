"""The loop through desa and kelurahan: who counts, what is asked of a village, what it answers, where to go.

roll       every resident of a run, once, with place and standing
target     coverage as a run itself says it; tally: by kecamatan, desa, sex and age, with the effect of each cause
targets    shares that an office wants to reach
lists      what is asked of a village; words: how its answers are read
"""

from nikdedup.village.lists import ROWS, Lists, lists_of, sound_key
from nikdedup.village.roll import Roll, roll_of
from nikdedup.village.tally import BY, CAUSES, KEYS, Effect, Side, Tally, furthest_behind, tallies
from nikdedup.village.target import coverage, holders_of, standing
from nikdedup.village.targets import Papers, Targets
from nikdedup.village.words import Answer, answers, read_answer

__all__ = [
    "Answer",
    "BY",
    "CAUSES",
    "Effect",
    "KEYS",
    "Lists",
    "Papers",
    "ROWS",
    "Roll",
    "Side",
    "Tally",
    "Targets",
    "answers",
    "coverage",
    "furthest_behind",
    "holders_of",
    "lists_of",
    "read_answer",
    "roll_of",
    "sound_key",
    "standing",
    "tallies",
]
