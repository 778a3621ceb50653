"""Commands of the loop: watch, respond, act."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from lingqu.cli.session import (
    AsJson,
    ChannelArgument,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
)
from lingqu.cli.shown import heads, number
from lingqu.core.i18n import text


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.watch"))(watch)
    app.command(help=text("cli.respond"))(respond)
    app.command(help=text("cli.act"))(act)


def watch(
    channel: ChannelArgument = "channel.yaml",
    partial: Annotated[bool, typer.Option(help=text("cli.watch_partial"))] = False,
    follow: Annotated[bool, typer.Option(help=text("cli.watch_follow"))] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        while True:
            declared = opened.channel(channel)
            windows = opened.watch(declared, partial)
            if as_json:
                print_json([w.to_json() for w in windows])
            else:
                _print_windows(windows)
            if not follow:
                return
            time.sleep(min(declared.monitor.every, 60.0))


def _print_windows(windows: list[Any]) -> None:
    if not windows:
        typer.echo(text("cli.no_window"))
    for window in windows:
        told = [f for f in window.findings if f.verdict != "note" or f.check != "drift"]
        seen = [f for f in told if f.verdict != "pass" or not f.argument]
        print_table(
            text("cli.window_title", id=window.id, rows=window.rows, release=short(window.release)),
            heads("measure", "value", "rows", "verdict"),
            [
                (f.subject, number(f.value), str(f.n or ""), text(f"cli.verdict_{f.verdict}"))
                for f in seen
            ],
        )
        if len(told) > len(seen):
            typer.echo(text("cli.window_passed", count=len(told) - len(seen)))
        for action in window.actions:
            typer.echo(_line(action))


def _line(action: Any) -> str:
    state = text(f"cli.state_{action.state}")
    return text("cli.action_line", name=action.name, state=state, rule=action.rule)


def respond(
    channel: ChannelArgument = "channel.yaml",
    show: Annotated[bool, typer.Option("--list", help=text("cli.respond_list"))] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        declared = opened.channel(channel)
        actions = opened.actions(declared.name) if show else opened.respond(declared)
    if as_json:
        print_json(actions)
        return
    if not actions:
        typer.echo(text("cli.nothing_requested"))
    for action in actions:
        typer.echo(f"{action.at[:19]}  {_line(action)}")
    if not show and any(action.state == "failed" for action in actions):
        raise typer.Exit(1)


def act(
    channel: Annotated[str, typer.Argument(help=text("cli.channel_name"))],
    action: Annotated[str, typer.Argument(help=text("cli.act_action"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        done = opened.act(channel, action)
    if as_json:
        print_json(done)
    else:
        typer.echo(_line(done))
        if "why" in done.detail:
            typer.echo(f"{text('cli.error')}{done.detail['why']}", err=True)
    if done.state == "failed":
        raise typer.Exit(1)
