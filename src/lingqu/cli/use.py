"""Commands of use: deploy, undeploy, call."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lingqu.cli.route import print_route
from lingqu.cli.session import (
    AsJson,
    ChannelArgument,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
)
from lingqu.core.errors import DataError, OutletError
from lingqu.core.i18n import text
from lingqu.core.units import share

if TYPE_CHECKING:
    pass

Name = Annotated[str, typer.Argument(help=text("cli.channel_name"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.deploy"))(deploy)
    app.command(help=text("cli.undeploy"))(undeploy)
    app.command(help=text("cli.call"))(call)


def deploy(
    channel: ChannelArgument = "channel.yaml",
    release: Annotated[str, typer.Option(help=text("cli.release"))] = "",
    canary: Annotated[str, typer.Option(help=text("cli.canary"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        done = opened.deploy(channel, release, share(canary) if canary else None)
    if as_json:
        print_json(done)
        return
    print_route(done.route)
    for outlet in done.outlets:
        typer.echo(text("cli.open_at", driver=outlet.driver, address=outlet.address))
    for name, secret in done.secrets.items():
        typer.echo(text("cli.key_once", name=name, secret=secret))


def undeploy(channel: Name, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        known = opened.home.ledger.channels.names()
        if channel not in known and not opened.outlets(channel):
            raise OutletError("cli.unknown_channel", channel=channel, known=", ".join(known) or "-")
        closed = opened.undeploy(channel)
    if as_json:
        print_json({"closed": closed})
    else:
        typer.echo(text("cli.closed", count=len(closed)))


def call(
    channel: Name,
    rows: Annotated[str, typer.Argument(help=text("cli.call_rows"))] = "-",
    n: Annotated[int, typer.Option("--n", help=text("cli.call_n"))] = 0,
    seed: Annotated[int | None, typer.Option(help=text("cli.call_seed"))] = None,
    where: Annotated[str, typer.Option(help=text("cli.call_where"))] = "",
    out: Annotated[str, typer.Option(help=text("cli.call_out"))] = "",
    key: Annotated[str, typer.Option(envvar="LINGQU_KEY", help=text("cli.call_key"))] = "",
    option: Annotated[list[str] | None, typer.Option(help=text("cli.call_option"))] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        if n or where or out or seed is not None:
            from lingqu.cli.made import print_made
            from lingqu.flow.made import drawn_wish

            print_made(opened, channel, drawn_wish(n, seed, where), out, key, as_json)
            return
        answers = opened.call(channel, _rows(rows), key, _options(option or []))
    if as_json:
        print_json(answers)
        return
    if answers and "based_on" in answers[0]:
        from lingqu.cli.lists import print_lists

        print_lists(answers)
        return
    headings = list(answers[0]) if answers else []
    print_table("", headings, [[_cell(a[h]) for h in headings] for a in answers])


def _options(given: list[str]) -> dict[str, Any] | None:
    """Return ``name=value`` as options of writing; a value is JSON where it can be read as such.

    Raises:
        DataError: One has no name or no value; one given twice is a list of both.
    """
    told: dict[str, Any] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not (name and sign):
            raise DataError("replies.bad_writing", option="--option", received=one,
                            expected="temperature=0.7")  # fmt: skip
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        earlier = told.get(name, [])
        several = earlier if isinstance(earlier, list) else [earlier]
        told[name] = [*several, read] if name in told else read
    return told or None


def _cell(value: Any) -> Any:
    """Return reasons of a flagged row in words, names as a line, other lists as JSON."""
    if not isinstance(value, list):
        return value
    if value and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if not all(isinstance(one, dict) and "usual" in one for one in value):
        return json.dumps(value, ensure_ascii=False)
    return "; ".join(
        text("flag.answer_value", column=one["column"], value=one["value"])
        if one["usual"] is None
        else text(
            "flag.answer_reason", column=one["column"], value=one["value"], usual=one["usual"]
        )
        for one in value
    )


def _rows(given: str) -> Any:
    """Read rows: a data file, a picture or recording, JSON text, or JSON from stdin (``-``)."""
    if given.lstrip()[:1] not in ("-", "[", "{"):
        from lingqu.flow.files import is_media, read_frame

        if is_media(given):
            return Path(given)
        if Path(given).suffix.lower() in (".csv", ".tsv", ".parquet", ".jsonl"):
            return read_frame(given)
    try:
        parsed = json.loads(_text_of(given))
    except json.JSONDecodeError as error:
        raise DataError("cli.bad_rows", problem=error.msg, line=error.lineno) from error
    if isinstance(parsed, dict):
        parsed = parsed.get("rows", [parsed])
    if not isinstance(parsed, list) or not all(isinstance(row, dict) for row in parsed):
        raise DataError("cli.bad_rows", problem="not a list of objects", line=1)
    return parsed


def _text_of(given: str) -> str:
    """Return JSON text: from standard input, from a file, or as it was given."""
    if given == "-":
        return sys.stdin.read()
    if given.lstrip()[:1] in ("[", "{"):
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise DataError("cli.no_rows", path=given, problem=problem) from error
