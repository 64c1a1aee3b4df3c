"""The example of a job file that `nightly init` writes."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from nikdedup.errors import InputError, RunError, reason_of
from nikdedup.publish import written_whole


def write_example(path: Path, lang: str) -> None:
    """Write a commented example of a job file; InputError where something lies there already.

    Args:
        path: of the new file.
        lang: of its comments, `id` or `en`.
    """
    if path.exists() or path.is_symlink():
        raise InputError(f"{path.name}: is there already; name another file")
    text = (files("nikdedup") / "data" / f"job.{lang}.toml").read_text(encoding="utf-8")
    try:
        written_whole([(path, lambda target: target.write_text(text, encoding="utf-8"))])
    except OSError as fault:
        raise RunError(f"{path.name}: {reason_of(fault)}") from None
