"""The house: rooms import downwards only, through doors, in no circle; and heavy modules load at first use."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "nikdedup"

FLOORS = (
    {"masking", "schema", "wording"},
    {"errors"},
    {"runtime"},
    {"columnar", "config"},
    {"publish", "engines"},
    {"residents"},
    {"match"},
    {"settle"},
    {"village"},
    {"show"},
    {"run"},
    {"nightly", "interop"},
    {"cli"},
    {"__main__"},
)
"""From the ground up: a room imports rooms of lower floors only, and itself."""
SUB_FLOORS = {
    "residents": (
        {"flags", "keys", "long_cells", "names", "dates", "status"},
        {"places", "overlap"},
        {"ids", "read"},
        {"damage", "lacking"},
        {"parents", "profile", "as_of", "further"},
        {"normalise"},
        {"understanding", "parts", "changes"},
    ),
    "match": (
        {"features", "levels"},
        {"kernels", "cluster"},
        {"compare"},
        {"score"},
        {"prefilter"},
        {"block", "matcher"},
        {"beside", "decoys", "tables", "weighed"},
        {"asked", "chances", "explained", "pipeline", "vectors"},
    ),
}
"""The same inside a room, for its files and sub-rooms."""
SHELVES = {"columnar", "runtime", "run"}
"""Rooms without a door: each of their files is one."""
LAB = {"schema", "config", "errors", "publish"}
"""All that the lab may import (publish: how a run's folder is read): the matcher must not be examined by its rules."""
LAB_VISITORS = {"cli", "__init__"}
LAZY = ("pandas", "scipy", "altair", "vl_convert", "fastexcel", "xlsxwriter", "rich", "sqlalchemy", "alembic")


def modules() -> list[Path]:
    """Return every module, compiled ones and the stubs of doors included."""
    kinds = ("*.py", "*.pyx", "*.pxd", "__init__.pyi")
    return sorted(path for kind in kinds for path in SOURCE.rglob(kind))


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path) for path in modules()}
DOORS = {name_of(path) for path in modules() if path.stem == "__init__"}


def room_of(module: str) -> str:
    """Return a module's room: `nikdedup.match.pipeline` is in `match`, the package itself in `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(path: Path) -> list[str]:
    """Return all that a module imports, in functions and for types too: `module.name` for `from` imports."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".pyx", ".pxd"):
        found = re.findall(r"^\s*from\s+([\w.]+)\s+c?import\s+(.+)$", text, re.MULTILINE)
        return [f"{module}.{name.split()[0]}" for module, names in found for name in names.split(",")]
    return list(_imported(ast.parse(text), name_of(path)))


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{package}.{node.module}" if node.level else node.module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def home_of(imported: str) -> str:
    """Return the module that an import looks into."""
    return imported if imported in MODULES else imported.rpartition(".")[0]


def ours(path: Path) -> set[str]:
    """Return the modules of this package that a module looks into."""
    return {home_of(name) for name in imports(path) if name.split(".")[0] == "nikdedup"} - {"nikdedup"}


def height(floors: tuple[set[str], ...], room: str) -> int:
    return next(at for at, rooms in enumerate(floors) if room in rooms)


def upward(importer: str, imported: str) -> bool:
    """Say whether a module stands below one that it imports, or beside it."""
    room, other = room_of(importer), room_of(imported)
    if room == other:
        here, there = (
            name.removeprefix(f"nikdedup.{room}").removesuffix("_cy").removesuffix("_py").split(".")[1:2]
            for name in (importer, imported)
        )
        inside = SUB_FLOORS.get(room)
        if inside is None or not here or here == there:
            return False
        return not there or height(inside, there[0]) >= height(inside, here[0])
    if room == "lab":
        return other not in LAB
    if other == "lab":
        return room not in LAB_VISITORS
    return height(FLOORS, other) >= height(FLOORS, room)


def past_the_door(importer: str, imported: str) -> bool:
    """Say whether a module looks into a room that it is not in, other than by its door."""
    room = imported if imported in DOORS else imported.rpartition(".")[0]
    if imported in DOORS or room == "nikdedup" or room.removeprefix("nikdedup.") in SHELVES:
        return False
    return not f"{importer}.".startswith(f"{room}.")


def named(path: Path) -> str:
    return f"{name_of(path)}{path.suffix}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_imports_point_downwards(path: Path) -> None:
    name = name_of(path)
    if name != "nikdedup":  # the public names
        assert [other for other in sorted(ours(path)) if upward(name, other)] == []


@pytest.mark.parametrize("path", modules(), ids=named)
def test_rooms_are_entered_by_their_doors(path: Path) -> None:
    name = name_of(path)
    if name != "nikdedup":
        assert [other for other in sorted(ours(path)) if past_the_door(name, other)] == []


def test_every_module_has_a_place() -> None:
    rooms = {room_of(name) for name in MODULES} - {"__init__", "lab", "data"}
    assert rooms <= set().union(*FLOORS)
    for room, floors in SUB_FLOORS.items():
        inside = {name.split(".")[2] for name in MODULES if name.startswith(f"nikdedup.{room}.")}
        assert {name for name in inside if not name.endswith(("_cy", "_py"))} == set().union(*floors)


def test_no_circle_of_imports() -> None:
    graph: dict[str, set[str]] = {}
    for path in modules():
        graph.setdefault(name_of(path), set()).update(ours(path) - {name_of(path)})
    try:
        assert set(TopologicalSorter(graph).static_order()) == MODULES
    except CycleError as fault:
        pytest.fail(f"modules import each other in a circle: {' -> '.join(fault.args[1])}")


@pytest.mark.parametrize("door", [path for path in modules() if path.stem == "__init__"], ids=named)
def test_no_name_of_a_door_is_hidden_by_a_file(door: Path) -> None:
    names = {name.rpartition(".")[2] for name in imports(door)}
    files = {path.stem for path in door.parent.iterdir()}
    assert names.isdisjoint(files)  # the file, once loaded, would stand in the place of the name


@pytest.mark.parametrize(
    ("importer", "imported", "wrong"),
    [
        pytest.param("match.pipeline", "settle", True, id="upward"),
        pytest.param("show.mask", "nightly", True, id="next door"),
        pytest.param("lab.words", "residents.ids", True, id="lab into a room"),
        pytest.param("residents.ids.nik", "lab", True, id="room into the lab"),
        pytest.param("residents.names.parse", "residents.places", True, id="upward inside a room"),
        pytest.param("residents.ids.nik", "residents", True, id="own door"),
        pytest.param("residents.places.address", "residents.names", False, id="downward inside a room"),
        pytest.param("settle.cases", "match", False, id="downward"),
        pytest.param("lab.words", "schema", False, id="lab to the doors"),
    ],
)
def test_the_rule_of_floors(importer: str, imported: str, wrong: bool) -> None:
    assert upward(f"nikdedup.{importer}", f"nikdedup.{imported}") is wrong


@pytest.mark.parametrize(
    ("importer", "imported", "wrong"),
    [
        pytest.param("settle.cases", "match.score.weights", True, id="into a sub-room"),
        pytest.param("settle.cases", "match.pipeline", True, id="into a room"),
        pytest.param("match.matcher", "match.score.weights", True, id="into the next sub-room"),
        pytest.param("match.matcher", "match.score", False, id="by the door of a sub-room"),
        pytest.param("match.score.em", "match.score.model", False, id="inside"),
        pytest.param("settle.cases", "columnar.arrays", False, id="from a shelf"),
    ],
)
def test_the_rule_of_doors(importer: str, imported: str, wrong: bool) -> None:
    assert past_the_door(f"nikdedup.{importer}", f"nikdedup.{imported}") is wrong


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
            found = {name.split(".")[0] for name in imports(path)}
            assert found.isdisjoint(cluster_tools), path.name
