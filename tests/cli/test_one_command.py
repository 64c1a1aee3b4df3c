"""The command that is called is built alone, and is what it is among all others."""

from __future__ import annotations

import pytest
import typer

from nikdedup.cli.root import COMMANDS, app, app_of

WHOLE = typer.main.get_command(app)


def shown(command: typer.core.TyperGroup, name: str) -> str:
    context = typer.Context(command, info_name="nikdedup")
    found = command.get_command(context, name)
    assert found is not None
    return found.get_help(typer.Context(found, info_name=name, parent=context))


@pytest.mark.parametrize("name", COMMANDS)
def test_it_is_the_same_as_among_all(name: str) -> None:
    alone = typer.main.get_command(app_of(["--quiet", "--log-file", "a.log", name, "--help"]))
    assert isinstance(alone, typer.core.TyperGroup)
    assert isinstance(WHOLE, typer.core.TyperGroup)
    assert list(alone.commands) == [name]
    assert shown(alone, name) == shown(WHOLE, name)
    of_all = {one.name for one in WHOLE.params} - {"install_completion", "show_completion"}
    assert {one.name for one in alone.params} == of_all


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nothing"),
        pytest.param(["--help", "nik"], id="help of all"),
        pytest.param(["--quiet"], id="no command"),
        pytest.param(["nothing", "nik"], id="unknown"),
        pytest.param(["--show-completion", "nik"], id="completion"),
        pytest.param(["--log-file", "nik"], id="a file named like a command"),
    ],
)
def test_where_none_is_named_all_are_there(arguments: list[str]) -> None:
    assert app_of(arguments) is app
