"""`lingqu data`: the keys of masked data — reverse a token, or delete the key for ever."""

from __future__ import annotations

from getpass import getuser
from typing import Annotated

import typer

from lingqu.cli.data import data
from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json
from lingqu.core.i18n import text

KeyName = Annotated[str, typer.Option("--key", help=text("data_keys.key"))]
By = Annotated[str, typer.Option(help=text("data_loop.by"))]


def add_to(app: typer.Typer) -> None:
    """Add to the group `data`, which is part of the app already."""
    data.command(help=text("data_keys.reveal"))(reveal)
    data.command("forget-key", help=text("data_keys.forget"))(forget_key)


def reveal(
    token: Annotated[str, typer.Argument(help=text("data_keys.token"))],
    key: KeyName = "mask",
    by: By = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        said = opened.reveal(token, key, by or getuser())
    if as_json:
        print_json({"text": said})
    else:
        typer.echo(said)


def forget_key(
    key: Annotated[str, typer.Argument(help=text("data_keys.key"))],
    yes: Annotated[bool, typer.Option("--yes", help=text("data_keys.yes"))] = False,
    by: By = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    if not yes:
        typer.confirm(text("data_keys.sure", name=key), abort=True)
    with open_workspace(workspace) as opened:
        fingerprint = opened.forget_mask_key(key, by or getuser())
    if as_json:
        print_json({"key": key, "fingerprint": fingerprint})
    else:
        typer.echo(text("data_keys.forgotten", name=key, fingerprint=fingerprint))
