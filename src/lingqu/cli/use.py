"""Commands of use: deploy, undeploy, call, route, status."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from lingqu.core.errors import DataError, GateError, OutletError, SpecError
from lingqu.core.i18n import text
from lingqu.core.units import share

if TYPE_CHECKING:
    from lingqu.core.nouns import Route
    from lingqu.workspace import Workspace

Name = Annotated[str, typer.Argument(help=text("cli.channel_name"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.deploy"))(deploy)
    app.command(help=text("cli.undeploy"))(undeploy)
    app.command(help=text("cli.call"))(call)
    app.command(help=text("cli.route"))(route)
    app.command(help=text("cli.status"))(status)


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
    _print_route(done.route)
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


def route(
    channel: Name,
    release: Annotated[str, typer.Option(help=text("cli.release"))] = "",
    canary: Annotated[str, typer.Option(help=text("cli.canary"))] = "",
    fallback: Annotated[str, typer.Option(help=text("cli.fallback"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    portion = share(canary) if canary else None
    if portion == 0:
        raise SpecError("cli.canary_of_nothing", channel=channel, canary=canary)
    with open_workspace(workspace) as opened:
        now = opened.route(channel)
        if portion is not None:
            release = _beside_champion(opened, channel, now, release)
        if release or fallback:
            wanted = release or (now.backends[0].release if now and now.backends else fallback)
            now = opened.switch(channel, wanted, portion, fallback or None)
    if as_json:
        print_json(now)
    elif now is None:
        typer.echo(text("cli.no_route", channel=channel))
    else:
        _print_route(now)


def _beside_champion(opened: Workspace, channel: str, now: Route | None, release: str) -> str:
    """Return the release that a canary is about: the one named, else the newest approved one.

    A release that is a canary already counts, so that its share can be changed.

    Raises:
        GateError: Nothing answers for the channel yet, or there is no release but the champion.
    """
    from lingqu.flow.find import find_release

    if now is None or not now.backends:
        raise GateError("cli.no_route", channel=channel)
    champion = now.backends[0].release
    canaries = {b.release for b in now.backends if b.arm == "canary"}
    if release and find_release(opened.home, release).digest != champion:
        return release
    able = [
        r
        for r in opened.releases(channel)
        if r.digest != champion and (r.state == "approved" or r.digest in canaries)
    ]
    if release or not able:
        raise GateError("cli.no_canary", channel=channel, champion=short(champion))
    return max(able, key=lambda r: r.created).digest


def _print_route(now: Any) -> None:
    rows = [(text(f"cli.arm_{b.arm}"), short(b.release), f"{b.share:.0%}") for b in now.backends]
    if now.fallback:
        rows.append((text("cli.arm_fallback"), short(now.fallback), ""))
    heads = [text(f"cli.head_{h}") for h in ("arm", "release", "share")]
    print_table(text("cli.route_title", channel=now.channel), heads, rows)


def status(as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        outlets = opened.outlets()
        releases = opened.releases()
    if as_json:
        print_json({"outlets": outlets, "releases": releases})
        return
    print_table(
        text("cli.outlets_title"),
        [text(f"cli.head_{h}") for h in ("channel", "outlet", "state", "address")],
        [(o.channel, o.driver, text(f"cli.state_{o.state}"), o.address) for o in outlets],
    )
    print_table(
        text("cli.releases_title"),
        [text(f"cli.head_{h}") for h in ("release", "channel", "state", "made")],
        [
            (short(r.digest), r.channel, text(f"cli.state_{r.state}"), r.created[:19])
            for r in releases
        ],
    )
