"""Stories of two records and what the matcher may say about them; weights, priors and bands.

All stories live in one extract of a few thousand synthetic residents, so that names, dates and
addresses have the rarity they would have in a district, and go the whole way through `dedupe`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import MatchConfig
from nikdedup.lab import generate
from nikdedup.match.levels import BirthLevel
from nikdedup.match.score.model import ALTERNATIVES, shipped_model
from nikdedup.match.score.weights import MATCHES_PER_RECORD, band, prior_shift
from tests.match.registry import nik
from tests.match.score.two_records import CROWD, FAR_NIK, HANDOKO, judge

ROWS = 3_000


def record(name: str, born: str, sex: str = "L", **more: Any) -> dict[str, Any]:
    """Return a record in the columns of an extract; the NIK follows the date unless it is given."""
    year, month, day = born.split("-")
    here = {
        "NIK": nik(born, 9001, sex=sex),
        "NAMA_LGKP": name,
        "JENIS_KLMIN": {"L": "LAKI-LAKI", "P": "PEREMPUAN"}[sex],
        "TGL_LHR": f"{day}-{month}-{year}",
        "TMPT_LHR": "PURUK CAHU",
        "EKTP_STATUS": "BELUM REKAM",
        "NO_PROP": "62",
        "NO_KAB": "12",
        "NO_KEC": "1",
        "NO_KEL": "2001",
        "TGL_UBAH": "30-06-2024",
    }
    return here | more


def family(mother: str | None, father: str | None = None, kk: str | None = None) -> dict[str, Any]:
    return {"NAMA_LGKP_IBU": mother, "NAMA_LGKP_AYAH": father, "NO_KK": kk}


FAR = {"NO_KEC": "4", "NO_KEL": "2003"}
PASSED = {"EKTP_STATUS": "PRINT_READY_RECORD"}
SLAMET = family("MARIYATUN", "PONIRAN", "6212010101159001")
WONDO = family("SUKINEM LASTRI", "WONDO PRAWIRO", "6212010202169002")
ITAK = family("SELPIANA", "ITAK NARANG", "6212010303179003")
RANTAI = family("MARDEWI", "RANTAI TUMBANG", "6212010404189004")
UGANG = family("LINAE", "UGANG BAJIK", "6212010505199005")
SAHAY = family("HERLINAE", "SAHAY DUGAU", "6212010606209006")
GANDI = family("UNDAI", "GANDI RUNTING", "6212010808239008")
DUHUNG = family("SELMAE", "DUHUNG ASIN", "6212010909249009")
LEWI = family("TUSAU", "LEWI KUDRAT", "6212010707219007")

SAME, TWIN, SIBLING, PARENT, SHARED = "same_person", "twin", "sibling", "parent_child", "shared_nik"
OTHER = {"6212": nik("1991-08-23", 9003, region="621204")}

ONE_PERSON = {
    "everything equal but the NIK": (
        record("GUNTUR PRAWIRO", "1988-04-12", **SLAMET),
        record("GUNTUR PRAWIRO", "1988-04-12", **SLAMET, NIK=nik("1988-04-12", 9002, region="621203")),
    ),
    "re-registered after a move, name respelt": (
        record("CHOIRUDDIN TJAHJADI", "1979-09-21", **WONDO),
        record("KHOIRUDDIN CAHYADI", "1979-09-21", **(WONDO | FAR), NIK=nik("1979-09-21", 9004, region="621204")),
    ),
    "a word dropped, a letter wrong in the mother's name": (
        record("YULIANA BAJIK KAMELOH", "1993-02-05", "P", **UGANG),
        record(
            "YULIANA BAJIK", "1993-02-05", "P", **(UGANG | {"NAMA_LGKP_IBU": "LINAEE", "NO_KK": None}),
            NIK=nik("1993-02-05", 9002, sex="P", region="621205"),
        ),
    ),
    "NIK equal, two cards": (
        record("ARDIANSYAH KUDRAT", "2001-06-14", **LEWI),
        record("ARDIANSYAH KUDRAT", "2001-06-14", **(LEWI | {"NO_KK": "6212010808229008"})),
    ),
    "day and month swapped, the same parents": (
        record("BENEDIKTUS SAHAY", "1985-03-08", **SAHAY),
        record("BENEDIKTUS SAHAY", "1985-08-03", **SAHAY, NIK=nik("1985-08-03", 9002, region="621202")),
    ),
    "entered twice, one after the other": (
        record("ROULI BORU LEWI", "2012-04-15", "P", **LEWI),
        record("ROULI BR LEWI", "2012-04-15", "P", **LEWI, NIK=nik("2012-04-15", 9002, sex="P")),
    ),
    "the sex of one record typed wrong, after a move": (
        record("MARSELINUS TEWANG GANDI", "1983-05-21", **GANDI),
        record(
            "MARSELINUS TEWANG GANDI", "1983-05-21", "P", **(GANDI | FAR | {"NO_KK": "6212040808249018"}),
            NIK=nik("1983-05-21", 9002, region="621204"),
        ),
    ),
    "the year far off in one record, after a move": (
        record("FLORENSIUS KASAN DUHUNG", "1987-11-05", **DUHUNG),
        record(
            "FLORENSIUS KASAN DUHUNG", "1968-11-05", **(DUHUNG | FAR | {"NO_KK": "6212040909259019"}),
            NIK=nik("1968-11-05", 9002, region="621204"),
        ),
    ),
}  # fmt: skip

NEVER_CONFIRMED = {
    "mothers clearly different": (
        record("HARTONO WIBISONO", "1976-10-19", **SLAMET),
        record(
            "HARTONO WIBISONO", "1976-10-19", **(SLAMET | {"NAMA_LGKP_IBU": "YUSTINA KERTI", "NO_KK": None}),
            NIK=nik("1976-10-19", 9003, region="621203"),
        ),
    ),
    "common name on a default date, no mother": (
        record("SUTRISNO", "1970-07-01", NIK=nik("1970-07-01", 9101)),
        record("SUTRISNO", "1970-07-01", NIK=nik("1970-07-01", 9150, region="621206")),
    ),
    "rare name on a default date, no mother": (
        record("DEMANGSIUS KALAWEN", "1968-12-31", NIK=nik("1968-12-31", 9101)),
        record("DEMANGSIUS KALAWEN", "1968-12-31", NIK=nik("1968-12-31", 9150, region="621206")),
    ),
    "common name, a default date inside one NIK only": (
        record("SULASTRI", "1970-03-15", "P", NIK=nik("1970-07-01", 9101, sex="P")),
        record("SULASTRI", "1970-07-01", "P", NIK=nik("1970-07-01", 9150, sex="P", region="621206")),
    ),
    "both passed the national check under two NIKs": (
        record("KRISTIADI LEWAR", "1982-11-09", **(ITAK | PASSED)),
        record("KRISTIADI LEWAR", "1982-11-09", **(ITAK | PASSED), NIK=nik("1982-11-09", 9006, region="621207")),
    ),
    "same name and card, 25 years apart (father and son)": (
        record("MATHIAS RANTAI", "1960-01-22", **family("KATARINA DUSUN", "ENGKAN", "6212010404189004")),
        record("MATHIAS RANTAI", "1985-05-11", **RANTAI),
    ),
    "only the sexes differ": (
        record("RIZKI KAMARUDIN", "1997-07-17", "L", **UGANG),
        record("RIZKI KAMARUDIN", "1997-07-17", "P", **UGANG, NIK=nik("1997-07-17", 9005, sex="P", region="621203")),
    ),
    "twins of rhyming names, registered together": (
        record("HENDRA SAPUTRA SAHAY", "2010-02-03", **SAHAY),
        record("HENDRI SAPUTRA SAHAY", "2010-02-03", **SAHAY, NIK=nik("2010-02-03", 9002)),
    ),
    "twins, the name of one in that of the other": (
        record("RIZKI LEWI", "2016-03-17", **LEWI),
        record("RIZKI ANUGRAH LEWI", "2016-03-17", **LEWI, NIK=nik("2016-03-17", 9004)),
    ),
    "twins, the NIK of one issued with another date": (
        record("LATLINAH NURASIAH LEWI", "2009-10-30", "P", **LEWI, NIK=nik("2009-10-28", 9001, sex="P")),
        record("LATLINAH HAMSIAH LEWI", "2009-10-30", "P", **LEWI),
    ),
    "twins of two sexes, one of them mistyped": (
        record("GOMLON HASIHOLAN LEWI", "2012-04-15", **LEWI),
        record("TUMLON TONGAM HASIHOLAN LEWI", "2012-04-15", **LEWI, NIK=nik("2012-04-15", 9001, sex="P")),
    ),
    "twins, the NIK of one issued with another year": (
        record("MARVEL SUBARJO LEWI", "2011-09-28", **LEWI),
        record("MARVEL LEWI", "2011-09-28", **LEWI, NIK=nik("2010-09-28", 9001)),
    ),
}  # fmt: skip

RELATED = {
    "twins of different names": (
        TWIN,
        record("AGUSTINUS ITAK", "2012-08-04", **ITAK),
        record("YOHANA PARAMITA", "2012-08-04", "P", **ITAK, NIK=nik("2012-08-04", 9002, sex="P")),
    ),
    "twin brothers of different names": (
        TWIN,
        record("MARSELINO ITAK", "2009-01-09", **ITAK),
        record("DOMINIKUS PERKASA", "2009-01-09", **ITAK, NIK=nik("2009-01-09", 9002)),
    ),
    "siblings of one card": (
        SIBLING,
        record("SEPTIANI RANTAI", "2003-09-02", "P", **RANTAI),
        record("SEPTIANA RANTAI", "2005-09-20", "P", **RANTAI, NIK=nik("2005-09-20", 9001, sex="P")),
    ),
    "one NIK on two people": (
        SHARED,
        record("MARGARETHA BUNGAI", "1977-12-07", "P", **LEWI, NIK=nik("1991-08-23", 9003, region="621204")),
        record("FERDINANDUS TUGAL", "1991-08-23", **WONDO, NIK=nik("1991-08-23", 9003, region="621204")),
    ),
    "one NIK on two people of one sex": (
        SHARED,
        record("SAPARUDIN LANDUR", "1958-12-07", **LEWI, NIK=nik("1984-02-13", 9003, region="621204")),
        record("OKTAVIANUS MIHING", "1984-02-13", **ITAK, NIK=nik("1984-02-13", 9003, region="621204")),
    ),
}

STRANGERS = {
    "one common name, two dates": (
        record("SITI AMINAH", "1971-03-15", "P", **family("RUKAYAH")),
        record("SITI AMINAH", "1989-10-27", "P", **family("SUMARNI")),
    ),
    "one date, two names": (
        record("BONIFASIUS UGUS", "1966-05-16", **family("TINCE")),
        record("DARMAWANGSA TIMANG", "1966-05-16", **family("BAWI"), NIK=nik("1966-05-16", 9002)),
    ),
    "husband and wife": (
        record("YANSEN LAMBUNG", "1981-05-25", **family("KARTI", "UDUL", "6212010909239009")),
        record("RESTI MEILANI", "1984-01-30", "P", **family("SURYATI", "DULAH", "6212010909239009")),
    ),
}

STORIES = {
    **ONE_PERSON,
    **NEVER_CONFIRMED,
    **{name: story[1:] for name, story in RELATED.items()},
    **STRANGERS,
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Result of one run over all stories among synthetic residents, and the rows of each story."""
    path = tmp_path_factory.mktemp("score") / "residents.parquet"
    generate(path, rows=ROWS, seed=23)
    crowd = pl.read_parquet(path)
    records = [one for story in STORIES.values() for one in story]
    people = pl.concat([crowd, pl.DataFrame(records, infer_schema_length=None)], how="diagonal_relaxed")
    rows = {name: (ROWS + 2 * k, ROWS + 2 * k + 1) for k, name in enumerate(STORIES)}
    return nikdedup.dedupe(people, reference_date="2026-06-30"), rows


def outcome(told, story):
    """Return the line of PAIRS of a story, None where there is none, and whether it is one person."""
    result, rows = told
    left, right = rows[story]
    line = result.pairs.filter(row_l=left, row_r=right)
    person = result.people["person_id"].gather([left, right]).to_list()
    return (line.row(0, named=True) if len(line) else None), person[0] == person[1]


@pytest.mark.parametrize("story", ONE_PERSON)
def test_one_person_is_confirmed(told, story):
    line, together = outcome(told, story)
    assert (line["band"], line["relation"]) == ("confirmed", SAME), line
    assert together


@pytest.mark.parametrize("story", NEVER_CONFIRMED)
def test_never_confirmed(told, story):
    line, together = outcome(told, story)
    assert line is None or line["band"] != "confirmed", line
    assert not together


@pytest.mark.parametrize(
    "story", ["mothers clearly different", "both passed the national check under two NIKs"]
)
def test_what_a_rule_keeps_from_joining_a_person_still_sees(told, story):
    line, _ = outcome(told, story)
    assert (line["band"], line["relation"]) == ("review", SAME)


@pytest.mark.parametrize("story", RELATED)
def test_kinship_and_shared_niks_are_named(told, story):
    line, together = outcome(told, story)
    assert line is not None
    assert line["relation"] == RELATED[story][0], line
    assert line["band"] is None
    assert not together


@pytest.mark.parametrize("story", STRANGERS)
def test_strangers_are_no_pair(told, story):
    line, together = outcome(told, story)
    assert line is None or line["band"] is None, line
    assert not together


def test_the_band_follows_the_weight(told):
    result, _ = told
    pairs = result.pairs
    weight = pairs["weight_log2"].to_numpy()
    limits = MatchConfig()
    threshold = result.run["thresholds"]["confirmed_log2"]
    assert (weight[(pairs["band"] == "confirmed").fill_null(False)] >= threshold - 1e-6).all()
    assert (weight[pairs["band"].is_not_null()] >= limits.review_log2 - 1e-6).all()
    assert pairs.filter(pl.col("weight_log2") < limits.review_log2)["band"].null_count() > 0
    assert not pairs.filter(pl.col("band").is_not_null())["relation"].is_in([*ALTERNATIVES, "none"]).any()


def test_parents_are_a_generation_older(told):
    result, _ = told
    born = result.residents["tgl_lhr_clean"]
    related = result.pairs.filter(relation="parent_child")
    apart = (born.gather(related["row_l"]) - born.gather(related["row_r"])).dt.total_days().abs()
    assert apart.min() >= 14 * 365


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param({"mother": "SUKINEM"}, {"mother": "SUKIMEN"}, id="mother equal or misspelt"),
        pytest.param({"mother": "SUKINEM"}, {"mother": None}, id="mother equal or missing"),
        pytest.param({}, {"name": "HANDOKO"}, id="name whole or a word dropped"),
        pytest.param({"nik": None}, {"born": "1980-03-18"}, id="date equal or a day off"),
        pytest.param({"place": "PURUK CAHU"}, {"place": "BANJARMASIN"}, id="place equal or not"),
    ],
)
def test_the_more_agrees_the_higher_the_weight(left, right):
    base = HANDOKO | {"place": "PURUK CAHU"} | left
    far = FAR_NIK if base["nik"] else {}
    equal = judge(base, base | far, *CROWD)[0]
    less = judge(base, base | far | right, *CROWD)[0]
    assert equal > less


def test_a_weight_is_the_sum_of_its_parts():
    weight, _, _, _, scored = judge(HANDOKO, HANDOKO | FAR_NIK, *CROWD)
    prior = shipped_model().prior_log2("match", len(CROWD) + 2)
    parts = [prior, scored.kinship_log2[0], scored.recording_log2[0], *(w[0] for w in scored.fields.values())]
    assert weight == pytest.approx(float(np.sum(parts)))
    assert scored.kinship_log2[0] <= 0


def test_what_is_missing_on_both_sides_weighs_nothing():
    nobody = {"name": "HANDOKO LESMANA"}
    fields = judge(nobody, nobody, *CROWD)[4].fields
    assert fields["name"][0] > 0
    assert all(weight[0] == 0 for name, weight in fields.items() if name != "name")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-40, 40), max_size=200).map(lambda w: np.array(w, float)),
    st.integers(3_000, 10_000),
    st.floats(0.006, 0.5),
)
def test_prior_shift_is_a_fixed_point_within_bounds(weight, records, expected):
    shift = prior_shift(weight, records, expected)
    low, high = np.log2(MATCHES_PER_RECORD) - np.log2(expected)
    assert low - 1e-6 <= shift <= high + 1e-6
    implied = (1 / (1 + np.exp2(-(weight + shift)))).sum() / records
    following = np.clip(np.log2(max(implied, 1e-9) / expected), low, high)
    assert following == pytest.approx(shift, abs=0.05)


@pytest.mark.parametrize(
    ("sure", "records", "share"),
    [
        pytest.param(90, 3_000, 0.03, id="as many as expected"),
        pytest.param(600, 3_000, 0.2, id="a register full of doubles"),
        pytest.param(0, 3_000, 0.005, id="a clean register stops at the lower bound"),
        pytest.param(150_000, 3_000, 30.0, id="the upper bound"),
        pytest.param(4, 8, 0.03125, id="eight records lean on what is shipped"),
        pytest.param(0, 1_500, 0.015, id="half a small extract, half what is shipped"),
    ],
)
def test_prior_shift_finds_the_share_of_matches(sure, records, share):
    weight = np.concatenate([np.full(sure, 40.0), np.full(500, -40.0)])
    assert 0.03 * 2 ** prior_shift(weight, records, 0.03) == pytest.approx(share, rel=1e-3)


def test_bands():
    limits = MatchConfig(review_log2=-2.0, confirmed_log2=3.0)
    weight = np.array([3.0, 3.0, 2.99, 3.0, 2.0, -2.0, -2.01])
    decided = np.array([3.0, 3.0, 2.99, 2.99, 3.0, -2.0, 9.0])
    vetoed = np.array([False, True, False, False, False, False, False])
    found = ["confirmed", "review", "review", "review", "confirmed", "review", ""]
    assert band(weight, decided, vetoed, limits).tolist() == found


@pytest.mark.parametrize("field", sorted(shipped_model().fields))
def test_the_shipped_model_holds_probabilities(field):
    """Each row of m sums to one over the levels that are not `missing`, and u never exceeds one."""
    table = shipped_model().fields[field]
    for hypothesis, whole in table.known.items():
        row = whole[: BirthLevel.BORN_TOGETHER_ALONE]  # the last level is a sum of others
        assert row[0] == 0, "a missing value is no evidence"
        assert np.exp2(row[1:].astype(float)).sum() == pytest.approx(1, abs=0.02), hypothesis
    assert (table.stranger[: BirthLevel.BORN_TOGETHER_ALONE] <= 0).all()
    assert ((table.slope >= 0) & (table.slope <= 1)).all()
