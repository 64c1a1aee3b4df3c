"""Progress of a run: a bar on a terminal, quiet lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

STAGE_TEXTS = {
    "id": {
        "read": "membaca berkas",
        "understand": "memahami data",
        "match": "membandingkan penduduk",
        "settle": "menyusun usulan",
        "write": "menulis hasil",
    },
    "en": {
        "read": "reading files",
        "understand": "understanding records",
        "match": "comparing residents",
        "settle": "proposing decisions",
        "write": "writing results",
    },
}


@contextmanager
def show_progress(stream: TextIO, lang: str) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with the name of each stage as it begins."""
    texts = STAGE_TEXTS[lang]
    if not stream.isatty():
        yield lambda stage: print(f"nikdedup: {texts[stage]}", file=stream, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("", total=len(texts))

        def advance(stage: str) -> None:
            bar.update(task, description=texts[stage], completed=list(texts).index(stage))

        yield advance
