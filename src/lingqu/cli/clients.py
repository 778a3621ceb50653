"""Commands for callers: a client in their language, and labels that come back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json
from lingqu.core.i18n import text

Name = Annotated[str, typer.Argument(help=text("cli.channel_name"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("protocols.cli_client"))(client)
    app.command(help=text("protocols.cli_feedback"))(feedback)


def client(
    channel: Name,
    language: Annotated[str, typer.Option(help=text("protocols.cli_language"))] = "typescript",
    out: Annotated[str, typer.Option(help=text("protocols.cli_out"))] = "",
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        source = opened.client(channel, language)
    if not out:
        typer.echo(source, nl=False)
        return
    Path(out).write_text(source, encoding="utf-8")
    typer.echo(text("protocols.cli_written", path=out, lines=source.count("\n")))


def feedback(
    channel: Name,
    labels: Annotated[str, typer.Argument(help=text("protocols.cli_labels"))],
    replace: Annotated[bool, typer.Option(help=text("protocols.cli_replace"))] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    from lingqu.flow.files import read_frame

    with open_workspace(workspace) as opened:
        states = opened.feedback(channel, read_frame(labels), replace=replace)
    if as_json:
        print_json(states)
    else:
        typer.echo(text("protocols.cli_kept", new=states["new"], known=states["known"]))
