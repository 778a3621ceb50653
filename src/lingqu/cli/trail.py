"""`lingqu audit`: the trail of events."""

from __future__ import annotations

from typing import Annotated

import typer

from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
)
from lingqu.core.i18n import text

audit = typer.Typer(help=text("cli.audit"), no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(audit, name="audit")


@audit.command("verify", help=text("cli.audit_verify"))
def verify(as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        result = opened.audit()
    if as_json:
        print_json(result)
    elif result.ok:
        typer.echo(text("cli.audit_ok", count=result.count, head=short(result.head)))
    else:
        typer.echo(text("cli.audit_bad", line=result.first_bad, reason=result.reason))
    if not result.ok:
        raise typer.Exit(1)


@audit.command("log", help=text("cli.audit_log"))
def log(
    kind: Annotated[str, typer.Option(help=text("cli.audit_kind"))] = "",
    limit: Annotated[int, typer.Option(help=text("cli.limit"))] = 30,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        events = opened.events(kind or None, None, limit)
    if as_json:
        print_json(events)
        return
    print_table(
        text("cli.events_title"),
        ["#", *(text(f"cli.head_{h}") for h in ("time", "event", "subject", "detail"))],
        [(str(e.sequence), e.at[:19], e.kind, _named(e.subject), e.detail) for e in events],
        whole=(1, 2, 3),
        cut=(4,),
    )


def _named(subject: str) -> str:
    """Return a digest shortened; ids of runs and names of channels as they are."""
    return short(subject) if len(subject) == 64 else subject
