"""Commands of the path: init, plan, run, runs, show, compare, report, demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
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
from lingqu.core.errors import SpecError
from lingqu.core.i18n import language, text


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
) -> None:
    from lingqu.workspace import Workspace

    if to.exists() and not force:
        raise SpecError("cli.exists", path=str(to))
    drafted = Workspace.init(data, predict or None)
    to.write_text(drafted, encoding="utf-8")
    typer.echo(drafted)
    typer.echo(text("cli.init_done", path=str(to)))


def plan(
    channel: ChannelArgument = "channel.yaml", as_json: AsJson = False, workspace: InWorkspace = ""
) -> None:
    with open_workspace(workspace) as opened:
        planned = opened.plan(channel)
    if as_json:
        print_json(planned.to_json())
        return
    rows = [
        (s.section, s.name, s.value, text("cli.yes") if s.declared else "", s.why[language()])
        for s in planned.settings
    ]
    headings = [text(f"cli.head_{h}") for h in ("section", "setting", "value", "declared", "why")]
    print_table(text("cli.plan_title", channel=planned.channel, rows=planned.rows), headings, rows)
    typer.echo(text("cli.plan_next", channel=channel))


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
        with Live(quiet=as_json, budget_s=declared.train.budget) as live:
            done = opened.run(declared, tell=live.hear)
        page = opened.report(done.id)
    if as_json:
        print_json({**_run_row(done), "report": str(page)})
    else:
        _print_run(done)
        typer.echo(text("cli.report_at", path=str(page)))
        if done.state == "done":
            typer.echo(text("cli.run_next", channel=done.channel))
    if done.state != "done":
        raise typer.Exit(1)


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


def _print_run(done: Any) -> None:
    stages = [(s.name, text(f"cli.state_{s.state}"), f"{s.seconds:.2f} s") for s in done.stages]
    headings = [text(f"cli.head_{h}") for h in ("stage", "state", "time")]
    print_table(text("cli.run_title", id=done.id, channel=done.channel), headings, stages)
    trained = next((s.result for s in done.stages if s.name.startswith("train")), {})
    if trained.get("candidates"):
        print_candidates(trained["candidates"], str(trained["metric"]))
    summary = done.summary
    if "error" in summary:
        typer.echo(f"{text('cli.error')} {summary['error']}")
        return
    if not summary:
        return
    typer.echo(
        text(
            "cli.run_score",
            metric=summary["metric"],
            score=f"{summary['validation_score']:.4f}",
            test=", ".join(
                f"{name} {value:.4f}"
                for name, value in summary["test"].items()
                if value is not None and "." not in name
            ),
        )
    )
    for requirement in summary["gate"]["requirements"]:
        seen = "; ".join(requirement["seen"] or [f"? {m}" for m in requirement["missing"]])
        verdict = text(f"cli.verdict_{requirement['verdict']}")
        typer.echo(f"  {verdict}  {requirement['text']}   ({seen})")
    for subject in summary["gate"]["blocking"]:
        typer.echo(f"  {text('cli.verdict_fail')}  {subject}")
    typer.echo(
        text(
            "cli.run_release",
            release=short(done.release),
            state=text(f"cli.state_{summary['state']}"),
        )
    )


def print_candidates(candidates: Sequence[Mapping[str, Any]], metric: str) -> None:
    """Print the leaderboard: every candidate, also those that failed, with the reason."""
    heads = ("candidate", "state", "validation", "weight", "time", "why")
    rows = [
        (
            c["name"],
            text(f"cli.state_{c['state']}"),
            None if c["score"] is None else f"{c['score']:.4f}",
            f"{c['weight']:.0%}" if c["weight"] else "",
            f"{c['seconds']:.2f} s",
            c["reason"],
        )
        for c in candidates
    ]
    title = text("cli.candidates_title", metric=metric)
    print_table(title, [text(f"cli.head_{h}") for h in heads], rows)


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
            r.summary.get("seconds"),
            r.summary.get("metric"),
            r.summary.get("validation_score"),
            short(r.release),
        )
        for r in found
    ]
    heads = ("run", "channel", "state", "time", "metric", "validation", "release")
    print_table(text("cli.runs_title"), [text(f"cli.head_{h}") for h in heads], rows)


def show(
    name: Annotated[str, typer.Argument(help=text("cli.show_name"))],
    thing: Annotated[str, typer.Argument(help=text("cli.show_thing"))] = "",
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
        print_json({**_run_row(done), "findings": findings})
        return
    _print_run(done)
    rows = [
        (f.check, f.subject, f.value, f.low, f.high, f.n, text(f"cli.verdict_{f.verdict}"))
        for f in findings
    ]
    heads = ("check", "measure", "value", "low", "high", "rows", "verdict")
    print_table(text("cli.findings_title"), [text(f"cli.head_{h}") for h in heads], rows)


def compare(
    first: Annotated[str, typer.Argument(help=text("cli.run_id"))],
    second: Annotated[str, typer.Argument(help=text("cli.run_id"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        rows = opened.compare(first, second)
    if as_json:
        print_json(rows)
        return
    marks = {True: text("cli.apart"), False: text("cli.overlap"), None: ""}
    print_table(
        text("cli.compare_title"),
        [text("cli.head_measure"), first, second, text("cli.head_change"), ""],
        [(r["measure"], r["first"], r["second"], r["change"], marks[r["apart"]]) for r in rows],
    )


def report(
    name: Annotated[str, typer.Argument(help=text("cli.run_id"))] = "",
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        wanted = name or next((r.id for r in opened.runs(limit=1)), "")
        typer.echo(str(opened.report(wanted)))


def demo(
    workspace: Annotated[str, typer.Option("--workspace", "-w", help=text("cli.workspace"))] = "",
) -> None:
    from lingqu.cli.demo import walk_digits

    raise typer.Exit(walk_digits(workspace))
