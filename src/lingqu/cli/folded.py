"""Cells folded where a reader of Chinese folds them: between characters, not only at blanks."""

from __future__ import annotations

import re

_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
_CHINESE = re.compile(f"[{_WIDE}]")
_PIECE = re.compile(rf"\s+|[^\s{_WIDE}]+|[{_WIDE}]")
_NEVER_FIRST = "，。；：！？、）】》」』…％%"
_NEVER_LAST = "（【《「『"
_CLOSES = ".,;:!?)]'\""
"""Signs that belong to the Chinese before them; after a blank they may open something."""


def folded(said: str, width: int) -> str:
    """Return a cell with line breaks where it is wider than its column; only Chinese is touched.

    A line does not begin with a mark that closes, nor end with one that opens. What has no
    Chinese in it is left to the terminal, and so is a word that is longer than a line.

    Args:
        said: The cell.
        width: Columns of the terminal; a Chinese character takes two.

    Example:
        >>> folded("300 行中留出五分之一", 11).split("\\n")
        ['300 行中留', '出五分之一']
    """
    if not _CHINESE.search(said):
        return said
    return "\n".join(line for part in said.split("\n") for line in _lines(part, width))


def _lines(said: str, width: int) -> list[str]:
    from rich.cells import cell_len

    lines, line = [], ""
    for unit in units(said):
        if line and cell_len(line + unit.rstrip()) > width:
            lines.append(line.rstrip())
            line = unit.lstrip()
        else:
            line += unit
    return [*lines, line.rstrip()]


def units(said: str) -> list[str]:
    """Return what must stay together: words, and characters with the marks that belong to them."""
    units: list[str] = []
    for piece in _PIECE.findall(said):
        last = units[-1][-1] if units else ""
        closes = piece[0] in _CLOSES and _CHINESE.match(last)
        if len(units) > 1 and units[-1].isspace() and piece[0] in _NEVER_FIRST:
            blank = units.pop()
            units[-1] += blank + piece
        elif units and (closes or piece[0] in _NEVER_FIRST or last in _NEVER_LAST):
            units[-1] += piece
        else:
            units.append(piece)
    return units
