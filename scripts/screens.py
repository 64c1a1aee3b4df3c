"""Take the pictures of docs/screens: what a notebook's cell shows, on a light page and on a dark one.

    python scripts/screens.py [CHROMIUM]

Drawn by Chromium from made-up residents, at the width of a notebook and twice as fine. The README shows them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nikdedup

SCREENS = Path(__file__).parents[1] / "docs" / "screens"
PAGES = {"": ("#ffffff", "#1f2328"), ".dark": ("#0d1117", "#e6edf3")}
"""Paper and ink of each look, by what its file is called."""


def cells() -> dict[str, tuple[str, int, int]]:
    """Return each cell to be shown: its HTML, and the width and height of the picture."""
    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / "extract.parquet"
        nikdedup.generate(extract, rows=10_000, seed=6212)
        result = nikdedup.dedupe(extract, lang="en")
    pairs = result.duplicates(kind="C", band="review")
    return {"result": (result._repr_html_(), 740, 440), "pairs": (pairs._repr_html_(), 1180, 402)}


def main(browser: str) -> None:
    """Draw every cell in both looks."""
    SCREENS.mkdir(exist_ok=True)
    for name, (html, width, height) in cells().items():
        for look, (paper, ink) in PAGES.items():
            with tempfile.TemporaryDirectory() as folder:
                page = Path(folder) / "page.html"
                style = f"body{{margin:0 14px;background:{paper};color:{ink}}}.nikx{{overflow:hidden}}"
                page.write_text(
                    f"<!doctype html><meta charset=utf-8><style>{style}</style>{html}", encoding="utf-8"
                )
                target = SCREENS / f"{name}{look}.png"
                command = [
                    browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                    f"--window-size={width},{height}", "--force-device-scale-factor=1.5",
                    f"--screenshot={target}", page.as_uri(),
                ]  # fmt: skip
                subprocess.run(command, check=True, capture_output=True, timeout=120)
            print(target.name, target.stat().st_size)


if __name__ == "__main__":
    found = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("Chromium is not found; name it: python scripts/screens.py PATH")
    main(found)
