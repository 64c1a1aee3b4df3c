"""A hook of mkdocs: pages and files of the repository outside docs/ become part of the site, and links lead to them.

`make site` calls it. What a page links to, such as `../benchmarks/RESULTS.md`, is taken along under its own path, and
what that links to, so that one text serves the repository and the site. A notebook becomes a page with its outputs.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")
BEYOND = ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
"""Pages of the site that no page of docs/ need link to."""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add every file of the repository that the pages lead to."""
    root = Path(config.docs_dir).parent
    seen: set[Path] = set()
    waiting = [
        *(root / name for name in BEYOND),
        *(Path(one.abs_src_path) for one in files.documentation_pages() if one.abs_src_path),
    ]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix == ".ipynb":
            uri = path.relative_to(root).with_suffix(".md").as_posix()
            files.append(File.generated(config, uri, content=notebook_page(path)))
        elif Path(config.docs_dir) not in path.parents:
            files.append(File.generated(config, path.relative_to(root).as_posix(), abs_src_path=str(path)))
        if path.suffix == ".md":
            waiting.extend(sorted(_led_to(path)))
    return files


def notebook_page(path: Path) -> str:
    """Return a notebook with its outputs as a page: text, code, and what each cell came to."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [_shown(output) for output in cell["outputs"]]
    return "\n\n".join(parts) + "\n"


def _shown(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return f"```text\n{''.join(output['text']).rstrip()}\n```"
    data = {kind: "".join(text) for kind, text in output["data"].items()}
    drawn = data.get("image/svg+xml") or data.get("text/html")
    if drawn is None:
        return f"```text\n{data['text/plain']}\n```"
    # One block of HTML: an empty line would end it.
    return f"<div>{re.sub(chr(10) + '+', ' ', drawn)}</div>"


def _led_to(page: Path) -> Iterator[Path]:
    """Yield the files that the links of a page lead to."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        path = Path(os.path.normpath(page.parent / target))
        if path.is_file():
            yield path


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the text with each link as it leads on the site, where the pages of docs/ stand at the top."""
    docs = Path(config.docs_dir)
    here = Path(str(page.file.abs_src_path)).parent
    place = PurePosixPath(page.file.src_uri).parent

    def moved(found: re.Match[str]) -> str:
        path = Path(os.path.normpath(here / found[0]))
        if not path.is_file():
            return found[0]  # mkdocs says that it leads nowhere
        uri = path.relative_to(docs if docs in path.parents else docs.parent).as_posix()
        uri = re.sub(r"\.ipynb$", ".md", uri)  # a notebook is a page of its own
        return os.path.relpath(uri, place)

    return LINK.sub(moved, markdown)
