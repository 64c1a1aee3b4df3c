"""The job file: every fault at once, each on its line, and nothing touched."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nikdedup
from nikdedup import ConfigError
from nikdedup.nightly.checking import faults_of
from nikdedup.nightly.job import Job, JobFile
from nikdedup.nightly.sources import table_of
from nikdedup.nightly.toml_lines import line_of, lines_of
from tests.conftest import Done

Cli = Callable[..., Done]

WRONG = """\
state = "letters"
lang = "jw"
threads = 0

[[source]]
path = "nothing/*.parquet"

[[source]]
database = "postgresql+psycopg://a:secret@h/d"
query = \"\"\"
SELECT 1
lang = 2
\"\"\"

[[source]]
database = "sqlite:///missing.db"
table = "t"
password = { env = "NOT_SET_9001" }

[settings]
record_idd = "X"

[settings.match]
max_block = 1

[health]
records_lost = 7
fail = "stop"

[retention]
snapshots = 0
"""


@pytest.fixture
def job(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "job.toml"
        path.write_text(text)
        return path

    return write


def test_a_key_that_is_lacking_is_named(job: Callable[[str], Path]) -> None:
    found = JobFile.read(job('[[source]]\npath = "a.csv"\n'))
    assert [fault.text for fault in found.faults] == ["state is missing"]


def test_every_fault_of_the_form_at_once(job: Callable[[str], Path]) -> None:
    found = JobFile.read(job(WRONG))
    told = {(fault.line, fault.text.partition(";")[0]) for fault in found.faults}
    assert {line for line, _ in told} == {2, 3, 8, 21, 24, 27, 28, 31}
    assert any("unknown key 'record_idd'" in text for _, text in told)
    assert any("lang = 'jw'" in text for _, text in told)
    assert not any("secret" in fault.text for fault in found.faults)
    assert [fault.text for fault in found.faults if fault.line in (2, 3)] == [
        "lang = 'jw'; allowed: 'id' or 'en'",
        "threads = 0; allowed: 1 or more",
    ]  # once each, as they are written
    with pytest.raises(ConfigError, match=r"line 2: .*; line 3: .*line 31: "):
        found.sound()


@pytest.mark.parametrize("what", ["check", "run", "refit"])
@pytest.mark.parametrize(
    ("lang", "asked", "told"),
    [("en", [], "allowed: "), ("id", [], "yang boleh: "), ("id", ["--lang", "en"], "allowed: ")],
)
def test_a_job_is_spoken_of_in_its_language(
    what: str, lang: str, asked: list[str], told: str, job: Callable[[str], Path], nikdedup_cli: Cli
) -> None:
    """Whatever is asked of it, and though it is none."""
    done = nikdedup_cli("nightly", what, job(f'lang = "{lang}"\nthreads = "x"\n'), *asked)
    assert done.code == 2
    assert told in done.out + done.err
    assert ("line 2: " in done.err) == (told == "allowed: " and what != "check")


@pytest.mark.parametrize("through", ["sqlalchemy", "adbc"])
def test_a_relative_file_of_sqlite_lies_beside_the_job(
    through: str, job: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the scheduler starts: not beside where it was started."""
    if through == "adbc":
        pytest.importorskip("adbc_driver_sqlite", reason="the extra `adbc` is not installed")
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "siak.db")) as connection:
        connection.executescript("CREATE TABLE t (NIK TEXT); INSERT INTO t VALUES ('6212014107609001');")
    monkeypatch.chdir(tmp_path / "data")
    file = JobFile.read(
        job(
            'state = "state"\n[[source]]\ndatabase = "sqlite:///data/siak.db"\n'
            f'table = "t"\nthrough = "{through}"\n[ledger]\ndatabase = "sqlite:///data/siak.db"\n'
        )
    )
    assert faults_of(file) == []
    found, _ = file.sound()
    assert found.ledger.database == f"sqlite:///{tmp_path}/data/siak.db"
    assert table_of(found.source[0])["NIK"].to_list() == ["6212014107609001"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(
            'database = "oracle://h/d"\ntable = "t"\nthrough = "adbc"', "reads no such database", id="oracle"
        ),
        pytest.param('path = "a.csv"\nthrough = "adbc"', "allowed: with `database` only", id="of a file"),
        pytest.param(
            'database = "sqlite:///a.db"\ntable = "t"\nthrough = "odbc"', "through = 'odbc'", id="another"
        ),
        pytest.param(
            'database = "sqlite:///none.db"\ntable = "t"\nthrough = "adbc"',
            "no such file|is not installed",
            id="no file",
        ),
    ],
)
def test_faults_of_a_source_through_adbc(lines: str, told: str, job: Callable[[str], Path]) -> None:
    [fault] = faults_of(JobFile.read(job(f'state = "state"\n[[source]]\n{lines}\n')))
    assert re.search(told, fault.text)


def test_every_fault_of_what_is_named(job: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("mine")
    (tmp_path / "open.password").write_text("x")
    (tmp_path / "open.password").chmod(0o644)
    file = JobFile.read(
        job(
            'state = "letters"\n[[source]]\npath = "nothing/*.parquet"\n[[source]]\n'
            'database = "sqlite:///missing.db"\ntable = "t"\npassword = { env = "NOT_SET_9001" }\n'
            '[[source]]\ndatabase = "nosuch://h/d"\nquery = "SELECT 1"\npassword = { file = "open.password" }\n'
            '[[source]]\naddress = "memory://a.parquet"\n'
            '[settings.settle]\npolicy = "none.toml"\n[output]\nout = "letters"\nmetrics = "nowhere/a.prom"\n'
        )
    )
    assert file.faults == []
    told = [(fault.line, fault.text) for fault in faults_of(file)]
    assert [line for line, _ in told] == [1, 3, 5, 7, 9, 11, 15, 17, 18]
    text = "\n".join(text for _, text in told)
    for said in (
        "is not empty and not a state",
        "no readable file matches",
        "NOT_SET_9001 is not set",
        "may be read by others",
        "no such file",
        "its folder is not there",
    ):
        assert said in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job.toml", "letters", "open.password"]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_example_is_a_job(lang: str, nikdedup_cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "job.toml"
    assert nikdedup_cli("nightly", "init", path, "--lang", lang).code == 0
    assert JobFile.read(path).faults == []
    commented = re.sub(r"^# (?=\[|\w+ = )", "", path.read_text(), flags=re.MULTILINE)
    Job.model_validate(tomllib.loads(commented))  # what stands there as a comment holds too
    assert nikdedup_cli("nightly", "init", path).code == 2
    (path.parent / ("tarikan" if lang == "id" else "extract")).mkdir()
    done = nikdedup_cli("nightly", "check", path, "--lang", lang)
    assert done.code == 2
    assert done.out.startswith("job.toml:15: ")


def test_a_job_is_run(nikdedup_cli: Cli, small_extract: Path, tmp_path: Path) -> None:
    """From another folder, as a scheduler does: paths begin at the job file."""
    (tmp_path / "job.toml").write_text(
        f'state = "state"\nlang = "en"\n[[source]]\npath = "{small_extract}"\n'
        '[output]\nout = "run"\nmetrics = "night.prom"\n[retention]\nsnapshots = 1\n'
    )
    job = tmp_path / "job.toml"
    assert nikdedup_cli("nightly", "check", job).out == "job.toml: nothing is wrong.\n"
    dry = nikdedup_cli("nightly", "run", job, "--dry-run")
    assert dry.code == 0
    assert "A trial only: nothing was written." in dry.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job.toml"]
    done = nikdedup_cli("nightly", "run", job, "--log-json")
    assert done.code == 0
    assert '"job": "job.toml", "run": 1, "stage": "match"' in done.err
    opened = nikdedup.open(tmp_path / "state")
    assert nikdedup.open(tmp_path / "run").people.equals(opened.people)
    metrics = (tmp_path / "night.prom").read_text()
    assert 'nikdedup_night_published{job="job.toml"} 1.0' in metrics
    assert 'nikdedup_night_records{job="job.toml"} 600.0' in metrics
    assert nikdedup_cli("nightly", "run", job).code == 0
    assert sorted(path.name for path in (tmp_path / "state" / "snapshots").iterdir()) == ["2"]


def test_refit_shows_before_it_holds(nikdedup_cli: Cli, tmp_path: Path) -> None:
    nikdedup.generate(tmp_path / "a.parquet", rows=3000, seed=5, profile="hard")
    whole = pl.read_parquet(tmp_path / "a.parquet")
    whole[:1200].write_parquet(tmp_path / "a.parquet")
    job = tmp_path / "job.toml"
    job.write_text(
        'state = "s"\nlang = "en"\n[[source]]\npath = "a.parquet"\n[health]\nfailed = "warn"\ndrift_log2 = 0.05\n'
    )
    assert nikdedup_cli("nightly", "refit", job).code == 2
    assert nikdedup_cli("nightly", "run", job).code == 0
    whole.write_parquet(tmp_path / "a.parquet")
    done = nikdedup_cli("nightly", "run", job)
    assert "consider `nikdedup nightly refit`" in done.err
    shown = nikdedup_cli("nightly", "refit", job)
    assert shown.code == 0
    assert "proposals would change" in shown.out
    would = int(shown.out.split(" proposals would change")[0].split()[-1])
    before = nikdedup.open(tmp_path / "s").record.prior_log2
    assert nikdedup_cli("nightly", "run", job).code == 0
    assert nikdedup.open(tmp_path / "s").record.prior_log2 == before
    assert nikdedup_cli("nightly", "refit", job, "--apply").code == 0
    done = nikdedup_cli("nightly", "run", job)
    assert done.code == 0
    state = nikdedup.open(tmp_path / "s")
    assert state.record.prior_log2 != before
    assert f"proposal changed: {would}" in done.out or would == 0
    from nikdedup.nightly.state import reading
    from nikdedup.nightly.tables import DECISIONS

    with reading(tmp_path / "s") as store, store.ledger.reading() as connection:
        causes = {row.cause for row in connection.execute(DECISIONS.select().where(DECISIONS.c.run == 4))}
    assert causes <= {"weights"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "none.toml"], "job none.toml: no such file"),
        (["run", "job.toml", "--apply"], "--apply is of `nightly refit`"),
        (["refit", "job.toml", "--dry-run"], "--dry-run is of `nightly run`"),
        (["check", "broken.toml"], "job broken.toml: not readable as TOML"),
    ],
)
def test_what_is_no_job(
    nikdedup_cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("job.toml").write_text('state = "s"\n[[source]]\npath = "a"\n')
    Path("broken.toml").write_text("state = \n")
    done = nikdedup_cli("nightly", *arguments)
    assert done.code == 2
    assert message in done.err


KEYS = st.text("abcdefgh_", min_size=1, max_size=5)


@given(
    st.lists(st.tuples(KEYS, st.dictionaries(KEYS, st.integers(0, 9), max_size=4)), max_size=5), st.randoms()
)
def test_lines_of_any_tables(tables: list[tuple[str, dict[str, int]]], chance: object) -> None:
    """Whatever stands between them, each key is found on its line."""
    lines: list[str] = []
    wanted: dict[tuple[str | int, ...], int] = {}
    counts: dict[str, int] = {}
    for name, keys in tables:
        lines += ["", "# a note = with a sign", f"[[{name}]]"]
        counts[name] = counts.get(name, -1) + 1
        for key, value in keys.items():
            lines.append(f"{key} = {value} # note")
            wanted[name, counts[name], key] = len(lines)
            lines += [f'"{key} said" = """', "x = 1", "[y]", '"""'] if value % 2 else []
    found = lines_of("\n".join(lines))
    assert {place: found[place] for place in wanted} == wanted
    for place, line in wanted.items():
        assert line_of(found, (*place, "deeper", 3)) == line
