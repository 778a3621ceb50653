"""Commands about releases: approve, verify, export."""

from __future__ import annotations

import getpass
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lingqu.cli.session import AsJson, InWorkspace, open_workspace, print_json, short
from lingqu.core.errors import StoreError
from lingqu.core.i18n import text

if TYPE_CHECKING:
    from lingqu.workspace import Workspace

Named = Annotated[str, typer.Argument(help=text("cli.release"))]


def add_to(app: typer.Typer) -> None:
    app.command(help=text("cli.approve"))(approve)
    app.command(help=text("cli.verify"))(verify)
    app.command(help=text("cli.export"))(export)


def approve(
    release: Named,
    by: Annotated[str, typer.Option(help=text("cli.approve_by"))] = "",
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        record = opened.approve(release, by or getpass.getuser())
    if as_json:
        print_json(record)
    else:
        typer.echo(text("cli.approved", release=short(record.digest)))


def verify(release: Named, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        archive = Path(release)
        is_file = archive.suffix == ".zip" and archive.is_file()
        problems = _verify_zip(opened, archive) if is_file else opened.verify(release)
    if as_json:
        print_json({"ok": not problems, "problems": problems})
    elif problems:
        for problem in problems:
            typer.echo(f"{text('cli.verdict_fail')}  {problem}")
    else:
        typer.echo(text("cli.verified"))
    if problems:
        raise typer.Exit(1)


def _verify_zip(opened: Workspace, archive: Path) -> list[str]:
    """Return what is wrong with an exported release that is one file."""
    with tempfile.TemporaryDirectory(prefix="lingqu-") as folder:
        try:
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(folder)
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise StoreError("cli.bad_zip", path=str(archive), problem=str(error)) from error
        if not (Path(folder) / "release.json").is_file():
            raise StoreError("cli.bad_zip", path=str(archive), problem="release.json")
        return opened.verify(folder)


def export(
    release: Named,
    to: Annotated[Path, typer.Argument(help=text("cli.export_to"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        written = opened.export(release, to)
    if as_json:
        print_json({"path": str(written)})
    else:
        typer.echo(text("cli.exported", path=str(written)))
