"""The command that answers whole files: score."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json, short
from lingqu.core.i18n import text

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    app.command(help=text("use.score"))(score)


def score(
    channel: Annotated[str, typer.Argument(help=text("cli.channel_name"))],
    file: Annotated[str, typer.Argument(help=text("use.score_file"))],
    out: Annotated[str, typer.Option(help=text("use.score_out"))],
    keep: Annotated[str, typer.Option(help=text("use.score_keep"))] = "",
    most_bad: Annotated[int, typer.Option(min=0, help=text("use.score_most_bad"))] = 10_000,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    names = [name.strip() for name in keep.split(",") if name.strip()]
    with open_workspace(workspace) as opened, Bar(file, _screen(as_json)) as bar:
        done = opened.score(channel, file, out, keep=names, most_bad=most_bad, tell=bar.hear)
    if as_json:
        print_json(done)
        return
    rate = f"{(done.rows - done.kept) / max(done.seconds, 1e-9):,.0f}"
    seconds = f"{done.seconds:.1f}"
    typer.echo(text("use.scored", release=short(done.release), rows=f"{done.rows:,}",
                    seconds=seconds, rate=rate, out=done.out))  # fmt: skip
    if done.kept:
        typer.echo(text("use.scored_kept", kept=f"{done.kept:,}"))
    if done.bad:
        typer.echo(text("use.scored_bad", bad=f"{done.bad:,}", path=done.bad_file))


def _screen(quiet: bool) -> Console:
    from rich.console import Console as Screen

    return Screen(file=sys.stderr, force_terminal=False if quiet else None)


class Bar:
    """A bar with rows, rows a second and time left; nothing where there is no terminal.

    Args:
        name: The file that is answered.
        console: Where it is drawn.
    """

    def __init__(self, name: str, console: Console) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._moving = console.is_terminal
        told = [TextColumn("{task.fields[told]}"), BarColumn(), TextColumn("{task.fields[left]}")]
        self._progress = Progress(*told, console=console, transient=True)
        self._name = name
        self._task = self._progress.add_task("", total=None, told=name, left="")
        self._begun: tuple[float, int] | None = None

    def __enter__(self) -> Bar:
        if self._moving:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._moving:
            self._progress.stop()

    def refresh(self) -> None:
        """Draw it now."""
        self._progress.refresh()

    def hear(self, now: Any) -> None:
        """Take how far the scoring is."""
        if not self._moving:
            return
        at = self._progress.get_time()
        self._begun = self._begun or (at, now.rows)
        passed, rows = at - self._begun[0], now.rows - self._begun[1]
        left = ""
        if rows and passed:
            left = text("use.row_rate", rate=f"{rows / passed:,.0f}")
            if now.total is not None:
                seconds = (now.total - now.rows) * passed / rows
                left += "  " + text("use.time_left", seconds=f"{seconds:.0f}")
        told = text("use.scoring", path=self._name, rows=f"{now.rows:,}")
        self._progress.update(self._task, completed=now.rows, total=now.total, told=told, left=left)
