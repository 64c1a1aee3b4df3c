"""What leaves a function that users call: errors of this package alone, that quote no value of a record."""

import ast
import inspect
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pydantic import ValidationError

import nikdedup
from nikdedup import Config
from nikdedup.cli.arguments import as_option
from nikdedup.config import allowed
from nikdedup.errors import InputError, RunError, door
from nikdedup.runtime import memory as process

SECRET = "SITI AMINAH 6212014107609001"


def polars_quotes_a_cell() -> None:
    pl.Series([SECRET]).cast(pl.Int64)


def arrow_quotes_a_cell() -> None:
    pa.array([SECRET]).cast(pa.int64())


def python_quotes_a_cell() -> None:
    int(SECRET)


def refused_on_the_way() -> None:
    try:
        polars_quotes_a_cell()
    except pl.exceptions.PolarsError:
        raise InputError("daftar.csv: a column is no number") from None


class Panic(BaseException):
    """As pyo3 makes them: no Exception."""


def panics() -> None:
    raise Panic(SECRET)


def chain(fault: BaseException | None) -> list[BaseException]:
    """Return an error with all that it carries along."""
    return [] if fault is None else [fault, *chain(fault.__cause__), *chain(fault.__context__)]


@pytest.mark.parametrize(
    ("inside", "kind", "message"),
    [
        pytest.param(polars_quotes_a_cell, RunError, "(InvalidOperationError in ", id="polars"),
        pytest.param(arrow_quotes_a_cell, RunError, "(ArrowInvalid in ", id="pyarrow"),
        pytest.param(python_quotes_a_cell, RunError, "(ValueError in test_doors.py:", id="Python"),
        pytest.param(panics, RunError, "(Panic in test_doors.py:", id="panic"),
        pytest.param(refused_on_the_way, InputError, "daftar.csv: a column is no number", id="refused"),
    ],
)
def test_an_error_goes_out_alone_and_quotes_nothing(
    inside: Callable[[], None], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as caught:
        door(inside)()
    assert message in str(caught.value)
    assert chain(caught.value) == [caught.value]
    assert "SITI" not in repr(caught.value)


def test_what_stops_a_run_goes_through_as_it_is() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        door(stop)()


def test_a_failure_is_raised_as_it_is_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIKDEDUP_DEBUG", "1")
    with pytest.raises(ValueError, match="SITI"):
        door(python_quotes_a_cell)()


CALLS: dict[str, Callable[..., Any]] = {
    "dedupe": nikdedup.dedupe,
    "read": nikdedup.read,
    "profile": nikdedup.profile,
    "clean": nikdedup.clean,
    "open": nikdedup.open,
    "evaluate": nikdedup.evaluate,
    "generate": nikdedup.generate,
    "pseudonymise": nikdedup.pseudonymise,
    **{
        f"Result.{name}": getattr(nikdedup.Result, name)
        for name in (
            "explain",
            "explain_person",
            "recheck",
            "write",
            "duplicates",
            "compare",
            "sample_review",
            "to_excel",
        )
    },
    **{f"Config.{name}": getattr(Config, name) for name in ("load", "of", "resolve", "with_options")},
    "Cleaned.write": nikdedup.Cleaned.write,
    "Profile.write": nikdedup.Profile.write,
}


@pytest.mark.parametrize("name", CALLS)
def test_what_users_call_is_a_door(name: str) -> None:
    assert inspect.unwrap(CALLS[name]) is not getattr(CALLS[name], "__func__", CALLS[name])


@pytest.mark.parametrize(
    "name", [one for one in nikdedup.__all__ if inspect.isfunction(getattr(nikdedup, one))]
)
def test_no_function_is_forgotten(name: str) -> None:
    assert name in CALLS


def test_a_config_made_by_hand_quotes_no_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Config(status={"x": SECRET})  # type: ignore[dict-item]
    assert "input_value" not in str(caught.value)


def test_a_strange_file_of_settings_brings_no_other_error_along(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("= 5", encoding="utf-8")
    with pytest.raises(nikdedup.ConfigError) as caught:
        Config.load(tmp_path / "a.toml")
    assert chain(caught.value) == [caught.value]


def test_the_most_threads_are_the_same_before_and_after_loading() -> None:
    assert process.MOST_THREADS == allowed.MOST_THREADS


def test_a_fault_names_the_argument_in_python_and_the_option_on_the_command_line(
    small_extract: Path, tmp_path: Path, nikdedup_cli: Callable[..., Any]
) -> None:
    """One message, said as the caller writes it; no option is spoken of to a caller in Python, nor the other way."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("ours", encoding="utf-8")
    full = tmp_path / "full"
    told = "is not empty and not a nikdedup run; nothing was touched"
    with pytest.raises(nikdedup.InputError) as caught:
        nikdedup.dedupe(small_extract, report=False, sample=20).write(full)
    assert str(caught.value) == f"out full: {told}"
    assert pickle.loads(pickle.dumps(caught.value)).said(as_option) == f"--out full: {told}"
    assert nikdedup_cli("dedupe", small_extract, "--out", full).err == f"nikdedup: --out full: {told}\n"
    done = nikdedup_cli("dedupe", small_extract, "--out", full, "--lang", "id")
    assert done.err.startswith("nikdedup: --out full: tidak kosong")
    lean = tmp_path / "lean"
    assert nikdedup_cli("dedupe", small_extract, "--sample", 20, "--out", lean, "--no-residents").code == 0
    with pytest.raises(nikdedup.InputError, match=r"without residents \(residents = False\)"):
        nikdedup.open(lean).recheck()
    assert "(--no-residents)" in nikdedup_cli("recheck", lean).err


def test_no_fault_of_the_library_names_an_option() -> None:
    """Options are spoken of in cli alone, by cli.arguments.as_option."""
    source = Path(nikdedup.__file__).parent
    for path in source.rglob("*.py"):
        if path.parent.name == "cli":
            continue
        raised = [
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Raise)
        ]
        assert not any(re.search(r"(?<![\w-])--[a-z]", ast.unparse(node)) for node in raised), path
