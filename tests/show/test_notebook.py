"""What a notebook's cell shows: a picture, the next call, the colours of the page, and nobody."""

import re
from typing import Any
from xml.etree import ElementTree

import altair
import polars as pl
import pytest

import nikdedup
from nikdedup import Result
from nikdedup.show.cell import STYLE
from nikdedup.show.small import AMBER, BLUE, GREY, RED

KINDS = (
    "extract",
    "profile",
    "result",
    "explanation",
    "person",
    "case",
    "cleaned",
    "coverage",
    "pairs",
    "comparison",
)
PICTURED = ("extract", "profile", "result", "explanation", "person", "case", "cleaned", "coverage")


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("notebook") / "extract.parquet"
    nikdedup.generate(path, rows=1500, seed=4)
    dirty = pl.read_parquet(path).head(300)
    dirty = dirty.with_columns(
        NIK=pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.col("NIK") + " ").otherwise("NIK")
    )
    result: Result = nikdedup.dedupe(path, lang="en")
    pair = result.pairs.filter(band="confirmed").row(0, named=True)
    return {
        "extract": nikdedup.read(path, lang="en"), "profile": nikdedup.profile(path, lang="en"), "result": result,
        "explanation": result.explain(pair["row_l"], pair["row_r"]), "person": result.explain_person(pair["row_l"]),
        "case": result.explain(pair["row_l"]), "cleaned": nikdedup.clean(dirty, lang="en"),
        "coverage": result.coverage(), "pairs": result.duplicates(),
        "comparison": result.compare(pair["row_l"], pair["row_r"]),
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_is_whole_plain_and_shows_nobody(things: dict[str, Any], kind: str) -> None:
    shown = things[kind]._repr_html_()
    assert not re.search(r"<script|javascript:|https?:(?!//www.w3.org)|\bon\w+=|url\(|@import", shown)
    for tag in ("div", "table", "tr", "td", "th", "details", "svg", "p"):
        assert len(re.findall(rf"<{tag}[ >]", shown)) == shown.count(f"</{tag}>"), tag
    residents = things["result"].residents
    for column in ("nik", "no_kk", "nama_lgkp", "nama_lgkp_ibu", "alamat"):
        for value in residents[column].drop_nulls().unique():
            assert len(value) < 10 or (value not in shown and value not in repr(things[kind])), column
    assert "\n" not in repr(things[kind])
    assert len(repr(things[kind])) < 120


@pytest.mark.parametrize("kind", PICTURED)
def test_a_picture_takes_the_colours_of_the_page(things: dict[str, Any], kind: str) -> None:
    """Text and lines are of the page's colour; fills are those that stand out on white and on black."""
    pictures = re.findall(r"<svg.*?</svg>", things[kind]._repr_html_(), flags=re.DOTALL)
    assert pictures
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        told = {one.get(name) for one in root.iter() for name in ("fill", "stroke")} - {None, "none"}
        letters = [one for one in root.iter() if one.tag.endswith("text")]
        on_circles = sum(one.get("fill") == "#ffffff" for one in letters)
        assert on_circles == sum(one.tag.endswith("circle") for one in root.iter())
        assert told <= {"currentColor", "#ffffff", "#2f6f9f", AMBER, BLUE, GREY, RED}
        width = float(root.get("viewBox", "").split()[2])
        for one in letters:
            assert -1 <= float(one.get("x", "")) <= width + 1


@pytest.mark.parametrize("fill", [AMBER, BLUE, GREY, RED])
@pytest.mark.parametrize(
    "page", ["#ffffff", "#111111", "#1e1e1e", "#383838"], ids=["light", "black", "VS Code", "Colab"]
)
def test_fills_stand_out_on_every_page(fill: str, page: str) -> None:
    assert contrast(fill, page) >= (3 if page != "#383838" else 2.5)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, after WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_call_is_there_and_can_be_made(
    things: dict[str, Any], kind: str, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    calls = re.findall(r"<code>(.*?)</code>", things[kind]._repr_html_().partition("Next:")[2])
    assert calls
    names = {
        **things,
        "nikdedup": nikdedup,
        "data": things["result"].residents.select("nik", "nama_lgkp").head(50),
    }
    for call in calls:
        assert eval(call.replace("&quot;", '"'), names) is not None


def test_the_result_says_what_to_look_at() -> None:
    people = pl.DataFrame({"NIK": ["6212014107809001", "6212014107809002"], "NAMA_LGKP": ["SITI", "BUDI"]})
    nothing = nikdedup.dedupe(people, lang="en")._repr_html_()
    assert "duplicates" not in nothing.partition("Next:")[2]


def test_waterfall_ends_where_the_weight_is(things: dict[str, Any]) -> None:
    explained = things["explanation"]
    picture = re.search(r"<svg.*?</svg>", explained._repr_html_(), flags=re.DOTALL)
    assert picture
    texts = [
        "".join(one.itertext())
        for one in ElementTree.fromstring(picture[0]).iter()
        if one.tag.endswith("text")
    ]
    assert texts[-1] == f"{explained.weight_log2:.1f}".replace("-", "−")
    assert len([text for text in texts if re.fullmatch(r"[+−]?\d+\.\d", text)]) == len(explained.steps) + 2


def test_the_style_of_a_notebook_does_not_move_the_tables() -> None:
    """JupyterLab puts texts of tables to the right by rules of two classes and an element; ours go by more."""
    for rule in re.findall(r"([^{}]+)\{", STYLE.removeprefix("<style>")):
        assert all(one.count(".nikx") == 3 for one in rule.split(",")), rule


def test_a_cell_is_the_same_each_time(things: dict[str, Any]) -> None:
    for thing in things.values():
        assert thing._repr_html_() == thing._repr_html_()


def test_plain_representations(things: dict[str, Any]) -> None:
    assert repr(things["extract"]).startswith("Extract(1500 records, 25 fields, ")
    assert repr(things["profile"]).startswith("Profile(1500 records as of 20")
    assert repr(things["person"]).startswith("PersonStory(P")
    assert repr(things["cleaned"]).startswith("Cleaned(300 records, ")
    assert " recorded, target 99.20%)" in repr(things["coverage"])
    assert repr(things["explanation"]).startswith("Explanation(rows ")


@pytest.mark.parametrize("side_by_side", [False, True])
def test_a_chart_in_a_cell_needs_no_network(things: dict[str, Any], side_by_side: bool) -> None:
    """Altair's own page would load its scripts; who chooses a renderer gets that one's."""
    chart = things["result"].plot.weights()
    chart = chart | things["result"].plot.passes() if side_by_side else chart
    shown = chart._repr_mimebundle_()
    assert list(shown) == ["image/svg+xml", "text/plain"]
    assert not re.search(r"<script|https?:(?!//www.w3.org)", shown["image/svg+xml"])
    assert ElementTree.fromstring(shown["image/svg+xml"]).tag.endswith("svg")
    with altair.renderers.enable("mimetype"):
        assert "image/svg+xml" not in str(chart._repr_mimebundle_())
