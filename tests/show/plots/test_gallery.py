"""docs/gallery.md shows every picture with its call, and its files are small and show nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nikdedup.run.plots import Plots

DOCS = Path(__file__).parents[3] / "docs"
NAMES = sorted(name for name in vars(Plots) if not name.startswith("_"))
FILES = sorted((DOCS / "gallery").glob("*"))


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "gallery.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_in_the_gallery_with_its_call(page, name):
    assert f"## `result.plot.{name}(" in page, "docs/gallery.md is behind the code: make docs"
    assert f"](gallery/{name}.svg)" in page


def test_the_gallery_shows_no_picture_that_there_is_not(page):
    assert sorted(re.findall(r"^## `result\.plot\.(\w+)\(", page, re.MULTILINE)) == NAMES
    assert sorted(set(re.findall(r"\(gallery/([^)]+)\)", page))) == [path.name for path in FILES]


def test_pictures_of_the_gallery_are_small():
    assert sum(path.stat().st_size for path in FILES) < 1_000_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nobody_is_seen_in_the_gallery(path):
    drawn = path.read_text(encoding="utf-8")
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawn)
    assert texts
    assert not [text for text in texts if re.search(r"\d{8,}", text)]
    assert "<script" not in drawn
