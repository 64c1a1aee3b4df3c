"""How sheets that are printed on A4 lie: one page wide, with the sheet and the page at the foot."""

from __future__ import annotations

from typing import Any

from nikdedup.show.texts import say

A4 = 9
"""Number of the paper, as workbooks know it."""


def printed_on_a4(sheet: Any, lang: str, *, margin: float) -> None:
    """Have a sheet printed in landscape, one page wide. margin: left and right, in inches."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=margin, right=margin, top=0.6, bottom=0.6)
    sheet.set_footer(f"&L&A&R{say('workbook.page', lang)}")
