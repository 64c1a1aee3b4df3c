"""Run the notebooks of examples/notebooks and keep them with their outputs, so that no figure is typed by hand.

    python scripts/notebooks.py           # write NAME.ipynb beside every NAME.py
    python scripts/notebooks.py --check   # say which come out otherwise, and end with exit code 1 then

A notebook is written as NAME.py in cells (`# %%`, and `# %% [markdown]` for text), runs as a plain script too, and is
shown as NAME.ipynb. It runs in an empty folder. What a cell ends with is kept as a kernel keeps it: HTML where there
is one, charts as SVG, else plain text. Compared is all of that; of a chart its texts, since places of letters depend
on the fonts of a machine. No kernel is needed.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1] / "examples" / "notebooks"
MARK = re.compile(r"^# %%(?P<text> \[markdown\])?.*\n", re.MULTILINE)
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def cells(source: str) -> list[tuple[bool, str]]:
    r"""Return the cells of a script in order: whether it is text, and what stands in it.

    >>> cells("# %% [markdown]\n# Hello\n\n# %%\nx = 1\n")
    [(True, 'Hello'), (False, 'x = 1')]
    """
    marks = list(MARK.finditer(source))
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        body, text = source[mark.end() : end].strip("\n"), bool(mark["text"])
        found.append((text, re.sub(r"^# ?", "", body, flags=re.MULTILINE) if text else body))
    return found


def run(path: Path, folder: Path) -> dict[str, Any]:
    """Return the notebook of a script, run in an empty folder."""
    names: dict[str, Any] = {"__name__": "__main__"}
    made: list[dict[str, Any]] = []
    count = 0
    with contextlib.chdir(folder):
        for number, (text, body) in enumerate(cells(path.read_text(encoding="utf-8"))):
            source = body.splitlines(keepends=True)
            about = {"id": f"{path.stem[:20]}-{number}", "metadata": {}, "source": source}
            if text:
                made.append({"cell_type": "markdown", **about})
                continue
            count += 1
            outputs = _outputs(body, names, f"{path.name}, cell {count}", count)
            made.append({"cell_type": "code", "execution_count": count, "outputs": outputs, **about})
    return {"cells": made, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def _outputs(body: str, names: dict[str, Any], place: str, count: int) -> list[dict[str, Any]]:
    """Run one cell; return what it prints and what its last line comes to."""
    tree = ast.parse(body)
    end = tree.body[-1]
    last = ast.Expression(end.value) if isinstance(end, ast.Expr) else None
    tree.body = tree.body[: -1 if last else None]
    printed, outputs, value = io.StringIO(), [], None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, place, "exec"), names)
        if last is not None:
            value = eval(compile(last, place, "eval"), names)
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": text})
    if value is not None:
        data = {kind: text.splitlines(keepends=True) for kind, text in _shown(value).items()}
        result = {"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": data}
        outputs.append(result)
    return outputs


def _shown(value: Any) -> dict[str, str]:
    """Return a value in the formats in which a kernel would show it."""
    bundle = getattr(value, "_repr_mimebundle_", None)
    if bundle:
        return {kind: _rounded(text) if "svg" in kind else text for kind, text in bundle().items()}
    html = getattr(value, "_repr_html_", None)
    return {**({"text/html": html()} if html else {}), "text/plain": repr(value)}


def _rounded(picture: str) -> str:
    """Return an SVG with its coordinates to a hundredth."""
    return re.sub(r"(?<![>.\d])\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", picture)


def essence(notebook: dict[str, Any]) -> list[Any]:
    """Return what must come out the same on every machine."""
    return [
        (cell["cell_type"], "".join(cell["source"]), [_told(one) for one in cell.get("outputs", [])])
        for cell in notebook["cells"]
    ]


def _told(output: dict[str, Any]) -> Any:
    if output["output_type"] == "stream":
        return "".join(output["text"])
    data = {kind: "".join(text) for kind, text in output["data"].items()}
    if "image/svg+xml" in data:
        return re.findall(r"<text[^>]*>(.*?)</text>", data["image/svg+xml"])
    return data


def main(check: bool) -> int:
    """Write every notebook, or say which come out otherwise."""
    behind = []
    for path in sorted(HOME.glob("*.py")):
        kept = path.with_suffix(".ipynb")
        with tempfile.TemporaryDirectory() as folder:
            made = run(path, Path(folder))
        before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {"cells": []}
        if essence(made) == essence(before):
            continue
        behind.append(kept.name)
        if not check:
            kept.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{'behind the code' if check else 'written'}: {', '.join(behind) or 'none'}")
    return 1 if check and behind else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
