"""Charts drawn: as inline SVG with the same bytes for the same figures, or as altair charts for those who change them.

The page's style sheet recolours an SVG in the dark. vl-convert and altair are loaded at first use.
"""

from __future__ import annotations

import hashlib
import re
import sys
from typing import TYPE_CHECKING, Any

from nikdedup.errors import InputError
from nikdedup.show.charts import Spec
from nikdedup.show.in_cell import InCell

if TYPE_CHECKING:
    import altair


def svg(chart: Spec, lang: str) -> str:
    """Return a chart as SVG that scales with its page, with ids that do not depend on earlier charts."""
    import vl_convert

    decimal, thousands = (",", ".") if lang == "id" else (".", ",")
    locale = {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}
    bare = {**chart, "background": None}  # the page's own shows through
    drawn = vl_convert.vegalite_to_svg(bare, format_locale=locale, allowed_base_urls=[])
    return _stable(drawn)


def altair_chart(chart: Spec) -> altair.LayerChart:
    """Return a chart as one of altair's, to be changed, shown or saved in other formats.

    InputError under `python -OO`: altair puts its own docstrings together, which that strips.
    """
    if sys.flags.optimize > 1:
        raise InputError("altair does not load under python -OO; allowed: python, python -O")
    import altair

    kind: Any = type("LayerChart", (InCell, altair.LayerChart), {"__module__": __name__})
    found: altair.LayerChart = kind.from_dict(chart)
    return found


def _stable(svg: str) -> str:
    """Number the ids of an SVG from its own content and let it fill the width it is given.

    vega counts clip paths over the life of the process: without this the second
    report of one process would differ from the first.
    """
    seen = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))
    for i, name in enumerate(seen):
        svg = (
            svg.replace(f'id="{name}"', f'id="@{i}"')
            .replace(f"#{name})", f"#@{i})")
            .replace(f'"#{name}"', f'"#@{i}"')
        )
    prefix = "c" + hashlib.sha256(svg.encode()).hexdigest()[:8] + "-"
    svg = svg.replace('"@', f'"{prefix}').replace("#@", f"#{prefix}")
    return re.sub(
        r'(<svg[^>]*?) width="(\d+)" height="(\d+)"',
        r'\1 style="max-width:\2px;width:100%;height:auto"',
        svg,
        count=1,
    )
