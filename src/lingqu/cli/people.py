"""`lingqu people` and `lingqu usage`: who has which role, and what keys used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lingqu.cli.access import Expires, Overlap, as_told, state
from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    is_told,
    open_workspace,
    print_json,
    print_table,
)
from lingqu.core.i18n import text
from lingqu.core.roles import ROLES

people = typer.Typer(help=text("access.cli_people"), no_args_is_help=True)
Named = Annotated[str, typer.Argument(help=text("access.cli_person"))]


def add_to(app: typer.Typer) -> None:
    app.add_typer(people, name="people")
    app.command(help=text("access.cli_usage"))(usage)


@people.command("list", help=text("access.cli_people_list"))
def list_people(as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        known = opened.people()
        now = opened.home.clock()
    if as_json:
        print_json([as_told(key, now) for key in known])
        return
    heads = [text(f"access.head_{h}") for h in ("person", "role", "channel")]
    heads += [text(f"cli.head_{h}") for h in ("expires", "state")]
    rows = [
        (k.name, k.role, ", ".join(k.channels) or "*", k.expires[:19], state(k, now)) for k in known
    ]
    print_table(text("access.cli_people_title"), heads, rows)


@people.command("roles", help=text("access.cli_people_roles"))
def list_roles(as_json: AsJson = False) -> None:
    if as_json:
        print_json({role: sorted(verbs) for role, verbs in ROLES.items()})
        return
    heads = [text("access.head_role"), text("access.head_may")]
    rows = [(role, ", ".join(sorted(verbs))) for role, verbs in ROLES.items()]
    print_table(text("access.cli_roles_title"), heads, rows)


@people.command("add", help=text("access.cli_people_add"))
def add_person(
    name: Named,
    role: Annotated[str, typer.Option(help=text("access.cli_role"))],
    channel: Annotated[list[str] | None, typer.Option(help=text("access.cli_person_channel"))] = (
        None
    ),
    expires: Expires = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        key, secret = opened.add_person(name, role, tuple(channel or ()), expires)
    if as_json:
        told = {"id": key.id, "name": key.name, "role": key.role, "secret": secret}
        print_json({**told, "expires": key.expires})
    else:
        typer.echo(text("access.cli_person_once", name=name, role=role, secret=secret))


@people.command("rotate", help=text("access.cli_people_rotate"))
def rotate_person(
    name: Named, overlap: Overlap = "24h", as_json: AsJson = False, workspace: InWorkspace = ""
) -> None:
    with open_workspace(workspace) as opened:
        key, secret = opened.rotate_key(name, overlap)
    if as_json:
        print_json({"id": key.id, "name": key.name, "role": key.role, "secret": secret})
    else:
        told = text("access.cli_person_once", name=key.name, role=key.role, secret=secret)
        typer.echo(told)


@people.command("remove", help=text("access.cli_people_remove"))
def remove_person(name: Named, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        key = opened.disable_key(name)
    if as_json:
        print_json({"id": key.id, "disabled": key.disabled})
    else:
        typer.echo(text("access.cli_person_gone", name=name))


def usage(
    by: Annotated[str, typer.Option(help=text("access.cli_usage_by"))] = "key,channel",
    since: Annotated[str, typer.Option(help=text("access.cli_usage_since"))] = "",
    channel: Annotated[str, typer.Option(help=text("access.cli_usage_channel"))] = "",
    out: Annotated[Path | None, typer.Option(help=text("access.cli_usage_out"))] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    wanted = [one.strip() for one in by.split(",") if one.strip()]
    with open_workspace(workspace) as opened:
        rows = opened.usage(wanted, since, channel)
    if out is not None:
        from lingqu.flow.usage import write_usage

        write_usage(rows, out)
        typer.echo(text("access.cli_usage_written", count=len(rows), path=out))
        return
    if is_told(rows, as_json, text("access.cli_usage_none")):
        return
    names = [name for name in rows[0] if name in wanted or any(row[name] for row in rows)]
    heads = [text(f"access.head_{name}") for name in names]
    cells = [[row[name] for name in names] for row in rows]
    print_table(text("access.cli_usage_title"), heads, cells)
