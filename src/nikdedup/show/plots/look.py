"""One look for all pictures: colours that the colour-blind tell apart, light and dark, numbers as the reader writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Palette = dict[str, str]

LIGHT: Palette = {
    "paper": "#ffffff",
    "ink": "#30353c",
    "soft": "#5f6670",
    "line": "#d9dce1",
    "quiet": "#b9bec6",
    "review": "#d99a2b",
    "confirmed": "#2f6f9f",
    "against": "#b4533c",
    "faint": "#eef1f4",
}
DARK: Palette = {
    "paper": "#15191e",
    "ink": "#e6e9ee",
    "soft": "#a6aeb9",
    "line": "#343b45",
    "quiet": "#6c7684",
    "review": "#e9b653",
    "confirmed": "#6db0e3",
    "against": "#e88b70",
    "faint": "#222831",
}
"""Blue is kept and certain, amber to be looked at, brick against: apart in lightness too, so also in grey."""

_MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
_DAYS = {
    "id": "Minggu Senin Selasa Rabu Kamis Jumat Sabtu",
    "en": "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
}


@dataclass(frozen=True)
class Look:
    """The language of a picture, and whether it stands on a dark page."""

    lang: str = "id"
    dark: bool = False

    @property
    def colour(self) -> Palette:
        """Name of a role -> colour."""
        return DARK if self.dark else LIGHT

    @property
    def config(self) -> dict[str, Any]:
        """The `config` of a Vega-Lite specification."""
        ink, soft, line = (self.colour[name] for name in ("ink", "soft", "line"))
        font = "system-ui, sans-serif"
        header = {"labelColor": ink, "titleColor": soft, "labelFontSize": 12, "titleFontWeight": "normal"}
        return {
            "font": font,
            "locale": {"number": self._numbers(), "time": self._times()},
            "padding": {"left": 20, "right": 24, "top": 16, "bottom": 12},
            "view": {"stroke": None},
            "title": {
                "anchor": "start", "frame": "group", "color": ink, "fontSize": 16, "fontWeight": 600, "offset": 16,
                "subtitleColor": soft, "subtitleFontSize": 12, "subtitlePadding": 6, "subtitleLineHeight": 16,
            },
            "axis": {
                "labelColor": soft, "titleColor": soft, "titleFontWeight": "normal", "labelFontSize": 11,
                "titleFontSize": 11, "domainColor": line, "gridColor": line, "tickColor": line,
            },
            "legend": {
                "orient": "top", "title": None, "labelColor": ink, "labelFontSize": 12, "titleColor": soft,
                "columnPadding": 28, "offset": 8, "labelLimit": 320,
                "symbolBaseFillColor": soft, "symbolBaseStrokeColor": soft,
            },
            "header": header,
        }  # fmt: skip

    def _numbers(self) -> dict[str, Any]:
        decimal, thousands = (",", ".") if self.lang == "id" else (".", ",")
        return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}

    def _times(self) -> dict[str, Any]:
        months, days = _MONTHS[self.lang].split(), _DAYS[self.lang].split()
        return {
            "dateTime": "%d-%m-%Y %H:%M" if self.lang == "id" else "%Y-%m-%d %H:%M",
            "date": "%d-%m-%Y" if self.lang == "id" else "%Y-%m-%d",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": days,
            "shortDays": [day[:3] for day in days],
            "months": months,
            "shortMonths": [month[:3] for month in months],
        }
