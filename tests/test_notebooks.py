"""The notebooks run, and come to what is kept of them; the first useful picture is there after three cells."""

import copy
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.test_readme import load

ROOT = Path(__file__).parents[1]
script = load(ROOT / "scripts" / "notebooks.py")
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.py"))


def kept(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8")))


def test_there_are_six() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "bad_excel",
        "coming_from",
        "first_dedup",
        "opensid",
        "threshold",
        "village",
    ]
    assert {path.stem for path in script.HOME.glob("*.ipynb")} == {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_comes_to_what_is_kept(path: Path, tmp_path: Path) -> None:
    if path.stem == "village":
        pytest.importorskip("highspy", reason="the extra `outreach` is not installed")
    made = script.run(path, tmp_path)
    assert script.essence(made) == script.essence(kept(path)), f"{path.name}: make docs"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_whole_and_has_pictures(path: Path) -> None:
    notebook = kept(path)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert 5 <= len(code) <= 10
    assert path.with_suffix(".ipynb").stat().st_size < 400_000
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    data = [one["data"] for cell in code for one in cell["outputs"] if "data" in one]
    charts = ["".join(one["image/svg+xml"]) for one in data if "image/svg+xml" in one]
    inline = [text for one in data for text in one.get("text/html", []) if "<svg" in text]
    assert len(charts) + len(inline) >= 3
    for chart in charts:
        assert len(list(ElementTree.fromstring(chart).iter())) > 50  # something is drawn


def test_the_first_picture_is_there_after_three_cells() -> None:
    [path] = [path for path in NOTEBOOKS if path.stem == "first_dedup"]
    code = [cell for cell in kept(path)["cells"] if cell["cell_type"] == "code"]
    assert len(code) == 10
    assert "<svg" in "".join(code[2]["outputs"][0]["data"]["text/html"])


def test_what_comes_out_otherwise_is_seen() -> None:
    """A figure, a text of a picture and a line of code: each would be missed by nobody."""
    notebook = kept(NOTEBOOKS[1])
    outputs = [
        (at, n) for at, cell in enumerate(notebook["cells"]) for n in range(len(cell.get("outputs", [])))
    ]
    for at, n in outputs:
        other = copy.deepcopy(notebook)
        told = other["cells"][at]["outputs"][n]
        place = told if "text" in told else told["data"]
        kind = "text" if "text" in told else next(iter(place))
        place[kind] = "".join(place[kind]).replace("</text>", "x</text>", 1) + "x"
        assert script.essence(other) != script.essence(notebook)


def test_cells_of_a_script() -> None:
    source = "# %% [markdown]\n# # Head\n# text\n\n# %%\nx = 1\nx\n\n# %% named\nx + 1\n"
    assert script.cells(source) == [(True, "# Head\ntext"), (False, "x = 1\nx"), (False, "x + 1")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_page_of_the_site(path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the group `docs` is not installed")
    page = load(ROOT / "scripts" / "site.py").notebook_page(path.with_suffix(".ipynb"))
    blocks = [block for block in page.split("\n\n") if block.startswith("<div>")]
    assert all(block.rstrip().endswith("</div>") and "\n" not in block.rstrip() for block in blocks)
    shown = [one for cell in kept(path)["cells"] for one in cell.get("outputs", []) if "data" in one]
    drawn = [one for one in shown if {"text/html", "image/svg+xml"} & one["data"].keys()]
    assert len(blocks) == len(drawn)
