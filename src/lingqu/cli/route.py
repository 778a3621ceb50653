"""Commands of routes: who answers, promotion, and the queue for people."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
)
from lingqu.core.errors import GateError, SpecError
from lingqu.core.i18n import as_told, text
from lingqu.core.piece import Piece
from lingqu.core.units import share

if TYPE_CHECKING:
    from lingqu.core.nouns import Route
    from lingqu.workspace import Workspace

Name = Annotated[str, typer.Argument(help=text("cli.channel_name"))]
By = Annotated[str, typer.Option("--by", envvar="LINGQU_BY", help=text("route.option_by"))]
Why = Annotated[str, typer.Option("--why", help=text("route.option_why"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("route.route"))(route)


def route(
    channel: Name,
    release: Annotated[str, typer.Option(help=text("cli.release"))] = "",
    canary: Annotated[str, typer.Option(help=text("cli.canary"))] = "",
    fallback: Annotated[str, typer.Option(help=text("cli.fallback"))] = "",
    shadow: Annotated[str, typer.Option(help=text("route.option_shadow"))] = "",
    when: Annotated[str, typer.Option(help=text("route.option_when"))] = "",
    arm: Annotated[list[str] | None, typer.Option(help=text("route.option_arm"))] = None,
    sticky: Annotated[str, typer.Option(help=text("route.option_sticky"))] = "",
    otherwise: Annotated[
        list[str] | None, typer.Option(help=text("route.option_otherwise"))
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help=text("route.option_stop"))] = False,
    resume: Annotated[bool, typer.Option("--resume", help=text("route.option_resume"))] = False,
    undo: Annotated[bool, typer.Option("--undo", help=text("route.option_undo"))] = False,
    history: Annotated[bool, typer.Option("--history", help=text("route.option_history"))] = False,
    why: Why = "",
    by: By = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    told = {
        "--release/--canary/--shadow/--when/--fallback": any(
            (release, canary, shadow, when, fallback)
        ),
        "--arm": bool(arm), "--stop": stop, "--resume": resume, "--undo": undo,
    }  # fmt: skip
    named = [name for name, given in told.items() if given]
    if len(named) > 1 or (canary and shadow):
        raise SpecError("route.one_thing", received=", ".join(named))
    said: dict[str, str] = {"reason": why or ("" if undo else "by hand"), "by": by or _somebody()}
    with open_workspace(workspace) as opened:
        if history:
            _print_history(opened.routes(channel), as_json)
            return
        now = opened.route(channel)
        if stop or resume or undo:
            verb = opened.stop if stop else opened.resume if resume else opened.undo_route
            now = verb(channel, **said)
        elif arm:
            now = opened.experiment(channel, dict(map(_arm, arm)), **said)
        elif named:
            now = _switched(opened, channel, now, (release, canary, shadow, when, fallback), said)
        if sticky or otherwise:
            steps = None if not otherwise else [_step(one) for one in otherwise if one != "none"]
            now = opened.route_rules(channel, sticky=_sticky(sticky), otherwise=steps, **said)
    if as_json:
        print_json(now)
    elif now is None:
        typer.echo(text("cli.no_route", channel=channel))
    else:
        print_route(now)


def _switched(
    opened: Workspace, channel: str, now: Route | None, wish: Sequence[str], said: dict[str, str]
) -> Route:
    release, canary, shadow, when, fallback = wish
    portion = share(canary) if canary else None
    copied = share(shadow) if shadow else None
    if portion == 0:
        raise SpecError("cli.canary_of_nothing", channel=channel, canary=canary)
    if copied == 0:
        raise SpecError("cli.canary_of_nothing", channel=channel, canary=shadow)
    if canary or shadow or when:
        release = _beside_champion(opened, channel, now, release)
    wanted = release or (now.backends[0].release if now and now.backends else fallback)
    return opened.switch(
        channel, wanted, portion, fallback or None, shadow=copied, when=when, **said
    )  # fmt: skip


def _beside_champion(opened: Workspace, channel: str, now: Route | None, release: str) -> str:
    """Return the release that a canary is about: the one named, else the newest approved one.

    A release that stands beside the champion already counts, so that its share can be changed.

    Raises:
        GateError: Nothing answers for the channel yet, or there is no release but the champion.
    """
    from lingqu.flow.find import find_release
    from lingqu.flow.routing import champion_of

    champion = champion_of(now)
    if now is None or not champion:
        raise GateError("cli.no_route", channel=channel)
    beside = {b.release for b in now.backends if b.release != champion}
    if release and find_release(opened.home, release).digest != champion:
        return release
    able = [
        r
        for r in opened.releases(channel)
        if r.digest != champion and (r.state == "approved" or r.digest in beside)
    ]
    if release or not able:
        raise GateError("cli.no_canary", channel=channel, champion=short(champion))
    return max(able, key=lambda r: r.created).digest


def print_route(now: Route) -> None:
    """Print who answers, why, and what stands in for them."""
    rows = [
        (_arm_name(b.arm), short(b.release), "" if b.when else f"{b.share:.3g}", b.when)
        for b in now.backends
    ]
    rows = [(arm, who, f"{float(part):.0%}" if part else "", when) for arm, who, part, when in rows]
    if now.fallback:
        rows.append((text("cli.arm_fallback"), short(now.fallback), "", ""))
    heads = [text(f"cli.head_{h}") for h in ("arm", "release", "share")]
    ruled = any(b.when for b in now.backends)
    heads += [text("route.head_when")] if ruled else []
    title = text("cli.route_title", channel=now.channel)
    print_table(title, heads, [row if ruled else row[:3] for row in rows])
    reason = str(as_told(now.reason))
    if now.stopped:
        key = "route.is_stopped" if reason else "route.stopped_plain"
        typer.echo(text(key, reason=reason))
    if now.otherwise:
        steps = [_step_text(name, options) for name, options in now.otherwise]
        typer.echo(text("route.stands_in", steps=" → ".join(steps)))


def _print_history(routes: Sequence[Route], as_json: bool) -> None:
    if as_json:
        print_json(routes)
        return
    rows = [(r.changed[:19], _who(r), r.by, str(as_told(r.reason))) for r in routes]
    heads = [text(f"route.head_{h}") for h in ("at", "who", "by", "why")]
    channel = routes[0].channel if routes else ""
    print_table(text("route.history_title", channel=channel), heads, rows)


def _who(one: Route) -> str:
    if one.stopped or not one.backends:
        return text("route.stopped_plain")
    return ", ".join(
        f"{_arm_name(b.arm)} {short(b.release)} {b.when or format(b.share, '.0%')}"
        for b in one.backends
    )


def _arm_name(arm: str) -> str:
    return text(f"cli.arm_{arm}") if arm in ("champion", "canary", "shadow") else arm


def _arm(given: str) -> tuple[str, tuple[str, float]]:
    name, sign, rest = given.partition("=")
    release, colon, part = rest.rpartition(":")
    if not (sign and colon and name and release):
        raise SpecError("route.bad_arm", received=given)
    return name, (release, share(part))


def _step(given: str) -> Any:
    """Read ``previous``, ``queue``, ``answer=VALUE`` or a piece in JSON."""
    if given.lstrip().startswith("{"):
        try:
            return json.loads(given)
        except ValueError:
            raise SpecError("route.bad_step", received=given) from None
    name, sign, value = given.partition("=")
    return {name: _value(value)} if sign else name


def _value(given: str) -> Any:
    try:
        return json.loads(given)
    except ValueError:
        return given


def _step_text(name: str, options: Any) -> str:
    plain = Piece(name, options).to_plain()
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _sticky(given: str) -> Any:
    if given not in ("", "key", "session", "none"):
        raise SpecError("core.bad_amount", value=given, expected="key, session, none")
    return given or None


def _somebody() -> str:
    """Return who is logged in, for the trail."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
