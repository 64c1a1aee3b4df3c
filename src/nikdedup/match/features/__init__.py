"""What the matcher knows of each record, as arrays."""

from nikdedup.match.features.birth_dates import (
    DEFAULT_YEARS,
    YEARS_OFF,
    date_slips,
    digits_exchanged,
    years_exchanged,
)
from nikdedup.match.features.copies import Copies, named_after
from nikdedup.match.features.counted import Counted
from nikdedup.match.features.crossed import CROSSED, crosswise, names_of
from nikdedup.match.features.features import Aliases, Evidence, day_codes, evidence_in
from nikdedup.match.features.id_chance import IdChance
from nikdedup.match.features.name_index import (
    MOST_WORDS,
    Vocabulary,
    Words,
    split_words,
    telling_words,
)
from nikdedup.match.features.part_features import (
    Coded,
    Codes,
    PartFeatures,
    codes_of,
    part_features_of,
    taken_back,
)
from nikdedup.match.features.population import Frequencies, Population, Sounds, Tally
from nikdedup.match.features.small_extracts import among, missing, share_of_place

__all__ = [
    "IdChance",
    "MOST_WORDS",
    "Aliases",
    "CROSSED",
    "Coded",
    "Codes",
    "Copies",
    "Counted",
    "DEFAULT_YEARS",
    "Evidence",
    "Frequencies",
    "Population",
    "PartFeatures",
    "Sounds",
    "Tally",
    "Vocabulary",
    "Words",
    "YEARS_OFF",
    "among",
    "codes_of",
    "crosswise",
    "date_slips",
    "digits_exchanged",
    "day_codes",
    "evidence_in",
    "missing",
    "named_after",
    "names_of",
    "share_of_place",
    "part_features_of",
    "split_words",
    "taken_back",
    "telling_words",
    "years_exchanged",
]
