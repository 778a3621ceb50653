"""A progress bar of a training, for people at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from lingqu.core.i18n import text
from lingqu.learn.listeners import Listener
from lingqu.learn.run import Run


def bar(console: Console | None = None) -> Listener:
    """Show how far a training is, its losses and the time it still needs.

    Args:
        console: Where; the terminal's standard error, when omitted. Where no terminal is, as
            in a log, nothing is shown: rows of the curve are what `report` is for.
    """
    where = Console(stderr=True) if console is None else console
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
        console=where,
        transient=True,
        disable=not where.is_terminal,
    )
    line = shown.add_task(text("deep.bar_title"), total=None, said="")

    def listen(event: str, run: Run) -> None:
        if event == "end":
            shown.stop()
            return
        if not shown.live.is_started:
            shown.start()
        told = [f"{name} {value:.4g}" for name, value in run.means.items()]
        epochs = run.plan.epochs
        place = text("deep.bar_epoch", epoch=min(run.epoch + 1, epochs), of=epochs)
        said = " · ".join([place, *told])
        shown.update(line, total=run.end, completed=run.position, said=said)

    return listen
