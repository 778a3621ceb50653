"""`lingqu promote` and `lingqu queue`: evidence for a release on its way, and people's answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lingqu.cli.route import By, Name
from lingqu.cli.session import (
    AsJson,
    ChannelArgument,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
)
from lingqu.core.i18n import text

if TYPE_CHECKING:
    from lingqu.core.nouns import Finding
    from lingqu.flow.promote import Promotion

queue = typer.Typer(help=text("route.queue"), no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command(help=text("route.promote"))(promote)
    app.add_typer(queue, name="queue")


def promote(
    channel: ChannelArgument = "channel.yaml",
    step: Annotated[bool, typer.Option("--step", help=text("route.option_step"))] = False,
    by: By = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        declared = opened.channel(channel)
        found = opened.promote(declared, step=step, by=by)
    if as_json:
        print_json({**vars(found), "why": str(found.why)})
        return
    _print(found, declared.access.routing.auto, step)


def _print(found: Promotion, auto: str, stepped: bool) -> None:
    if found.challenger or found.findings:
        stage = text(f"route.stage_{found.stage}", share=f"{found.share:.0%}")
        title = text(
            "route.evidence_title", challenger=short(found.challenger) or "-",
            champion=short(found.champion), stage=stage,
        )  # fmt: skip
        heads = [text(f"route.head_{h}") for h in ("seen", "value", "between", "rows")]
        rows = [_row(one) for one in found.findings]
        if rows:
            print_table(title, heads, rows)
        else:
            typer.echo(title)
    typer.echo(text(f"route.verdict_{found.verdict}", why=found.why, next=f"{found.next:.0%}"))
    if found.done:
        typer.echo(text("route.was_done"))
    elif found.person:
        typer.echo(text("route.needs_person", auto=auto, channel=found.channel))
    elif found.verdict in ("step", "promote", "back") and not stepped:
        typer.echo(text("route.would", channel=found.channel))


def _row(one: Finding) -> tuple[str, str, str, str]:
    measure = one.measure.removeprefix("promote.")
    named = text(f"route.measure_{measure}", argument=one.argument)
    between = "" if one.low is None else f"{one.low:+.4g} … {one.high:+.4g}"
    value = "" if one.value is None or one.low is not None else f"{one.value:.4g}"
    return named, value, between, f"{one.n:,}"


@queue.command("list", help=text("route.queue_list"))
def list_questions(
    channel: Name,
    waiting: Annotated[bool, typer.Option("--waiting", help=text("route.option_waiting"))] = False,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.questions(channel, waiting)
    if as_json:
        print_json(found)
        return
    rows = [
        (q.id, q.at[:19], _rows(q.request), text(f"route.state_{q.state}"), _answer(q.answer))
        for q in found
    ]
    heads = [text(f"route.head_{h}") for h in ("id", "at", "rows_of", "state", "answer")]
    print_table(text("route.queue_title"), heads, rows, whole=(0,))


@queue.command("answer", help=text("route.queue_answer"))
def answer_question(
    question: Annotated[str, typer.Argument(help=text("route.question_id"))],
    answer: Annotated[str, typer.Argument(help=text("route.answer_of"))],
    by: By = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    try:
        said: Any = json.loads(answer)
    except ValueError:
        said = answer
    with open_workspace(workspace) as opened:
        done = opened.answer(question, said, by)
    if as_json:
        print_json(done)
    else:
        typer.echo(text("route.answered", id=question))


def _rows(request: Any) -> str:
    given = json.dumps(request.get("given"), ensure_ascii=False)
    return given if len(given) <= 60 else given[:59] + "…"


def _answer(answer: Any) -> str:
    return "" if answer is None else json.dumps(answer, ensure_ascii=False)
