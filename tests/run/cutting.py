"""Extracts cut into small parts, to be compared with the whole."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from nikdedup.engines import InPlace
from nikdedup.run import dedupe as flow
from nikdedup.run.resources import Cut


def cut(monkeypatch: pytest.MonkeyPatch, scratch: Path, *, rows: int = 250, workers: int = 0) -> Path:
    """Have every extract cut into parts of so many rows; return the folder for temporary files, which is made.

    workers: how many processes see to the parts; 0 where they are seen to in place.
    """
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(flow, "cut_of", lambda *_, **__: Cut(max(1, workers), rows))
    if not workers:
        monkeypatch.setattr(flow, "_engine", lambda _: nullcontext(InPlace()))
    return scratch
