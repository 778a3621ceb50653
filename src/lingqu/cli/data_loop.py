"""`lingqu data`: what to collect, doubted labels, removed rows, and decisions about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from lingqu.cli.data import data
from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    is_told,
    open_workspace,
    print_json,
    print_table,
    short,
)
from lingqu.cli.shown import cut, headings, number
from lingqu.core.errors import SpecError
from lingqu.core.i18n import language, text
from lingqu.core.numbering import told_rows

ChannelName = Annotated[str, typer.Argument(help=text("data_loop.channel"))]
Rows = Annotated[list[str] | None, typer.Argument(help=text("data_loop.rows"))]
By = Annotated[str, typer.Option(help=text("data_loop.by"))]
Note = Annotated[str, typer.Option(help=text("data_loop.note"))]
_SHOWN = 20
heads = headings("data_loop")
_WIDE = 60
"""Characters of one cell, at most."""


def add_to(app: typer.Typer) -> None:
    """Add to the group `data`, which is part of the app already."""
    data.command(help=text("data_loop.wanted"))(wanted)
    data.command(help=text("data_loop.suspects"))(suspects)
    data.command(help=text("data_loop.removed"))(removed)
    data.command(help=text("data_loop.fix"))(fix)
    data.command(help=text("data_loop.undo"))(undo)


def wanted(channel: ChannelName, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        items = opened.data_wanted(channel)
    if is_told(items, as_json, text("data_loop.nothing_wanted")):
        return
    which = "what_zh" if language() == "zh" else "what"
    rows = [
        (item[which], str(item["have"]), "?" if item["wanted"] is None else str(item["wanted"]))
        for item in items
    ]
    print_table(text("data_loop.wanted_title"), heads("what", "have", "wanted"), rows)
    if any(item["rows"] for item in items):
        typer.echo(text("data_loop.wanted_more", channel=channel))


def suspects(
    channel: ChannelName,
    to: Annotated[Path | None, typer.Option(help=text("data_loop.suspects_to"))] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_suspects(channel)
        written = 0
        if to is not None:
            from lingqu.flow.suspects import write_suspects

            written = write_suspects(opened.home, channel, to)
    if as_json:
        print_json(found)
    elif to is not None:
        typer.echo(text("data_loop.suspects_written", rows=written, path=str(to), channel=channel))
    elif not found:
        typer.echo(text("data_loop.no_suspects"))
    else:
        rows = [
            (short(row["id"]), str(row["given"]), str(row["suggested"]), f"{row['score']:.3f}",
             _said(row["values"]))
            for row in found[:_SHOWN]
        ]  # fmt: skip
        columns = heads("row", "given", "suggested", "score", "values")
        title = text("data_loop.suspects_title", count=len(found))
        print_table(title, columns, rows, whole=(0,))


def _said(values: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name}={value}" for name, value in list(values.items())[:4])
    return cut(said, _WIDE)


def removed(channel: ChannelName, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_removed(channel)
    if is_told(found, as_json, text("data_loop.nothing_removed")):
        return
    which = "reason_zh" if language() == "zh" else "reason"
    rows = [
        (
            short(row["id"]),
            str(row["operator"]),
            str(row.get(which) or row["reason"]),
            proof_of(row),
        )
        for row in found[:_SHOWN]
    ]
    title = text("data_loop.removed_title", count=len(found))
    print_table(title, heads("row", "operator", "why", "evidence"), rows, whole=(0,))
    typer.echo(text("data_loop.removed_next", channel=channel))


def proof_of(row: Mapping[str, Any]) -> str:
    """Return what proves it: which row, by its name where it has one, and what the operator saw."""
    known = ("row", "id", "operator", "reason", "reason_zh", "name", "copy_of_name")
    proof = {"name": row["name"]} if "name" in row else {}
    proof |= {name: value for name, value in row.items() if name not in known}
    if "copy_of_name" in row:
        proof["copy_of"] = row["copy_of_name"]
    return ", ".join(f"{name}={_plain(value)}" for name, value in told_rows(proof).items())


def _plain(value: Any) -> str:
    """Return a value of the evidence on one line: of columns, each with what stands there."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        if "column" in value:
            return f"{value['column']} {_plain(value.get('value'))}".strip()
        return "; ".join(f"{name} {_plain(part)}" for name, part in value.items())
    said = "; ".join(map(_plain, value)) if isinstance(value, list) else str(value)
    return cut(said, _WIDE)


def fix(
    channel: ChannelName,
    rows: Annotated[list[str] | None, typer.Argument(help=text("data_loop.fix_rows"))] = None,
    given: Annotated[Path | None, typer.Option("--from", help=text("data_loop.fix_from"))] = None,
    by: By = "",
    note: Note = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        wishes = [_wish(row) for row in rows or ()]
        if given is not None:
            from lingqu.flow.suspects import read_accepted

            wishes += read_accepted(given)
        if not wishes:
            raise SpecError("data_loop.no_fixes", channel=channel)
        done = opened.data_fix(channel, wishes, by or getuser(), note)
    _told("fixed", done, channel, as_json)


def _wish(given: str) -> dict[str, str]:
    row, sign, label = given.partition("=")
    if not sign or not row or not label:
        raise SpecError("data_loop.bad_fix", received=given)
    return {"row": row, "to": label}


def undo(
    channel: ChannelName,
    rows: Rows = None,
    operator: Annotated[str, typer.Option(help=text("data_loop.undo_operator"))] = "",
    by: By = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    named: Sequence[str] = rows or ()
    if bool(named) == bool(operator):
        raise SpecError("data_loop.undo_what", channel=channel)
    with open_workspace(workspace) as opened:
        done = opened.data_undo(channel, named, operator, by or getuser())
    _told("undone", done, channel, as_json)


def _told(what: str, rows: int, channel: str, as_json: bool) -> None:
    if as_json:
        print_json({"rows": rows})
    else:
        typer.echo(text(f"data_loop.{what}", rows=rows, channel=channel))
