"""A picture as users get it: an altair chart that keeps its look, and whose page needs no network.

Colours and language are laid on when a chart is shown or saved and not before: altair refuses to put charts beside
each other that bring their own. Charts made of pictures with `|`, `&` and `+` are pictures too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nikdedup.errors import InputError
from nikdedup.show.in_cell import InCell
from nikdedup.show.plots.grammar import Spec
from nikdedup.show.plots.look import Look

if TYPE_CHECKING:
    import altair

_SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
_EMBED = {"ast": True, "renderer": "svg", "actions": {"source": False, "compiled": False, "editor": False}}
"""Expressions are walked by Vega's interpreter, never handed to `eval`; and no link leads out of the page."""


class Picture(InCell):
    """What a picture has beside all that altair's charts have: its look, and a page without network."""

    look: Look

    def to_dict(self, *args: Any, context: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Return the specification as altair does; the whole chart, not a part of one, in its look."""
        import altair

        chart: Any = self
        if (context or {}).get("top_level", True):
            chart = self.copy(deep=False)  # type: ignore[attr-defined]
            own = chart._kwds
            given = {} if own["config"] is altair.Undefined else own["config"].to_dict()
            own["config"] = altair.Config.from_dict(_laid_over(self.look.config, given))
            for name, value in (
                ("background", self.look.colour["paper"]),
                ("usermeta", {"embedOptions": _EMBED}),
            ):
                own[name] = value if own[name] is altair.Undefined else own[name]
        found: dict[str, Any] = super(Picture, chart).to_dict(*args, context=context, **options)  # type: ignore[misc]
        return found

    def save(self, fp: Any, format: str | None = None, *, inline: bool = True, **options: Any) -> None:
        """Save the chart as html, png, svg, pdf or json, by the ending of a path or by `format`.

        Args:
            fp: a path, or a file that is open for writing.
            format: where `fp` has no ending.
            inline: put all scripts into the page, which then needs no network and allows nothing but them.
            **options: as altair's `save` takes them.
        """
        kind = format or (Path(fp).suffix[1:] if isinstance(fp, str | Path) else "")
        if kind == "html" and inline:
            options = {**options, "json_kwds": {**options.get("json_kwds", {}), "cls": _Inside}}
            page = offline(self.to_html(inline=True, **options), self.look.colour["paper"])  # type: ignore[attr-defined]
        elif kind == "svg":
            page = self._svg(**options)
        else:
            super().save(fp, format, **options)  # type: ignore[misc]
            return
        if isinstance(fp, str | Path):
            Path(fp).write_text(page, encoding="utf-8")
        else:
            fp.write(page)

    def __or__(self, other: Any) -> Any:
        return _dressed(_apart(super().__or__(other)), self.look)  # type: ignore[misc]

    def __and__(self, other: Any) -> Any:
        return _dressed(_apart(super().__and__(other)), self.look)  # type: ignore[misc]

    def __add__(self, other: Any) -> Any:
        return _dressed(super().__add__(other), self.look)  # type: ignore[misc]


def picture(spec: Spec, look: Look) -> altair.TopLevelMixin:
    """Return a specification as an altair chart, to be shown, changed, put beside others and saved.

    Args:
        spec: a Vega-Lite specification.
        look: its colours and language.

    Raises:
        InputError: under `python -OO`: altair puts its own docstrings together, which that strips.
    """
    if sys.flags.optimize > 1:
        raise InputError("altair does not load under python -OO; allowed: python, python -O")
    kinds = {
        "layer": "LayerChart",
        "hconcat": "HConcatChart",
        "vconcat": "VConcatChart",
        "facet": "FacetChart",
    }
    kind = next((kinds[key] for key in kinds if key in spec), "Chart")
    # Altair looks at a chart when it is shown, and need not do so twice.
    found: altair.TopLevelMixin = _kind(kind, look).from_dict(spec, validate=False)
    return found


@cache
def _kind(base: str, look: Look) -> Any:
    """Return altair's class of that name with a look; a class and no attribute, which altair's copies would lose."""
    import altair

    return type(base, (Picture, getattr(altair, base)), {"look": look, "__module__": __name__})


def _apart(charts: Any) -> Any:
    """Return charts beside each other, each with the colours and signs of its own."""
    return charts.resolve_scale(color="independent", shape="independent")


def _dressed(chart: Any, look: Look) -> Any:
    # Altair has made it just now, and nobody else holds it; its own setattr writes into the specification.
    object.__setattr__(chart, "__class__", _kind(type(chart).__name__, look))
    return chart


def _laid_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return two configs as one; what the user has set stays."""
    both = under.keys() & over.keys()
    deep = {
        key: _laid_over(under[key], over[key])
        for key in both
        if isinstance(under[key], dict) and isinstance(over[key], dict)
    }
    return {**under, **over, **deep}


class _Inside(json.JSONEncoder):
    """JSON that stands inside a script: no text of it can end the script and begin another."""

    def encode(self, o: Any) -> str:
        return super().encode(o).replace("<", "\\u003c")


def offline(page: str, paper: str) -> str:
    """Return a page that holds its scripts with a policy that lets these run and nothing be loaded or evaluated."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page))
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    policy = f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    style = f"<style>body {{ margin: 0; background: {paper}; }}</style>"
    return page.replace("<head>", f"<head>\n  {meta}\n  {style}", 1)
