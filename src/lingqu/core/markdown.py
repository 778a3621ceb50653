"""Tables in Markdown, for cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], most: int) -> list[str]:
    """Return the lines of a table and a blank one; past `most` rows it says how many are left.

    Example:
        >>> table(["a", "b"], [["1", "x|y"], ["2", ""]], 1)
        ['| a | b |', '| --- | --- |', '| 1 | x\\\\|y |', '| … (+1) |  |', '']
    """
    lines = [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows[:most])]
    if len(rows) > most:
        lines.append(_line([f"… (+{len(rows) - most})", *[""] * (len(head) - 1)]))
    return [*lines, ""]


def _line(cells: Iterable[str]) -> str:
    # A pipe or a line break in a name would open a cell of its own.
    safe = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(safe)} |"
