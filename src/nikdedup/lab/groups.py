"""Which groups of residents a record is of, as the generator knows: whom a matcher might serve worse than others.

one_word: a name of one word. initials: a letter stands for a word. bali, batak, tionghoa (Chinese-Indonesian), papua:
names of that culture. married_since: a woman who grew up in one card and is the wife in another. over_60, child (under
17): age at the reference date. default_date: 1 January, 1 July, 31 December or a day or month 00. retired_code: the NIK
begins with a kecamatan that has been renumbered.
"""

from __future__ import annotations

import polars as pl

from nikdedup.lab.households import CHILD, RELATIVE, TWIN
from nikdedup.lab.places import retired_kecamatan
from nikdedup.lab.rates import Rates
from nikdedup.lab.records import day_number
from nikdedup.lab.scorecard import GROUPS
from nikdedup.lab.words import FEMALE, vocabulary

_CULTURES = ("bali", "batak", "tionghoa", "papua")
_UNKNOWN_DAY = "^(01-01|01-07|31-12|00-..)-"
_BEFORE_A_NAME = "^(I|H\\.?) "
"""Letters that stand before a name and are no initials: a Balinese man, a pilgrim."""


def groups_of(frame: pl.DataFrame, text: pl.DataFrame, rates: Rates) -> pl.Series:
    """Return the groups of each record, separated by spaces in the order of GROUPS; null where it is of none.

    frame: records in their making. text: the same records as they are written.
    """
    name = text["NAMA_LGKP"].fill_null("")
    age = pl.Series((day_number(rates.reference_date) - frame["birth"].to_numpy()) / 365.2425)
    cultures = vocabulary(rates.people.names).cultures
    numbers = {culture: cultures.index(culture) for culture in _CULTURES}
    grown_up_there = frame["role"].is_in([CHILD, TWIN, RELATIVE])
    member = {
        "one_word": (name != "") & ~name.str.contains(" "),
        "initials": name.str.replace(_BEFORE_A_NAME, "").str.contains(r"(^|\s)[A-Z]\.?(\s|$)"),
        **{culture: frame["culture"] == number for culture, number in numbers.items()},
        "married_since": frame["own_card"] & grown_up_there & (frame["sex"] == FEMALE) & (age > 19),
        "over_60": age >= 60,
        "child": age < 17,
        "default_date": text["TGL_LHR"].fill_null("").str.contains(_UNKNOWN_DAY),
        "retired_code": text["NIK"].str.slice(0, 6).is_in(retired_kecamatan()),
    }
    words = pl.concat_str(
        [pl.when(pl.Series(member[group])).then(pl.lit(group)) for group in GROUPS],
        separator=" ",
        ignore_nulls=True,
    )
    return frame.select(words.replace("", None).alias("groups")).to_series()
