"""Charts and cells as a browser shows them: without a network, and with no letter cut off."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from nikdedup import Result
from nikdedup.show.in_cell import with_room

GALLERY = sorted((Path(__file__).parents[2] / "docs" / "gallery").glob("*.svg"))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BEYOND = """() => {
  /* How far the texts of pictures stand out of them, in pixels; and how far tables stand out of the page. */
  let most = 0;
  for (const picture of document.querySelectorAll('svg')) {
    const frame = picture.getBoundingClientRect();
    for (const text of picture.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.width) most = Math.max(most, frame.left - box.left, box.right - frame.right,
                                     frame.top - box.top, box.bottom - frame.bottom);
    }
  }
  return [most, document.documentElement.scrollWidth - document.documentElement.clientWidth];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    # Chromium refuses to run as root inside its own walls.
    args = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=[*args, "--disable-dev-shm-usage"])
        yield found
        found.close()


def beyond(browser: Any, html: str, width: int) -> tuple[float, float]:
    seen = browser.new_page(viewport={"width": width, "height": 900})
    seen.set_content(f"<!doctype html><body style='margin:8px'>{html}")
    found = seen.evaluate(BEYOND)
    seen.close()
    return found[0], found[1]


def test_pictures_of_the_gallery_keep_their_letters(browser: Any) -> None:
    out = {path.name: beyond(browser, path.read_text(encoding="utf-8"), 1400)[0] for path in GALLERY}
    assert len(out) > 10
    assert {name: pixels for name, pixels in out.items() if pixels > 1} == {}


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_cells_keep_their_letters_on_any_page(browser: Any, small_result: Result, width: int) -> None:
    pair = small_result.pairs.filter(band="confirmed").row(0, named=True)
    things = [
        small_result, small_result.profile, small_result.coverage(), small_result.duplicates(),
        small_result.duplicates(side_by_side=True), small_result.compare(pair["row_l"], pair["row_r"]),
        small_result.explain(pair["row_l"], pair["row_r"]), small_result.explain_person(pair["row_l"]),
    ]  # fmt: skip
    for thing in things:
        letters, page = beyond(browser, thing._repr_html_(), width)
        assert letters <= 1, thing
        assert page <= 0, thing


def test_room_is_added_at_both_sides() -> None:
    paper = '<rect width="500" height="80" fill="#fff"/>'
    drawn = f'<svg class="marks" width="500" height="80" viewBox="0 0 500 80">{paper}'
    shown = with_room(drawn)
    assert 'width="555" height="80" viewBox="-20 0 555 80"' in shown
    assert '<rect x="-20" width="555" height="80" fill="#fff"/>' in shown
    assert with_room("<svg/>") == "<svg/>"


def test_a_waterfall_to_change_needs_no_network_in_a_cell(small_result: Result) -> None:
    pair = small_result.pairs.filter(band="confirmed").row(0, named=True)
    chart = small_result.explain(pair["row_l"], pair["row_r"]).chart()
    shown = chart.properties(width=200)._repr_mimebundle_()["image/svg+xml"]
    assert not re.search(r"<script|https?:(?!//www.w3.org)", shown)
    assert ElementTree.fromstring(shown).get("viewBox", "").startswith("-")
