import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.columnar.distinct import by_line, distinct, distinct_at, map_distinct


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=30), st.integers(1, 300))
def test_every_row_finds_its_value(values, times):
    """Long columns take another road than short ones, and late values another than early ones."""
    texts = [*values * times, "late", None, *values]
    known, index = distinct(pl.Series(texts, dtype=pl.String))
    assert len(set(known)) == len(known)
    assert [None if i == 0 else known[i - 1] for i in index.tolist()] == texts
    assert distinct_at(pl.Series(texts, dtype=pl.String))[2].tolist() == [texts.index(one) for one in known]


def test_late_values_in_long_columns():
    texts = ["L", "P"] * 3000 + ["X", None] * 3000
    assert map_distinct(pl.Series(texts), str.lower, pl.String()).to_list() == [
        t and t.lower() for t in texts
    ]


def test_more_values_than_the_quick_road_takes():
    texts = [str(i % 700) for i in range(5000)]
    assert map_distinct(pl.Series(texts), int, pl.Int64()).to_list() == [int(t) for t in texts]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["a", "", None]), st.sampled_from([0.0, 1.5, None])), max_size=20))
def test_what_a_line_means_is_what_it_means_by_itself(lines):
    frame = pl.DataFrame(lines, schema={"text": pl.String, "number": pl.Float64}, orient="row")
    both = pl.concat_str("text", pl.col("number").cast(pl.String), ignore_nulls=True).alias("both")
    said = [both, pl.col("number").is_null().alias("none")]
    assert by_line(frame, *said).equals(frame.select(said))
