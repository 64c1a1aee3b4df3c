from importlib.resources import files

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nikdedup.residents.names import rewriting as tokens
from nikdedup.residents.names.column import FLAGS, clean_names, parse_name
from nikdedup.residents.names.lexicon import lexicon

# Text, clean form, flags (without name_one_word, which has its own test).
CLEAN = [
    ("SITI AMINAH", "SITI AMINAH", []),
    ("  siti   Aminah ", "SITI AMINAH", []),
    ("Siti,Aminah", "SITI AMINAH", []),
    ("José Ñunez", "JOSE NUNEZ", []),
    ("SI\u200bTI\u00a0AMINAH", "SITI AMINAH", []),
    ("M. YUSUF", "MUHAMMAD YUSUF", ["name_expanded"]),
    ("M YUSUF", "MUHAMMAD YUSUF", ["name_expanded"]),
    ("Moh. Jusuf", "MUHAMMAD YUSUF", ["name_expanded"]),
    ("ANDI MUH RIZKI", "ANDI MUHAMMAD RIZKI", ["name_expanded"]),
    ("MOCHAMMAD RIZKI", "MUHAMMAD RIZKI", []),
    ("MUH", "MUH", []),
    ("M. S.", "M S", ["name_initials"]),
    ("SITI M", "SITI M", ["name_initials"]),
    ("ACHMAD FAUZI", "AHMAD FAUZI", []),
    ("A. FAUZI", "AHMAD FAUZI", ["name_expanded"]),
    ("A. KADIR", "ABDUL KADIR", ["name_expanded"]),
    ("A FAUZI", "A FAUZI", ["name_initials"]),
    ("ABD. RAHMAN", "ABDUL RAHMAN", []),
    ("ABDURRAHMAN", "ABDUL RAHMAN", []),
    ("ABDURAHMAN", "ABDUL RAHMAN", []),
    ("ABDUR ROHMAN", "ABDUL RAHMAN", []),
    ("ABDULAH", "ABDULLAH", []),
    ("NURHAYATI", "NUR HAYATI", []),
    ("NOORHAYATI", "NUR HAYATI", []),
    ("NUR'AINI", "NUR AINI", []),
    ("SITIAMINAH", "SITI AMINAH", []),
    ("ST. AISAH", "SITI AISYAH", ["name_expanded"]),
    ("SITINJAK", "SITINJAK", []),
    ("H. SALEH UMAR", "SALEH UMAR", ["name_title_removed"]),
    ("H SALEH UMAR", "SALEH UMAR", ["name_title_removed"]),
    ("H. M. YUSUF", "MUHAMMAD YUSUF", ["name_expanded", "name_title_removed"]),
    ("K.H. SALEH UMAR", "SALEH UMAR", ["name_title_removed"]),
    ("Hj. SITI AMINAH", "SITI AMINAH", ["name_title_removed"]),
    ("SITI AMINAH HJ.", "SITI AMINAH", ["name_title_removed"]),
    ("HAJAR ASWAD", "HAJAR ASWAD", []),
    ("SITI HAJAR", "SITI HAJAR", []),
    ("drg. SRI WAHYUNI, Sp.Xy", "SRI WAHYUNI", ["name_title_removed"]),
    ("Drs.H.M.YUSUF ALI,S.Pd", "MUHAMMAD YUSUF ALI", ["name_expanded", "name_title_removed"]),
    ("SITI AMINAH, S.Pd., M.Si", "SITI AMINAH", ["name_title_removed"]),
    ("SITI AMINAH S.E.", "SITI AMINAH", ["name_title_removed"]),
    ("SITI AMINAH S. Pd. I", "SITI AMINAH", ["name_title_removed"]),
    ("SITI AMINAH, SE", "SITI AMINAH", ["name_title_removed"]),
    ("SITI AMINAH SPD", "SITI AMINAH", ["name_title_removed"]),
    ("SITI AMINAH SE", "SITI AMINAH SE", []),
    ("Raden Ayu Sartika", "AYU SARTIKA", ["name_title_removed"]),
    ("R. HIDAYAT ALI", "R HIDAYAT ALI", ["name_initials"]),
    ("ANDI SUSANTO", "ANDI SUSANTO", []),
    ("H. M.", "M", ["name_initials", "name_title_removed"]),
    ("H", "H", ["name_initials"]),
    ("AHMAD FAUZI (ALM)", "AHMAD FAUZI", ["name_late", "name_title_removed"]),
    ("ALMH. SITI AMINAH", "SITI AMINAH", ["name_late", "name_title_removed"]),
    ("SUTRISNO ALI ALIAS TRIS", "SUTRISNO ALI", ["name_alias"]),
    ("SUTRISNO ALI als. TRIS", "SUTRISNO ALI", ["name_alias"]),
    ("SUTRISNO ALI @ TRIS", "SUTRISNO ALI", ["name_alias"]),
    ("SUTRISNO (TRIS) ALI", "SUTRISNO ALI", ["name_alias"]),
    ("SUTRISNO ALI/TRIS", "SUTRISNO ALI", ["name_alias"]),
    ("AHMAD FAUZI BIN H. SALEH", "AHMAD FAUZI", ["name_patronymic"]),
    ("SITI AMINAH BT SALEH", "SITI AMINAH", ["name_patronymic"]),
    ("AHMAD FAUZI B. SALEH", "AHMAD FAUZI", ["name_patronymic"]),
    ("AGUS B SANTOSO", "AGUS B SANTOSO", ["name_initials"]),
    ("KUMPAI JAYA A/K LIUK", "KUMPAI JAYA", ["name_patronymic"]),
    ("BINTI KHOIRIYAH", "BINTI KHOIRIYAH", []),
    ("RIZKI IBNU FADILLAH", "RIZKI IBNU FADILLAH", []),
    ("AHMAD FAUZI IBNU ABDUL RAHMAN", "AHMAD FAUZI", ["name_patronymic"]),
    ("ANAK AGUNG GEDE", "ANAK AGUNG GEDE", []),
    ("I MD SUDANA", "I MADE SUDANA", ["name_expanded", "name_initials"]),
    ("NI WYN. SARI", "NI WAYAN SARI", []),
    ("ROSMA BR SINAGA", "ROSMA BORU SINAGA", ["name_expanded"]),
    ("BUDI ALI & SITI", "BUDI ALI", ["name_two_people"]),
    ("BUDI ALI DAN SITI", "BUDI ALI", ["name_two_people"]),
    ("BUDI ALI\nSITI", "BUDI ALI", ["name_two_people"]),
    ("BY. NY. SITI", None, ["name_unnamed_baby"]),
    ("ANAK DARI TN. KARNO", None, ["name_unnamed_baby"]),
    ("PUTRI NY. SITI AMINAH 2", None, ["name_unnamed_baby"]),
    ("PUTRI SITI AMINAH", "PUTRI SITI AMINAH", []),
    ("SUSANTI D/H SIOK HWA", "SUSANTI", ["name_alias"]),
    ("SUSANTI A.K.A. SIOK HWA", "SUSANTI", ["name_alias"]),
    ("SUSANTI a/k/a SIOK HWA", "SUSANTI", ["name_alias"]),
    ("KUMPAI A.K. ARIF", "KUMPAI", ["name_patronymic"]),
    ("SUM1ATI ALI", "SUMIATI ALI", ["name_digits"]),
    ("1. SITI AMINAH", "SITI AMINAH", ["name_digits"]),
    ("SITI AMINAH 2", "SITI AMINAH 2", ["name_digits"]),
    ("MUHAMMAD RIZKI RAMADHA AB", "MUHAMMAD RIZKI RAMADHA AB", ["name_truncated"]),
    ("MUHAMMAD RIZKI RAMA...", "MUHAMMAD RIZKI RAMA", ["name_truncated"]),
    ("SITI 田 AMINAH", "SITI AMINAH", ["name_odd_characters"]),
    *[
        (text, None, ["name_placeholder"])
        for text in (
            *("-", ".", "TIDAK TAHU", "tdk. tahu", "N/A", "N.A.", "NIHIL", "xxx", "(-)", "IBU", "X", "N. N."),
            *(
                "Belum diberi nama",
                "TANPA IDENTITAS",
                "MR. X",
                "Tn. X",
                "BY. L",
                "CALON ANAK",
                "DATA TIDAK ADA",
            ),
            *("TIDAK TERCATAT", "ANAK LAKI-LAKI", "ANONIM", "ALMARHUMAH", "ALM.", "zzzz", "asdf", "NAMA IBU"),
            *("BELUM ADA NAMANYA", "H. TIDAK DIKETAHUI", "IBU KANDUNG", "SUDAH MENINGGAL", "NO NAME", "NULL"),
        )
    ],
    *[
        (text, text, [])
        for text in ("ADA", "UU", "NG", "TTNG", "ANAK AGUNG GEDE", "CUCU", "WALI", "BARU ADI")
    ],
    ("0", None, ["name_digits", "name_placeholder"]),
    ("田中", None, ["name_odd_characters"]),
    ("", None, []),
    ("  ", None, []),
    (None, None, []),
]


@pytest.mark.parametrize(("text", "clean", "flags"), CLEAN, ids=[repr(case[0]) for case in CLEAN])
def test_clean_form_and_flags(text, clean, flags):
    row = clean_names(pl.Series([text], dtype=pl.String)).row(0, named=True)
    assert row["clean"] == clean
    assert [flag for flag in row["flags"] if flag != "name_one_word"] == flags
    assert (row["skeleton"] is None) == (clean is None)


@pytest.mark.parametrize(
    ("text", "father"),
    [
        ("AHMAD BIN H. SALEH", "SALEH"),
        ("AHMAD BIN ALI BIN UMAR", "ALI"),
        ("SITI BINTI MOH. YUSUP, S.Pd", "MUHAMMAD YUSUF"),
        ("AHMAD BIN SALEH ALIAS UTUH", "SALEH"),
        ("AHMAD", None),
    ],
)
def test_patronymic(text, father):
    assert parse_name(text).patronymic == father
    assert clean_names(pl.Series([text]))["patronymic"].item() == father


@pytest.mark.parametrize(
    ("text", "mother", "father"),
    [
        ("BY NY SUMIATI", "SUMIATI", None),
        ("BAYI NY. SRI WAHYUNI, S.Pd", "SRI WAHYUNI", None),
        ("by. ny. jumiati 2", "JUMIATI", None),
        ("BAYI SUMIATI", "SUMIATI", None),
        ("AN. NY. SUMIATI", "SUMIATI", None),
        ("ANAK TN. H. KARNO", None, "KARNO"),
        ("BAYI BIN SALEH", None, "SALEH"),
        ("BAYI NY. X", None, None),
        ("PUTRA SUMIATI", None, None),
    ],
)
def test_a_newborn_is_entered_under_a_parent(text, mother, father):
    parts = parse_name(text)
    assert (parts.mother, parts.patronymic) == (mother, father)


@pytest.mark.parametrize(
    "tail", ["ALIAS", "als.", "@", "a.k.a", "A/K/A", "AKA", "d/h", "D.H", "dahulu", "(", "/"], ids=str
)
def test_an_alias_is_a_second_name(tail):
    parts = parse_name(f"SUSANTI TANUJAYA {tail} TAN SIOK HWA" + ")" * (tail == "("))
    assert (parts.clean, parts.alias) == ("SUSANTI TANUJAYA", "TAN SIOK HWA")


def test_where_the_first_name_says_nothing_the_alias_is_the_name():
    parts = parse_name("MR. X ALIAS BUDI SANTOSO")
    assert (parts.clean, parts.alias) == ("BUDI SANTOSO", None)


NOTHING = sorted(lexicon().no_name_never | lexicon().no_name_alone)
SAYING_NOTHING = st.one_of(
    st.sampled_from(NOTHING), st.text("XNZ", min_size=1, max_size=1).map(lambda x: x * 3)
)


@settings(max_examples=100, deadline=None)
@given(SAYING_NOTHING, st.lists(st.sampled_from(sorted(lexicon().no_name_beside)), max_size=3), st.booleans())
def test_words_that_say_nothing_are_no_name(word, beside, lower):
    text = " ".join([word, *beside])
    parts = parse_name(text.lower() if lower else text)
    assert parts.clean is None
    assert parts.flags in (("name_placeholder",), ("name_unnamed_baby",))


def test_parts_of_a_full_name():
    parts = parse_name("Drs. H. Moch. Noor A. Yani als Utuh bin H. Sjarif, S.Pd.I")
    assert parts.words == ("MUHAMMAD", "NUR", "A", "YANI")
    assert parts.titles == ("DRS", "H", "SPDI")
    assert parts.patronymic == "SYARIF"
    assert parts.alias == "UTUH"
    assert parts.initials == ("A",)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("SUTRISNO", True),
        ("H. SUTRISNO", True),
        ("SUTRISNO, SE", True),
        ("SUTRISNO ALI", False),
        ("NURHAYATI", False),
    ],
)
def test_one_word_names_are_flagged(text, one):
    assert ("name_one_word" in clean_names(pl.Series([text]))["flags"][0]) is one


# Two people, or a man and a woman: the gentle form keeps all of these apart.
APART = [
    ("SETIAWAN", "SETIAWATI"), ("KURNIAWAN", "KURNIAWATI"), ("SUPRIANTO", "SUPRIANTI"),
    ("SUGIANTO", "SUGIANTI"),
    ("RUDIANTO", "RUDIANTI"), ("SUNARTO", "SUNARTI"), ("RINO", "RINI"), ("SUMARNO", "SUMARNI"),
    ("SAPTA", "SAPTAH"),
    ("HALIM", "HALIMAH"), ("AMIN", "AMINAH"), ("HAJAR", "H. AJAR"), ("NUR HAYATI", "NUR HALIMAH"),
    ("NURHAYATI", "NURHIDAYATI"), ("ARIF", "ARIFIN"), ("ARIF", "ARIPIN"), ("ZAINAL ARIFIN", "ZAINUL ARIFIN"),
    ("ANDI SUSANTO", "SUSANTO"), ("R. HIDAYAT", "S. HIDAYAT"), ("M. ALI", "A. ALI"), ("SITI A", "SITI B"),
    ("I WAYAN SUKERTA", "NI WAYAN SUKERTA"), ("SUTRISNO 1", "SUTRISNO 2"), ("ABDUL RAHMAN", "ABDUL RAHIM"),
    ("ABDULLAH", "ABDUL"), ("SLAMET", "SLAMAT"), ("SUMIATI", "SUMIYATI"), ("BAYI SITI", "SITI"),
    ("IBNU HAJAR", "HAJAR"), ("MUHAMMAD", "MUHAMMADIYAH"), ("NORMAN", "NUR MAN"), ("SUPRIYANTO", "SUPRIANTO"),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), APART, ids=[" and ".join(pair) for pair in APART])
def test_gentle_form_keeps_apart(left, right):
    assert parse_name(left).clean != parse_name(right).clean


TOGETHER = [
    ("SLAMET RIYADI", "SELAMET RIADI", "Slamat Riyadie"),
    ("SUPRIYANTO", "SUPRIANTO", "SOEPRIJANTO"),
    ("SUMIATI", "SUMIYATI", "SOEMIATI"),
    ("SITI FATIMAH", "ST. PATIMAH", "SITTI FATHIMAH"),
    ("M. YUSUF", "MOHAMMAD JUSUF", "MUH YUSUP"),
    ("SOEKARNO", "SUKARNO"),
    ("TJAHJONO", "CAHYONO"),
    ("ABDUL RAHMAN", "ABDURRAHMAN", "ABDURAHMAN", "ABD. ROCHMAN", "ABDOEL RACHMAN"),
    ("NURHAYATI", "NUR HAYATI", "NOR HAYATI", "NOORHAYATY"),
    ("KHOIRUL ANAM", "CHAIRUL ANAM", "HAIRULANAM"),
    ("NURUL HUDA", "NURULHUDA"),
    ("HJ. SRI WAHYUNI, S.Pd", "SRIE WAHJOENI", "SRIWAHYUNI"),
    ("USWATUN HASANAH", "USWATUN KHASANAH"),
]


@pytest.mark.parametrize("variants", TOGETHER, ids=[group[0] for group in TOGETHER])
def test_skeleton_brings_variants_together(variants):
    assert len(set(clean_names(pl.Series(variants))["skeleton"])) == 1


PLAIN = ["SITI", "Aminah", "YUSUF", "NURHAYATI", "ABDURRAHMAN", "Al-Amin", "NUR'AINI", "SOEPARDJO", "JO."]
ODD = [".", ",", "/", "&", "@", "(", ")", "(ALM)", "S.PD", "S.", "PD.", "A/K", "SALEH,", "2", "1.", "SUM1ATI"]
SPECIAL = [*sorted(lexicon().special), *sorted(lexicon().after)]
WORDS = st.one_of(
    st.sampled_from(PLAIN),
    st.sampled_from(SPECIAL),
    st.sampled_from(SPECIAL).map(lambda word: word + "."),
    st.sampled_from(ODD),
    st.text("ABDEGHIJNMORSUY", min_size=1, max_size=9),
)
NAMES = st.one_of(
    st.lists(WORDS, max_size=5).flatmap(
        lambda words: st.sampled_from([" ", "  "]).map(lambda space: space.join(words))
    ),
    st.text(max_size=30),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.none() | NAMES, max_size=20))
def test_column_equals_scalar(texts):
    column = pl.Series(texts, dtype=pl.String)
    parts = [parse_name(text) for text in texts]
    assert clean_names(column).rows() == [
        (part.clean, part.skeleton, part.patronymic, part.mother, part.alias, list(part.flags))
        for part in parts
    ]
    nothing = {"name_placeholder", "name_unnamed_baby"}
    assert clean_names(column, own=False).rows() == [
        (part.clean, part.skeleton, not nothing.isdisjoint(part.flags)) for part in parts
    ]


@pytest.mark.parametrize(
    "text", ["LITUN RAHAYU BINTI BIN AMAT", "LITUN RAHAYU BINTI, S.PD", "H. LITUN M. PD.", "AKP M. PD."]
)
def test_unusual_names_are_not_taken_for_usual_ones(text: str) -> None:
    row, parts = clean_names(pl.Series([text])).row(0, named=True), parse_name(text)
    assert (row["clean"], row["patronymic"]) == (parts.clean, parts.patronymic)


@settings(max_examples=300, deadline=None)
@given(NAMES)
def test_cleaning_a_clean_name_changes_nothing(text):
    parts = parse_name(text)
    again = parse_name(parts.clean)
    assert (again.clean, again.skeleton) == (parts.clean, parts.skeleton)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ABDEGHIJNMORSUY", min_size=3, max_size=9), min_size=1, max_size=4), st.data())
def test_case_spaces_and_punctuation_do_not_matter(words, data):
    spelled = " ".join(words)
    between = data.draw(st.sampled_from(["  ", "-", " - ", "\t", "_"]))
    written = between.join(data.draw(st.sampled_from([word, word.lower(), word.title()])) for word in words)
    mark = data.draw(st.integers(1, len(words[0]) - 1))
    written = f" '{written[:mark]}'{written[mark:]}. "
    assert parse_name(written).clean == parse_name(spelled).clean


@settings(max_examples=30, deadline=None)
@given(st.lists(st.none() | NAMES, min_size=3, max_size=30), st.integers(1, 7))
def test_chunks_do_not_matter(texts, rows):
    names = pl.Series(texts, dtype=pl.String)
    whole = clean_names(names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "CHUNK_ROWS", rows)
        assert clean_names(names).equals(whole)
    assert clean_names(names[1:]).equals(whole[1:])


def test_a_full_vocabulary_starts_afresh():
    def shout(texts):
        words = [tokens.Word((text + "!",), tokens.CHANGED, (text + "!",), tokens.CHANGED) for text in texts]
        return tokens.Words.of(words, forms=1)

    vocabulary = tokens.Vocabulary(shout, forms=1, limit=2)
    for text in ("A B", "C D", "A B", "E F A"):
        done = tokens.rewrite(pl.Series([text]), vocabulary, lambda text: ((text,), 0), forms=1)
        assert done.forms[0].to_list() == [" ".join(word + "!" for word in text.split())]


def test_every_flag_has_its_sentence():
    assert len(set(FLAGS.values())) == len(FLAGS) == 13


def test_empty_and_other_types():
    assert clean_names(pl.Series([], dtype=pl.String)).schema == {
        "clean": pl.String,
        "skeleton": pl.String,
        "patronymic": pl.String,
        "mother": pl.String,
        "alias": pl.String,
        "flags": pl.List(pl.String),
    }
    assert clean_names(pl.Series([None, None]))["clean"].to_list() == [None, None]
    assert clean_names(pl.Series([12, 7]))["clean"].to_list() == [None, None]


@pytest.mark.parametrize("table", ["names.toml", "titles.toml", "places.toml"])
def test_tables_state_their_source(table):
    assert "Source" in files("nikdedup.data").joinpath(table).read_text(encoding="utf-8")[:400]
