"""The extract is what it says: deterministic, of exact size, with real structure and the stated rates."""

import importlib
from pathlib import Path

import polars as pl
import pytest

from nikdedup.errors import ConfigError, InputError
from nikdedup.lab import generate
from nikdedup.lab.rates import load_rates
from nikdedup.lab.records import RECORDED
from nikdedup.lab.render import COLUMNS
from nikdedup.schema import FIELDS, KINDS, TRUTH, TRUTH_GROUPS
from tests.lab.conftest import ROWS, Extract

MODULE = importlib.import_module("nikdedup.lab.generator")
REFERENCE = pl.lit("2026-06-30").str.to_date()


def birth(column: str = "TGL_LHR") -> pl.Expr:
    return pl.col(column).str.to_date("%d-%m-%Y", strict=False)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / f"{name}.parquet", rows=1_500, seed=3, profile="hard")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert (tmp_path / "a.truth.parquet").read_bytes() == (tmp_path / "b.truth.parquet").read_bytes()


def test_another_seed_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / f"{seed}.parquet", rows=500, seed=seed)
    one, two = (pl.read_parquet(tmp_path / f"{seed}.parquet") for seed in (1, 2))
    assert (one["NAMA_LGKP"] == two["NAMA_LGKP"]).mean() < 0.05


@pytest.mark.parametrize("parts", [2, 7], ids=lambda n: f"{n}-parts")
def test_content_does_not_depend_on_parts(
    tmp_path: Path, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "CHUNK", 800)
    monkeypatch.setattr(MODULE, "BUCKET", 500)
    generate(tmp_path / "whole.parquet", rows=2_001, seed=5, profile="hard")
    report = generate(tmp_path / "split", rows=2_001, seed=5, profile="hard", parts=parts)
    assert [file.name for file in report.files] == sorted(
        file.name for file in (tmp_path / "split").iterdir()
    )
    pieces = [pl.read_parquet(file) for file in report.files]
    assert len(pieces) == parts
    assert pl.concat(pieces).equals(pl.read_parquet(tmp_path / "whole.parquet"))
    assert (tmp_path / "split.truth.parquet").read_bytes() == (tmp_path / "whole.truth.parquet").read_bytes()


def test_chunks_and_buckets_lose_and_repeat_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "CHUNK", 700)
    monkeypatch.setattr(MODULE, "BUCKET", 300)
    report = generate(tmp_path / "x.parquet", rows=2_950, seed=1)
    data, truth = pl.read_parquet(tmp_path / "x.parquet"), pl.read_parquet(report.truth)
    assert len(data) == len(truth) == 2_950
    assert truth["true_person_id"].n_unique() == report.people
    ordinary = data.filter(truth["kind"].is_null(), pl.col("NIK") != "0")
    assert ordinary["NIK"].n_unique() == len(ordinary), "chunks must not share NIKs"
    assert data["NO_KAB"].n_unique() == 5, "each chunk is a regency of its own"
    assert not list(tmp_path.glob(".x*")), "nothing is left beside the extract"


@pytest.mark.parametrize(
    ("rows", "profile"),
    [(1, "hard"), (2, "murung-raya"), (13, "movers"), (200, "simduk"), (777, "hard")],
)
def test_exact_number_of_rows(tmp_path: Path, rows: int, profile: str) -> None:
    report = generate(tmp_path / "x.parquet", rows=rows, seed=11, profile=profile)
    assert len(pl.read_parquet(tmp_path / "x.parquet")) == rows
    assert pl.read_parquet(report.truth)["record_id"].to_list() == [str(i) for i in range(rows)]


def test_csv_holds_the_same_rows(tmp_path: Path) -> None:
    generate(tmp_path / "x.parquet", rows=300, seed=4)
    generate(tmp_path / "x.csv", rows=300, seed=4, truth=tmp_path / "t.csv")
    csv = pl.read_csv(tmp_path / "x.csv", infer_schema_length=0)
    parquet = pl.read_parquet(tmp_path / "x.parquet")
    blank = pl.all().replace("", None)
    assert csv.select(blank).equals(parquet.select(blank))
    truth = pl.read_csv(tmp_path / "t.csv", infer_schema_length=0)
    assert truth.equals(pl.read_parquet(tmp_path / "x.truth.parquet"))


def test_columns_are_siak_text(murung: Extract) -> None:
    assert murung.data.columns == list(COLUMNS)
    assert set(murung.data.dtypes) == {pl.String()}
    assert {column.lower() for column in COLUMNS} <= set(FIELDS)
    assert dict(murung.truth.schema) == TRUTH | {TRUTH_GROUPS: pl.String()}


@pytest.mark.parametrize("profile", ["murung-raya", "hard"])
def test_truth_agrees_with_the_extract(extracts: dict[str, Extract], profile: str) -> None:
    both, report = extracts[profile].both, extracts[profile].report
    sizes = both.group_by("true_person_id").len()["len"].cast(pl.Int64)
    assert report.true_pairs == int((sizes * (sizes - 1) // 2).sum())
    assert report.people == len(sizes)
    repeated = both.filter(pl.len().over("true_person_id") > 1)
    assert repeated["kind"].is_in([*"ACDEF"]).all(), "every repeated record has the kind of its person"
    assert (repeated.group_by("true_person_id").agg(pl.col("kind").n_unique())["kind"] == 1).all()
    single = both.filter(pl.len().over("true_person_id") == 1)
    assert single["kind"].is_null().any()
    assert set(single["kind"].drop_nulls()) <= {"B"}
    # 0.2 % is the rate of wrong sex in a NIK, not in the record: a person's records agree on sex
    assert (
        repeated.group_by("true_person_id").agg(pl.col("JENIS_KLMIN").n_unique())["JENIS_KLMIN"] == 1
    ).all()


@pytest.mark.parametrize("profile", ["murung-raya", "hard"])
def test_kinds_have_their_rates(extracts: dict[str, Extract], profile: str) -> None:
    both, kinds = extracts[profile].both, load_rates(profile).kinds
    for kind in "ACDEF":
        people = both.filter(pl.col("kind") == kind)["true_person_id"].n_unique()
        records = both.filter(pl.col("kind") == kind).height
        assert records - people == round(getattr(kinds, kind) * ROWS), kind
    assert both.filter(pl.col("kind") == "B").height == 2 * round(kinds.B * ROWS)
    assert set(both["kind"].drop_nulls()) == set(KINDS)


def pairs_of(both: pl.DataFrame, kind: str) -> pl.DataFrame:
    of_kind = both.filter(pl.col("kind") == kind)
    return of_kind.join(of_kind, on="true_person_id", suffix="_r").filter(
        pl.col("record_id").cast(pl.Int64) < pl.col("record_id_r").cast(pl.Int64)
    )


def cut(column: str) -> pl.Expr:
    """A NIK in the damaged tail has lost its 16th digit."""
    return pl.col(column).str.slice(0, 15)


def test_kind_a_is_an_exact_copy(murung: Extract) -> None:
    pairs = pairs_of(murung.both, "A")
    for column in ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "EKTP_STATUS"):
        assert (pairs[column] == pairs[f"{column}_r"]).all(), column
    assert (pairs["ALAMAT"] != pairs["ALAMAT_r"]).any()


def test_kind_b_is_one_nik_for_two_people(hard: Extract) -> None:
    shared = hard.both.filter(pl.col("kind") == "B").with_columns(nik=cut("NIK"))
    groups = shared.group_by("nik").agg(pl.len(), pl.col("true_person_id").n_unique().alias("people"))
    assert (groups["people"] >= 2).all()


def test_kind_c_has_two_niks_and_three_ways_of_recording(extracts: dict[str, Extract]) -> None:
    both = pl.concat([extract.both.with_columns(profile=pl.lit(name)) for name, extract in extracts.items()])
    pairs = pl.concat([pairs_of(both.filter(pl.col("profile") == name), "C") for name in extracts])
    same_nik = (pairs["NIK"] == pairs["NIK_r"]) & (pairs["NIK"] != "0")
    assert same_nik.mean() < 0.01
    age = (REFERENCE - birth()).dt.total_days() / 365.2425
    single = pl.len().over("profile", "true_person_id") == 1
    adult = pairs.filter(age > 18, single).with_columns(
        hits=pl.col("EKTP_STATUS").is_in(RECORDED).cast(pl.Int8)
        + pl.col("EKTP_STATUS_r").is_in(RECORDED).cast(pl.Int8),
        duplicate=(pl.col("EKTP_STATUS") == "DUPLICATE_RECORD")
        | (pl.col("EKTP_STATUS_r") == "DUPLICATE_RECORD"),
    )
    one = ((adult["hits"] == 1) & ~adult["duplicate"]).mean()
    none = (adult["hits"] == 0).mean()
    duplicate = adult["duplicate"].mean()
    assert one == pytest.approx(0.85, abs=0.05)
    assert none == pytest.approx(0.10, abs=0.05)
    assert duplicate == pytest.approx(0.05, abs=0.03)
    assert (adult["hits"] < 2).all()


def test_kind_d_is_one_nik_in_two_cards(murung: Extract) -> None:
    pairs = pairs_of(murung.both, "D")
    assert (pairs["NIK"] == pairs["NIK_r"]).all()
    assert (pairs["NO_KK"] != pairs["NO_KK_r"]).all()


def test_kind_e_is_a_slip_in_the_nik(murung: Extract) -> None:
    pairs = pairs_of(murung.both, "E")
    niks = pairs.select("NIK", "NIK_r").iter_rows()
    apart = [sum(a != b for a, b in zip(left, right, strict=True)) for left, right in niks]
    assert sum(1 <= n <= 2 for n in apart) >= 0.9 * len(apart), "two slips of third records differ more"


def test_kind_f_has_a_temporary_number(murung: Extract) -> None:
    of_kind = murung.both.filter(pl.col("kind") == "F")
    temporary = of_kind.group_by("true_person_id").agg(pl.col("NIK").str.starts_with("0").sum(), pl.len())
    assert (temporary["NIK"] == temporary["len"] - 1).all()


def test_nik_structure(murung: Extract) -> None:
    plain = murung.both.filter(
        pl.col("kind").is_null() | pl.col("kind").is_in(["A", "D"]), pl.col("NIK") != "0"
    )
    nik = pl.col("NIK")
    assert plain["NIK"].str.contains(r"^[1-9]\d{15}$").all()
    assert (plain["NIK"].str.slice(12).cast(pl.Int32) >= 9001).all()
    day = nik.str.slice(6, 2).cast(pl.Int32)
    frozen = pl.concat_str((day % 40).cast(pl.String).str.zfill(2), nik.str.slice(8, 4))
    digits = plain.select(
        date=frozen == birth().dt.strftime("%d%m%y"),
        sex=(day > 40) == (pl.col("JENIS_KLMIN") == "PEREMPUAN"),
        outside=~nik.str.starts_with("6212"),
    )
    assert digits["date"].mean() == pytest.approx(0.99, abs=0.006)
    assert digits["sex"].mean() == pytest.approx(0.999, abs=0.002)
    assert digits["outside"].mean() == pytest.approx(0.18, abs=0.03)
    ordinary = plain.filter(pl.col("kind").is_null())
    assert ordinary["NIK"].n_unique() == len(ordinary)


def test_twins_are_neighbours(murung: Extract) -> None:
    twins = murung.both.filter(pl.col("trap") == "twin", pl.col("kind").is_null()).sort("NIK")
    groups = twins.group_by("TGL_LHR", "NO_KK", "JENIS_KLMIN", maintain_order=True).agg(
        "NIK", "NAMA_LGKP", pl.len()
    )
    same_sex = groups.filter(pl.col("len") == 2)
    assert len(same_sex) > 50
    serials = same_sex["NIK"].list.eval(pl.element().str.slice(12).cast(pl.Int32))
    prefixes = same_sex["NIK"].list.eval(pl.element().str.slice(0, 12))
    together = prefixes.list.n_unique() == 1
    assert together.mean() > 0.9
    assert (serials.filter(together).list.diff().list.last() == 1).mean() > 0.95
    assert (same_sex["NAMA_LGKP"].list.n_unique() == 2).all(), "twins never share a full name"


def test_traps_are_what_they_say(hard: Extract) -> None:
    traps = load_rates("hard").traps
    common = hard.both.filter(pl.col("trap") == "common_name_default_date", pl.col("kind").is_null())
    groups = common.group_by("NAMA_LGKP", "TGL_LHR").agg(
        pl.len(), pl.col("NAMA_LGKP_IBU").n_unique(), pl.col("true_person_id").n_unique()
    )
    assert (groups.filter(pl.col("len") > 1)["NAMA_LGKP_IBU"] > 1).mean() > 0.98
    assert groups["len"].sum() == pytest.approx(2 * traps.common_name_default_date * ROWS, rel=0.15)
    assert common["TGL_LHR"].str.starts_with("01-07-").mean() > 0.99
    assert common["NAMA_LGKP_IBU"].is_in(["", "-"]).sum() + common["NAMA_LGKP_IBU"].null_count() == 0
    sons = hard.both.filter(pl.col("trap") == "father_son", pl.col("kind").is_null())
    by_house = sons.group_by("NO_KK", "NAMA_LGKP").agg(birth().max() - birth().min(), pl.len())
    by_house = by_house.filter(pl.col("len") == 2)
    assert len(by_house) > 30
    assert (by_house["TGL_LHR"].dt.total_days() > 14 * 365).all()


def test_children_bear_the_names_of_their_parents(murung: Extract) -> None:
    plain = murung.both.filter(pl.col("kind").is_null())
    mothers = plain.filter(pl.col("STAT_HBKEL") == "ISTRI").select("NO_KK", mother="NAMA_LGKP")
    fathers = plain.filter(pl.col("STAT_HBKEL") == "KEPALA KELUARGA").select("NO_KK", father="NAMA_LGKP")
    children = (
        plain.filter(pl.col("STAT_HBKEL") == "ANAK").join(mothers, on="NO_KK").join(fathers, on="NO_KK")
    )
    known = children.filter(~pl.col("NAMA_LGKP_IBU").fill_null("-").is_in(["-", ""]))
    assert (known["NAMA_LGKP_IBU"] == known["mother"]).mean() == pytest.approx(0.95, abs=0.03)
    known = children.filter(~pl.col("NAMA_LGKP_AYAH").fill_null("-").is_in(["-", ""]))
    assert (known["NAMA_LGKP_AYAH"] == known["father"]).mean() == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    ("what", "expected", "abs_"),
    [
        ("july", 0.056, 0.01), ("december", 0.032, 0.008), ("january", 0.017, 0.006), ("mother", 0.03, 0.006),
        ("adults", 0.71, 0.04), ("women", 0.505, 0.02), ("card", 3.1, 0.25),
        ("mononym_old", 0.31, 0.06), ("mononym_young", 0.03, 0.02), ("unrecorded", 0.05, 0.02),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_population_is_like_a_regency(murung: Extract, what: str, expected: float, abs_: float) -> None:
    age = (REFERENCE - birth()).dt.total_days() / 365.2425
    people = murung.both.with_columns(age=age, one_word=~pl.col("NAMA_LGKP").str.contains(" "))
    adults = people.filter(pl.col("age") >= 17)
    measured = {
        "july": adults["TGL_LHR"].str.starts_with("01-07").mean(),
        "december": adults["TGL_LHR"].str.starts_with("31-12").mean(),
        "january": adults["TGL_LHR"].str.starts_with("01-01").mean(),
        "mother": people["NAMA_LGKP_IBU"].fill_null("-").is_in(["-", ""]).mean(),
        "adults": len(adults) / len(people),
        "women": (people["JENIS_KLMIN"] == "PEREMPUAN").mean(),
        "card": len(people) / people["NO_KK"].n_unique(),
        "mononym_old": people.filter(pl.col("age") >= 60)["one_word"].mean(),
        "mononym_young": people.filter(pl.col("age") < 5)["one_word"].mean(),
        "unrecorded": adults["EKTP_STATUS"].is_in(["BELUM REKAM", "UNREGISTERED"]).mean(),
    }
    assert measured[what] == pytest.approx(expected, abs=abs_)


def test_no_name_is_too_common_and_many_are_rare(murung: Extract) -> None:
    shares = murung.data["NAMA_LGKP"].value_counts(sort=True)["count"] / ROWS
    assert shares[0] < 0.0025
    assert murung.data["NAMA_LGKP"].str.split(" ").list.explode().n_unique() > 5_000


def test_duplicates_lie_apart(hard: Extract) -> None:
    rows = hard.both.with_columns(row=pl.col("record_id").cast(pl.Int64)).group_by("true_person_id").agg(
        pl.col("row").max() - pl.col("row").min(), pl.len()
    )  # fmt: skip
    apart = rows.filter(pl.col("len") == 2)["row"]
    assert apart.median() > ROWS / 5


def test_hard_keeps_the_tail_of_cut_niks(hard: Extract) -> None:
    ends = hard.data["NIK"].str.ends_with("0")
    assert ends.tail(ROWS // 100 - 50).mean() > 0.99
    assert ends.head(ROWS * 9 // 10).mean() < 0.2


def test_simduk_has_days_and_months_of_zero(tmp_path: Path) -> None:
    generate(tmp_path / "x.parquet", rows=3_000, seed=2, profile="simduk")
    data = pl.read_parquet(tmp_path / "x.parquet")
    assert data["TGL_LHR"].str.starts_with("00-00-").mean() > 0.05
    assert data["NAMA_LGKP_IBU"].fill_null("-").is_in(["-", ""]).mean() > 0.15
    assert (~data["NAMA_LGKP"].str.contains(" ")).mean() > 0.35


def test_movers_spell_a_kecamatan_ten_ways(tmp_path: Path) -> None:
    generate(tmp_path / "x.parquet", rows=3_000, seed=2, profile="movers")
    data = pl.read_parquet(tmp_path / "x.parquet")
    spellings = data.group_by("NO_KEC").agg(pl.col("KEC_NAME").n_unique())["KEC_NAME"]
    assert spellings.min() >= 7
    assert (~data["NIK"].str.starts_with("6212")).mean() > 0.28


def test_own_profile_changes_only_what_it_names(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[kinds]\nC = 0.1\n[noise]\nmissing_mother = 0.5\n")
    report = generate(tmp_path / "x.parquet", rows=1_000, seed=1, profile=str(own))
    truth = pl.read_parquet(report.truth)
    c = truth.filter(pl.col("kind") == "C")
    assert len(c) - c["true_person_id"].n_unique() == 100
    assert load_rates(str(own)).kinds.D == load_rates("murung-raya").kinds.D


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 0}, "rows = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"parts": 0}, "parts = 0"),
        ({"profile": "easy"}, "allowed are murung-raya, hard, movers, simduk"),
        ({"profile": "nowhere.toml"}, "no such file"),
        ({"out": "x.xlsx"}, "allowed are .parquet and .csv"),
        ({"out": "x.parquet", "parts": 2}, "without a suffix"),
        ({"truth": "t.txt"}, "truth t.txt"),
        ({"rows": 10**9}, "rows"),
    ],
    ids=["rows", "seed", "parts", "profile", "profile-file", "suffix", "parts-file", "truth", "too-many"],
)
def test_wrong_options_are_one_plain_line(tmp_path: Path, options: dict[str, object], message: str) -> None:
    values: dict[str, object] = {"rows": 10, "seed": 1, "out": "x.parquet"} | options
    out, truth = tmp_path / str(values.pop("out")), values.pop("truth", None)
    with pytest.raises(InputError) as fault:
        generate(out, truth=tmp_path / str(truth) if truth else None, **values)  # type: ignore[arg-type]
    assert message in str(fault.value)
    assert "\n" not in str(fault.value)
    assert not list(tmp_path.iterdir()), "nothing is written"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[kinds]\nG = 0.1\n", "kinds.G"),
        ("[noise]\nmissing_nik = 2.0\n", "noise.missing_nik"),
        ("[damage]\nmumble = 1\n", "damage.mumble is unknown"),
        ("[cultures]\natlantis = 1\n", "cultures.atlantis is unknown"),
        ("not toml", "not readable as TOML"),
    ],
    ids=["unknown-key", "out-of-range", "slip", "culture", "syntax"],
)
def test_wrong_profile_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(ConfigError, match=message):
        generate(tmp_path / "x.parquet", rows=10, seed=1, profile=str(own))
