"""What every command needs: the workspace, and a way to print rows for people or programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

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


def print_table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    whole: Sequence[int] = (),
    cut: Sequence[int] = (),
) -> None:
    """Print a table as wide as the terminal, long cells folded.

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

    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for number, heading in enumerate(headings):
        overflow: Literal["fold", "ellipsis"] = "ellipsis" if number in cut else "fold"
        table.add_column(heading, overflow=overflow, no_wrap=number in whole or number in cut)
    for row in rows:
        table.add_row(*("" if cell is None else _cell(cell) for cell in row))
    console = Console(highlight=False)
    if title:
        console.print(f"\n{title}", style="bold", markup=False, soft_wrap=True)
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | dict | tuple):
        return json.dumps(plain(value), ensure_ascii=False)
    return str(value).replace("[", r"\[")


def short(digest: str) -> str:
    """Return the first twelve characters of a digest, enough to name it."""
    return digest[:12]
