"""The styles of a workbook with a few more: a cell's own style, but as text, as a date, or quoted.

Only the published format is relied on: `cellXfs` and `numFmts` of ECMA-376, part 1, 18.8.
"""

from __future__ import annotations

import re
from xml.parsers import expat

TEXT_FORMAT = 49
"""Number format "@": what is typed stays text."""
FIRST_CUSTOM = 164

_COUNT = re.compile(rb"\scount\s*=\s*[\"']\d+[\"']")


class Styles:
    """Cell styles of `xl/styles.xml`, by their number, and further ones made from them."""

    def __init__(self, xml: bytes) -> None:
        """Take the styles apart; xml is UTF-8."""
        self.xml = xml
        self._xfs: list[bytes] = []
        self._formats: dict[str, int] = {}
        self._ends: dict[str, tuple[int, int]] = {}
        self._root = (0, b"")
        self._new_xfs: list[bytes] = []
        self._new_formats: dict[str, int] = {}
        self._made: dict[tuple[int, int | None, bool], int] = {}
        self._read()

    def _read(self) -> None:
        """Find the styles, the number formats, and where each list begins and ends."""
        parser, path = expat.ParserCreate(), [""]

        def start(name: str, attributes: dict[str, str]) -> None:
            tag, at = name.rpartition(":")[2], parser.CurrentByteIndex
            close = self.xml.index(b">", at) + 1
            if len(path) == 1:
                self._root = (close, name.rpartition(":")[0].encode())
            elif path[-1] == "cellXfs" and tag == "xf":
                self._xfs.append(self.xml[at:close])
            elif path[-1] == "numFmts" and tag == "numFmt":
                self._formats[attributes.get("formatCode", "")] = int(attributes.get("numFmtId", "0"))
            elif tag in ("cellXfs", "numFmts"):
                self._ends[tag] = (at, close)
            path.append(tag)

        def end(name: str) -> None:
            path.pop()
            tag, at = name.rpartition(":")[2], parser.CurrentByteIndex
            if tag in ("cellXfs", "numFmts") and len(path) == 2:
                self._ends[tag] = (self._ends[tag][0], at)
            elif tag == "xf" and path[-1] == "cellXfs" and not self._xfs[-1].endswith(b"/>"):
                start_at = self.xml.rindex(self._xfs[-1], 0, at)
                self._xfs[-1] = self.xml[start_at : self.xml.index(b">", at) + 1]

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.Parse(self.xml, True)

    def number_format(self, code: str) -> int:
        """Return the number of a number format, which is added where the workbook has none of this code."""
        if code not in self._formats:
            self._formats[code] = max([FIRST_CUSTOM - 1, *self._formats.values()]) + 1
            self._new_formats[code] = self._formats[code]
        return self._formats[code]

    def format_of(self, style: int) -> int:
        """Return the number format of a style; 0 is General."""
        found = re.search(rb"\bnumFmtId\s*=\s*[\"'](\d+)[\"']", self._tag(style))
        return int(found[1]) if found else 0

    def quoted(self, style: int) -> bool:
        """Return whether the cells of a style have Excel's own apostrophe in front."""
        return re.search(rb"\bquotePrefix\s*=\s*[\"'](?:1|true)[\"']", self._tag(style)) is not None

    def like(self, style: int, *, number_format: int | None = None, quoted: bool = False) -> int:
        """Return a style that is as `style` but for its number format or the apostrophe."""
        same_format = number_format is None or number_format == self.format_of(style)
        if same_format and (not quoted or self.quoted(style)):
            return style
        wanted = (style, number_format, quoted)
        if wanted not in self._made:
            changes = {b"quotePrefix": b"1"} if quoted else {}
            if number_format is not None:
                changes |= {b"numFmtId": str(number_format).encode(), b"applyNumberFormat": b"1"}
            tag = self._tag(style)
            self._new_xfs.append(_with(tag, changes) + self._xfs[style][len(tag) :])
            self._made[wanted] = len(self._xfs) + len(self._new_xfs) - 1
        return self._made[wanted]

    def _tag(self, style: int) -> bytes:
        xf = (self._xfs + self._new_xfs)[style]
        return xf[: xf.index(b">") + 1]

    def changed(self) -> bytes:
        """Return the styles with those that were made."""
        pieces: list[tuple[int, int, bytes]] = []
        prefix = self._root[1] + b":" if self._root[1] else b""
        formats = b"".join(
            b'<%snumFmt numFmtId="%d" formatCode="%s"/>' % (prefix, number, code.encode())
            for code, number in self._new_formats.items()
        )
        if formats and "numFmts" in self._ends:
            pieces += self._appended("numFmts", formats, len(self._formats))
        elif formats:
            count = len(self._new_formats)
            whole = b'<%snumFmts count="%d">%s</%snumFmts>' % (prefix, count, formats, prefix)
            pieces.append((self._root[0], self._root[0], whole))
        if self._new_xfs:
            pieces += self._appended("cellXfs", b"".join(self._new_xfs), len(self._xfs) + len(self._new_xfs))
        return spliced(self.xml, pieces)

    def _appended(self, tag: str, more: bytes, count: int) -> list[tuple[int, int, bytes]]:
        start, end = self._ends[tag]
        close = self.xml.index(b">", start) + 1
        opening = _COUNT.sub(b' count="%d"' % count, self.xml[start:close])
        return [(start, close, opening), (end, end, more)]


def _with(tag: bytes, attributes: dict[bytes, bytes]) -> bytes:
    """Return the tag of a style with attributes set."""
    for name, value in attributes.items():
        tag = re.sub(rb"\s%s\s*=\s*(?:\"[^\"]*\"|'[^']*')" % name, b"", tag)
        at = re.match(rb"<[^\s/>]+", tag)
        cut = at.end() if at else 0
        tag = tag[:cut] + b' %s="%s"' % (name, value) + tag[cut:]
    return tag


def spliced(data: bytes, pieces: list[tuple[int, int, bytes]]) -> bytes:
    """Return bytes with stretches (start, end) replaced.

    >>> spliced(b"abcdef", [(4, 4, b"-"), (1, 3, b"X")])
    b'aXd-ef'
    """
    parts, at = [], 0
    for start, end, new in sorted(pieces, key=lambda piece: piece[:2]):
        parts += [data[at:start], new]
        at = end
    return b"".join([*parts, data[at:]])
