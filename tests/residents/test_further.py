"""Further columns of evidence in one writing: what says the same is the same text, what says nothing is missing."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup.config import Config
from nikdedup.errors import ConfigError
from nikdedup.residents.further import clean_further
from nikdedup.schema import EVIDENCE_KINDS, FURTHER

KINDS = sorted({*EVIDENCE_KINDS, *FURTHER.values()})
ALIKE = [
    ("id", ["A-17/b.9", "a17B9", " A 17 B 9 "], "A17B9"),
    ("id", ["0000", "-", "N/A", "nihil", "ab", "", "xxx"], None),
    (
        "phone",
        ["0812-3456-789", "+62 812 3456 789", "62812.3456.789", "8123456789.0", "(0812) 3456789"],
        "8123456789",
    ),
    ("phone", ["0", "-", "00000000", "tidak ada", "123"], None),
    ("email", ["Siti.A@Mail.Example", " siti.a@mail.example "], "siti.a@mail.example"),
    ("email", ["siti.a", "@", "none", "a b@c.id"], None),
    ("certificate", ["6212-LT-01012015-0007", "6212LT010120150007"], "6212LT010120150007"),
    ("postcode", ["73911", "73911.0", " 739 11"], "73911"),
    ("category", ["Islam", "ISLAM "], "ISLAM"),
    ("category", ["-", "NIHIL"], None),
    ("text", ["Jual   beli, ikan", "JUAL BELI IKAN"], "JUAL BELI IKAN"),
    ("text", ["TIDAK ADA", "--"], None),
]


@pytest.mark.parametrize(("kind", "texts", "clean"), ALIKE)
def test_all_writings_of_one_value_are_one(kind, texts, clean):
    assert set(clean_further(pl.Series(texts), kind).to_list()) == {clean}


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(st.one_of(st.none(), st.text("aB1 -@.+/02", max_size=14)), max_size=6))
def test_cleaning_a_clean_value_changes_nothing(kind, texts):
    once = clean_further(pl.Series(texts, dtype=pl.String), kind)
    assert clean_further(once, kind).to_list() == once.to_list()


PEOPLE = pl.DataFrame(
    {
        "NIK": ["6212011204889001", "6212011204889002"],
        "NAMA": ["GUNTUR PRAWIRO", "GUNTUR PRAWIRA"],
        "TGL_LHR": ["12-04-1988"] * 2,
        "NIK Ibu": ["6212015204609001", "6212015204600000"],
        "No. HP": ["0812 3456 7890", "+62 812 3456 7890"],
        "E-mail": ["guntur@mail.example", None],
        "No Akta Lahir": ["AL-17/1988", None],
        "Paspor RI": ["A17B99", "A17B98"],
    }
)


def test_columns_are_known_by_header_or_named_by_the_config():
    config = {"evidence": {"paspor": {"kind": "id", "header": "Paspor RI"}}, "reference_date": "2026-06-30"}
    result = nikdedup.dedupe(PEOPLE, config=config)
    residents = result.residents
    assert residents["telepon_clean"].to_list() == ["81234567890"] * 2
    assert residents["paspor_clean"].to_list() == ["A17B99", "A17B98"]
    assert residents["nik_ibu_clean"].to_list() == ["6212015204609001", None]  # digits were lost
    assert residents["no_akta_lhr_clean"][0] == "AL171988"
    assert residents["email_clean"][0] == "guntur@mail.example"
    assert not result.run["input"]["unused"]
    assert result.run["input"]["mapping"]["paspor"] == ["Paspor RI"]
    assert result.run["quality"]["present"]["telepon"] == 2


def test_of_two_telephones_the_first_is_compared_and_the_other_told():
    two = PEOPLE.drop("Paspor RI").with_columns(Telepon=pl.Series(["0513 22333", None]))
    result = nikdedup.dedupe(two, reference_date="2026-06-30")
    assert result.run["input"]["mapping"]["telepon"] == ["No. HP"]
    assert [one["header"] for one in result.run["input"]["unused"]] == ["Telepon"]


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"pasport": {"kind": "id"}}, "evidence.pasport: no column 'pasport'"),
        ({"nik": {"kind": "id"}}, "'nik' is compared or written already"),
        ({"stat_kwn": {"kind": "category"}}, "'stat_kwn' is compared or written already"),
        ({"No HP": {"kind": "id"}}, "'No HP' is no name"),
        (
            {"x": {"kind": "number"}},
            "evidence.x.kind = 'number'; allowed: 'id', 'text', 'category', 'postcode' or",
        ),
        ({"agama": {"kind": "category", "header": "A"}}, "allowed: its header in columns.agama"),
        ({f"e{k}": {"kind": "id"} for k in range(13)}, "allowed: 12 or fewer"),
    ],
)
def test_faults_of_the_config_are_one_plain_line(evidence, said):
    with pytest.raises(ConfigError, match=None) as fault:
        nikdedup.dedupe(PEOPLE, config={"evidence": evidence})
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_what_an_office_says_goes_before_what_a_header_says():
    assert Config.of({"evidence": {"telepon": {"kind": "text"}}}).further["telepon"] == "text"


def test_the_profile_counts_them():
    two = PEOPLE.with_columns(pl.Series("No. HP", ["0812 3456 7890", "tidak ada"]))
    profile = nikdedup.profile(two, config={"evidence": {"paspor": {"kind": "id", "header": "Paspor RI"}}})
    found = profile.frame.filter(section="columns", measure="not_understood").select("column", "count")
    counts = dict(found.iter_rows())
    assert counts["paspor"] == 0
    assert counts["telepon"] == 1
