"""Progress on a terminal and in a log."""

from io import StringIO

from nikdedup.show.progress import STAGE_TEXTS, show_progress

LINES = {lang: [f"nikdedup: {text}" for text in texts.values()] for lang, texts in STAGE_TEXTS.items()}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_leaves_nothing_behind_but_the_bar() -> None:
    stream = Terminal()
    with show_progress(stream, "en") as progress:
        for stage in STAGE_TEXTS["en"]:
            progress(stage)
    assert "nikdedup: " not in stream.getvalue()


def test_progress_in_a_log_waits_until_input_is_accepted() -> None:
    stream = StringIO()
    with show_progress(stream, "en") as progress:
        progress("read")
        progress("understand")
        assert stream.getvalue() == ""
        progress("match")
        assert stream.getvalue().splitlines() == LINES["en"][:3]
