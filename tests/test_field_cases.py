"""Situations met in the field, each alone and inside three thousand other residents: who is one person, who never.

Every person is made up. A case stands for its kind: further words, families and numbers of the same kinds follow below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from nikdedup import Result, dedupe, generate

CASES = Path(__file__).parent / "cases" / "field"
DAY = "2026-06-30"

Pairs = Iterable[tuple[int, int]]


@dataclass(frozen=True)
class Right:
    """What is right: pairs that are one person, or at least to be looked at; rows that never are; kinds; flags.

    apart: groups of rows of which no two are one person.
    """

    one: Pairs = ()
    looked_at: Pairs = ()
    apart: Iterable[Iterable[int]] = ()
    kinds: tuple[tuple[int, str], ...] = ()
    flags: tuple[tuple[int, str], ...] = ()


def in_pairs(rows: int) -> list[tuple[int, int]]:
    return [(row, row + 1) for row in range(0, rows, 2)]


RIGHT = {
    "baby-by-ny": Right(
        looked_at=[(0, 1)],
        apart=[(2, 3), (4, 5), (6, 7), (0, 2, 4, 6)],
        kinds=((0, "F"), (1, "F")),
        flags=((0, "name_unnamed_baby"), (7, "name_unnamed_baby")),
    ),
    "head-nik-on-family": Right(
        one=[(2, 5)], apart=[range(5)], kinds=((0, "B"), (1, "B"), (3, "B"), (4, "B"))
    ),
    "placeholder-mothers": Right(
        apart=[range(34)], flags=tuple((row, "mother_placeholder") for row in range(34))
    ),
    "bin-different-fathers": Right(apart=in_pairs(8), flags=((0, "father_from_name"),)),
    "nik-15-17-dots": Right(one=in_pairs(10), kinds=tuple((row, "E") for row in range(8))),
    "same-nik-birth-other-name": Right(
        looked_at=[(5, 6)], apart=[(0, 1), (2, 3, 4)], kinds=tuple((row, "B") for row in range(5))
    ),
    "kk-in-nik-column": Right(
        looked_at=[(1, 4)], apart=[range(4)], flags=tuple((row, "nik_is_kk") for row in range(4))
    ),
    "recorded-row-has-broken-nik": Right(
        one=in_pairs(8), kinds=(*((row, "E") for row in range(6)), (6, "F"), (7, "F"))
    ),
    "placeholder-names": Right(
        apart=in_pairs(56), flags=tuple((row, "name_placeholder") for row in range(56))
    ),
    "nik-is-kk-everywhere": Right(
        one=[(0, 12)], apart=[range(12)], flags=tuple((row, "nik_is_kk") for row in range(13))
    ),
    "one-nik-on-twins": Right(apart=in_pairs(6), kinds=tuple((row, "B") for row in range(6))),
    "alias-moved": Right(looked_at=in_pairs(6), flags=((1, "name_alias"),)),
}


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Three thousand residents."""
    path = tmp_path_factory.mktemp("others") / "others.parquet"
    generate(path, rows=3_000, seed=1407)
    return pl.read_parquet(path)


def among(case: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Put the rows of a case in front of other residents."""
    return pl.concat([case, others.select(c for c in others.columns if c in case.columns)], how="diagonal")


def case_of(name: str) -> pl.DataFrame:
    return pl.read_csv(CASES / f"{name}.csv", infer_schema=False)


def holds(result: Result, right: Right, rows: int) -> None:
    """Assert that a result says of the first rows what is right, and joins none of them with others."""
    person = result.people["person_id"].to_list()
    looked_at = set(result.pairs.filter(pl.col("band").is_not_null()).select("row_l", "row_r").iter_rows())
    assert [pair for pair in right.one if person[pair[0]] != person[pair[1]]] == []
    assert [pair for pair in right.looked_at if pair not in looked_at] == []
    one = [
        pair for group in right.apart for pair in combinations(group, 2) if person[pair[0]] == person[pair[1]]
    ]
    assert one == []
    assert set(person[:rows]).isdisjoint(person[rows:])
    kinds = dict(result.decisions.select("row", "kind").iter_rows())
    assert [(row, kinds.get(row)) for row, _ in right.kinds] == list(right.kinds)
    flags = result.residents["flags"].to_list()
    assert [(row, code) for row, code in right.flags if code not in flags[row]] == []


@pytest.mark.parametrize("inside", [False, True], ids=["alone", "inside three thousand"])
@pytest.mark.parametrize("name", RIGHT)
def test_case(name: str, inside: bool, others: pl.DataFrame) -> None:
    case = case_of(name)
    result = dedupe(among(case, others) if inside else case, reference_date=DAY)
    holds(result, RIGHT[name], len(case))


def test_every_case_is_tried() -> None:
    assert {path.stem for path in CASES.glob("*.csv")} >= set(RIGHT)


def resident(
    nik: str, name: str, born: str, mother: str = "", father: str = "", **more: str
) -> dict[str, str]:
    """Return a record: born DD-MM-YYYY, in a village and on a card of its own unless told otherwise."""
    return {
        "NIK": nik,
        "NO_KK": f"6212010905{int(born[:2]):02d}{9100 + int(born[3:5])}",
        "NAMA_LGKP": name,
        "JENIS_KLMIN": "L",
        "TMPT_LHR": "MURUNG RAYA",
        "TGL_LHR": born,
        "NAMA_LGKP_IBU": mother,
        "NAMA_LGKP_AYAH": father,
        "ALAMAT": "JL MERDEKA",
        "NO_PROP": "62",
        "NO_KAB": "12",
        "NO_KEC": "1",
        "NO_KEL": "2001",
        "EKTP_STATUS": "BELUM REKAM",
    } | more


AWAY = {"NO_KEC": "5", "NO_KEL": "2003", "ALAMAT": "JL PASAR", "NO_KK": "6212050905109777"}


def banded(
    rows: list[dict[str, str]], others: pl.DataFrame | None = None
) -> dict[tuple[int, int], str | None]:
    """Return the band, or else the relation, of the pairs among some records."""
    case = pl.DataFrame(rows)
    pairs = dedupe(case if others is None else among(case, others), reference_date=DAY).pairs
    told = pairs.select("row_l", "row_r", pl.coalesce("band", "relation"))
    return {(a, b): word for a, b, word in told.iter_rows()}


@pytest.mark.parametrize("tail", ["BIN {}", "BINTI {}", "BT {}", "B. {}", "IBNU {}", "BIN H. {}"])
@pytest.mark.parametrize("parents", ["", "TIDAK DIKETAHUI"])
def test_fathers_in_the_name_tell_two_people(tail: str, parents: str, others: pl.DataFrame) -> None:
    one, other = (
        resident(
            f"62120{region}0407629001",
            f"JUNAIDI {tail.format(father)}",
            "04-07-1962",
            parents,
            parents,
            **more,
        )
        for region, father, more in (("1", "UMAR", {}), ("5", "HASAN", AWAY))
    )
    assert banded([one, other], others).get((0, 1)) != "confirmed"


def test_a_father_in_the_name_agrees_with_the_column() -> None:
    one = resident("6212010407629001", "JUNAIDI BIN UMAR", "04-07-1962", "SALMIAH", "-")
    other = resident("6212050407629001", "JUNAIDI", "04-07-1962", "SALMIAH", "UMAR", **AWAY)
    assert banded([one, other])[0, 1] == "confirmed"


@pytest.mark.parametrize("alias", ["ALIAS", "als.", "@", "A.K.A.", "d/h", "AKA", "DAHULU"])
def test_an_alias_finds_the_record_under_the_other_name(alias: str, others: pl.DataFrame) -> None:
    one = resident("6212011402619001", "BAHARUDIN SANI", "14-02-1961")
    other = resident("6212051402619001", f"UDIN KELANA {alias} BAHARUDIN SANI", "14-02-1961", **AWAY)
    assert banded([one, other], others)[0, 1] in ("confirmed", "review")
    moved = resident(
        "6212051402719001", f"UDIN KELANA {alias} BAHARUDIN SANI", "14-02-1971", "SALMIAH", **AWAY
    )
    assert banded([one | {"NAMA_LGKP_IBU": "SALMIAH"}, moved])[0, 1] in ("confirmed", "review")


@pytest.mark.parametrize(
    ("names", "born", "found"),
    [
        pytest.param(("MULYADI", "PRAYITNO"), ("18-11-1977",) * 2, {"shared_nik"}, id="twins"),
        pytest.param(("HASAN", "HUSIN"), ("18-11-1977",) * 2, {"review", "shared_nik"}, id="twins of similar names"),
        pytest.param(("AHMAD FAUZI", "AHMAD FADLI"), ("18-11-1977",) * 2, {"review", "shared_nik"}, id="a word shared"),
        pytest.param(("WINDA", "MELISA"), ("18-11-1977", "02-05-1979"), {"shared_nik"}, id="sisters"),
        pytest.param(("YULI", "YULIANI"), ("18-11-1977", "02-05-1979"), {"review"}, id="sisters of similar names"),
        pytest.param(
            ("SRI WAHYUNINGSIH", "SRI WAHYU NINGSIH"), ("18-11-1977", "11-08-1977"), {"confirmed", "review"}, id="one"
        ),
        pytest.param(("NORINAH", "ONRINAH"), ("18-11-1977",) * 2, {"confirmed", "review"}, id="one, misspelt"),
    ],
)  # fmt: skip
def test_one_nik_on_two_names(names: tuple[str, str], born: tuple[str, str], found: set[str]) -> None:
    rows = [
        resident("6212011811779001", name, day, "TURIYEM", "GIMIN", NO_KK="6212010905109001")
        for name, day in zip(names, born, strict=True)
    ]
    assert banded(rows)[0, 1] in found


TYPICAL = [
    (
        resident("6212010403809001", "GUNTUR PRAWIRO", "04-03-1980", "MARIYATUN", "PONIRAN"),
        AWAY | {"NIK": "6212050403809001"},
    ),
    (
        resident("6212010503809001", "SUPARMAN", "05-03-1980", "SUMIATI", "SLAMET"),
        AWAY | {"NIK": "6212050503809001", "NAMA_LGKP": "SUPARMIN"},
    ),
    (resident("6212010603809001", "MUHAMMAD YUSUF", "06-03-1980", "SITI AMINAH"), AWAY | {"NIK": "0"}),
    (resident("6212010703809001", "LORIK DUHUNG", "07-03-1980", "", "RANTAI"), {"NIK": "6212010703809002"}),
    (
        resident("6212010803809001", "MULYADI", "08-03-1980", "TURIYEM", "GIMIN"),
        {"NIK": "6212010803809002", "NAMA_LGKP": "PRAYITNO"},
    ),
    (resident("6212010903809001", "EDI SUPRAPTO", "09-03-1980", "LASMI"), {"NIK": "62120109038O9001"}),
]


def test_a_pair_is_judged_alike_alone_and_among_thousands(others: pl.DataFrame) -> None:
    def weights(case: pl.DataFrame) -> dict[tuple[int, int], float]:
        found = dedupe(case, reference_date=DAY).pairs.select("row_l", "row_r", "weight_log2")
        return {(a, b): weight for a, b, weight in found.iter_rows()}

    for one, change in TYPICAL:
        pair = pl.DataFrame([one, one | change])
        alone, inside = (weights(case).get((0, 1)) for case in (pair, among(pair, others)))
        if alone is not None and inside is not None:
            assert abs(alone - inside) <= 2.0
        assert (alone is None) == (inside is None)


def test_twins_among_eight_records_are_never_one() -> None:
    names = [
        ("MULYADI", "PRAYITNO"),
        ("RANGGA PUTRA", "DIMAS SAPUTRA"),
        ("WINDA", "MELISA"),
        ("JONI", "SAMSUL"),
    ]
    rows = []
    for day, (one, other) in enumerate(names, 10):
        born, parents = f"{day}-11-1977", (f"TURIYEM {'AEIO'[day - 10]}", "GIMIN")
        rows.append(resident(f"621201{day}11779001", one, born, *parents))
        rows.append(resident(f"621205{day}11779001", other, born, *parents, **AWAY))
    assert "confirmed" not in banded(rows).values()


def test_names_on_a_crowd_say_nothing_and_common_names_do(others: pl.DataFrame) -> None:
    row, clerk = pl.int_range(pl.len()), others
    for column, text, every in (
        ("NAMA_LGKP_IBU", "PENDUDUK LAMA KAMPUNG", 30),
        ("NAMA_LGKP", "NURHAYATI", 400),
    ):
        clerk = clerk.with_columns(
            pl.when(row % every == 7).then(pl.lit(text)).otherwise(column).alias(column)
        )
    result = dedupe(clerk, reference_date=DAY)
    flags = result.run["quality"]["flags"]
    assert flags["mother_on_many"] == 100
    assert "name_on_many" not in flags
    crowd = result.residents.filter(pl.col("flags").list.contains("mother_on_many"))
    assert crowd["nama_lgkp_ibu_clean"].null_count() == 100


CARD = "6212010905109001"
FAMILY = [
    resident(CARD, "SUPARJO", "07-07-1971", "MINAH", "KERTO", NO_KK=CARD),
    resident(CARD, "LASTRI", "08-02-1974", "TINAH", "WAKIJO", NO_KK=CARD, JENIS_KLMIN="P"),
    resident(CARD, "AGUS PURNOMO", "17-08-1996", "LASTRI", "SUPARJO", NO_KK=CARD),
]
OWN = resident("6212014802749001", "LASTRI", "08-02-1974", "TINAH", "WAKIJO", NO_KK=CARD, JENIS_KLMIN="P")


def test_a_card_is_known_from_anybodys_column_of_cards(others: pl.DataFrame) -> None:
    """The family's rows give no card of their own; somebody else's does."""
    family = [row | {"NO_KK": ""} for row in FAMILY]
    flags = dedupe(among(pl.DataFrame([*family, OWN]), others), reference_date=DAY).residents["flags"]
    assert ["nik_is_kk" in found for found in flags.to_list()[:4]] == [True, True, True, False]
    assert "nik_is_kk" not in flags[4:].explode().to_list()


@pytest.mark.parametrize("swapped", [False, True], ids=["no column of cards", "columns exchanged"])
def test_a_file_of_cards_for_niks(swapped: bool, others: pl.DataFrame) -> None:
    """Without a column of cards, or with the NIKs in it, families and birth dates tell what the numbers are."""
    wrong = others.with_columns(NIK="NO_KK", NO_KK="NIK")
    result = dedupe(wrong if swapped else wrong.drop("NO_KK"), reference_date=DAY)
    flags = result.run["quality"]["flags"]
    assert flags["nik_is_kk"] == len(others)
    assert flags.get("kk_is_nik", 0) >= 0.95 * len(others) * swapped
    assert result.decisions["kind"].null_count() == len(result.decisions)
    assert "nik_is_not_kk" in [check["check"] for check in result.run["health"] if not check["ok"]]


def test_heads_niks_on_every_family_are_no_cards() -> None:
    heads = ["SUPIAN", "KASRAN", "PAULUS UNTUNG", "HERMANSYAH", "DARWIS", "ROBERTUS", "GUNTUR", "YAKOB"]
    wives = ["RUSNAH", "MELISA", "WINDA", "FITRIANI", "MARIANA", "KARTIKA", "LASMI", "BADARIAH"]
    children = ["ANDIKA", "YULIANA", "RANGGA", "DIMAS", "JONI", "PRAYITNO", "SAMSUL", "ALFATIH"]
    families = [
        resident(f"621201{day}04759001", name, f"{day}-{born}", NO_KK=f"62120109051{day}001")
        for day, *names in zip(range(11, 19), heads, wives, children, strict=True)
        for name, born in zip(names, ("04-1975", "11-1978", "06-2003"), strict=True)
    ]
    result = dedupe(pl.DataFrame(families), reference_date=DAY)
    assert "nik_is_kk" not in result.run["quality"]["flags"]
    assert set(result.decisions["kind"]) == {"B"}


@pytest.mark.parametrize("recorded", [0, 1], ids=["the whole one recorded", "the broken one recorded"])
@pytest.mark.parametrize(
    "broken",
    ["621201110283901", "62120111028390011", "621201110283900l", "6212011120839001", "6212011102389001"],
    ids=["15 digits", "17 digits", "a letter", "no date", "another date"],
)
def test_a_broken_number_never_stays_for_the_whole_one(broken: str, recorded: int) -> None:
    numbers, status = ("6212011102839001", broken), ["BELUM REKAM"] * 2
    status[recorded] = "CARD_PRINTED"
    rows = [
        resident(number, "BAMBANG PRIYONO", "11-02-1983", "SUTINAH", "PONIDI", NO_KK=CARD, EKTP_STATUS=said)
        for number, said in zip(numbers, status, strict=True)
    ]
    found = dedupe(pl.DataFrame(rows), reference_date=DAY).decisions.sort("row")
    assert found["kind"].to_list() == ["E", "E"]
    assert found["action"].to_list() in (["keep", "correct_nik"], ["verify", "verify"])


def test_whose_nik_does_not_fit_does_not_take_it_from_whom_it_fits() -> None:
    """The wife was entered under her husband's NIK and is the one recorded; date and sex in it are his."""
    nik = "6212010404759001"
    husband = resident(nik, "SUPIAN", "04-04-1975", "MARIAM", "SALEH", NO_KK=CARD)
    wife = resident(nik, "RUSNAH", "11-11-1978", "FATMAWATI", "HUSIN", NO_KK=CARD, JENIS_KLMIN="P")
    both = pl.DataFrame([husband, wife | {"EKTP_STATUS": "CARD_PRINTED"}])
    assert dedupe(both, reference_date=DAY).decisions["action"].to_list() == ["separate", "separate"]
