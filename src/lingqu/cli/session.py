"""What every command needs: the workspace, and a way to print rows for people or programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lingqu.cli.folded import folded
from lingqu.core.errors import StoreError
from lingqu.core.i18n import text

if TYPE_CHECKING:
    from lingqu.workspace import Workspace

AsJson = Annotated[bool, typer.Option("--json", help=text("cli.json"))]
InWorkspace = Annotated[
    str, typer.Option("--workspace", "-w", envvar="LINGQU_WORKSPACE", help=text("cli.workspace"))
]
ChannelArgument = Annotated[str, typer.Argument(help=text("cli.channel"))]


def open_workspace(path: str) -> Workspace:
    """Open the workspace of a command: the given one, else ``.lingqu`` here."""
    from lingqu.workspace import Workspace as Opened

    return Opened(path or None)


def plain(value: Any) -> Any:
    """Return plain data for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    return value


def print_json(value: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2, default=str))


def is_told(found: Sized, as_json: bool, nothing: str) -> bool:
    """Print JSON where a program asks, or the words for an empty list; return whether it did."""
    if as_json:
        print_json(found)
    elif not len(found):
        typer.echo(nothing)
    return as_json or not len(found)


def write_text(path: Path, content: str) -> None:
    """Write what a command was asked to leave in a file.

    Raises:
        StoreError: The file cannot be written.
    """
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error


def yaml_like(value: Any, inside: bool = False) -> str:
    """Return a value as it would stand in a channel file, on one line.

    Example:
        >>> yaml_like({"outliers": {"action": "report", "limit": 3.0}}), yaml_like([True, None])
        ('outliers: {action: report, limit: 3}', 'true, null')
    """
    if isinstance(value, Mapping):
        said = ", ".join(f"{k}: {yaml_like(v, True)}" for k, v in value.items())
        return f"{{{said}}}" if inside else said
    if isinstance(value, list | tuple):
        said = ", ".join(yaml_like(item, True) for item in value)
        return f"[{said}]" if inside else said
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def print_table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    whole: Sequence[int] = (),
    cut: Sequence[int] = (),
) -> None:
    """Print a table as wide as the terminal, long cells folded, no column less than its heading.

    Args:
        title: Line above it, or ``""``.
        headings: One for each column.
        rows: Cells; None is left blank.
        whole: Numbers of columns that are never folded: ids that people copy.
        cut: Numbers of columns that take one line, cut where the terminal ends.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    cells = [["" if cell is None else _cell(cell) for cell in row] for row in rows]
    widths = _widths(headings, cells, whole, console.width)
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for number, heading in enumerate(headings):
        overflow: Literal["fold", "ellipsis"] = "ellipsis" if number in cut else "fold"
        table.add_column(
            heading,
            overflow=overflow,
            no_wrap=number in whole or number in cut,
            width=widths[number],
        )
    for row in cells:
        lines = [
            cell if number in cut else folded(cell, widths[number])
            for number, cell in enumerate(row)
        ]
        table.add_row(*map(Text, lines))
    if title:
        console.print(f"\n{title}", style="bold", markup=False, soft_wrap=True)
    if widths:
        # Where even the headings do not fit, the terminal folds the lines.
        console.width = max(console.width, _room(widths))
    console.print(table)


def _widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[int], terminal: int
) -> list[int]:
    """Return the widths of columns: the widest give way until the table fits."""
    from rich.cells import cell_len

    least = [max(1, cell_len(heading)) for heading in headings]
    widths = list(least)
    for row in rows:
        for number, cell in enumerate(row):
            widths[number] = max(widths[number], *(cell_len(line) for line in cell.split("\n")))
    for number in whole:
        least[number] = widths[number]
    while _room(widths) > terminal:
        able = [n for n in range(len(widths)) if widths[n] > least[n]]
        if not able:
            break
        widths[max(able, key=lambda n: widths[n])] -= 1
    return widths


def _room(widths: Sequence[int]) -> int:
    """Return the width of a table: a blank after each column, and one between two."""
    return sum(widths) + 2 * len(widths) - 1


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | dict | tuple):
        return json.dumps(plain(value), ensure_ascii=False)
    return str(value)


def short(digest: str) -> str:
    """Return the first twelve characters of a digest, enough to name it."""
    return digest[:12]
