"""Commands that keep house: list, schema, doctor, prune, erase, api."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sized
from typing import Annotated, Any

import typer

from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
)
from lingqu.cli.shown import heads
from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import language, text


def add_to(app: typer.Typer) -> None:
    app.command("list", help=text("cli.list"))(list_things)
    app.command(help=text("cli.schema"))(schema)
    app.command(help=text("cli.doctor"))(doctor)
    app.command(help=text("cli.prune"))(prune)
    app.command(help=text("cli.erase"))(erase)
    app.command(help=text("cli.api"))(api)


def list_things(
    family: Annotated[str, typer.Argument(help=text("cli.list_family"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    stored = ("releases", "channels", "metrics", "rules", "assets")
    if family == "releases":
        with open_workspace(workspace) as opened:
            releases = opened.releases()
        if as_json:
            print_json(releases)
            return
        rows = [
            (short(r.digest), r.channel, text(f"cli.state_{r.state}"), r.created[:19])
            for r in releases
        ]
        columns = heads("release", "channel", "state", "made")
        print_table(text("cli.releases_title"), columns, rows)
        return
    if family == "channels":
        with open_workspace(workspace) as opened:
            names = sorted({r.channel for r in opened.runs(limit=1000)})
        print_json(names) if as_json else typer.echo("\n".join(names))
        return
    if family == "metrics":
        _list_metrics(as_json)
        return
    if family == "rules":
        _list_rules(as_json)
        return
    if family == "assets":
        _list_assets(as_json)
        return
    families = [_family(family, stored)] if family else list(catalog.TABLES)
    from lingqu.workspace import Workspace

    found = {f: Workspace.catalogue(f) for f in families}
    if as_json:
        print_json(found)
        return
    for name, lines in found.items():
        print_table(_title(name), heads("name", "about"), sorted(lines.items()))


def _title(family: str) -> str:
    """Return the heading of a family; the word that people type is always in it."""
    return family if language() == "en" else f"{text(f'catalogue.family_{family}')} {family}"


def _family(name: str, others: tuple[str, ...] = ()) -> catalog.Family:
    """Return a family of plug-ins by its name.

    Raises:
        SpecError: There is no such family.
    """
    for family in catalog.TABLES:
        if name == family:
            return family
    near = catalog.near(name, [*catalog.TABLES, *others])
    raise SpecError("cli.no_family", family=name, near=near)


def _list_metrics(as_json: bool) -> None:
    from lingqu.core.metrics import able, metric

    found = {task: list(able(task)) for task in ("classify", "regress")}
    if as_json:
        print_json(found)
        return
    for task, known in found.items():
        rows = [
            (name, text("cli.lower" if metric(_with_number(name)).smaller else "cli.higher"),
             text(f"catalogue.measure_{name}"))
            for name in known
        ]  # fmt: skip
        print_table(text(f"cli.task_{task}"), heads("metric", "better", "about"), rows)


def _with_number(name: str) -> str:
    """Return the name of a metric with a number, where it means nothing without one."""
    return f"{name}(1)" if name == "fbeta" else name


def _list_rules(as_json: bool) -> None:
    """List the rules that a contract may hold; an option that must be there has a star."""
    from lingqu.govern.contract.forms import FORMS

    if as_json:
        print_json({name: {"of": f.shape, "options": list(f.options)} for name, f in FORMS.items()})
        return
    rows = [
        (name, text(f"contract.shape_{form.shape}"),
         ", ".join(f"{option}*" if option in form.required else option for option in form.options))
        for name, form in FORMS.items()
    ]  # fmt: skip
    print_table(text("cli.rules_title"), heads("rule", "of", "options"), rows)


def _list_assets(as_json: bool) -> None:
    """List the real data sets by name: whose, under what licence, and what brings each."""
    from lingqu.data.assets import known

    assets = known()
    if as_json:
        print_json(assets)
        return
    rows = [
        (str(a["name"]), text("cli.is_here") if a["here"] else str(a["install"]),
         str(a["license"]), _in_language(a["title"]))
        for a in assets
    ]  # fmt: skip
    print_table("", heads("asset", "bring", "license", "about"), rows)


def _in_language(said: Any) -> str:
    return str(said[language()])


def show_piece(family: str, name: str, as_json: bool) -> None:
    """Show one plug-in: what it does, its options with their defaults."""
    kind: Any = catalog.load(_family(family), name)
    options = {
        field.name: {"type": str(field.type), "default": _default(field)}
        for field in catalog.options_of(kind)
    }
    if as_json:
        print_json({"name": name, "about": inspect.getdoc(kind), "options": options})
        return
    typer.echo(_documentation(family, name, kind))
    print_table(
        "",
        heads("option", "type", "default"),
        [(o, d["type"], str(d["default"])) for o, d in options.items()],
    )


def _documentation(family: str, name: str, kind: Any) -> str:
    """Return what the source says of a plug-in, under a line in the user's language."""
    from lingqu.flow.describe import about

    said = (inspect.getdoc(kind) or name).replace("``", "`")
    return said if language() == "en" else f"{about(_family(family), name, kind)}\n\n{said}"


def _default(field: Any) -> Any:

    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return "required"


def schema() -> None:
    from lingqu.core.jsonschema import channel_schema

    print_json(channel_schema())


def doctor(
    make_ca: Annotated[bool, typer.Option("--make-ca", help=text("access.cli_make_ca"))] = False,
    host: Annotated[list[str] | None, typer.Option(help=text("access.cli_host"))] = None,
    client: Annotated[str, typer.Option(help=text("access.cli_client"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    if make_ca or client or host:
        _make_certificate(tuple(host or ()), client, as_json, workspace)
        return
    with open_workspace(workspace) as opened:
        rows = opened.doctor()
    if as_json:
        print_json(rows)
    else:
        marks = {s: text(f"cli.health_{s}") for s in ("ok", "warn", "missing", "bad")}
        cells = [(_looked_at(r["what"]), marks[r["state"]], r["seen"], r["next"]) for r in rows]
        print_table(text("cli.doctor_title"), heads("what", "state", "seen", "next"), cells)
    if any(row["state"] == "bad" for row in rows):
        raise typer.Exit(1)


def _make_certificate(hosts: tuple[str, ...], client: str, as_json: bool, workspace: str) -> None:
    """Make the certificate of the servers here, or that of a caller, and say who must trust it."""
    with open_workspace(workspace) as opened:
        made = opened.make_certificate(hosts, client)
    if as_json:
        print_json(made)
        return
    facts = dataclasses.asdict(made)
    facts["private"] = facts.pop("key")  # a message has a key of its own
    facts |= {"names": ", ".join(made.names), "until": made.until[:10]}
    typer.echo(text("access.cli_signed", **facts))
    typer.echo(text("access.cli_use_client" if client else "access.cli_use_server", **facts))


def _looked_at(what: str) -> str:
    """Return the word for a row of the doctor; packages keep their names."""
    word, _, name = what.partition(" ")
    ours = ("python", "cores", "memory", "disk", "ledger", "trail", "outlet", "certificate")
    return f"{text(f'cli.doctor_{word}')} {name}".rstrip() if word in ours else what


def prune(
    keep_days: Annotated[float, typer.Option(help=text("cli.prune_days"))] = 30.0,
    keep_last: Annotated[int, typer.Option(help=text("cli.prune_last"))] = 3,
    dry_run: Annotated[bool, typer.Option(help=text("cli.prune_dry"))] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        report = opened.prune(keep_days, keep_last, dry_run)
    if as_json:
        print_json(report)
        return
    _print_report(text("cli.prune_title"), report)
    if report.blobs:
        typer.echo(text("cli.prune_blobs"))
    if report.waiting:
        typer.echo(text("cli.prune_waiting"))
    if report.past_retention:
        typer.echo(text("data_cli.past_retention", count=report.past_retention))


def erase(
    column: Annotated[str, typer.Argument(help=text("cli.erase_column"))],
    value: Annotated[str, typer.Argument(help=text("cli.erase_value"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        report = opened.erase(column, value)
    if as_json:
        print_json(report)
        return
    _print_report(text("cli.erase_title"), report)
    if report.releases:
        typer.echo(text("cli.erase_next", releases=", ".join(map(short, report.releases))))


def _print_report(title: str, report: Any) -> None:
    rows = [(text(f"cli.count_{name}"), _counted(value)) for name, value in vars(report).items()]
    print_table(title, heads("what", "value"), rows)


def _counted(value: Any) -> str:
    """Return how many, where a list would be too long to read."""
    if isinstance(value, bool):
        return text("cli.yes") if value else text("cli.no")
    return str(len(value) if isinstance(value, Sized) else value)


def api(
    host: Annotated[str, typer.Option(help=text("cli.api_host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=text("cli.api_port"))] = 8400,
    workspace: InWorkspace = "",
) -> None:
    from lingqu.http.serve import serve

    serve(workspace, host, port)
