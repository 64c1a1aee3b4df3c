"""`nikdedup verdicts`: lists sent out, filled in, read back; the same again changes nothing; 18 things are refused."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import nikdedup
from nikdedup.nightly import book_of
from tests.village.villages import Slips, fill

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, its lists in `out`, and what came back in `back`: everybody is present, but for every third."""
    from nikdedup.run.open import open as open_run
    from nikdedup.run.worklist import worklist

    folder = tmp_path_factory.mktemp("office")
    nikdedup.generate(folder / "a.parquet", rows=1_500, seed=18)
    nikdedup.dedupe(folder / "a.parquet", reference_date="2026-06-30", report=False).write(folder / "run")
    worklist(open_run(folder / "run"), folder / "run").write(folder / "out")
    rows = pl.read_parquet(folder / "out" / "worklist.parquet")
    slips = Slips(random.Random(1), share=0)
    for book in sorted((folder / "out").glob("*.xlsx")):
        fill(book, folder / "back" / book.name, rows, said, slips)
    return folder


def said(row: dict[str, Any]) -> str:
    return ("ada, belum rekam", "meninggal", "")[int(row["number"]) % 3]


@pytest.fixture(scope="module")
def made_state(office: Path) -> Path:
    from nikdedup.run.verdicts import import_verdicts

    files = sorted((office / "back").glob("*.xlsx"))
    import_verdicts(files, office / "state", who="tari", at="2026-11-29T01:00:00Z", lists=office / "out")
    return office / "state"


@pytest.fixture
def state(made_state: Path, tmp_path: Path) -> Path:
    """The state that the first answers were read into; a test may spoil it."""
    return Path(shutil.copytree(made_state, tmp_path / "state"))


def book(state: Path) -> pl.DataFrame:
    return book_of(state).entries()


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_becomes_a_state_of_the_run_that_the_list_names(office: Path, state: Path) -> None:
    asked = pl.read_parquet(office / "out" / "worklist.parquet").filter("asked")
    wanted = asked.filter(pl.col("number") % 3 != 2)
    found = book(state)
    assert set(found["key"]) == set(wanted["key"])
    assert found["who"].null_count() == found["at"].null_count() == found["cell"].null_count() == 0
    assert dict(found.group_by("answer").len().iter_rows()).keys() == {"present", "dead"}
    assert json.loads((state / "verdicts" / "about.json").read_text(encoding="utf-8"))["run"] == str(
        office / "run"
    )


def test_the_same_files_again_change_nothing(office: Path, state: Path, nikdedup_cli: Call) -> None:
    before = content(state)
    files = sorted((office / "back").glob("*.xlsx"))
    for lists in ([], ["--lists", office / "out"]):  # the state knows the lists by now
        done = nikdedup_cli("verdicts", "import", *files, "--into", state, *lists, "--lang", "en")
        assert done.code == 0, done.err
        assert done.out.startswith(f"0 answers read, {len(book(state))} were held already")
    assert content(state) == before


def test_what_is_blank_is_listed_by_desa_and_cell_and_nobody_is_named(
    office: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    file = office / "back" / "621201-murung.xlsx"
    done = nikdedup_cli(
        "verdicts", "import", file, "--into", tmp_path / "s", "--lists", office / "out", "--lang", "en"
    )
    rows = pl.read_parquet(office / "out" / "worklist.parquet").filter(
        "asked", pl.col("file") == file.name, pl.col("number") % 3 == 2
    )
    listed = [line.split() for line in done.out.splitlines() if " blank " in line]
    assert len(listed) == len(rows) > 0
    assert {line[-1].rpartition("!")[2] for line in listed} == {f"M{number + 4}" for number in rows["number"]}
    for name in pl.read_parquet(office / "out" / "worklist.parquet")["name"].drop_nulls():
        assert name not in done.out


def test_coverage_lists_and_status_go_by_the_answers(
    office: Path, state: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    dead = (
        book(state)
        .filter(pl.col("answer") == "dead", pl.col("part") == "unrecorded")["record_key"]
        .n_unique()
    )
    plain, told = (
        int(
            next(line for line in done.out.splitlines() if line.startswith("  After"))
            .split()[1]
            .replace(",", "")
        )
        for done in (nikdedup_cli("coverage", place, "--lang", "en") for place in (office / "run", state))
    )
    assert 0 < plain - told <= dead
    done = nikdedup_cli("worklist", state, "--out", tmp_path / "next", "--lang", "en")
    assert done.code == 0, done.err
    again = pl.read_parquet(tmp_path / "next" / "worklist.parquet").filter("asked")
    answered = book(state).select("desa_code", "record_key", "other_key")
    assert again.join(
        answered, on=["desa_code", "record_key", "other_key"], how="semi", nulls_equal=True
    ).is_empty()
    done = nikdedup_cli("verdicts", "status", state, "--lang", "en", "--today", "2026-12-31")
    total = next(line for line in done.out.splitlines() if line.startswith("  Total")).split()
    asked = pl.read_parquet(office / "out" / "worklist.parquet")["asked"].sum()
    assert [int(one.replace(",", "")) for one in total[1:3]] == [asked, len(book(state))]


def test_what_is_late_is_told_from_the_day(office: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    assert (
        nikdedup_cli("worklist", office / "run", "--out", tmp_path / "out", "--due", "2026-12-20").code == 0
    )
    file = next(iter(sorted((office / "back").glob("*.xlsx"))))
    assert (
        nikdedup_cli("verdicts", "import", file, "--into", tmp_path / "s", "--lists", tmp_path / "out").code
        == 0
    )
    late = {}
    for day in ("2026-12-20", "2026-12-21"):
        done = nikdedup_cli("verdicts", "status", tmp_path / "s", "--lang", "en", "--today", day)
        late[day] = next(line for line in done.out.splitlines() if line.startswith("  Total")).split()[3]
    assert late["2026-12-20"] == "0"
    assert int(late["2026-12-21"].replace(",", "")) > 0


def test_answers_of_a_file_are_taken_back_and_stay_on_record(
    office: Path, state: Path, nikdedup_cli: Call
) -> None:
    before, name = book(state), "621201-murung.xlsx"
    done = nikdedup_cli("verdicts", "undo", name, "--into", state, "--lang", "en")
    assert done.code == 0, done.err
    after = book(state)
    back = after.filter(pl.col("back_at").is_not_null())
    assert len(after) == len(before)
    assert set(back["file"]) == {name}
    assert back["back_who"].null_count() == 0
    again = nikdedup_cli("verdicts", "import", office / "back" / name, "--into", state, "--lang", "en")
    assert again.out.startswith(f"{len(back)} answers read")


def test_a_csv_filled_in_by_hand(office: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    with (office / "out" / "621201-murung.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index("HASIL VERIFIKASI")
    for row in rows[1:]:
        row[at] = row[at] or "SUDAH REKAM"
    path = tmp_path / "balasan.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    done = nikdedup_cli("verdicts", "import", path, "--into", tmp_path / "s", "--lists", office / "out")
    assert done.code == 0, done.err
    asked = pl.read_parquet(office / "out" / "worklist.parquet").filter(
        "asked", pl.col("file") == "621201-murung.xlsx"
    )
    assert len(book(tmp_path / "s")) == len(asked)


def other_office(folder: Path) -> Path:
    """A list of other residents, filled in."""
    from nikdedup.run.open import open as open_run
    from nikdedup.run.worklist import worklist

    nikdedup.generate(folder / "b.parquet", rows=300, seed=77)
    nikdedup.dedupe(folder / "b.parquet", reference_date="2026-06-30", report=False).write(folder / "other")
    [*_, last] = worklist(open_run(folder / "other"), folder / "other").write(folder / "lain")
    (folder / "lain" / "worklist.json").unlink()
    return last


def spoilt_keys(path: Path, target: Path) -> Path:
    """A list of which every key was overwritten and every name changed."""
    found = openpyxl.load_workbook(path)
    for sheet in found.worksheets[:-2]:
        for row in range(5, sheet.max_row + 1):
            sheet.cell(row, 16).value = "0A1B2C3D-000000000000-00"
            sheet.cell(row, 5).value = "SAMA SEMUA"
    found.save(target)
    return target


def written(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
"""As Excel begins a workbook behind a password."""
BAD: list[Any] = [
    pytest.param(lambda t, o: written(t / "photo.jpg", b"\xff\xd8\xff\xe0"), "not a workbook", id="a photo"),
    pytest.param(lambda t, o: written(t / "a.xlsx", b"\xff\xd8 Exif"), "not a workbook", id="a photo named xlsx"),
    pytest.param(lambda t, o: written(t / "a.pdf", b"%PDF-1.7"), "not a workbook", id="a scan"),
    pytest.param(lambda t, o: written(t / "a.xlsx", b"PK\x03\x04 cut"), "damaged", id="a workbook cut off"),
    pytest.param(lambda t, o: written(t / "a.xlsx", LOCKED), "password", id="with a password"),
    pytest.param(lambda t, o: written(t / "a.xlsx", b""), "a.xlsx", id="an empty file"),
    pytest.param(lambda t, o: written(t / "a.csv", b"a;b\n1;2\n"), "holds no list", id="another CSV"),
    pytest.param(lambda t, o: written(t / "a.csv", b""), "a.csv", id="an empty CSV"),
    pytest.param(lambda t, o: t / "none.xlsx", "no such file", id="no file"),
    pytest.param(lambda t, o: t, "not a workbook", id="a folder"),
    pytest.param(lambda t, o: other_office(t), "another run or another office", id="of another office"),
    pytest.param(
        lambda t, o: spoilt_keys(o / "back" / "621201-murung.xlsx", t / "a.xlsx"), "another run", id="edited row keys"
    ),
    pytest.param(
        lambda t, o: shutil.copy(o / "run/people.parquet", t / "a.parquet"), "not a workbook", id="a table"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said_"), BAD)
def test_files_that_are_no_answer(
    make: Callable[[Path, Path], Path],
    said_: str,
    office: Path,
    state: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
) -> None:
    """Nothing is read in, of the good file beside it neither."""
    before = content(state)
    good = office / "back" / "621202-tanah-siang.xlsx"
    done = nikdedup_cli("verdicts", "import", good, make(tmp_path, office), "--into", state)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert said_ in done.err
    assert content(state) == before


@pytest.mark.parametrize(
    ("arguments", "said_"),
    [
        pytest.param(["import", "BACK"], "needs --into", id="no state"),
        pytest.param(["import", "BACK", "--into", "RUN"], "is a run", id="into a run"),
        pytest.param(["import", "BACK", "--into", "FILE"], "is a file", id="into a file"),
        pytest.param(
            ["import", "BACK", "--into", "FULL"], "not a state", id="into a folder of something else"
        ),
        pytest.param(
            ["import", "BACK", "--into", "new"], "name the folder that worklist wrote", id="no list is known"
        ),
        pytest.param(
            ["import", "BACK", "--into", "new", "--lists", "FULL"], "holds no worklist", id="no list there"
        ),
        pytest.param(["import", "--into", "new"], "FILE", id="no file"),
        pytest.param(["status", "RUN"], "no verdicts were read in yet", id="status of a run"),
        pytest.param(["status", "FILE"], "letter.txt: is a file; name the state", id="status of a file"),
        pytest.param(["status", "nowhere"], "nowhere: no such folder", id="status of nothing"),
        pytest.param(["status", "RUN", "RUN"], "takes one state", id="status of two"),
        pytest.param(["status", "RUN", "--into", "RUN"], "takes one state", id="status with a state twice"),
        pytest.param(["status", "RUN", "--today", "kemarin"], "--today kemarin", id="a word for a day"),
        pytest.param(["undo", "a.xlsx", "--into", "RUN"], "no verdicts were read in yet", id="undo in a run"),
        pytest.param(["export", "RUN"], "export", id="an unknown verb"),
    ],
)
def test_what_is_refused(
    arguments: list[str],
    said_: str,
    office: Path,
    tmp_path: Path,
    nikdedup_cli: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("full").mkdir()
    Path("full/letter.txt").write_text("mine", encoding="utf-8")
    places = {
        "BACK": office / "back" / "621201-murung.xlsx",
        "RUN": office / "run",
        "FULL": "full",
        "FILE": "full/letter.txt",
    }
    done = nikdedup_cli("verdicts", *(places.get(one, one) for one in arguments))
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert said_ in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]


def test_a_list_that_is_open_in_excel(
    office: Path, state: Path, tmp_path: Path, nikdedup_cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows gives a file to nobody else while it is open."""
    path = Path(shutil.copy(office / "back" / "621201-murung.xlsx", tmp_path / "terbuka.xlsx"))
    before = content(state)

    def locked(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nikdedup.residents.read.inputs.read_file", locked)
    done = nikdedup_cli("verdicts", "import", path, "--into", state, "--lang", "en")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "terbuka.xlsx: cannot be opened; close it in Excel" in done.err
    assert content(state) == before


def test_a_state_that_somebody_else_holds(office: Path, state: Path, nikdedup_cli: Call) -> None:
    from nikdedup.publish import one_writer

    before = content(state)
    with one_writer(state, "into"):
        done = nikdedup_cli("verdicts", "import", office / "back" / "621201-murung.xlsx", "--into", state)
        undone = nikdedup_cli("verdicts", "undo", "621201-murung.xlsx", "--into", state)
    assert (done.code, undone.code) == (4, 4)
    assert done.err.count("\n") == 1
    assert content(state) == before


def test_a_file_that_a_state_does_not_have_cannot_be_taken_back(state: Path, nikdedup_cli: Call) -> None:
    done = nikdedup_cli("verdicts", "undo", "lain.xlsx", "--into", state)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "no answers of this file" in done.err


def test_a_state_whose_run_is_gone(office: Path, state: Path, tmp_path: Path, nikdedup_cli: Call) -> None:
    about = state / "verdicts" / "about.json"
    about.write_text(
        about.read_text(encoding="utf-8").replace(str(office / "run"), str(tmp_path / "gone")),
        encoding="utf-8",
    )
    before = content(state)
    done = nikdedup_cli("verdicts", "import", office / "back" / "621201-murung.xlsx", "--into", state)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "is gone" in done.err
    assert content(state) == before


def test_a_new_folder_becomes_a_state_that_nights_go_on_with(
    office: Path, tmp_path: Path, nikdedup_cli: Call
) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra `nightly` is not installed")
    state, file = tmp_path / "s", office / "back" / "621201-murung.xlsx"
    assert nikdedup_cli("verdicts", "import", file, "--into", state, "--lists", office / "out").code == 0
    held = book(state)
    assert len(held) > 0
    assert not (state / "verdicts" / "verdicts.parquet").exists()
    shown = nikdedup_cli("audit", "show", state, "--lang", "en")
    assert "answers of villages brought into the ledger" in shown.out
    again = nikdedup_cli("verdicts", "import", file, "--into", state, "--lang", "en")
    assert again.out.startswith(f"0 answers read, {len(held)} were held already"), again.err
    before = nikdedup_cli("coverage", state, "--lang", "en").out
    night = (
        "dedupe",
        office / "a.parquet",
        "--state",
        state,
        "--no-report",
        "--reference-date",
        "2026-06-30",
    )
    assert nikdedup_cli(*night).code == 0
    assert nikdedup_cli("coverage", state, "--lang", "en").out.splitlines()[:12] == before.splitlines()[:12]
    assert book(state).equals(held)
    assert nikdedup_cli("audit", "verify", state).code == 0
