"""Documentation that cannot fall behind: commands, options, settings, public names, doctests."""

import doctest
import importlib
import inspect
import json
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import typer.main

import nikdedup
from nikdedup import config, schema
from nikdedup.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXTRACTS = (ROOT / "README.id.md").read_text(encoding="utf-8")
MODULES = sorted(one.name for one in pkgutil.walk_packages(nikdedup.__path__, "nikdedup."))


def commands() -> dict[str, Any]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(commands()))
def test_commands_are_documented(name: str) -> None:
    command = commands()[name]
    assert command.help, f"{name} has no help"
    assert f"nikdedup {name} " in README
    options = [max(one.opts, key=len) for one in command.params if one.param_type_name == "option"]
    section = README[README.index("## Options") : README.index("## Privacy")]
    [row] = [line for line in section.splitlines() if line.startswith(f"| `nikdedup {name} ")]
    assert [option for option in options if option != "--help" and option not in row] == []


@pytest.mark.parametrize("name", sorted(commands()))
def test_options_have_help(name: str) -> None:
    silent = [one.name for one in commands()[name].params if one.param_type_name == "option" and not one.help]
    assert silent == []


def settings(model: type[Any], prefix: str = "") -> dict[str, Any]:
    """Return key -> default of every setting, keys of sections with the section before them."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.default, config._Section):
            found |= settings(type(field.default), f"{name}.")
        else:
            found[prefix + name] = field.default
    return found


def test_every_setting_and_its_default_is_in_the_readme() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| `([^`]*)` \|", README, flags=re.MULTILINE))
    told = {key: json.loads(default) for key, default in rows.items()}
    assert told == json.loads(json.dumps(settings(config.Config)))


def toml_blocks() -> list[Any]:
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("README*.md"))}
    blocks = [
        pytest.param(block, id=f"{name} {number}")
        for name, text in texts.items()
        for number, block in enumerate(
            re.findall(r"^```toml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL), 1
        )
    ]
    files = [
        pytest.param(p.read_text(encoding="utf-8"), id=p.name) for p in sorted(ROOT.glob("examples/*.toml"))
    ]
    return blocks + files


@pytest.mark.parametrize("text", toml_blocks())
def test_configs_shown_are_configs(text: str) -> None:
    assert isinstance(config.Config.of(tomllib.loads(text)), config.Config)


@pytest.mark.parametrize("name", nikdedup.__all__)
def test_public_names_have_a_docstring(name: str) -> None:
    thing = getattr(nikdedup, name)
    assert inspect.getdoc(thing)
    if inspect.isclass(thing):
        public = [one for one in vars(thing) if not one.startswith("_") and callable(getattr(thing, one))]
        assert [one for one in public if not inspect.getdoc(getattr(thing, one))] == []


def test_public_names_are_in_the_readme() -> None:
    inside = {
        "Config",
        "Extract",
        "Result",
        "NikdedupError",
        "InputError",
        "ConfigError",
        "MissingExtraError",
    }
    told = {name for name in nikdedup.__all__ if re.search(rf"nikdedup\.{name}\b|`{name}`", README)}
    assert set(nikdedup.__all__) - told == set() & inside


@pytest.mark.parametrize("values", [schema.ACTIONS, schema.KINDS], ids=["actions", "kinds"])
def test_codes_are_in_the_readme(values: tuple[str, ...]) -> None:
    assert [one for one in values if f"`{one}`" not in README and f"| {one} |" not in README] == []


@pytest.mark.parametrize("name", ["README.md", "README.id.md", "CONTRIBUTING.md", "CHANGELOG.md"])
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
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} says nowhere what it is for"
    assert doctest.testmod(module).failed == 0


def test_doctests_of_the_package() -> None:
    result = doctest.testmod(nikdedup)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_version_is_in_the_changelog() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(nikdedup.__version__)}\]", changes, flags=re.MULTILINE)


def test_messages_in_the_operators_guide_are_real() -> None:
    """Every message that the guide explains is a text of the package, placeholders (…) apart."""
    told = re.findall(r"^\| `([^`]+)` \|", EXTRACTS, flags=re.MULTILINE)
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    words = re.sub(r"\{[^{}]*\}|\"\s*\n\s*f?\"", "…", sources)
    parts = {part.strip() for message in told for part in message.split("…") if len(part.strip()) > 3}
    assert len(told) >= 10
    assert [part for part in sorted(parts) if part not in words] == []


def test_help_fits_a_terminal() -> None:
    for name, command in commands().items():
        text = command.get_help(click.Context(command, info_name=f"nikdedup {name}"))
        assert max(map(len, text.splitlines())) <= 100
