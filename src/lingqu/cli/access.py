"""`lingqu keys`: list, add, disable."""

from __future__ import annotations

from typing import Annotated

import typer

from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json, print_table
from lingqu.core.i18n import text

keys = typer.Typer(help=text("cli.keys"), no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command("list", help=text("cli.keys_list"))
def list_keys(as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    from lingqu.flow.access import has_expired

    with open_workspace(workspace) as opened:
        known = opened.keys()
        now = opened.home.clock()
    if as_json:
        print_json(
            [
                {
                    "id": k.id,
                    "name": k.name,
                    "channels": k.channels,
                    "quota": k.quota,
                    "expires": k.expires,
                    "expired": has_expired(k, now),
                    "disabled": k.disabled,
                    "created": k.created,
                }
                for k in known
            ]
        )
        return
    heads = ("key", "name", "channel", "quota", "expires", "state")
    rows = [
        (
            k.id,
            k.name,
            ", ".join(k.channels) or "*",
            k.quota,
            k.expires[:19],
            text(f"cli.state_{_state(k.disabled, has_expired(k, now))}"),
        )
        for k in known
    ]
    print_table(text("cli.keys_title"), [text(f"cli.head_{h}") for h in heads], rows)


def _state(disabled: bool, expired: bool) -> str:
    return "disabled" if disabled else "expired" if expired else "open"


@keys.command("add", help=text("cli.keys_add"))
def add_key(
    name: Annotated[str, typer.Argument(help=text("cli.key_name"))],
    channel: Annotated[list[str] | None, typer.Option(help=text("cli.key_channel"))] = None,
    quota: Annotated[str, typer.Option(help=text("cli.key_quota"))] = "",
    expires: Annotated[str, typer.Option(help=text("cli.key_expires"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        key, secret = opened.make_key(name, tuple(channel or ()), quota, expires)
    if as_json:
        print_json({"id": key.id, "name": key.name, "secret": secret, "expires": key.expires})
    else:
        typer.echo(text("cli.key_once", name=name, secret=secret))


@keys.command("disable", help=text("cli.keys_disable"))
def disable_key(
    name: Annotated[str, typer.Argument(help=text("cli.key_name"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        key = opened.disable_key(name)
    if as_json:
        print_json({"id": key.id, "disabled": key.disabled})
    else:
        typer.echo(text("cli.key_disabled", name=name))
