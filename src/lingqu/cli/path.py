"""Commands of the path: init, plan, run, runs, show, compare, report, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lingqu.cli.leaderboard import explained, print_why
from lingqu.cli.session import (
    AsJson,
    ChannelArgument,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
    write_text,
    yaml_like,
)
from lingqu.cli.shown import (
    heads,
    print_comparison,
    print_findings,
    print_notes,
    print_run,
)
from lingqu.core.errors import SpecError, StoreError
from lingqu.core.i18n import language, text
from lingqu.core.nouns import VALUES

Everything = Annotated[bool, typer.Option("--all", help=text("cli.everything"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.init"))(init)
    app.command(help=text("cli.plan"))(plan)
    app.command(help=text("cli.run"))(run)
    app.command(help=text("cli.runs"))(runs)
    app.command(help=text("cli.show"))(show)
    app.command(help=text("cli.compare"))(compare)
    app.command(help=text("cli.report"))(report)
    app.command(help=text("cli.demo"))(demo)


def init(
    data: Annotated[str, typer.Argument(help=text("cli.init_data"))],
    predict: Annotated[str, typer.Option(help=text("cli.init_predict"))] = "",
    to: Annotated[Path, typer.Option(help=text("cli.init_to"))] = Path("channel.yaml"),
    force: Annotated[bool, typer.Option(help=text("cli.init_force"))] = False,
    contract: Annotated[bool, typer.Option("--contract", help=text("cli.init_contract"))] = False,
) -> None:
    from lingqu.workspace import Workspace

    rules = to.with_name("contract.yaml")
    for path in (to, rules) if contract else (to,):
        if path.exists() and not force:
            raise SpecError("cli.exists", path=str(path))
    drafted = Workspace.init(data, predict or None)
    if contract:
        drafted, promised = Workspace.draft_contract(drafted, rules.name)
        write_text(rules, promised)
    write_text(to, drafted)
    typer.echo(drafted)
    typer.echo(text("cli.init_done", path=str(to)))
    if contract:
        typer.echo(text("cli.init_contract_done", path=str(rules)))


def plan(
    channel: ChannelArgument = "channel.yaml", as_json: AsJson = False, workspace: InWorkspace = ""
) -> None:
    with open_workspace(workspace) as opened:
        planned = opened.plan(channel)
    if as_json:
        print_json(planned.to_json())
        return
    title = text("cli.plan_title", channel=planned.channel, rows=planned.rows)
    rows, section = [], ""
    for setting in planned.settings:
        first = setting.section if setting.section != section else ""
        section = setting.section
        rows.append((first, _setting(setting.name), _said(setting), setting.why[language()]))
    print_table(title, heads("section", "setting", "value", "why"), rows)
    typer.echo(text("cli.plan_next", channel=channel))


_COLUMN = "column "


def _setting(name: str) -> str:
    """Return the name of a setting: those of the file as they stand there."""
    if name.startswith(_COLUMN):
        return text("cli.plan_column", name=name.removeprefix(_COLUMN))
    return name


def _said(setting: Any) -> str:
    """Return a value as it would stand in the channel file."""
    value = setting.value
    if setting.name == "algorithm":
        return ", ".join(_candidates(value))
    if setting.name.startswith(_COLUMN):
        return ", ".join(text(f"cli.column_{word}") for word in str(value).split(", "))
    return yaml_like(value) or text("cli.none")


def _candidates(names: list[str]) -> list[str]:
    """Return the names that candidates get in a run, with what sets namesakes apart."""
    algorithms = [name.partition(" ")[0] for name in names]
    said = []
    for place, algorithm in enumerate(algorithms):
        number, kind = algorithms[: place + 1].count(algorithm), names[place].partition(" ")[2]
        shown = algorithm if number == 1 else f"{algorithm}#{number}"
        said.append(f"{shown} ({text(f'cli.trees_{kind}')})" if kind else shown)
    return said


def run(
    channel: ChannelArgument = "channel.yaml",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
    seed: Annotated[int | None, typer.Option(help=text("cli.run_seed"))] = None,
    budget: Annotated[str, typer.Option(help=text("cli.run_budget"))] = "",
) -> None:
    from lingqu.cli.progress import Live

    with open_workspace(workspace) as opened:
        declared = opened.channel(channel)
        changes: dict[str, Any] = {}
        if seed is not None:
            changes["seed"] = seed
        if budget:
            changes["budget"] = budget
        if changes:
            declared = declared.updated("train", **changes)
        with Live(as_json, declared.train.budget, _deciding(declared)) as live:
            done = opened.run(declared, tell=live.hear)
        findings = opened.findings(done.id)
        page = opened.report(done.id)
    if as_json:
        print_json({**_run_row(done), "report": str(page)})
    else:
        print_run(done, findings)
        typer.echo(text("cli.report_at", path=str(page)))
        if done.state == "done":
            typer.echo(text("cli.run_next", channel=done.channel))
    if done.state != "done":
        raise typer.Exit(1)


def _deciding(channel: Any) -> str:
    """Return the score that decides, or one that is read the same way round."""
    return channel.train.metric or ("rmse" if channel.train.task in VALUES else "accuracy")


def _run_row(done: Any) -> dict[str, Any]:
    return {
        "id": done.id,
        "channel": done.channel,
        "state": done.state,
        "started": done.started,
        "ended": done.ended,
        "release": done.release,
        "stages": [{"name": s.name, "state": s.state, "seconds": s.seconds} for s in done.stages],
        "summary": done.summary,
    }


def runs(
    channel: Annotated[str, typer.Argument(help=text("cli.channel"))] = "",
    limit: Annotated[int, typer.Option(help=text("cli.limit"))] = 20,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.runs(channel or None, limit)
    if as_json:
        print_json([_run_row(r) for r in found])
        return
    rows = [
        (
            r.id,
            r.channel,
            text(f"cli.state_{r.state}"),
            f"{r.summary['seconds']:.1f} s" if "seconds" in r.summary else "",
            _score(r),
            short(r.release),
        )
        for r in found
    ]
    columns = heads("run", "channel", "state", "time", "validation", "release")
    print_table(text("cli.runs_title"), columns, rows, whole=(0, 5))


def _score(done: Any) -> str:
    """Return ``roc_auc 0.98``, or nothing where no model was chosen."""
    if done.summary.get("validation_score") is None:
        return ""
    return f"{done.summary['metric']} {done.summary['validation_score']:.4g}"


def show(
    name: Annotated[str, typer.Argument(help=text("cli.show_name"))],
    thing: Annotated[str, typer.Argument(help=text("cli.show_thing"))] = "",
    everything: Everything = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    if thing:
        from lingqu.cli.house import show_piece

        show_piece(name, thing, as_json)
        return
    with open_workspace(workspace) as opened:
        done = opened.show(name)
        findings = opened.findings(done.id)
    if as_json:
        print_json({**_run_row(done), **explained(done), "findings": findings})
        return
    print_run(done, findings, full=True)
    print_notes(done)
    print_why(done)
    print_findings(findings, everything)


def compare(
    first: Annotated[str, typer.Argument(help=text("cli.run_id"))],
    second: Annotated[str, typer.Argument(help=text("cli.run_id"))],
    everything: Everything = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        rows = opened.compare(first, second)
    if as_json:
        print_json(rows)
        return
    print_comparison(first, second, rows, everything)


def report(
    name: Annotated[str, typer.Argument(help=text("cli.run_id"))] = "",
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        wanted = name or next((r.id for r in opened.runs(limit=1)), "")
        if not wanted:
            raise StoreError("cli.no_run")
        typer.echo(str(opened.report(wanted)))


def demo(
    workspace: Annotated[str, typer.Option("--workspace", "-w", help=text("cli.workspace"))] = "",
) -> None:
    from lingqu.cli.demo import walk_digits

    raise typer.Exit(walk_digits(workspace))
