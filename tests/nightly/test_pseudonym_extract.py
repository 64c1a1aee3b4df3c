"""An extract in which nobody is named: it has the same duplicates, and no name or number of the original."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

import nikdedup
from nikdedup import ConfigError, Nik
from nikdedup.nightly import pseudonymise
from nikdedup.nightly.pseudonym_ids import Numbers
from nikdedup.nightly.pseudonym_texts import Addresses, coded, dated
from nikdedup.nightly.pseudonym_words import Words
from nikdedup.residents.names import clean_names, skeleton
from nikdedup.residents.places import clean_address
from tests.conftest import Done

Call = Callable[..., Done]
KEY = bytes(range(32))
ROWS = 8_000


@pytest.fixture(scope="module", params=[("hard", 71), ("murung-raya", 72)], ids=["hard", "murung-raya"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """An extract, and the same with nobody named in it."""
    folder = tmp_path_factory.mktemp("pseudonyms")
    profile, seed = request.param
    nikdedup.generate(folder / "a.parquet", rows=ROWS, seed=seed, profile=profile)
    pseudonymise(folder / "a.parquet", folder / "b.parquet", key_file=folder / "key")
    return pl.read_parquet(folder / "a.parquet"), pl.read_parquet(folder / "b.parquet")


def confirmed(extract: pl.DataFrame) -> set[tuple[int, int]]:
    found = nikdedup.dedupe(extract, report=False, reference_date="2026-06-30").pairs
    return set(found.filter(pl.col("band") == "confirmed").select("row_l", "row_r").iter_rows())


def test_the_duplicates_are_those_of_the_original(both: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    before, after = map(confirmed, both)
    assert len(before) > 100
    assert len(before - after) <= 0.02 * len(before), "lost"
    assert len(after - before) <= 0.02 * len(before), "new"


def test_nobody_is_named(both: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    before, after = both
    assert set(after.columns) == set(before.columns)
    assert len(after) == len(before)
    numbers = pl.concat([before[name] for name in ("NIK", "NO_KK")]).drop_nulls().str.replace_all(r"\D", "")
    numbers = numbers.filter((numbers.str.len_chars() == 16) & ~numbers.str.ends_with("0000"))
    cells = pl.concat([after[name].drop_nulls().cast(pl.String) for name in after.columns])
    assert cells.filter(cells.str.replace_all(r"\D", "").is_in(numbers.unique().implode())).is_empty()
    for name in ("NAMA_LGKP", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH"):
        words = clean_names(before[name])["clean"].drop_nulls()
        several = words.filter(words.str.contains(" ")).unique()
        stayed = clean_names(after[name])["clean"].is_in(several.implode()).sum()
        assert stayed <= 0.001 * len(after)
        assert after[name].n_unique() >= 0.98 * clean_names(before[name])["clean"].n_unique()
    streets = before["ALAMAT"].filter(before["ALAMAT"].str.contains("JALAN|JL")).unique()
    assert after["ALAMAT"].is_in(streets.implode()).sum() == 0


def test_what_others_judge_by_stays(both: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    before, after = both
    for name in ("TGL_LHR", "JENIS_KLMIN", "TMPT_LHR", "NO_KEC", "EKTP_STATUS", "NO_RT"):
        assert after[name].equals(before[name]), name
    same = after["NIK"].str.head(12) == before["NIK"].str.head(12)
    assert same.filter(before["NIK"].str.contains(r"^\d{16}$")).all()


SPELLINGS = [
    ("SUPRIYANTO", "SUPRIANTO"),
    ("SOEKARNO", "SUKARNO"),
    ("TJAHJONO", "CAHYONO"),
    ("RACHMAT", "RAHMAT"),
    ("FITRIYAH", "PITRIAH"),
    ("KHASANAH", "HASANAH"),
    ("DEWY", "DEWI"),
    ("SELAMET", "SLAMET"),
    ("RIZKI", "RISKI"),
    ("ACHMAD", "AHMAT"),
    ("DJOKO", "JOKO"),
    ("MUHAMMAD", "MUHAMAD"),
]
SLIPS = [
    ("HALIMAH", "HALIMH"),
    ("HALIMAH", "HALIAMH"),
    ("SUTRISNO", "SUTRISMO"),
    ("WATIRAH", "NATIRAH"),
    ("BAMBANG", "BANBANG"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_spellings_of_one_sound_stay_two_spellings_of_one_sound(one: str, other: str) -> None:
    new = Words(KEY, {one: 3, other: 1})
    assert new.of(one) != one
    assert new.of(one) != new.of(other)
    assert skeleton(new.of(one)) == skeleton(new.of(other))


@pytest.mark.parametrize(("one", "other"), SLIPS)
def test_a_slip_stays_a_slip(one: str, other: str) -> None:
    new = Words(KEY, {one: 3, other: 1})
    assert skeleton(new.of(one)) != skeleton(new.of(other))
    assert OSA.distance(new.of(one), new.of(other)) == OSA.distance(one, other)


WORD = st.text("ABDEGHIKLMNPRSTUWY", min_size=2, max_size=9)


@given(st.lists(WORD, min_size=2, max_size=6, unique=True), st.binary(min_size=32, max_size=32))
def test_words_that_sound_alike_still_do(words: list[str], key: bytes) -> None:
    new = Words(key, dict.fromkeys(words, 1))
    for one in words:
        for other in words:
            if skeleton(one) == skeleton(other):
                assert skeleton(new.of(one)) == skeleton(new.of(other))


def test_initials_and_words_written_as_one_stay_what_they_were() -> None:
    new = Words(KEY, {"SITI": 9, "AMINAH": 9, "SITIAMINAH": 1})
    assert new.of("SITIAMINAH") == new.of("SITI") + new.of("AMINAH")
    assert new.of("S") == new.of("SITI")[0]


def test_what_a_name_says_beside_itself_stays_in_its_place(tmp_path: Path) -> None:
    names = [
        "H. MOH. NOOR HIDAYAT BIN SALEH, S.Pd", "BY. NY. SUMIATI", "TIDAK TAHU", "", "SITI ALIAS TUTI", "SALEH",
        "SUMIATI",
    ]  # fmt: skip
    frame = pl.DataFrame({"NAMA_LGKP": names, "NAMA_LGKP_IBU": ["SUMIATI", "-", None, "SALEH", "", "", ""]})
    pseudonymise(frame, tmp_path / "out.parquet", key_file=tmp_path / "key")
    found = pl.read_parquet(tmp_path / "out.parquet")
    read = clean_names(found["NAMA_LGKP"])
    assert read["patronymic"][0] == read["clean"][5]
    assert read["mother"][1] == read["clean"][6] == found["NAMA_LGKP_IBU"][0]
    assert read["alias"].is_not_null().to_list() == [False, False, False, False, True, False, False]
    assert found["NAMA_LGKP"][2:4].to_list() == ["TIDAK ADA", None]
    assert found["NAMA_LGKP_IBU"][1:3].to_list() == ["TIDAK ADA", None]
    assert not any(word in found["NAMA_LGKP"][0] for word in ("NUR", "HIDAYAT", "SALEH", "MUHAMMAD", "S.PD"))


NIK = "6212014107809001"


def numbers(*niks: str | None, births: list[str | None] | None = None) -> list[str]:
    column = pl.Series(list(niks), dtype=pl.String)
    dates = pl.Series(births or ["01-07-1980"] * len(column), dtype=pl.String)
    new = Numbers(KEY, column, dates)
    return [new.of(text) for text in column.drop_nulls()]


def test_a_nik_stays_as_valid_as_it_was() -> None:
    made = numbers(NIK, "6212014107809002", "6212014107800000", "6212014107809010")
    assert [Nik(text).verdict for text in made] == [
        "valid",
        "valid",
        Nik("6212014107800000").verdict,
        "valid",
    ]
    assert all(text[:12] == NIK[:12] for text in made)
    assert len({NIK, *made}) == 5
    assert int(made[1]) - int(made[0]) == 1, "neighbours"
    assert made[0][:15] == numbers(NIK[:15])[0]


@pytest.mark.parametrize(
    ("slipped", "births"),
    [
        pytest.param("6312014107809001", ["01-07-1980"] * 2, id="province"),
        pytest.param("6212014107819001", ["01-07-1980"] * 2, id="year"),
        pytest.param("6212014107819001", ["01-07-1980", None], id="year, no date"),
    ],
)
def test_a_nik_with_a_slip_stays_one(slipped: str, births: list[str | None]) -> None:
    one, other = numbers(NIK, slipped, births=births)
    assert OSA.distance(one, other) == 1


def test_niks_of_two_dates_are_moved_apart() -> None:
    """Who finds out the number behind one pseudonym does not know it for the next."""
    niks = [f"62120141{month:02d}{year:02d}9001" for month in range(1, 13) for year in range(60, 80)]
    made = numbers(*niks, births=[nik[6:12] for nik in niks])
    assert len({text[12:15] for text in made}) > 150


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        pytest.param("6.21201E+15", r"6\.21201E\+15", id="few digits are left"),
        pytest.param("-", "-", id="a dash"),
        pytest.param("SITI AMINAH", "XXXX XXXXXX", id="a name"),
        pytest.param("62120141O7809001", r"\d{8}X\d{7}", id="a letter in it"),
        pytest.param("6212-0141-0780-9001", r"6212-0141-0780-\d{3}1", id="parted by signs"),
        pytest.param("12345", r"\d{5}", id="too short"),
    ],
)
def test_cells_that_are_no_nik(text: str, becomes: str) -> None:
    [made] = numbers(text)
    assert pl.Series([made]).str.contains(f"^{becomes}$")[0]
    assert made == text or made not in text


def test_addresses_keep_labels_numbers_of_rt_and_likeness() -> None:
    texts = [
        "Jl. Merdeka No. 12 RT 03/RW 01",
        "JALAN MERDEKA NO 17",
        "JL MERDEKE 12",
        "Ds. Tumbang Lahung",
        "-",
        None,
    ]
    made = Addresses(KEY).of(pl.Series(texts))
    one, two = clean_address(pl.Series(texts)), clean_address(made)
    assert two["rt"].to_list() == one["rt"].to_list() == ["003", None, None, None, None, None]
    words = [(a or "").split() for a in two["clean"]]
    assert [line[0] for line in words[:4]] == ["JALAN", "JALAN", "JALAN", "DS"]
    assert words[3][1] == "TUMBANG"
    assert words[0][1] == words[1][1] != "MERDEKA"
    for at, other in ((0, 1), (0, 2), (1, 2)):
        assert OSA.distance(two["clean"][at], two["clean"][other]) == OSA.distance(
            one["clean"][at], one["clean"][other]
        )
    assert made[4:].to_list() == ["-", None]


def test_codes_and_dates_that_may_name_somebody_are_left_empty() -> None:
    codes = pl.Series("stat_kwn", ["KAWIN"] * 3 + ["SITI AMINAH", "1", None])
    assert coded(codes).to_list() == ["KAWIN"] * 3 + [None, "1", None]
    dates = pl.Series(
        "tgl_lhr", ["1 Juli 1980", "01-07-1980", "1980-07-01T00:00", "SITI AMINAH", "12 DES 79", None]
    )
    assert dated(dates).to_list() == [*dates[:3], None, "12 DES 79", None]


FRAME = pl.DataFrame(
    {
        "ID": ["r1", "r2", "r3"], "NIK": [NIK, "6212014107809002", None],
        "NAMA_LGKP": ["SITI AMINAH", "SITI AMINAH", "BUDI"], "AGAMA": ["ISLAM"] * 3, "GELAR": ["H.", None, None],
        "NAMA_PET_ENTRI": ["TARI"] * 3, "CATATAN": ["sakit", "", ""],
        "STAT_KWN": ["KAWIN", "ORANG INI", "KAWIN"], "TELEPON": ["+62 812-3456-789", "08123456789", "-"],
        "NO_AKTA_LHR": ["A-17", "a17", "TIDAK ADA"], "KEL_NAME": ["=CMD()", "\uff1dCMD()", "BERIWIT"],
    }
)  # fmt: skip


def test_columns_that_are_not_known_are_left_out_and_named(tmp_path: Path) -> None:
    found = pseudonymise(FRAME, tmp_path / "out.csv", key_file=tmp_path / "key", record_id="ID")
    assert set(found.left_out) >= {"AGAMA", "GELAR", "NAMA_PET_ENTRI", "CATATAN"}
    assert found.blanked["stat_kwn"] == 3, "each code is of fewer than three records"
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert not any(
        word in text for word in ("ISLAM", "sakit", "TARI", "ORANG INI", "8123456789", "A-17", "r1")
    )
    made = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
    assert made["RECORD_ID"].n_unique() == 3
    assert made["TELEPON"].to_list()[0] == made["TELEPON"].to_list()[1]
    assert made["NO_AKTA_LHR"].to_list()[0] == made["NO_AKTA_LHR"].to_list()[1]
    assert made["NO_AKTA_LHR"][2] is None
    assert made["KEL_NAME"].to_list() == ["'=CMD()", "'\uff1dCMD()", "BERIWIT"]
    assert made["NAMA_LGKP"][0] == made["NAMA_LGKP"][1] != "SITI AMINAH"
    for line in ("Kolom yang tidak ikut: ", "Sel yang dikosongkan"):
        assert line in found.text("id")


def test_one_key_gives_the_same_each_time_and_another_gives_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for key in ("a" * 32, "a" * 32, "b" * 32):
        monkeypatch.setenv("PSEUDONYMS", key)
        pseudonymise(FRAME, tmp_path / "out.csv", key_env="PSEUDONYMS")
        made.append((tmp_path / "out.csv").read_bytes())
        assert key.encode() not in made[-1]
    assert made[0] == made[1] != made[2]


def test_the_key_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    pseudonymise(FRAME, tmp_path / "out.csv", key_file=tmp_path / "key")
    key = (tmp_path / "key").read_bytes()
    pseudonymise(FRAME, tmp_path / "out.csv", key_file=tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == key
    assert len(key) == 32
    if os.name != "nt":
        for name in ("key", "out.csv"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0
        (tmp_path / "key").chmod(0o644)
        with pytest.raises(ConfigError, match="may be read by others"):
            pseudonymise(FRAME, tmp_path / "out.csv", key_file=tmp_path / "key")


BAD: list[Any] = [
    pytest.param(["a.csv", "--out", "b.csv"], "needs --key-file or --key-env", id="no key"),
    pytest.param(
        ["a.csv", "--out", "b.csv", "--key-file", "k", "--key-env", "K"], "one of both", id="two keys"
    ),
    pytest.param(
        ["a.csv", "--out", "b.csv", "--key-env", "NOT_THERE"], "NOT_THERE is not set", id="no such variable"
    ),
    pytest.param(["a.csv", "--out", "b.csv", "--key-env", "SHORT"], "it has 5 bytes", id="a short key"),
    pytest.param(
        ["a.csv", "--out", "b.csv", "--key-file", "a.csv"], "may be read by others", id="a key for all"
    ),
    pytest.param(["a.csv", "--out", "b.csv", "--key-file", "short"], "it has 5 bytes", id="a short file"),
    pytest.param(
        ["a.csv", "--out", "b.xlsx", "--key-env", "KEY"], "allowed are .parquet, .csv", id="a workbook"
    ),
    pytest.param(["a.csv", "--out", "a.csv", "--key-env", "KEY"], "is an input", id="over the input"),
    pytest.param(
        ["a.csv", "--out", "k.csv", "--key-file", "k.csv"], "is the file of the key", id="over the key"
    ),
    pytest.param(
        ["a.csv", "--out", "no/b.csv", "--key-env", "KEY"], "does not exist", id="a folder that is not"
    ),
    pytest.param(["a.csv", "--out", "folder.csv", "--key-env", "KEY"], "is a folder", id="a folder"),
    pytest.param(["none.csv", "--out", "b.csv", "--key-env", "KEY"], "none.csv", id="no input"),
    pytest.param(["short", "--out", "b.csv", "--key-env", "KEY"], "short", id="no table"),
    pytest.param(
        ["a.csv", "--out", "b.csv", "--key-env", "KEY", "--record-id", "X"], "X", id="no such column"
    ),
    pytest.param(
        ["a.csv", "--out", "b.csv", "--key-env", "KEY", "--config", "plain.toml"], "Indonesian", id="FEBRL"
    ),
    pytest.param(
        ["a.csv", "--out", "b.csv", "--key-env", "KEY", "--config", "no.toml"], "no.toml", id="no settings"
    ),
    pytest.param(["a.csv", "--key-env", "KEY"], "--out", id="no target"),
    pytest.param(["--out", "b.csv", "--key-env", "KEY"], "INPUT", id="nothing at all"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD)
def test_what_is_refused(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nikdedup_cli: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "k" * 32)
    monkeypatch.setenv("SHORT", "short")
    FRAME.drop("ID").write_csv("a.csv")
    Path("folder.csv").mkdir()
    Path("short").write_text("short", encoding="utf-8")
    Path("short").chmod(0o600)
    Path("plain.toml").write_text('names = "plain"\n', encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = nikdedup_cli("pseudonymise", *arguments, "--lang", "en")
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert said in done.err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
