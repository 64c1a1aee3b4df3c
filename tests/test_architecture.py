"""The house: rooms import downwards only, and heavy modules load at first use."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "nikdedup"

FLOORS = (
    {"columnar", "masking", "journal", "stopping"},
    {"schema", "errors", "files"},
    {"config", "publish", "process", "threads", "timing", "watched"},
    {"engines", "grouping"},
    {"residents"},
    {"match"},
    {"settle"},
    {"village", "nightly", "show", "health"},
    {"account", "budget"},
    {"pipeline", "sliced", "result", "profiling", "cleaning", "rechecking"},
    {"cli"},
    {"__main__"},
)
"""From the ground up: a room imports rooms of lower floors only, and itself."""
SHARED = {"pipeline", "sliced", "result", "profiling", "cleaning", "rechecking"}
"""What a user calls shares a floor: `pipeline` makes a Result, which understands its records anew."""
LAB = {"schema", "config", "errors", "publish"}
"""All that the lab may import (publish: how a run's folder is read): the matcher must not be examined by its rules."""
LAB_VISITORS = {"cli", "__init__"}
LAZY = ("pandas", "scipy", "altair", "vl_convert", "fastexcel", "xlsxwriter", "rich")
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """Return a module's room: `nikdedup.match.pipeline` is in `match`, the package itself in `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports(tree: ast.AST, *, inside_functions: bool = True) -> Iterator[str]:
    """Yield the absolute name of everything imported at run time, names of `from` imports included."""
    yield from (name for node in ast.iter_child_nodes(tree) for name in _imports_of(node, inside_functions))


def _imports_of(node: ast.AST, inside_functions: bool) -> Iterator[str]:
    if only_for_types(node):
        yield from (name for child in node.orelse for name in _imports_of(child, inside_functions))
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"relative import in line {node.lineno}"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif inside_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from imports(node, inside_functions=inside_functions)


def rooms_imported(source: str) -> set[str]:
    ours = {name for name in imports(ast.parse(source)) if name.split(".")[0] == "nikdedup"}
    return {room_of(name) for name in ours if name != "nikdedup"}


def upward(room: str, source: str) -> list[str]:
    """Return the rooms that a module of `room` imports and must not."""
    wrong = []
    for other in sorted(rooms_imported(source) - {room}):
        if room == "lab":
            allowed = other in LAB
        elif other == "lab":
            allowed = room in LAB_VISITORS
        else:
            allowed = FLOOR[other] < FLOOR[room] or {room, other} <= SHARED
        if not allowed:
            wrong.append(other)
    return wrong


@pytest.mark.parametrize("path", modules(), ids=lambda path: name_of(path))
def test_imports_point_downwards(path: Path) -> None:
    room = room_of(name_of(path))
    if room in ("__init__", "data"):
        assert rooms_imported(path.read_text(encoding="utf-8")) == set()  # a table of contents, a shelf
        return
    assert room == "lab" or room in FLOOR, f"{room} has no place in the house"
    assert upward(room, path.read_text(encoding="utf-8")) == []


def test_no_circle_of_imports() -> None:
    names = {name_of(path): path for path in modules()}
    graph = {}
    for name, path in names.items():
        wanted = imports(ast.parse(path.read_text(encoding="utf-8")), inside_functions=False)
        homes = (full if full in names else full.rpartition(".")[0] for full in wanted)
        graph[name] = {home for home in homes if home in names} - {name, "nikdedup"}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as fault:
        pytest.fail(f"modules import each other in a circle: {' -> '.join(fault.args[1])}")
    assert set(order) == set(names)


@pytest.mark.parametrize(
    ("room", "source", "wrong"),
    [
        pytest.param("match", "from nikdedup.settle import policy", ["settle"], id="upward"),
        pytest.param("match", "import nikdedup.cli", ["cli"], id="upward, plain import"),
        pytest.param("match", "def f():\n    import nikdedup.show.mask", ["show"], id="upward, inside"),
        pytest.param("show", "from nikdedup import village", ["village"], id="next door"),
        pytest.param("lab", "from nikdedup.residents.nik import Nik", ["residents"], id="lab into a room"),
        pytest.param("residents", "from nikdedup.lab import words", ["lab"], id="room into the lab"),
        pytest.param("settle", "from nikdedup.match.run import match", [], id="downward"),
        pytest.param("lab", "from nikdedup.schema import TRUTH", [], id="lab to the doors"),
        pytest.param(
            "match",
            "if TYPE_CHECKING:\n    from nikdedup.result import Result",
            [],
            id="upward, for types only",
        ),
        pytest.param(
            "match",
            "if TYPE_CHECKING:\n    pass\nelse:\n    import nikdedup.cli",
            ["cli"],
            id="upward, else of types",
        ),
    ],
)
def test_the_rule_itself(room: str, source: str, wrong: list[str]) -> None:
    assert upward(room, source) == wrong


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh Python holds after running `code`."""
    program = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import nikdedup", id="import nikdedup"),
        pytest.param("import nikdedup; nikdedup.Nik('6212014107609001').sex", id="one NIK"),
        pytest.param("import nikdedup.cli", id="the command line"),
    ],
)
def test_heavy_modules_load_at_first_use(code: str) -> None:
    assert loaded_after(code).isdisjoint(LAZY)


def test_a_run_without_report_draws_nothing() -> None:
    code = (
        "import nikdedup, polars as pl\n"
        "two = pl.DataFrame({'NIK': ['6212014107809001', '6212014107809002'], 'NAMA_LGKP': ['SITI', 'AMINAH']})\n"
        "nikdedup.dedupe(two, report=False, reference_date='2026-06-30').summary()"
    )
    assert loaded_after(code).isdisjoint({"altair", "vl_convert", "xlsxwriter", "jinja2", "openpyxl"})


def test_import_alone_loads_no_engine() -> None:
    assert loaded_after("import nikdedup").isdisjoint({"polars", "pyarrow", "numpy", "pydantic", "rapidfuzz"})


def test_engines_are_imported_nowhere_else() -> None:
    cluster_tools = {"dask", "pyspark", "ray"}
    for path in modules():
        if room_of(name_of(path)) != "engines":
            found = {name.split(".")[0] for name in imports(ast.parse(path.read_text(encoding="utf-8")))}
            assert found.isdisjoint(cluster_tools), path.name
