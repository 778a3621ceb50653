"""What `lingqu call --n` prints: made rows as a table, or where they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from lingqu.cli.session import print_json, print_table
from lingqu.core.i18n import text

if TYPE_CHECKING:
    from lingqu.workspace import Workspace

_SHOWN = 20
"""Rows that are printed at most, where they are written nowhere."""
_LETTERS = 40


def print_made(
    opened: Workspace, channel: str, wish: Any, out: str, key: str, as_json: bool
) -> None:
    """Make rows or pictures, and write or print them.

    Args:
        opened: The workspace.
        channel: Name of the channel.
        wish: How many, of what, from which seed; see `lingqu.flow.made`.
        out: Where to write them; ``""`` to print them.
        key: Secret of a key.
        as_json: Print every answer as JSON.
    """
    from lingqu.flow.made import made, written

    pieces = made(opened.home, channel, wish, key)
    if out:
        kind, count = written(pieces, out)
        if as_json:
            print_json({"path": out, "rows": count, "seed": wish.seed})
        else:
            typer.echo(text(f"generate.wrote_{kind}", rows=count, path=out))
            typer.echo(text("generate.same_again", seed=wish.seed))
        return
    if as_json:
        print_json([answer for piece in pieces for answer in piece])
        return
    first = next(pieces)
    cells = [_row(answer) for answer in first[:_SHOWN]]
    names = list(cells[0])
    print_table("", names, [[_short(row[name]) for name in names] for row in cells])
    if wish.count > len(cells):
        typer.echo(text("generate.more_made", shown=len(cells), count=wish.count))
    typer.echo(text("generate.same_again", seed=wish.seed))


def _row(answer: Any) -> dict[str, Any]:
    said = answer["prediction"]
    return dict(said) if isinstance(said, dict) else {"picture": said, "seed": answer.get("seed")}


def _short(value: Any) -> Any:
    shown = "" if value is None else str(value)
    return shown if len(shown) <= _LETTERS else shown[: _LETTERS - 1] + "…"
