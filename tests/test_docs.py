"""Documentation that cannot fall behind: commands, options, settings, public names, doctests."""

import ast
import doctest
import importlib.util
import inspect
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

import nikdedup
from nikdedup import Cleaned, Config, Extract, Profile, Result, cli, schema
from nikdedup.cli import app
from nikdedup.residents import lacking
from nikdedup.residents.flags import REASONS
from nikdedup.residents.read import nonrecords

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "panduan.md").read_text(encoding="utf-8")
MODULES = sorted(one.name for one in pkgutil.walk_packages(nikdedup.__path__, "nikdedup."))


def commands() -> dict[str, Any]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(commands()))
def test_commands_are_documented(name: str) -> None:
    command = commands()[name]
    assert command.help, f"{name} has no help"
    options = [max(one.opts, key=len) for one in command.params if one.param_type_name == "option"]
    [row] = [line for line in COMMANDS.splitlines() if line.startswith(f"| `nikdedup {name} ")]
    assert [option for option in options if option != "--help" and option not in row] == []


def test_shared_options_are_documented() -> None:
    shared = [one for one in typer.main.get_command(app).params if one.param_type_name == "option"]
    of_the_shell = ("help", "install_completion", "show_completion")
    options = [max(one.opts, key=len) for one in shared if one.name not in of_the_shell]
    [row] = [line for line in COMMANDS.splitlines() if line.startswith("| before or after any command ")]
    assert [option for option in options if option not in row or option not in GUIDE] == []
    assert sorted(options) == sorted(cli.SHARED)


@pytest.mark.parametrize("name", sorted(commands()))
def test_options_have_help(name: str) -> None:
    silent = [one.name for one in commands()[name].params if one.param_type_name == "option" and not one.help]
    assert silent == []


def read_in_source() -> set[str]:
    """Return every attribute name that the package reads outside of the room `config` and the lab."""
    source = Path(str(nikdedup.__file__)).parent
    paths = [p for p in source.rglob("*.py") if not {"config", "lab"} & set(p.relative_to(source).parts)]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_every_setting_has_an_effect() -> None:
    """Nothing is promised in vain: the package reads each setting somewhere."""
    used = read_in_source()
    assert [key for key in script("reference").settings() if key.rpartition(".")[2] not in used] == []


def script(name: str) -> Any:
    """Return a script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("page", "name", "written"),
    [
        ("settings.md", "reference", "settings_page"),
        ("cli.md", "reference", "commands_page"),
        ("reasons.md", "reasons", "page"),
    ],
)
def test_pages_from_the_code_are_up_to_date(page: str, name: str, written: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert getattr(script(name), written)() == text, f"docs/{page} is behind the code: make docs"


def test_every_setting_is_told_with_its_bounds() -> None:
    shown = script("reference").settings()
    assert shown["match.target_precision"][:2] == ("number ≥ 0.5, < 1 or `null`", "0.995")
    assert shown["run.lang"][0] == '`"id"`, `"en"`'
    assert [key for key, (_, _, meaning) in shown.items() if not meaning] == []
    assert [key for key in shown if f"| `{key}` |" not in SETTINGS] == []


def configs_shown() -> list[Any]:
    fenced = re.compile(r"^```toml\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
    pages = [
        (path.name, path.read_text(encoding="utf-8")) for path in (DOCS / "settings.md", DOCS / "panduan.md")
    ]
    blocks = [(f"{name} {n}", one) for name, text in pages for n, one in enumerate(fenced.findall(text), 1)]
    files = [(p.name, p.read_text(encoding="utf-8")) for p in sorted((ROOT / "examples").glob("*.toml"))]
    assert blocks
    return [pytest.param(text, id=name) for name, text in blocks + files]


@pytest.mark.parametrize("text", configs_shown())
def test_configs_shown_are_configs(text: str) -> None:
    assert isinstance(Config.of(tomllib.loads(text)), Config)


@pytest.mark.parametrize("name", nikdedup.__all__)
def test_public_names_have_a_docstring(name: str) -> None:
    thing = getattr(nikdedup, name)
    assert inspect.getdoc(thing)
    if inspect.isclass(thing):
        public = [one for one in vars(thing) if not one.startswith("_") and callable(getattr(thing, one))]
        assert [one for one in public if not inspect.getdoc(getattr(thing, one))] == []


@pytest.mark.parametrize("name", nikdedup.__all__)
def test_public_names_are_in_the_guide_and_the_reference(name: str) -> None:
    assert re.search(rf"nikdedup\.{name}\b|`{name}`", (DOCS / "python.md").read_text(encoding="utf-8"))
    assert re.search(
        rf"^::: nikdedup\.{name}$", (DOCS / "api.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )


@pytest.mark.parametrize("values", [schema.ACTIONS, schema.KINDS], ids=["actions", "kinds"])
def test_codes_are_explained(values: tuple[str, ...]) -> None:
    told = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("duplicates.md", "outputs.md"))
    assert [one for one in values if f"`{one}`" not in told and f"| {one} |" not in told] == []


def test_every_reason_code_is_documented() -> None:
    """Each code stands on the page, and the README and the guide lead to it."""
    written = (DOCS / "reasons.md").read_text(encoding="utf-8")
    codes = [
        *REASONS,
        *nonrecords.REASONS,
        *lacking.NEEDED,
        *lacking.BLANK,
        *policy_codes(),
        "no_reference_date",
    ]
    assert [code for code in codes if f"| `{code}` |" not in written] == []
    assert "(docs/reasons.md)" in README
    assert "(reasons.md)" in GUIDE


def policy_codes() -> set[str]:
    """Return the codes that the shipped policy writes beside decisions."""
    policy = tomllib.loads((ROOT / "src/nikdedup/data/policy.toml").read_text(encoding="utf-8"))
    return {code for rule in policy["rule"] for code in rule["reasons"]}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    local = [target for target in targets if not re.match(r"https?:", target)]
    lost = [one for one in local if one.startswith("#") and one[1:] not in headings]
    lost += [one for one in local if not one.startswith("#") and not (ROOT / one.partition("#")[0]).exists()]
    assert lost == []


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name: str) -> None:
    if name.startswith("nikdedup.data"):
        return
    if name == "nikdedup.interop.recordlinkage":
        pytest.importorskip("recordlinkage", reason="needs the extra recordlinkage")
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} says nowhere what it is for"
    assert doctest.testmod(module).failed == 0


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield what doors hand out, and the methods of the classes that users hold, with a name for each."""
    for door in (
        name for name in MODULES if Path(str(importlib.import_module(name).__file__)).stem == "__init__"
    ):
        if not door.startswith(("nikdedup.cli", "nikdedup.data")):
            module = importlib.import_module(door)
            handed = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
            yield from ((f"{door}.{name}", one) for name, one in handed.items() if inspect.isfunction(one))
    for kind in (Result, Extract, Profile, Cleaned, Config):
        for name, one in inspect.getmembers(kind, inspect.isroutine):
            if not name.startswith("_") and one.__module__.startswith("nikdedup"):
                yield f"{kind.__name__}.{name}", one


def test_public_functions_say_what_each_argument_is() -> None:
    """The linter sees to it that no argument is left out where some are told."""
    functions = dict(public_functions())
    assert len(functions) > 200
    given = {name: set(inspect.signature(one).parameters) - {"self"} for name, one in functions.items()}
    told = {name for name, one in functions.items() if "\nArgs:\n" in inspect.cleandoc(one.__doc__ or "")}
    assert sorted({name for name, arguments in given.items() if arguments} - told) == []


def test_documents_that_are_cited_are_there() -> None:
    kinds = (".py", ".pyx", ".toml", ".j2")
    sources = [path for path in (ROOT / "src").rglob("*") if path.suffix in kinds] + [
        *(ROOT / "docs").glob("*.md")
    ]
    cited = {
        name for path in sources for name in re.findall(r"[\w/.-]+\.md\b", path.read_text(encoding="utf-8"))
    }
    assert cited
    assert (
        sorted(one for one in cited if not any((ROOT / place / one).exists() for place in ("", "docs"))) == []
    )


def test_doctests_of_the_package() -> None:
    result = doctest.testmod(nikdedup)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_version_is_in_the_changelog() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(nikdedup.__version__)}\]", changes, flags=re.MULTILINE)


def test_messages_in_the_operators_guide_are_real() -> None:
    """Every message that the guide explains is a text of the package, in both languages."""
    told = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", GUIDE, flags=re.MULTILINE)
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    words = re.sub(r"\"\s*\n\s*f?\"", "", sources)
    table = tomllib.loads((ROOT / "src/nikdedup/data/messages.toml").read_text(encoding="utf-8"))
    indonesian = "\n".join(text for group in table.values() for text in group.values())
    assert len(told) >= 10
    assert [english for _, english in told if english not in words] == []
    assert [said for said, _ in told if said not in indonesian] == []


def test_accuracy_in_the_readme_is_what_was_measured() -> None:
    """Each profile stands in the README with the figures of all its seeds together."""
    measured = (ROOT / "benchmarks" / "ACCURACY.md").read_text(encoding="utf-8")
    profiles = {part.partition(",")[0]: part for part in measured.split("\n## Profile ")[1:]}
    told = {}
    for name, part in profiles.items():
        row = re.search(r"^\| \*\*pooled.*", part, flags=re.MULTILINE)
        assert row
        _, _, precision, recall, f1, _, _, with_review, *_ = row[0].split("|")
        told[name] = f"| {name} |{precision}|{recall}|{f1}|{with_review}|"
    assert len(told) >= 5
    assert [row for row in told.values() if row not in README] == []


@pytest.mark.parametrize("name", sorted(commands()))
def test_help_is_plain_and_fits_a_terminal(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert shown.output.isascii()
    assert max(map(len, shown.output.splitlines())) <= 100


DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_what_the_code_cites_is_in_docs() -> None:
    """Code names a document with its section, `docs/domain.md 6`, and no other paper of ours."""
    cited = set()
    for path in (ROOT / "src").rglob("*.py"):
        cited |= set(re.findall(r"([\w./]*\w\.md)\b(?: (\d+))?", path.read_text(encoding="utf-8")))
    assert {("docs/domain.md", "6"), ("docs/contracts.md", "6")} <= cited
    for name, section in cited:
        document = ROOT / name
        assert document.exists(), name
        assert not section or f"\n## {section}. " in document.read_text(encoding="utf-8"), (name, section)


def test_rooms_that_documents_name_are_there() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = re.search(r"```text\n(schema.*?)```", guide, flags=re.DOTALL)
    assert drawn
    rooms = {name for line in drawn[1].splitlines() for name in line[:26].replace(",", " ").split()}
    there = {path.stem for path in (ROOT / "src" / "nikdedup").iterdir()}
    assert rooms <= there
