"""Records and what is marked in them, counted by kecamatan as if record by record."""

from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from nikdedup.residents.places import kecamatan_key
from nikdedup.show.plots.places import marked_by_place, records_by_place

MARKS = {"nik_length": "nik", "nik_letters": "nik", "birth_unreadable": "tgl_lhr"}
CODES = st.none() | st.lists(st.sampled_from([*MARKS, "name_one_word"]), max_size=3)
PLACES = st.sampled_from(
    [("6212012001", None), ("621201", "MURUNG"), (None, "Murung "), (None, "MURUNG"), (None, None)]
)
SCHEMA = {"wilayah_clean": pl.String, "kec_name": pl.String, "flags": pl.List(pl.String)}


@given(st.lists(st.tuples(PLACES, CODES), max_size=12))
def test_a_mark_counts_once_a_record(records):
    rows = [(*place, codes) for place, codes in records]
    residents = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    places = residents.select(kecamatan_key(residents.columns))
    every = list(zip(places.to_series(), residents["flags"].to_list(), strict=True))
    wanted = Counter(
        (place, mark) for place, codes in every for mark in {MARKS.get(one) for one in codes or ()} - {None}
    )
    found = marked_by_place(residents.lazy(), MARKS).select("place", "mark", "n")
    assert {(place, mark): n for place, mark, n in found.iter_rows()} == wanted
    assert dict(records_by_place(residents.lazy()).iter_rows()) == Counter(place for place, _ in every)
