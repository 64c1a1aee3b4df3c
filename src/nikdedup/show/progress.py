"""Progress of a run: a bar on a terminal and in a notebook, quiet lines in a log; what takes a second shows nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import escape
from typing import Any, Protocol, TextIO

from nikdedup.runtime.share import heard
from nikdedup.show.texts import say

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

_USUAL = {"read": 0.15, "understand": 0.25, "match": 0.4, "settle": 0.08, "write": 0.12}
"""Which part of the time of a run its stages usually take."""
QUIET_SECONDS = 1.0
"""A run that ends sooner shows no bar."""
_BEAT_SECONDS = 0.2
_GUESSED_FROM = 0.04
"""Share of a run from which its end can be guessed."""


@dataclass
class Course:
    """How far a run is. stage: its name; "" before the first one. done: share of the whole run, from 0 to 1."""

    now: Callable[[], float] = time.monotonic
    stage: str = ""
    done: float = 0.0
    begun: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.begun = self.now()

    def begin(self, stage: str) -> None:
        """Take the beginning of a stage; those before it are done."""
        self.stage = stage
        self.part(0.0)

    def part(self, share: float) -> None:
        """Take the share of the running stage that is done; it never goes back."""
        names = list(_USUAL)
        before = sum(_USUAL[name] for name in names[: names.index(self.stage)]) if self.stage else 0.0
        self.done = max(self.done, before + _USUAL.get(self.stage, 0.0) * share)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.now() - self.begun

    @property
    def left(self) -> float | None:
        """Seconds that are probably left; None where too little is done to tell."""
        return None if self.done < _GUESSED_FROM else self.elapsed * (1 - self.done) / self.done


class Bar(Protocol):
    """What shows how far a run is."""

    def draw(self, course: Course) -> None:
        """Show it."""

    def close(self) -> None:
        """Take it away."""


@contextmanager
def show_progress(stream: TextIO | None, lang: str) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with the name of each stage as it begins; without a stream it says nothing.

    On a terminal and in a notebook there is a bar with the stage, the share that is done and the time that is probably
    left, from the second second on; it is gone at the end. In a log the first stages are told only when the third
    begins: input that is refused before leaves one line, the fault's.

    Args:
        stream: a terminal or a log; None for none.
        lang: `id` or `en`.
    """
    if stream is None:
        yield lambda _: None
    elif in_notebook():
        with _bar(_NotebookBar(lang)) as tell:
            yield tell
    elif stream.isatty():
        with _bar(_TerminalBar(stream, lang)) as tell:
            yield tell
    else:
        yield _lines(stream, STAGE_TEXTS[lang])


def in_notebook() -> bool:
    """Say whether this runs in a notebook's kernel, which shows HTML; a terminal's IPython does not."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _lines(stream: TextIO, texts: dict[str, str]) -> Callable[[str], None]:
    held: list[str] = []

    def tell(stage: str) -> None:
        held.append(f"nikdedup: {texts[stage]}")
        if stage not in REFUSING:
            with suppress(OSError):  # nobody listens any more: no reason to stop
                print(*held, sep="\n", file=stream, flush=True)
            held.clear()

    return tell


@contextmanager
def _bar(bar: Bar) -> Iterator[Callable[[str], None]]:
    """Draw a bar again and again while what is inside runs, once it has taken QUIET_SECONDS."""
    course, ended = Course(), threading.Event()

    def beat() -> None:
        if ended.wait(QUIET_SECONDS):
            return
        with suppress(OSError):
            bar.draw(course)
            while not ended.wait(_BEAT_SECONDS):
                bar.draw(course)
            bar.close()

    drawing = threading.Thread(target=beat, daemon=True)
    drawing.start()
    try:
        with heard(course.part):
            yield course.begin
    finally:
        ended.set()
        drawing.join()


def told(course: Course, lang: str) -> str:
    """Return the share that is done and the time that is probably left, such as "42%, 8 s left"."""
    left = course.left
    share = f"{course.done:.0%}"
    return share if left is None else say("progress.left", lang, share=share, time=_time(left))


def _time(seconds: float) -> str:
    """Return seconds as people say them: whole ones below a minute and a half, then minutes.

    >>> _time(0.2), _time(75.4), _time(290)
    ('1 s', '76 s', '5 min')
    """
    return f"{max(1, -int(-seconds // 1))} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class _TerminalBar:
    def __init__(self, stream: TextIO, lang: str) -> None:
        self.stream, self.lang = stream, lang
        self.bar: Any = None

    def draw(self, course: Course) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        if self.bar is None:
            columns = (TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.fields[told]}"))
            self.bar = Progress(
                *columns, console=Console(file=self.stream), transient=True, auto_refresh=False
            )
            self.task = self.bar.add_task("", total=1.0, told="")
            self.bar.start()
        stage = STAGE_TEXTS[self.lang].get(course.stage, "")
        self.bar.update(self.task, description=stage, completed=course.done, told=told(course, self.lang))
        self.bar.refresh()

    def close(self) -> None:
        self.bar.stop()


class _NotebookBar:
    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.shown: Any = None

    def draw(self, course: Course) -> None:
        stage = STAGE_TEXTS[self.lang].get(course.stage, "")
        said = f"{stage}, {told(course, self.lang)}"
        self._show(
            f'<div style="font:13px system-ui,sans-serif"><progress value="{course.done:.3f}" max="1" '
            f'aria-label="{escape(said)}"></progress> {escape(said)}</div>'
        )

    def close(self) -> None:
        self._show("")

    def _show(self, text: str) -> None:
        from IPython.display import HTML, display

        if self.shown is None:
            self.shown = display(HTML(text), display_id=True)
        else:
            self.shown.update(HTML(text))
