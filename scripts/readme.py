"""Run the examples of a README and write what they print into it, so that no figure is typed by hand.

    python scripts/readme.py README.md README.id.md

A fenced `python` block runs as it stands; a fenced `text` block right after it holds what it printed.
In a fenced `console` block every line that begins with `$ ` runs, and the lines below it hold what it
printed: its output, or its message where the command was refused. The blocks of one file share a
temporary folder and one Python namespace, in the order in which a reader meets them. The defaults in
the table of settings (rows of a key, its default and its meaning) come from the code as well.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nikdedup.config import Config

BLOCK = re.compile(
    r"^```(?P<language>python|console)\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.M | re.S
)
SETTING = re.compile(r"^\| `(?P<key>[a-z0-9_.]+)` \| `[^`]*` \|", re.MULTILINE)
TIMEOUT_SECONDS = 300


def refreshed(text: str, folder: Path) -> str:
    """Return the text of a README with every example run in `folder` and its output put in place.

    text: Markdown. folder: an empty folder, which the examples may fill. Raises RuntimeError where
    a command fails as it should not (exit 1), and whatever a Python example raises.
    """
    names: dict[str, object] = {"__name__": "__main__"}

    def rerun(block: re.Match[str]) -> str:
        if block["language"] == "console":
            return f"```console\n{_console(block['code'], folder)}```\n"
        printed = _python(block["code"], names, folder)
        shown = f"\n```text\n{printed}```\n" if printed else ""
        return f"```python\n{block['code']}```\n{shown}"

    return BLOCK.sub(rerun, text)


def _python(code: str, names: dict[str, object], folder: Path) -> str:
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile(code, "README example", "exec"), names)
    return _plain(printed.getvalue())


def _console(code: str, folder: Path) -> str:
    commands = [line for line in code.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{_run(command.removeprefix('$ '), folder)}" for command in commands)


def _run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    if program != "nikdedup":
        raise RuntimeError(f"only nikdedup runs in an example; found {program!r}")
    done = subprocess.run(
        [sys.executable, "-m", "nikdedup.cli", *arguments],
        cwd=folder, capture_output=True, encoding="utf-8", timeout=TIMEOUT_SECONDS, check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    if done.returncode not in (0, 2, 3):
        raise RuntimeError(f"{command}: exit {done.returncode}: {done.stderr.strip()}")
    return _plain(done.stdout if done.returncode == 0 else done.stdout + done.stderr)


def _plain(printed: str) -> str:
    """Cut trailing spaces and blank lines at the end; end with a line break unless empty."""
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    return "".join(f"{line}\n" for line in lines)


def with_defaults(text: str) -> str:
    """Return the text with the default of every setting in the table of settings as the code has it."""
    defaults = settings()

    def row(line: re.Match[str]) -> str:
        key = line["key"]
        return f"| `{key}` | `{json.dumps(defaults[key])}` |" if key in defaults else line[0]

    return SETTING.sub(row, text)


def settings() -> dict[str, Any]:
    """Return key -> default of every setting, as JSON has it; `match.seed` stands for a key of a section."""
    values = Config().model_dump(mode="json")
    sections = [key for key, field in Config.model_fields.items() if isinstance(field.default, BaseModel)]
    flat = {key: value for key, value in values.items() if key not in sections}
    return flat | {f"{name}.{key}": value for name in sections for key, value in values[name].items()}


def main() -> None:
    """Rewrite each README named on the command line where its examples print something else now."""
    for name in sys.argv[1:]:
        path = Path(name)
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            new = with_defaults(refreshed(text, Path(folder)))
        path.write_text(new, encoding="utf-8")
        print(f"{name}: {'rewritten' if new != text else 'as it was'}")


if __name__ == "__main__":
    main()
