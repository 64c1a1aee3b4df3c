"""A chart of altair in a notebook's cell: an SVG that needs no network, with room for the letters of any machine."""

from __future__ import annotations

import io
import re
from typing import Any

_SIZE = re.compile(r'width="(?P<wide>[\d.]+)" height="(?P<high>[\d.]+)" viewBox="0 0 (?P=wide) (?P=high)"')
_ROOM = (0.04, 0.07)
"""Share of the width of a picture that is added at its left and at its right, see `with_room`."""


class InCell:
    """What a chart has beside all that altair's charts have: a notebook shows it without a network."""

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> Any:
        """Return the chart as a notebook shows it: as SVG, for altair's usual page loads scripts from the network.

        Who has chosen a renderer (`altair.renderers.enable("jupyter")`) gets that one's.
        """
        import altair

        if altair.renderers.active != "default":
            return super()._repr_mimebundle_(*args, **options)  # type: ignore[misc]
        return {"image/svg+xml": self._svg(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<picture, a {type(self).__name__} of altair>"

    def _svg(self, **options: Any) -> str:
        drawn = io.StringIO()
        super().save(drawn, "svg", **options)  # type: ignore[misc]
        return with_room(drawn.getvalue())


def with_room(svg: str) -> str:
    """Return an SVG of vl-convert with more paper at both sides.

    It was laid out with the letters of the machine that drew it. Those of a reader may be wider by an eighth, and a
    long label, or what stands at the right, would be cut off.
    """
    found = _SIZE.search(svg)
    if found is None:
        return svg
    wide, high = float(found["wide"]), found["high"]
    left, right = round(wide * _ROOM[0]), round(wide * _ROOM[1])
    whole = wide + left + right
    size = f'width="{whole:g}" height="{high}" viewBox="{-left} 0 {whole:g} {high}"'
    paper = f'<rect x="{-left}" width="{whole:g}"'
    return (
        svg[: found.start()] + size + svg[found.end() :].replace(f'<rect width="{found["wide"]}"', paper, 1)
    )
