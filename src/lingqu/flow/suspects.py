"""Doubted labels and removed rows of the last run, and what a person decides of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lingqu.core.catalog import near
from lingqu.core.errors import DataError, SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.data import versions
from lingqu.data.export import write_csv
from lingqu.flow.decisions import Decisions, Kind, decide, decided, row_ids, row_key
from lingqu.flow.last_run import doubted, newest_run, removed_rows, stage_results
from lingqu.flow.shown import plain, shown_row
from lingqu.release.prepare import hidden_columns
from lingqu.store.home import Home

ACCEPTED = ("yes", "y", "true", "1", "x", "是", "对", "接受")
"""What a person may write beside a suspect to accept the suggested label."""
REFUSED = ("", "no", "n", "false", "0", "否", "不")
"""What leaves a suspect as it is."""
_BRIEF = frozenset("01nxy")
"""Those of the words that may as well be labels, where digits or letters are told apart."""
_LEAST = 6
"""Fewest characters of the digest of a row that name it."""


def suspects(home: Home, channel: str) -> list[dict[str, Json]]:
    """Return the doubted labels of the last run, the most doubtful first.

    Returns:
        Rows ``{"id", "row", "given", "suggested", "score", "values", "image"}``; those that were
        decided on already are left out.
    """
    results = stage_results(home, newest_run(home, channel))
    governed = results["govern"]
    train = versions.load(results["data"]["train"]["blob"], home.blobs)
    shown = train.schema.without(hidden_columns(governed["operators"]))
    known = decided(home, channel)
    listed = list(doubted(governed))
    places = [int(row["row"]) for row in listed]
    ids = row_ids(train.frame[places], train.schema, row_key(home)) if places else []
    found = []
    for row, name in zip(listed, ids, strict=True):
        if name not in known.labels and name not in known.kept:
            values = train.frame.row(int(row["row"]), named=True)
            found.append({"id": name, **row, **shown_row(shown, values, named=True)})
    return found


def write_suspects(home: Home, channel: str, path: Path) -> int:
    """Write the doubted labels as a CSV file with an empty column ``accept``; return how many."""
    rows = suspects(home, channel)
    columns = list(dict.fromkeys(name for row in rows for name in row["values"]))
    frame = pl.DataFrame(
        {
            "accept": [""] * len(rows),
            "id": [row["id"] for row in rows],
            "given": [str(row["given"]) for row in rows],
            "suggested": [str(row["suggested"]) for row in rows],
            "score": [row["score"] for row in rows],
            **{
                f"value.{name}": [_word(row["values"].get(name)) for row in rows]
                for name in columns
            },
        }
    )
    write_csv(frame, path)
    return len(rows)


def _word(value: Any) -> str:
    return "" if value is None else str(value)[:500]


def read_accepted(path: Path) -> list[dict[str, str]]:
    """Read what a person filled in: ``yes`` in ``accept``, or the right label itself.

    ``1`` and ``0``, or ``x``, ``y`` and ``n``, are labels where labels of the list look like them.

    Returns:
        ``{"row", "from", "to"}`` of the rows whose ``accept`` is not empty or ``no``.

    Raises:
        DataError: The file is not one that `write_suspects` wrote.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError("loop.bad_file", path=str(path), problem=str(error)[:200]) from error
    lacking = [n for n in ("accept", "id", "given", "suggested") if n not in frame.columns]
    if lacking:
        problem = "no column " + ", ".join(lacking)
        raise DataError("loop.bad_file", path=str(path), problem=problem)
    labels = {*frame.get_column("given"), *frame.get_column("suggested")} - {None}
    alike = {label.isdigit() for label in labels if len(label) == 1 and label.isascii()}
    fixes = []
    for accept, name, given, suggested in frame.select(
        "accept", "id", "given", "suggested"
    ).iter_rows():
        said = (accept or "").strip()
        if not (said in _BRIEF and said.isdigit() in alike):
            if said.lower() in REFUSED:
                continue
            said = suggested if said.lower() in ACCEPTED else said
        fixes.append({"row": name, "from": given, "to": said})
    return fixes


def fix(
    home: Home, channel: str, fixes: Sequence[Mapping[str, str]], by: str, note: str = ""
) -> int:
    """Accept labels; the next run makes a new version of the data with them.

    Args:
        home: The workspace.
        channel: Name of the channel.
        fixes: ``{"row", "to"}``, and ``from`` where it is not one of the suspects. The row may be
            shortened to an unambiguous beginning, or called what its id column says.
        by: Who accepts.
        note: Why.

    Raises:
        SpecError: A row is not known, or a label is the one it has.
    """
    known = {row["id"]: str(row["given"]) for row in suspects(home, channel)}
    rows = []
    for wish in fixes:
        name = wish["row"]
        if "from" not in wish:
            name = _full(home, channel, name, known)
        old = wish.get("from", known.get(name, ""))
        if old == wish["to"]:
            raise SpecError("loop.same_label", row=name, label=old)
        rows.append({"row": name, "from": old, "to": wish["to"]})
    return decide(home, channel, "label", rows, by, note)


def removed(home: Home, channel: str) -> list[dict[str, Json]]:
    """Return every row that governance removed in the last run, with why.

    Where a column names the rows, and may be shown, ``name`` (and ``copy_of_name``) say which.
    """
    results = stage_results(home, newest_run(home, channel))
    rows = removed_rows(home, results["govern"])
    _, names = _named(home, results)
    return [_called(row, names) for row in rows] if names else rows


def _named(home: Home, results: Mapping[str, Mapping[str, Json]]) -> tuple[Dataset, list[Json]]:
    """Return the training rows as read and what their id column says, if it may be shown."""
    train = versions.load(results["data"]["train"]["blob"], home.blobs)
    ids = train.schema.without(hidden_columns(results["govern"]["operators"])).having("id")
    return train, [plain(name) for name in train.frame.get_column(ids[0].name)] if ids else []


def _called(row: Mapping[str, Json], names: Sequence[Json]) -> dict[str, Json]:
    found = {**row, "name": names[row["row"]]}
    twin = row.get("copy_of")
    return found | ({"copy_of_name": names[twin]} if isinstance(twin, int) else {})


def undo(
    home: Home, channel: str, names: Sequence[str], operator: str, by: str, note: str = ""
) -> int:
    """Take back a removal or a decision: the next run keeps the rows as they were.

    Args:
        home: The workspace.
        channel: Name of the channel.
        names: Digests of rows, unambiguous beginnings, or what their id column says.
        operator: In place of names: all rows that this operator removed.
        by: Who decides.
        note: Why.

    Raises:
        SpecError: Nothing of that name was removed or decided.
    """
    gone = removed(home, channel)
    if operator:
        chosen = [str(row["id"]) for row in gone if row["operator"] == operator]
        if not chosen:
            known = sorted({str(row["operator"]) for row in gone})
            raise SpecError("loop.no_removal", operator=operator, known=", ".join(known) or "—")
        return decide(home, channel, "keep", [{"row": row} for row in chosen], by, note)
    known_rows = {str(row["id"]) for row in gone}
    before = decided(home, channel)
    told = {*before.labels, *before.dropped, *before.kept}
    parts: dict[Kind, list[Mapping[str, str]]] = {"keep": [], "withdraw": []}
    for name in names:
        row = _full(home, channel, name, {*known_rows, *told})
        parts["withdraw" if row in told else "keep"].append({"row": row})
    return sum(decide(home, channel, kind, rows, by, note) for kind, rows in parts.items() if rows)


def decisions(home: Home, channel: str) -> Decisions:
    """Return the decisions that hold now."""
    return decided(home, channel)


def _full(home: Home, channel: str, name: str, known: Iterable[str]) -> str:
    """Return the digest of the one row that a name means, among those that are known."""
    rows = list(known)
    found = [row for row in rows if row.startswith(name)] if len(name) >= _LEAST else []
    if not found:
        train, names = _named(home, stage_results(home, newest_run(home, channel)))
        places = [place for place, said in enumerate(names) if str(said) == name]
        called = set(row_ids(train.frame[places], train.schema, row_key(home))) if places else set()
        found = [row for row in rows if row in called]
    if len(found) != 1:
        raise SpecError(
            "loop.unknown_row",
            row=name,
            channel=channel,
            count=len(found),
            near=near(name, rows) if rows else "—",
        )
    return found[0]
