"""Run the examples of a page and write what they print into it, so that no figure is typed by hand.

    python scripts/readme.py                          # the README and every page of docs/ with examples
    python scripts/readme.py README.md docs/start.md

A fenced `python` block runs as it stands; a fenced `text` block right after it holds what it printed.
In a fenced `console` block every line that begins with `$ ` runs, and the lines below it hold what it
printed: its output, or its message where the command was refused. The blocks of one file share a
temporary folder and one Python namespace, in the order in which a reader meets them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(
    r"^```(?P<language>python|console)\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.M | re.S
)
TIMEOUT_SECONDS = 300
ROOT = Path(__file__).parents[1]


def refreshed(text: str, folder: Path) -> str:
    """Return the text of a page with every example run in `folder` and its output put in place.

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
        exec(compile(code, "example", "exec"), names)
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


def pages() -> list[Path]:
    """Return the README and every page of docs/ with examples; cli.md only shows how commands are called."""
    docs = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "cli.md"]
    return [path for path in [ROOT / "README.md", *docs] if BLOCK.search(path.read_text(encoding="utf-8"))]


def main() -> None:
    """Rewrite each page named on the command line where its examples print something else now; all if none is named."""
    for path in [Path(name) for name in sys.argv[1:]] or pages():
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            new = refreshed(text, Path(folder))
        path.write_text(new, encoding="utf-8")
        print(f"{path.name}: {'rewritten' if new != text else 'as it was'}")


if __name__ == "__main__":
    main()
