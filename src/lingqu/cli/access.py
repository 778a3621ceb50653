"""`lingqu keys`: list, add, rotate, disable."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json, print_table
from lingqu.core.i18n import text
from lingqu.core.nouns import Key

keys = typer.Typer(help=text("cli.keys"), no_args_is_help=True)
Named = Annotated[str, typer.Argument(help=text("cli.key_name"))]
Overlap = Annotated[str, typer.Option(help=text("access.cli_overlap"))]
Expires = Annotated[str, typer.Option(help=text("cli.key_expires"))]


def add_to(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command("list", help=text("cli.keys_list"))
def list_keys(as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        known = opened.keys()
        now = opened.home.clock()
    known = [key for key in known if not key.role]
    if as_json:
        print_json([as_told(key, now) for key in known])
        return
    heads = [text(f"cli.head_{h}") for h in ("key", "name", "channel", "quota", "expires", "state")]
    rows = [
        [k.id, k.name, ", ".join(k.channels) or "*", k.quota, k.expires[:19], state(k, now)]
        for k in known
    ]
    if any(key.verbs or key.networks or key.certificate for key in known):
        heads += [text("access.head_verbs"), text("access.head_from")]
        for row, key in zip(rows, known, strict=True):
            bound = [*key.networks, *filter(None, [key.certificate[:23]])]
            row += [", ".join(key.verbs) or "*", ", ".join(bound) or "*"]
    print_table(text("cli.keys_title"), heads, rows)


def as_told(key: Key, now: str) -> dict[str, Any]:
    """Return a key without its hash."""
    from lingqu.flow.access import has_expired

    told = {**asdict(key), "expired": has_expired(key, now)}
    del told["hash"]
    return told


def state(key: Key, now: str) -> str:
    """Return the word for how a key is."""
    from lingqu.flow.access import has_expired

    expired = has_expired(key, now)
    word = "disabled" if key.disabled else "expired" if expired else "open"
    return text(f"cli.state_{word}")


@keys.command("add", help=text("cli.keys_add"))
def add_key(
    name: Named,
    channel: Annotated[list[str] | None, typer.Option(help=text("cli.key_channel"))] = None,
    quota: Annotated[str, typer.Option(help=text("cli.key_quota"))] = "",
    expires: Expires = "",
    verb: Annotated[list[str] | None, typer.Option(help=text("access.cli_verb"))] = None,
    network: Annotated[list[str] | None, typer.Option(help=text("access.cli_network"))] = None,
    certificate: Annotated[str, typer.Option(help=text("access.cli_certificate"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        key, secret = opened.make_key(
            name, tuple(channel or ()), quota, expires,
            verbs=tuple(verb or ()), networks=tuple(network or ()), certificate=certificate,
        )  # fmt: skip
    if as_json:
        print_json({"id": key.id, "name": key.name, "secret": secret, "expires": key.expires})
    else:
        typer.echo(text("cli.key_once", name=name, secret=secret))


@keys.command("rotate", help=text("access.cli_rotate"))
def rotate_key(
    name: Named,
    overlap: Overlap = "24h",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        key, secret = opened.rotate_key(name, overlap)
        before = opened.home.ledger.keys.get(key.replaces)
    ends = "" if before is None or before.disabled else before.expires[:19]
    if as_json:
        print_json({"id": key.id, "name": key.name, "secret": secret, "ends": ends})
    elif ends:
        typer.echo(text("access.cli_rotated", name=key.name, secret=secret, ends=ends))
    else:
        typer.echo(text("access.cli_rotated_now", name=key.name, secret=secret))


@keys.command("disable", help=text("cli.keys_disable"))
def disable_key(name: Named, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        key = opened.disable_key(name)
    if as_json:
        print_json({"id": key.id, "disabled": key.disabled})
    else:
        typer.echo(text("cli.key_disabled", name=name))
