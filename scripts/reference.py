"""Write docs/settings.md from the models of the configuration, and docs/cli.md from the commands.

    python scripts/reference.py

The meaning of a setting is the docstring below it in `nikdedup.config`; type, default and bounds are those of
its model.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nikdedup import Config
from nikdedup.schema import FIELDS

DOCS = Path(__file__).parents[1] / "docs"
TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "string": "text",
    "array": "list",
    "object": "table",
    "null": "`null`",
    "path": "path",
    "date": "date",
}
SETTINGS = """# Settings

Written by `make docs` from the models in `nikdedup.config`.

A config is TOML, given by `--config office.toml` or `nikdedup.dedupe(…, config="office.toml")`; a keyword or option of
the same name wins over it. In Python any setting is a keyword too: a key of a section by its own name
(`review_log2=-3`), in its section (`match={"review_log2": -3}`) or with a dot (`{"match.review_log2": -3}`). Unknown
keys are refused, and all faults are reported at once.

```toml
reference_date = 2026-06-30      # the date the extract speaks of; else the latest date found in it
counts_as_recorded = ["captured", "unique"]

[columns]                        # SIAK field = header of the extract; only what is not recognised by itself
nama_lgkp = ["NAMA DEPAN", "NAMA BELAKANG"]
ektp_status = "KETERANGAN REKAM"

[evidence]                       # further columns that are compared
paspor = {kind = "id", header = "No. Paspor"}

[status]                         # texts of the office = recording class
"SUDAH FOTO" = "captured"

[match]
review_log2 = -3.0

[settle]
recording = "latest"

[run]
threads = 2
lang = "en"
```
"""


def settings() -> dict[str, tuple[str, str, str]]:
    """Return key -> what is allowed, default as JSON, meaning; `match.seed` stands for a key of a section."""
    return {key: (allowed(schema), json.dumps(default), meaning) for key, schema, default, meaning in _keys()}


def _keys() -> Iterator[tuple[str, dict[str, Any], Any, str]]:
    top = Config.model_json_schema()
    values = Config().model_dump(mode="json")
    sections = {
        name: field.default
        for name, field in Config.model_fields.items()
        if isinstance(field.default, BaseModel)
    }
    for prefix, model in [("", Config), *((f"{name}.", type(one)) for name, one in sections.items())]:
        schema = top if not prefix else top["$defs"][model.__name__]
        held = values if not prefix else values[prefix[:-1]]
        meanings = told(model)
        for name in model.model_fields:
            if prefix or name not in sections:
                yield f"{prefix}{name}", schema["properties"][name], held[name], meanings[name]


def told(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring below each setting of a model, in one line."""
    [body] = [
        one.body
        for one in ast.parse(textwrap.dedent(inspect.getsource(model))).body
        if isinstance(one, ast.ClassDef)
    ]
    pairs = itertools.pairwise(body)
    return {
        field.target.id: " ".join(below.value.value.split())
        for field, below in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
    }  # fmt: skip


def allowed(schema: dict[str, Any]) -> str:
    """Return what a setting may be, from its JSON schema."""
    if "anyOf" in schema:
        return " or ".join(allowed(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    word = TYPES.get(schema.get("format", ""), TYPES.get(schema.get("type", ""), "table"))
    bounds = [
        f"{sign} {schema[key]:g}"
        for key, sign in (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
        )
        if key in schema and abs(schema[key]) < 1e9
    ]
    return " ".join([word, ", ".join(bounds)]).strip()


def settings_page() -> str:
    """Return docs/settings.md."""
    parts, section = [SETTINGS], None
    for key, (may, default, meaning) in settings().items():
        name = key.rpartition(".")[0]
        if name != section:
            parts.append(
                f"\n## {f'`[{name}]`' if name else 'At the top'}\n\n"
                "| key | allowed | default | meaning |\n|---|---|---|---|\n"
            )
            section = name
        parts.append(f"| `{key}` | {may} | `{default}` | {meaning.replace('|', chr(92) + '|')} |\n")
    fields = ", ".join(f"`{name}`" for name in FIELDS)
    parts.append(
        f"\n## SIAK fields\n\nWhat `[columns]` may name; headers in use are recognised by themselves.\n\n{fields}\n"
    )
    return "".join(parts)


def commands_page() -> str:
    """Return docs/cli.md: the help of every command."""
    done = subprocess.run(
        [sys.executable, "-m", "typer", "nikdedup.cli", "utils", "docs", "--name", "nikdedup"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    text = done.stdout.replace(
        "# `nikdedup`\n", "# Options of every command\n\nWritten by `make docs` from the commands.\n", 1
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
    (DOCS / "cli.md").write_text(commands_page(), encoding="utf-8")
