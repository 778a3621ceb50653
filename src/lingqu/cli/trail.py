"""`lingqu audit`: the trail of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    open_workspace,
    print_json,
    short,
    yaml_like,
)
from lingqu.core.i18n import text
from lingqu.core.nouns import Event

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
    _print_events(events)


def _print_events(events: Sequence[Event]) -> None:
    """Print two lines for an event; the second, its detail, is cut where the terminal ends."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(f"\n{text('cli.events_title')}", style="bold", markup=False)
    for event in events:
        at = event.at[:19].replace("T", " ")
        line = f"{event.sequence:>5}  {at}  {event.kind}  {_named(event.subject)}"
        console.print(line, markup=False, soft_wrap=True)
        detail = yaml_like(_shortened(event.detail))
        if detail:
            said = Text(f"{'':7}{detail}", style="dim")
            console.print(said, no_wrap=True, overflow="ellipsis")


def _shortened(value: Any) -> Any:
    """Return a detail with its digests shortened."""
    if isinstance(value, Mapping):
        return {_shortened(k): _shortened(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item) for item in value]
    return _named(value) if isinstance(value, str) else value


def _named(subject: str) -> str:
    """Return a digest shortened; ids of runs and names of channels as they are."""
    return short(subject) if len(subject) == 64 else subject
