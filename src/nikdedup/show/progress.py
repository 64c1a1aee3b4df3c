"""Progress of a run: a bar on a terminal, quiet lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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


REFUSING = ("read", "understand")
"""Stages in which input can still be refused."""


@contextmanager
def show_progress(stream: TextIO | None, lang: str) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with the name of each stage as it begins; without a stream it says nothing.

    In a log the first stages are told only when the third begins: input that is refused before leaves one line,
    the fault's.

    Args:
        stream: a terminal or a log; None for none.
        lang: `id` or `en`.
    """
    if stream is None:
        yield lambda _: None
        return
    texts = STAGE_TEXTS[lang]
    if not stream.isatty():
        held: list[str] = []

        def tell(stage: str) -> None:
            held.append(f"nikdedup: {texts[stage]}")
            if stage not in REFUSING:
                with suppress(OSError):  # nobody listens any more: no reason to stop
                    print(*held, sep="\n", file=stream, flush=True)
                held.clear()

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("", total=len(texts))

        def advance(stage: str) -> None:
            bar.update(task, description=texts[stage], completed=list(texts).index(stage))

        yield advance
