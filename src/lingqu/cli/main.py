"""`lingqu`: the command line. It translates words into calls of the workspace, and decides nothing.

Exit codes: 0 done, 1 refused or failed, 2 wrong use.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import typer

from lingqu.cli import (
    access,
    clients,
    data,
    data_judge,
    data_keys,
    data_loop,
    house,
    path,
    people,
    promote,
    release,
    route,
    score,
    status,
    trail,
    use,
    watch,
)
from lingqu.cli.wording import word, worded
from lingqu.core.errors import LingquError, SpecError
from lingqu.core.i18n import text

# The matrices of this process are small; on a busy machine two threads of the linear algebra
# library wait for each other and are many times slower than one. Workers are told by the engine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FEW_COLLECTIONS = (100_000, 50, 100)
WRONG_USE = 2
REFUSED = 1

app = typer.Typer(
    name="lingqu",
    help=text("cli.about"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for room in (
    path, data, data_judge, data_loop, data_keys, release, use, route, promote, status, score,
    clients, access, people, watch, trail, house,
):  # fmt: skip
    room.add_to(app)
word(app)


def _say(error: LingquError, as_json: bool) -> None:
    if as_json:
        import json

        body = {"error": error.key, "message": str(error)}
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        typer.echo(f"{text('cli.error')}{error}", err=True)


def _complain(error: typer.TyperException) -> None:
    """Say what was wrong with the words of a command; where there were none, print its help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return
    said = worded(error.format_message())
    said += "" if said[-1:] in (".", "?", "。", "？") else text("cli.full_stop")
    typer.echo(f"{text('cli.error')}{said}{text('cli.see_help')}", err=True)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and leave with its exit code."""
    command: Any = typer.main.get_command(app)
    if arguments is None:
        # A command is short, and what libraries make on import stays: looking for garbage among
        # a million of their objects, also at the very end, takes half a second of a run.
        gc.set_threshold(*FEW_COLLECTIONS)
    try:
        code = command.main(arguments, prog_name="lingqu", standalone_mode=False)
    except LingquError as error:
        _say(error, "--json" in (sys.argv[1:] if arguments is None else arguments))
        code = WRONG_USE if isinstance(error, SpecError) else REFUSED
    except typer.Abort:
        typer.echo(text("cli.stopped"), err=True)
        code = REFUSED
    except typer.TyperException as error:
        _complain(error)
        code = WRONG_USE
    except KeyboardInterrupt:
        typer.echo(text("cli.stopped"), err=True)
        code = REFUSED
    code = code if isinstance(code, int) else 0
    if arguments is None:
        gc.freeze()
        sys.exit(code)
    return code
