"""Nobody is shown: whatever an extract holds and however it is broken, no message, log, report or view repeats it.

Residents who do not exist stand in every cell, among the headers, in names of sheets, in the officers' list
and in the truth. All that is said is kept, and nothing of them may be in it. NIKDEDUP_SCAN=20 looks at twenty
times as many extracts.
"""

import contextlib
import html
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import nikdedup
from nikdedup import cli

SCALE = int(os.environ.get("NIKDEDUP_SCAN", "1"))


def scan(examples: int) -> Callable[[Any], Any]:
    """A small scan is the same each time, and does not look for the smallest extract that shows somebody."""
    phases = (Phase.explicit, *([Phase.generate] if examples else []), *([Phase.shrink] if SCALE > 1 else []))
    return settings(
        max_examples=max(examples, 1) * SCALE, deadline=None, derandomize=SCALE == 1, phases=phases, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


NAMES = [
    "RUSMAWATI KINASIH",
    "SURATNO",
    "INAYAH",
    "YOGASWARA TOLANGO",
    "Nonik Wiraatmaja",
    "BAHARUDIN DG MAKKULAU",
]
PLACES = ["KUNTOBAYAT", "Sidorejosari"]
ADDRESSES = ["GANG KENANGA 88", "JL. WIJAYAKUSUMA NO 7", "Gg. Keluarga Makkita"]
NIKS = ["6212014303719001", "6212014303719017", "6212020109689003", "6212.0143.0371.9001"]
CARDS = ["6212010905109001", "6212020905109004"]
DAYS = ["17-03-1971", "1968-09-21", "21/09/1968"]
PHONES = ["081377712345", "+62 813-7771-2345"]
NOTES = ["titipan Gorokan", "istri kedua YOGASWARA", "lihat 081377712345"]

SECRETS = {
    *(word.upper() for text in (*NAMES, *PLACES, *ADDRESSES, *NOTES) for word in text.split() if len(word) > 4),
    *NIKS, *CARDS, *DAYS, *PHONES, "17031971", "1971-03-17", "21-09-1968", "14303719", "20109689",
} - {"GANG", "KELUARGA", "TITIPAN", "ISTRI", "KEDUA", "LIHAT"}  # fmt: skip
"""Words and numbers of which none may be read anywhere; last the middles of NIKs, which are masked."""

HEADERS = {
    "NIK": NIKS, "NO KK": CARDS, "NAMA LENGKAP": NAMES, "JK": ["L", "P", "SURATNO"], "TEMPAT LAHIR": PLACES,
    "TGL LAHIR": DAYS, "NAMA IBU": NAMES, "NAMA AYAH": NAMES, "ALAMAT": ADDRESSES, "KECAMATAN": PLACES,
    "STATUS REKAM": ["SUDAH REKAM", "BELUM REKAM", "INAYAH"], "NO HP": PHONES, "KETERANGAN": NOTES, "PETUGAS": NAMES,
}  # fmt: skip
ANYTHING = sorted({value for values in HEADERS.values() for value in values})


@dataclass
class Given:
    """An extract, how it is kept, what is broken in it, and what is asked."""

    headers: list[str]
    rows: list[list[str | None]]
    kind: str
    sheet: str
    headed: bool
    damage: int | None
    options: dict[str, Any]


@st.composite
def extracts(draw: st.DrawFn) -> Given:
    headers = [*HEADERS]
    dropped = draw(st.lists(st.sampled_from(headers), max_size=4, unique=True))
    headers = [one for one in headers if one not in dropped]
    anywhere = draw(st.booleans())  # columns that slid: any value in any column
    cell = [st.sampled_from([*(ANYTHING if anywhere else HEADERS[one]), None]) for one in headers]
    rows = [[draw(one) for one in cell] for _ in range(draw(st.integers(1, 5)))]
    rows += rows[: draw(st.integers(0, 2))]
    names = list(headers)
    for place in draw(st.lists(st.integers(0, len(names) - 1), max_size=3)):
        names[place] = draw(st.sampled_from([*ANYTHING, f"NIK ({NAMES[0]})", f"{names[place]} {NAMES[1]}"]))
    option = st.sampled_from([
        {}, {}, {}, {"record_id": "NO HP"}, {"record_id": "NIK"}, {"record_id": "PETUGAS"}, {"record_id": "TIDAK ADA"},
        {"columns": {"ektp_status": "KETERANGAN"}}, {"columns": {"alamat": "TIDAK ADA"}}, {"date_formats": ["%Q%"]},
        {"columns": {"nama_lgkp": ["NAMA LENGKAP", "PETUGAS"]}}, {"nik_scheme": "opaque"}, {"sample": 2},
        {"columns": {"stat_kwn": "PETUGAS", "flag_status": "KETERANGAN"}}, {"lang": "en"}, {"accept_damaged_nik": True},
    ])  # fmt: skip
    return Given(
        headers=names,
        rows=rows,
        kind=draw(st.sampled_from(["csv", "csv", "xlsx", "parquet", "polars", "pandas", "arrow"])),
        sheet=draw(st.sampled_from(["Data", NIKS[0], f"HP {PHONES[0]}"])),
        headed=draw(st.integers(0, 3)) > 0,
        damage=draw(st.none() | st.none() | st.none() | st.integers(0, 10_000)),
        options={"reference_date": "2026-06-30", **draw(option)},
    )


def kept(given_: Given, folder: Path) -> Any:
    """Return the extract as a file or frame; its name and that of its sheet hold a NIK or a telephone."""
    lines = [given_.headers, *given_.rows] if given_.headed else given_.rows
    path = folder / f"KK {CARDS[0]}.{given_.kind}"
    if given_.kind == "csv":
        text = "\n".join(";".join(cell or "" for cell in line) for line in lines)
        path.write_text(text + "\n", encoding="utf-8")
    elif given_.kind == "xlsx":
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in (given_.sheet, "Lanjutan"):
            sheet = book.create_sheet(name)
            for line in lines:
                sheet.append(line)
        book.save(path)
    else:
        names = [f"{name}{' ' * given_.headers[:at].count(name)}" for at, name in enumerate(lines[0])]
        names = [name if name.strip() else f"_{at}" for at, name in enumerate(names)]
        names = names if len(set(names)) == len(names) else [f"{name}_{at}" for at, name in enumerate(names)]
        columns = {name: [line[at] for line in lines[1:]] for at, name in enumerate(names)}
        frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
        if given_.kind == "parquet":
            frame.write_parquet(path)
        else:
            return {"polars": frame, "pandas": frame.to_pandas(), "arrow": frame.to_arrow()}[given_.kind]
    if given_.damage is not None:
        raw = bytearray(path.read_bytes())
        at = given_.damage % len(raw)
        raw = raw[:at] if given_.damage % 2 else raw[:at] + b"\xff\x00" + raw[at + 2 :]
        path.write_bytes(raw)
    return path


@dataclass
class Said:
    """All that was said: streams, log, exceptions with everything they carry along, views, files."""

    texts: list[str] = field(default_factory=list)

    def call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call something; of what it raises only errors of the package may come, and no other one with it."""
        fault = None
        try:
            return function(*args, **options)
        except nikdedup.NikdedupError as raised:
            fault = raised
        self.texts += [str(fault), repr(fault), repr(fault.args)]
        assert (fault.__cause__, fault.__context__) == (None, None)
        assert "\n" not in str(fault)
        return None

    def look(self, thing: Any) -> None:
        """Keep what a view shows of a thing."""
        if thing is not None:
            views = [
                repr,
                str,
                *(getattr(type(thing), name, None) for name in ("text", "_repr_html_", "summary")),
            ]
            self.texts += [str(view(thing)) for view in views if view is not None]

    def read(self, *paths: Path) -> None:
        self.texts += [path.read_text(encoding="utf-8") for path in paths if path.exists()]

    def command(self, *arguments: object) -> int:
        return cli.code_of([str(one) for one in arguments])

    def shows(self) -> list[str]:
        """Return the secrets that can be read in what was said."""
        everything = html.unescape("\n".join(self.texts)).upper()
        return sorted(secret for secret in SECRETS if secret.upper() in everything)


class Keeping(logging.Handler):
    def __init__(self, said: Said) -> None:
        super().__init__()
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.texts += [record.getMessage(), str(vars(record))]


@contextlib.contextmanager
def listening() -> Iterator[tuple[Said, Path]]:
    """Give a folder, and keep what is printed (below Python too), logged and warned of inside."""
    said = Said()
    handler = Keeping(said)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    out, below = io.StringIO(), tempfile.TemporaryFile("w+b")  # noqa: SIM115 (open after its own with)
    saved = [os.dup(number) for number in (1, 2)]
    try:
        for number in (1, 2):
            os.dup2(below.fileno(), number)
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            yield said, Path(folder)
            said.texts = [text.replace(folder, "") for text in said.texts]
            said.texts.append(out.getvalue().replace(folder, ""))
            said.texts += [str(one.message) for one in warned]
    finally:
        for number, earlier in zip((1, 2), saved, strict=True):
            os.dup2(earlier, number)
            os.close(earlier)
        below.seek(0)
        said.texts.append(below.read().decode("utf-8", "replace"))
        below.close()
        root.removeHandler(handler)
        root.setLevel(level)


SOMEBODY = [values[0] for values in HEADERS.values()]
USUAL = Given([*HEADERS], [SOMEBODY, SOMEBODY], "csv", "Data", True, None, {"reference_date": "2026-06-30"})
"""One resident twice: a whole run of it is looked at each time, of others in the larger scan."""


@given(given_=extracts())
@scan(60)
def test_looking_at_an_extract_shows_nobody(given_: Given) -> None:
    with listening() as (said, folder):
        data = kept(given_, folder)
        config = said.call(nikdedup.Config.resolve, None, given_.options)
        if config is not None:
            said.look(said.call(nikdedup.read, data, config=config))
        profile = said.call(nikdedup.profile, data, **given_.options)
        said.look(profile)
        if profile is not None:
            said.texts.append(repr(profile.as_dict()))
        cleaned = said.call(nikdedup.clean, data, folder / "bersih.csv", **given_.options)
        said.look(cleaned)
    assert said.shows() == []


@given(given_=extracts(), pick=st.integers(0, 100))
@example(given_=USUAL, pick=0)
@scan(6 if SCALE > 1 else 0)
def test_a_run_shows_nobody(given_: Given, pick: int) -> None:
    with listening() as (said, folder):
        result = said.call(nikdedup.dedupe, kept(given_, folder), **given_.options)
        said.look(result)
        if result is not None:
            out = said.call(result.write, folder / "run")
            said.read(out / "run.json", out / "report.html")
            rows = len(result.people)
            said.look(said.call(result.explain, pick % rows, (pick + 1) % rows))
            said.look(said.call(result.explain_person, pick % rows))
            said.look(said.call(result.explain_person, NAMES[0]))
            said.look(said.call(result.compare, pick % rows, (pick + 1) % rows))
            covered = said.call(result.coverage)
            said.texts += [] if covered is None else [repr(covered), covered._repr_html_()]
            for side_by_side in (False, True):
                pairs = said.call(result.duplicates, side_by_side=side_by_side)
                said.look(pairs)
                said.texts.append(repr(pairs.frame.rows()))
            said.look(said.call(result.sample_review, 3, band="confirmed"))
            said.look(said.call(result.duplicates, kecamatan=PLACES[0]))
            said.look(said.call(result.recheck))
            said.look(said.call(nikdedup.open, out))
            said.look(said.call(nikdedup.evaluate, out, truth_of(result, pick, folder)))
    assert said.shows() == []


def truth_of(result: nikdedup.Result, pick: int, folder: Path) -> Path:
    """Return a truth of which something is wrong: names for ids, a name for a kind, records that are not there."""
    ids = result.people["record_id"].to_list()
    broken = pick % 4
    frame = pl.DataFrame(
        {
            "record_id": [NAMES[0], *ids[1:]] if broken == 1 else ids,
            "true_person_id": [NAMES[at % 3] for at in range(len(ids))],
            "kind": [NAMES[1] if broken == 2 else None] * len(ids),
            "trap": [NAMES[2]] * len(ids),
        },
        schema=dict.fromkeys(("record_id", "true_person_id", "kind", "trap"), pl.String),
    )
    path = folder / f"{NIKS[0]}.csv"
    frame.write_csv(path, include_header=broken != 3)
    return path


@given(
    given_=extracts(), pick=st.integers(0, 100), switches=st.sampled_from([(), ("--log-json",), ("--quiet",)])
)
@example(given_=USUAL, pick=0, switches=())
@scan(5 if SCALE > 1 else 0)
def test_the_command_line_shows_nobody(given_: Given, pick: int, switches: tuple[str, ...]) -> None:
    given_.kind = {"polars": "csv", "pandas": "xlsx", "arrow": "parquet"}.get(given_.kind, given_.kind)
    with listening() as (said, folder):
        data, out = kept(given_, folder), folder / "run"
        flags = ["--reference-date", "2026-06-30", "--config", folder / "office.toml"]
        named = given_.options.get("record_id")
        (folder / "office.toml").write_text(f'record_id = "{named}"\n' if named else "", encoding="utf-8")
        said.command("dedupe", data, "--out", out, *flags, "--log-file", folder / "a.log", *switches)
        said.command("profile", data, *flags, *switches)
        said.command("clean", data, "--out", folder / "bersih.csv", *flags, *switches)
        said.command("explain", out, pick % 3, 1 + pick % 3, *switches)
        said.command("explain", out, "--person", NAMES[pick % 3], *switches)
        said.command("recheck", out)
        said.command("evaluate", out, folder / "office.toml")
        said.command("nik", NIKS[pick % 2])
        said.read(folder / "a.log", out / "run.json", out / "report.html")
    assert said.shows() == []


LIST = ["kind", "record_id_l", "record_id_r", "nik_l", "nik_r", "who", "when", "why", "until"]


@given(
    header=st.lists(st.sampled_from([*LIST, *NAMES, *NIKS]), min_size=1, max_size=9, unique=True),
    entries=st.lists(st.lists(st.sampled_from(["must_link", "cannot_link", *ANYTHING, ""]), min_size=9, max_size=9),
                     min_size=1, max_size=4),
    usual=st.booleans(),
    suffix=st.sampled_from([".csv", ".parquet", ".xlsx", "frame"]),
)  # fmt: skip
@scan(30)
def test_a_list_of_officers_shows_nobody(
    header: list[str], entries: list[list[str]], usual: bool, suffix: str
) -> None:
    columns = LIST if usual else header
    with listening() as (said, folder):
        table = pl.DataFrame({name: [line[at] for line in entries] for at, name in enumerate(columns)})
        path = folder / f"{NIKS[0]}{suffix}"
        if suffix == ".csv":
            lines = [",".join(line[: len(columns)]) for line in ([] if not usual else [columns]) + entries]
            path.write_text("\n".join(lines), encoding="utf-8")
        elif suffix == ".parquet":
            table.write_parquet(path)
        people = pl.DataFrame({"NIK": [NIKS[0], NIKS[2]], "NAMA": NAMES[:2]})
        said.call(nikdedup.dedupe, people, reference_date="2026-06-30", constraints=path)
        if suffix == "frame":
            from nikdedup.errors import door
            from nikdedup.settle.declared import load_constraints

            said.call(door(load_constraints), table)
    assert said.shows() == []


def test_the_scan_would_see_somebody() -> None:
    """Each way of saying something is listened to: a secret that is said through it is found."""
    ways: dict[str, Callable[[Said], object]] = {
        "RUSMAWATI": lambda said: print("rusmawati"),
        "YOGASWARA": lambda said: os.write(2, b"YOGASWARA"),
        "MAKKULAU": lambda said: logging.getLogger("nikdedup").debug("%s", "MAKKULAU"),
        "KUNTOBAYAT": lambda said: said.call(fail, "KUNTOBAYAT"),
        "KENANGA": lambda said: warnings.warn("KENANGA", stacklevel=1),
    }
    for secret, say in ways.items():
        with listening() as (said, _):
            say(said)
        assert said.shows() == [secret]
    with pytest.raises(AssertionError), listening() as (said, _):
        said.call(carry)


def fail(text: str) -> None:
    raise nikdedup.InputError(text)


def carry() -> None:
    try:
        int("KENANGA")
    except ValueError:
        raise nikdedup.InputError("a number") from None
