"""The report in Chromium: axe finds nothing, no text lies on another or is cut, slider and sorting work.

Skipped where there is no Chromium, or no playwright to drive it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nikdedup.publish import RunRecord
from nikdedup.run.result import Result
from nikdedup.show import page as parts
from nikdedup.show.report import report_html
from tests.show.page.conftest import LANGS

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe_core = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

A4 = 688
"""Pixels between the margins of an A4 page."""
WIDTHS = (390, 768, 1280)
FEW = "document.querySelectorAll('.examples').forEach(all => [...all.children].slice(2).forEach(one => one.remove()))"
"""Two examples of a kind are built as ten are, and are looked at in a fifth of the time."""
OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true })"
SEEN = """() => {
  /* Every text that can be seen, as the boxes of its lines, with what cuts it off. */
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement;
    if (!text.data.trim() || holder.closest('.hear, script, style, option') || !holder.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    let clip = null;
    for (let up = holder; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible' && up !== document.documentElement && up !== document.body
          && !(up instanceof SVGElement)) { clip = up.getBoundingClientRect(); break; }
    for (const box of range.getClientRects())
      if (box.width > 0.5) found.push({
        text: text.data.trim().slice(0, 60), left: box.left, right: box.right,
        top: box.top + scrollY + box.height * 0.15, bottom: box.bottom + scrollY - box.height * 0.15,
        cut: clip !== null && (box.left < clip.left - 1 || box.right > clip.right + 1
          || box.top < clip.top - 1 || box.bottom > clip.bottom + 1),
      });
  }
  const broad = [...document.querySelectorAll('main *')].filter(one =>
    one.scrollWidth > one.clientWidth + 1 && one.clientWidth && getComputedStyle(one).display !== 'inline'
    && !one.closest('.hear, svg')).map(one => one.outerHTML.slice(0, 80));
  return { found, broad, width: document.documentElement.clientWidth, scroll: document.documentElement.scrollWidth };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert CHROMIUM is not None
    # Chromium refuses to run as root inside its own walls.
    args = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=[*args, "--disable-dev-shm-usage"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def pages(html: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the address of the report in each language."""
    folder = tmp_path_factory.mktemp("browser")
    return {lang: address(folder / f"{lang}.html", text) for lang, text in html.items()}


def address(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def opened(
    browser: Any, at: str, width: int, scheme: str = "light", media: str = "screen"
) -> tuple[Any, list[str]]:
    """Return an open page, and what its console has said."""
    said: list[str] = []
    seen = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen.on("console", lambda message: said.append(message.text))
    seen.on("pageerror", lambda fault: said.append(str(fault)))
    seen.emulate_media(media=media, color_scheme=scheme)
    seen.goto(at)
    return seen, said


def looked_at(seen: Any) -> list[str]:
    """Return what is wrong with how the texts of a page lie: beyond its edge, cut off, one on another."""
    told = seen.evaluate(SEEN)
    wrong = [f"broader than its place: {one}" for one in told["broad"]]
    wrong += [f"page of {told['scroll']} pixels on {told['width']}"] * (told["scroll"] > told["width"])
    boxes = sorted(told["found"], key=lambda box: box["top"])
    assert boxes
    for at, box in enumerate(boxes):
        if box["cut"] or box["left"] < -1 or box["right"] > told["width"] + 1:
            wrong.append(f"cut: {box['text']}")
        for other in boxes[at + 1 :]:
            if other["top"] >= box["bottom"] - 1:
                break
            if min(box["right"], other["right"]) - max(box["left"], other["left"]) > 1.5:
                wrong.append(f"{box['text']!r} on {other['text']!r}")
    return wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing(browser, pages, lang, scheme):
    seen, said = opened(browser, pages[lang], 390 if scheme == "dark" else 1280, scheme)
    seen.evaluate(OPEN)
    seen.evaluate(FEW)
    told = axe_core.Axe().run(seen).response
    seen.close()
    assert [(one["id"], one["nodes"][0]["html"]) for one in told["violations"]] == []
    assert len(told["passes"]) > 20, "axe has looked"
    assert said == [], "the policy of the page has stopped something"


def test_axe_would_find_something(browser, html, tmp_path):
    faint = html["id"].replace("--soft:#565e69", "--soft:#b5bac2")
    policy = faint.replace("default-src 'none'", "default-src *").replace(
        "style-src &#39;sha256", "x &#39;sha256"
    )
    assert faint != html["id"] != policy
    start = policy.index('<meta http-equiv="Content-Security-Policy"')
    seen, _ = opened(
        browser, address(tmp_path / "faint.html", policy[:start] + policy[policy.index("<title>") :]), 1280
    )
    told = axe_core.Axe().run(seen).response
    seen.close()
    assert "color-contrast" in {one["id"] for one in told["violations"]}


@pytest.fixture(scope="module")
def large(found: Result, seen: parts.Seen, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a report whose figures are those of a whole country, and of which a check failed."""
    grown = found.record.as_dict()
    for part in ("counts", "quality", "histogram"):
        grown[part] = times(grown[part], 60_000)
    for one in grown["passes"]:
        one |= times({name: value for name, value in one.items() if name != "covered"}, 60_000)
    grown["health"][0]["ok"] = False
    record = RunRecord.model_validate(grown)
    text = report_html(record, found.decisions, "id", seen=seen)
    return address(tmp_path_factory.mktemp("large") / "large.html", text)


def times(value: Any, factor: int) -> Any:
    """Return a part of a run with all its whole numbers grown."""
    if isinstance(value, dict):
        return {key: times(one, factor) for key, one in value.items()}
    if isinstance(value, list):
        return [times(one, factor) for one in value]
    return value * factor if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", ["id", "en", "large"])
def test_no_text_lies_on_another_and_nothing_is_cut(browser, pages, large, which, width):
    seen, _ = opened(browser, {**pages, "large": large}[which], width)
    closed = looked_at(seen)
    seen.evaluate(OPEN)
    wrong = looked_at(seen)
    seen.close()
    assert closed + wrong == []


@pytest.mark.parametrize("which", ["en", "large"])
def test_paper_cuts_nothing_of_what_is_open_and_has_no_controls(browser, pages, large, which):
    seen, _ = opened(browser, {**pages, "large": large}[which], A4, media="print")
    wrong = looked_at(seen)
    assert seen.locator(".desk input, .choose select").filter(visible=True).count() == 0
    seen.evaluate(OPEN)
    wrong += looked_at(seen)
    seen.close()
    assert wrong == []


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("h2 { margin-top:-3rem !important }", " on "),
        ("table { width:60rem !important }", "broader"),
        (".card { overflow:hidden; width:2rem }", "cut"),
    ],
)
def test_the_check_of_boxes_would_see_it(browser, html, tmp_path, style, said):
    start = html["en"].index('<meta http-equiv="Content-Security-Policy"')
    free = html["en"][:start] + html["en"][html["en"].index("<title>") :]
    bad = free.replace("</style>", f"{style}</style>", 1)
    seen, _ = opened(browser, address(tmp_path / "bad.html", bad), 390)
    wrong = looked_at(seen)
    seen.close()
    assert [one for one in wrong if said in one]


def test_the_slider_tells_what_stands_at_its_threshold(browser, pages):
    seen, said = opened(browser, pages["en"], 1280)
    slider, told = seen.locator(".desk input[type=range]"), seen.locator(".desk [data-told=review]")
    before = told.inner_text()
    slider.focus()
    slider.press("End")
    assert int(told.inner_text().replace(",", "")) > int(before.replace(",", ""))
    assert slider.get_attribute("aria-valuetext") == seen.locator(".desk [data-told=at]").inner_text()
    hours = seen.locator(".desk [data-told=hours]")
    slow = hours.inner_text()
    seen.locator(".desk input[type=number]").fill("1")
    assert int(hours.inner_text().replace(",", "")) > int(slow.replace(",", ""))
    seen.close()
    assert said == []


@pytest.mark.parametrize("width", [390, 1280])
def test_kecamatan_are_sorted_by_header_and_by_list(browser, pages, width):
    seen, said = opened(browser, pages["en"], width)
    names = seen.locator("table.sorted tbody th")
    if width == 1280:
        button = seen.get_by_role("button", name="Kecamatan")
        button.click()
        assert names.all_inner_texts() == sorted(names.all_inner_texts())
        button.click()
        assert names.all_inner_texts() == sorted(names.all_inner_texts(), reverse=True)
        assert seen.locator("table.sorted [aria-sort]").get_attribute("aria-sort") == "descending"
    else:
        seen.locator(".choose select").select_option("1")
        records = [
            int(cell.replace(",", ""))
            for cell in seen.locator("table.sorted td:nth-child(2)").all_inner_texts()
        ]
        assert records == sorted(records, reverse=True)
    seen.close()
    assert said == []


def test_without_scripts_the_page_shows_no_dead_controls(browser, pages):
    context = browser.new_context(java_script_enabled=False)
    seen = context.new_page()
    seen.goto(pages["id"])
    assert seen.locator(".desk input").first.is_hidden()
    assert seen.locator(".desk [data-told=review]").is_visible()
    context.close()
