"""The command that shows outlets, releases and what is asked of them: status, once or live."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
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
from lingqu.core.i18n import text

if TYPE_CHECKING:
    from lingqu.workspace import Workspace

WINDOW = 10
"""Looks that a live figure spans: one alone would jump about."""
_HEADS = (
    "channel", "outlet", "arm", "release", "per_s", "p50", "p99", "requests", "refused", "errors",
    "waiting",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.status"))(status)


def status(
    watch: Annotated[bool, typer.Option("--watch", help=text("use.status_watch"))] = False,
    every: Annotated[float, typer.Option(min=0.1, help=text("use.status_every"))] = 1.0,
    looks: Annotated[int, typer.Option(min=0, help=text("use.status_looks"))] = 0,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        if watch:
            _watch(opened, every, looks, as_json)
            return
        outlets, releases = opened.outlets(), opened.releases()
        traffic = opened.traffic()
    if as_json:
        print_json({"outlets": outlets, "releases": releases, "traffic": traffic})
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
    if any(line.requests or not line.alive for line in traffic):
        _print(text("use.traffic_title"), traffic)


def _watch(opened: Workspace, every: float, looks: int, as_json: bool) -> None:
    """Look again and again, until Ctrl-C or a number of looks."""
    seen: list[Any] = []
    shown = _Shown(as_json)
    try:
        with shown:
            while True:
                seen = [*seen[-WINDOW:], opened.look()]
                shown.show(opened.traffic(seen[-1], seen[0] if len(seen) > 1 else None))
                looks -= 1
                if looks == 0:
                    return
                time.sleep(every)
    except KeyboardInterrupt:
        return  # how one leaves a live view


class _Shown:
    """A table that changes in its place; on a pipe, one below the other."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._live: Any = None

    def __enter__(self) -> _Shown:
        if sys.stdout.isatty() and not self._as_json:
            from rich.live import Live

            self._live = Live(auto_refresh=False, screen=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, lines: Sequence[Any]) -> None:
        """Show what was asked since the look before."""
        if self._as_json:
            print_json(lines)
        elif self._live is None:
            _print(_now(), lines)
        else:
            self._live.update(_table(lines), refresh=True)


def _print(title: str, lines: Sequence[Any]) -> None:
    print_table(title, _heads(), list(map(_cells, lines)), whole=(_HEADS.index("release"),))
    for place in _places(lines):
        typer.echo(place)


def _table(lines: Sequence[Any]) -> Any:
    from rich import box
    from rich.table import Table

    told = "\n".join([_now(), *_places(lines)])
    table = Table(
        title=told,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="",
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for name, heading in zip(_HEADS, _heads(), strict=True):
        table.add_column(heading, overflow="fold", no_wrap=name == "release")
    for line in lines:
        style = "red" if not line.alive or line.errors else None
        table.add_row(*_cells(line), style=style)
    return table


def _now() -> str:
    return datetime.now(UTC).strftime("%H:%M:%S UTC")


def _heads() -> list[str]:
    return [text(f"use.head_{name}") for name in _HEADS]


def _cells(line: Any) -> tuple[str, ...]:
    if not line.alive:
        return (line.channel, line.outlet, text("use.no_answer"), *[""] * (len(_HEADS) - 3))
    return (
        line.channel,
        line.outlet,
        text(f"cli.arm_{line.arm}") if line.arm in _ARMS else line.arm,
        line.release,
        "" if line.per_s is None else f"{line.per_s:,.1f}",
        _ms(line.p50_ms),
        _ms(line.p99_ms),
        f"{line.requests:,}",
        f"{line.refused:,}",
        f"{line.errors:,}",
        f"{line.waiting:,}",
    )


def _places(lines: Sequence[Any]) -> list[str]:
    """Return a line for each address: how many processes answer there, and since when."""
    return [
        text(
            "use.place",
            address=line.address,
            processes=line.processes,
            since=datetime.fromtimestamp(line.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        )
        for line in {line.address: line for line in lines if line.alive}.values()
    ]


_ARMS = ("champion", "canary", "shadow", "fallback")


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
