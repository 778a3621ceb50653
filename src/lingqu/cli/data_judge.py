"""`lingqu data`: scan, check, clean, report. How good are the data, and what was done to them?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lingqu.cli.data import data
from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    open_workspace,
    print_json,
    print_table,
    short,
    write_text,
)
from lingqu.cli.shown import cut, headings, number
from lingqu.core.i18n import language, text

Source = Annotated[str, typer.Argument(help=text("data_judge.source"))]
Target = Annotated[str, typer.Option(help=text("data_judge.target"))]
To = Annotated[Path | None, typer.Option(help=text("data_judge.to"))]
REFUSED = 1
_COLUMNS = 30
_RULES = 40
heads = headings("data_judge")
_WIDE = 44
_NO_LANGUAGE = "und"
"""What a profile says of texts whose language nobody can tell, such as keys."""
_BAD = ("fail", "unknown")


def add_to(app: typer.Typer) -> None:
    """Add to the group `data`, which is part of the app already."""
    data.command(help=text("data_judge.scan"))(scan)
    data.command(help=text("data_judge.check"))(check)
    data.command(help=text("data_judge.clean"))(clean)
    data.command(help=text("data_judge.report"))(report)


def scan(
    source: Source,
    target: Target = "",
    to: To = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_scan(source, target)
    if to is not None:
        _write(found, to)
    if as_json:
        print_json(found)
        return
    _print_scores(found)
    _print_columns(found["columns"])
    _print_copies(found["duplicates"])
    private = [row["column"] for row in found["privacy"]["left"] if row["column"]]
    if private:
        typer.echo(text("data_judge.personal", columns=", ".join(private)))
    _say_written(to)


def _print_scores(found: Mapping[str, Any]) -> None:
    rows = []
    for score in found["scores"]:
        value = score["value"]
        said = score["why"] if value is None else score["formula"]
        said_zh = score["why_zh"] if value is None else score["formula_zh"]
        name = text(f"report.quality_{score['name']}")
        ends = "" if score["low"] is None else f"{number(score['low'])} – {number(score['high'])}"
        rows.append((name, number(value), ends, said_zh if language() == "zh" else said))
    identity = found["identity"]
    title = text("data_judge.scores_title", name=identity["name"], rows=identity["rows"])
    print_table(title, heads("score", "value", "interval", "about"), rows)


def _print_columns(columns: Mapping[str, Any]) -> None:
    rows = []
    for card in columns["shown"][:_COLUMNS]:
        profile = card["profile"]
        count = profile.get("rows") or 0
        # A `?` says no more than an empty cell does.
        missing = (profile.get("missing") or 0) + (profile.get("unsaid") or 0)
        share = f"{missing / count:.1%}" if count and missing else ""
        distinct = profile.get("distinct")
        kind, role = (text(f"report.{f}_{card[f]}") for f in ("kind", "role"))
        cells = (card["name"], kind, role, share, "" if distinct is None else str(distinct))
        rows.append((*cells, _values(card, profile)))
    names = ("column", "kind", "role", "missing", "distinct", "values")
    print_table(text("data_judge.columns_title"), heads(*names), rows)
    more = columns["count"] - len(rows)
    if more > 0:
        typer.echo(text("data_judge.more_columns", count=more))


def _values(card: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    if card["hidden"]:
        return "***"
    low, high = profile.get("min"), profile.get("max")
    if low is not None:
        ends = [number(end) if isinstance(end, int | float) else str(end) for end in (low, high)]
        return " – ".join(ends)
    known = [name for name in profile.get("languages") or () if name != _NO_LANGUAGE]
    listed = profile.get("top") or known or profile.get("sizes") or {}
    said = ", ".join([*list(listed)[:4], *profile.get("modes", ()), *_sounds(profile)])
    return cut(" ".join(said.splitlines()), _WIDE)


def _sounds(profile: Mapping[str, Any]) -> list[str]:
    """Return length, rate and loudness of recordings, or nothing."""
    parts = profile.get("parts") or {}
    if "seconds" not in parts:
        return []
    ends = {
        name: " – ".join(dict.fromkeys(number(parts[name].get(end)) for end in ("min", "max")))
        for name in ("seconds", "loudness_db")
    }
    rates = [f"{rate} Hz" for rate in profile.get("rates", ())]
    return [f"{ends['seconds']} s", *rates, f"{ends['loudness_db']} dB"]


def _print_copies(copies: Mapping[str, Any]) -> None:
    if copies.get("looked"):
        near = (copies.get("near") or {}).get("rows", 0)
        facts = {"copies": copies["copies"], "near": near, "clash": copies["conflicting"]}
        typer.echo(text("data_judge.copies", **facts))
        if copies.get("only_reported"):
            typer.echo(text("data_judge.copies_by_chance"))


def check(
    source: Source,
    contract: Annotated[Path | None, typer.Option(help=text("data_judge.contract"))] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_check(source, contract or "")
    if as_json:
        print_json(found)
    else:
        _print_rules(found)
    if found["blocked"]:
        raise typer.Exit(REFUSED)


def _print_rules(found: Mapping[str, Any]) -> None:
    bad = [rule for rule in found["rules"] if rule["verdict"] in _BAD]
    good = [rule for rule in found["rules"] if rule["verdict"] not in _BAD]
    rows = [_rule(rule) for rule in [*bad, *good][:_RULES]]
    facts = {name: found[name] for name in ("name", "rows", "count")}
    names = ("rule", "verdict", "severity", "failures", "about")
    print_table(text("data_judge.rules_title", **facts), heads(*names), rows)
    if found["drafted"]:
        typer.echo(text("data_judge.drafted"))
    blocked = found["blocked"]
    typer.echo(text("data_judge.blocked", count=blocked) if blocked else text("data_judge.holds"))


def _rule(rule: Mapping[str, Any]) -> tuple[str, ...]:
    why = rule["why_zh"] if language() == "zh" else rule["why"]
    seen = ", ".join(str(sample["value"]) for sample in rule["samples"])
    return (
        str(rule["rule"]),
        text(f"cli.verdict_{rule['verdict']}"),
        text(f"report.severity_{rule['severity']}"),
        str(rule["failures"] or ""),
        why or seen,
    )


def clean(
    source: Source,
    govern: Annotated[Path | None, typer.Option(help=text("data_judge.govern"))] = None,
    target: Target = "",
    name: Annotated[str, typer.Option(help=text("data_judge.name"))] = "",
    to: To = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        done = opened.data_clean(source, govern or "", target, name)
        page = opened.data_page(done.run.id)
    found = done.document
    if to is not None:
        _write(found, to)
    if as_json:
        print_json({"run": done.run.id, "version": done.version, "report": page, **found})
        return
    rows = [
        (step["name"], str(step["rows_before"]), str(step["rows_after"]), str(step["changed"]),
         f"{step['seconds']:.2f} s")
        for step in found["operators"]
    ]  # fmt: skip
    identity, removed = found["identity"], found["removed"]
    after = identity["clean_rows"]
    facts = {"name": identity["name"], "before": after + removed["count"], "after": after}
    columns = heads("operator", "before", "after", "changed", "time")
    print_table(text("data_judge.cleaned_title", **facts), columns, rows)
    _print_removed(removed, identity)
    typer.echo(text("data_judge.cleaned", version=short(done.version)))
    _say_written(to or page)


def _print_removed(removed: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
    channel, count = identity.get("channel"), removed["count"]
    if count and channel:
        typer.echo(text("data_judge.removed", count=count, channel=channel))
    elif count:
        typer.echo(text("data_judge.removed_source", count=count))


def report(
    name: Annotated[str, typer.Argument(help=text("data_judge.report_name"))],
    to: To = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_report(name)
        page = to or opened.data_page(found["identity"]["run"])
    if to is not None:
        _write(found, to)
    if as_json:
        print_json(found)
    else:
        typer.echo(str(page))


def _write(found: Mapping[str, Any], path: Path) -> None:
    from lingqu.report.data_html import render_data

    write_text(path, render_data(found))


def _say_written(path: Path | None) -> None:
    if path is not None:
        typer.echo(text("data_judge.written", path=str(path)))
