"""Commands about releases: approve, verify, export."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json, short
from lingqu.core.i18n import text

Named = Annotated[str, typer.Argument(help=text("cli.release"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.approve"))(approve)
    app.command(help=text("cli.verify"))(verify)
    app.command(help=text("cli.export"))(export)


def approve(
    release: Named,
    by: Annotated[str, typer.Option(help=text("cli.approve_by"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        record = opened.approve(release, by or getpass.getuser())
    if as_json:
        print_json(record)
    else:
        typer.echo(text("cli.approved", release=short(record.digest)))


def verify(release: Named, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        problems = opened.verify(release)
    if as_json:
        print_json({"ok": not problems, "problems": problems})
    elif problems:
        for problem in problems:
            typer.echo(f"{text('cli.verdict_fail')}  {problem}")
    else:
        typer.echo(text("cli.verified"))
    if problems:
        raise typer.Exit(1)


def export(
    release: Named,
    to: Annotated[Path, typer.Argument(help=text("cli.export_to"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        written = opened.export(release, to)
    if as_json:
        print_json({"path": str(written)})
    else:
        typer.echo(text("cli.exported", path=str(written)))
