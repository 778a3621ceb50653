"""`lingqu data`: versions of data. Other files of this floor may add commands to `data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lingqu.cli.session import (
    AsJson,
    InWorkspace,
    is_told,
    open_workspace,
    print_json,
    print_table,
    short,
    write_text,
)
from lingqu.cli.shown import cut, headings, number
from lingqu.core.errors import SpecError
from lingqu.core.i18n import language, text
from lingqu.core.schema import KINDS, ROLES

data = typer.Typer(help=text("data_cli.about"), no_args_is_help=True)
VersionArgument = Annotated[str, typer.Argument(help=text("data_cli.version"))]
heads = headings("data_cli")
_STEPS = ("B", "kB", "MB", "GB", "TB")


def add_to(app: typer.Typer) -> None:
    app.add_typer(data, name="data")


@data.command("commit", help=text("data_cli.commit"))
def commit(
    source: Annotated[str, typer.Argument(help=text("data_cli.commit_source"))],
    name: Annotated[str, typer.Option(help=text("data_cli.commit_name"))] = "",
    message: Annotated[
        str, typer.Option("--message", "-m", help=text("data_cli.commit_message"))
    ] = "",
    fact: Annotated[list[str] | None, typer.Option(help=text("data_cli.commit_fact"))] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    facts = dict(_fact(given) for given in fact or ())
    with open_workspace(workspace) as opened:
        done = opened.data_commit(source, name, message, facts)
    if as_json:
        print_json(done)
        return
    kind = "unchanged" if done.unchanged else "committed"
    typer.echo(
        text(
            f"data_cli.{kind}_files" if done.files else f"data_cli.{kind}",
            version=short(done.record.version),
            name=done.record.label,
            rows=done.record.rows,
            read=done.read,
            written=size(done.written),
        )
    )


def _fact(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise SpecError("data_cli.bad_fact", received=given)
    return name.strip(), value.strip()


def size(count: int) -> str:
    """Return a size with three digits.

    Example:
        >>> size(999), size(1_234_567)
        ('999 B', '1.23 MB')
    """
    value, step = float(count), 0
    while value >= 1000 and step < len(_STEPS) - 1:
        value, step = value / 1000, step + 1
    return f"{value:.3g} {_STEPS[step]}"


@data.command("log", help=text("data_cli.log"))
def log(
    name: Annotated[str, typer.Argument(help=text("data_cli.log_name"))] = "",
    limit: Annotated[int, typer.Option(help=text("cli.limit"))] = 20,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_log(name, limit)
    if is_told(found, as_json, text("data_cli.no_versions")):
        return
    rows = [
        (short(v["version"]), v["name"], v["at"][:16].replace("T", " "), str(v["rows"]),
         size(v["bytes"]), _about(v))
        for v in found
    ]  # fmt: skip
    columns = heads("version", "name", "made", "rows", "size", "about")
    print_table(text("data_cli.log_title"), columns, rows, whole=(0,))


def _about(version: Mapping[str, Any]) -> str:
    """Return the message, where it came from, and what must be known of it."""
    said = [version["message"]] if version["message"] else []
    if version["parents"]:
        parents = ", ".join(map(short, version["parents"]))
        operators = ", ".join(version["operators"])
        made = "made_of" if operators else "after"
        said.append(text(f"data_cli.{made}", parents=parents, operators=operators))
    if version["erased"]:
        said.append(text("data_cli.erased"))
    if version["past_retention"]:
        said.append(text("data_cli.past", day=version["kept_until"]))
    return ("；" if language() == "zh" else "; ").join(said)


@data.command("show", help=text("data_cli.show"))
def show(version: VersionArgument, as_json: AsJson = False, workspace: InWorkspace = "") -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_show(version)
    if as_json:
        print_json(found)
        return
    title = text("data_cli.show_title", version=short(found["version"]), name=found["name"])
    count = text("data_cli.head_rows")
    facts = [(count, str(found["rows"])), (text("data_cli.head_size"), size(found["bytes"]))]
    about = _about(found)
    facts += [(text("data_cli.head_about"), about)] if about else []
    made = [f"{short(child['version'])} ({child['name']})" for child in found["made"]]
    facts += [(text("data_cli.made_from_it"), ", ".join(made[:_MOST_MADE]))] if made else []
    known = ("license", "consent", "purpose", "origin", "owner", "retention", "source")
    facts += [(_fact_name(f), str(found["facts"][f])) for f in known if found["facts"].get(f)]
    print_table(title, [*heads("what"), ""], facts)
    if found["schema"]:
        words = {name: text(f"cli.column_{name}") for name in (*KINDS, *ROLES)}
        columns = [(c["name"], words[c["kind"]], words[c["role"]]) for c in found["schema"]]
        print_table(text("data_cli.columns_title"), heads("column", "kind", "role"), columns)
    if found["hidden"]:
        typer.echo(text("data_cli.hidden", columns=", ".join(found["hidden"])))
    _print_sample(found["sample"])


_MOST_COLUMNS = 6
_MOST_MADE = 3
_MOST_MOVED = 10


def _print_sample(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])[:_MOST_COLUMNS]
    cells = [[_cut(row[name]) for name in names] for row in rows]
    more = [] if len(rows[0]) <= _MOST_COLUMNS else ["…"]
    print_table(text("data_cli.sample_title"), names + more, [c + more for c in cells])


def _cut(value: Any) -> str:
    return cut("" if value is None else " ".join(str(value).splitlines()), 40)


def _fact_name(name: str) -> str:
    key = "datacard.source" if name == "source" else f"datacard.fact_{name}"
    return text(key)


@data.command("diff", help=text("data_cli.diff"))
def diff(
    first: VersionArgument,
    second: VersionArgument,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        found = opened.data_diff(first, second)
    if as_json:
        print_json(found)
        return
    first, second = short(found["first"]), short(found["second"])
    typer.echo(text("data_cli.diff_title", first=first, second=second))
    if "files" in found:
        _print_files(found["files"])
    else:
        _print_rows(found["rows"])
        _print_columns(found["columns"])
        _print_distances(found["distributions"])
    facts = [(_named_fact(f["fact"]), f["first"], f["second"]) for f in found["facts"]]
    if facts:
        print_table(text("data_cli.facts_title"), [*heads("fact"), "1", "2"], facts)


def _named_fact(name: str) -> str:
    known = ("license", "consent", "purpose", "origin", "owner", "retention", "source")
    return _fact_name(name) if name in known else name


def _print_files(files: Mapping[str, Any]) -> None:
    counts = {name: files[name] for name in ("added", "removed", "changed", "renamed")}
    typer.echo(text("data_cli.files_line", **counts))
    rows = [
        (text(f"data_cli.change_{name}"), " → ".join(paths))
        for name, found in files["samples"].items()
        for paths in found
    ]
    if rows:
        print_table("", heads("change", "name"), rows)


def _print_rows(rows: Mapping[str, Any]) -> None:
    counts = {name: rows[name] for name in ("added", "removed", "changed", "kept")}
    kind = "rows_by_id" if rows["by"] else "rows_by_content"
    typer.echo(text(f"data_cli.{kind}", column=rows["by"], **counts))
    samples = [
        (text(f"data_cli.change_{name}"), ", ".join(map(str, found)))
        for name, found in rows["samples"].items()
        if found
    ]
    if samples:
        print_table("", [*heads("change"), rows["by"]], samples)


def _print_columns(columns: Mapping[str, Any]) -> None:
    rows = [
        (text(f"data_cli.change_{change}"), name, "", "")
        for change in ("added", "removed")
        for name in columns[change]
    ]
    for row in columns["changed"]:
        sides = [
            ", ".join(s) if isinstance(s, list) else str(s) for s in (row["first"], row["second"])
        ]
        changed = text("data_cli.change_of", what=text(f"data_cli.part_{row['what']}"))
        rows.append((changed, row["column"], *sides))
    if rows:
        title = text("data_cli.columns_title")
        print_table(title, [*heads("change", "column"), "1", "2"], rows)


def _print_distances(rows: Sequence[Mapping[str, Any]]) -> None:
    moved = [r for r in rows if r["distance"] or r["missing_first"] != r["missing_second"]]
    if moved:
        cells = [
            (
                row["column"],
                row["measure"],
                number(row["distance"]),
                f"{row['missing_first']:.1%} → {row['missing_second']:.1%}",
            )
            for row in moved[:_MOST_MOVED]
        ]
        columns = heads("column", "measure", "distance", "missing")
        print_table(text("data_cli.distance_title"), columns, cells)
    if len(moved) > _MOST_MOVED:
        typer.echo(text("data_cli.moved_less", count=len(moved) - _MOST_MOVED))


@data.command("export", help=text("data_cli.export"))
def export(
    version: VersionArgument,
    to: Annotated[Path, typer.Option(help=text("data_cli.export_to"))],
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        written = opened.data_export(version, to)
    if as_json:
        print_json({"path": str(written), "files": sorted(p.name for p in written.iterdir())})
    else:
        typer.echo(text("cli.exported", path=str(written)))


@data.command("card", help=text("data_cli.card"))
def card(
    version: VersionArgument,
    form: Annotated[str, typer.Option("--format", help=text("data_cli.card_form"))] = "markdown",
    to: Annotated[Path | None, typer.Option(help=text("data_cli.card_to"))] = None,
    as_json: AsJson = False,
    workspace: InWorkspace = "",
) -> None:
    with open_workspace(workspace) as opened:
        said = opened.data_card(version, form)
    if to is not None:
        write_text(to, said)
    if as_json:
        print_json({"format": form, "path": str(to) if to else "", "card": said})
    elif to is not None:
        typer.echo(text("cli.exported", path=str(to)))
    else:
        typer.echo(said, nl=False)
