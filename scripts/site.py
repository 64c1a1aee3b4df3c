"""A hook of mkdocs: pages and files of the repository outside docs/ become part of the site, and links lead to them.

`make site` calls it. What a page links to, such as `../benchmarks/RESULTS.md`, is taken along under its own path, and
what that links to, so that one text serves the repository and the site.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

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
        if Path(config.docs_dir) not in path.parents:
            files.append(File.generated(config, path.relative_to(root).as_posix(), abs_src_path=str(path)))
        if path.suffix == ".md":
            waiting.extend(sorted(_led_to(path)))
    return files


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
        return os.path.relpath(uri, place)

    return LINK.sub(moved, markdown)
