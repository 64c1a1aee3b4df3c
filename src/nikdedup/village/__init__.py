"""The loop through desa and kelurahan: who counts, what is asked of a village, what it answers, where to go.

roll       every resident of a run, once, with place and standing
target     coverage as a run itself says it; tally: by kecamatan, desa, sex and age, with the effect of each cause
targets    shares that an office wants to reach
lists      what is asked of a village; words: how its answers are read
grids      a file that came back; returned: its answers, by key or by what a row shows
book       every answer, who gave it and where; agreed: those that hold, and what follows
agreement  how far the villages agree with what was proposed
places     where teams may go; trips: how they may go there; program, optimiser, visits: the plan
"""

from nikdedup.village.agreed import REASON, Told, constraints_of, judged_of, roll_after
from nikdedup.village.agreed import standing as standing_answers
from nikdedup.village.agreement import LEAST, Agreement, agreement_of
from nikdedup.village.book import (
    ABOUT,
    BOOK,
    CONSTRAINTS,
    ENTRIES,
    FOLDER,
    GIVEN_OUT,
    LISTS,
    Book,
    FileBook,
    is_number,
    read_table,
    rows_of_lists,
)
from nikdedup.village.grids import grids_of
from nikdedup.village.lists import IDENTITIES, ROWS, Lists, lists_of, sound_key
from nikdedup.village.places import Candidates, Place, assumed, candidates_of, read_places
from nikdedup.village.returned import PROBLEMS, Known, Line, lines_of
from nikdedup.village.roll import Roll, counted_roll, roll_of, told_once
from nikdedup.village.tally import (
    BY,
    CAUSES,
    KEYS,
    Effect,
    Side,
    Tally,
    furthest_behind,
    standing_of,
    tallies,
)
from nikdedup.village.target import coverage, holders_of, standing
from nikdedup.village.targets import Papers, Targets
from nikdedup.village.trips import Asked, working_days
from nikdedup.village.visits import Plan, Visit, plan_visits, teams_curve
from nikdedup.village.words import Answer, answers, read_answer

__all__ = [
    "ABOUT",
    "Agreement",
    "agreement_of",
    "Answer",
    "answers",
    "Asked",
    "assumed",
    "BOOK",
    "Book",
    "BY",
    "Candidates",
    "candidates_of",
    "CAUSES",
    "CONSTRAINTS",
    "constraints_of",
    "coverage",
    "Effect",
    "ENTRIES",
    "FileBook",
    "FOLDER",
    "furthest_behind",
    "GIVEN_OUT",
    "grids_of",
    "holders_of",
    "IDENTITIES",
    "is_number",
    "judged_of",
    "KEYS",
    "Known",
    "LEAST",
    "Line",
    "lines_of",
    "LISTS",
    "Lists",
    "lists_of",
    "Papers",
    "Place",
    "Plan",
    "plan_visits",
    "PROBLEMS",
    "read_answer",
    "read_places",
    "read_table",
    "REASON",
    "Roll",
    "roll_after",
    "counted_roll",
    "roll_of",
    "told_once",
    "ROWS",
    "rows_of_lists",
    "Side",
    "sound_key",
    "standing",
    "standing_answers",
    "standing_of",
    "tallies",
    "Tally",
    "Targets",
    "Told",
    "teams_curve",
    "Visit",
    "working_days",
]
