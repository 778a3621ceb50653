"""What keys used: by key, channel, release, day or hour, as rows and as a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lingqu.core import units
from lingqu.core.errors import SpecError, StoreError
from lingqu.core.nouns import Json
from lingqu.flow.access import names_of
from lingqu.store.home import Home
from lingqu.store.usage import COUNTS, Used

BY = ("key", "channel", "release", "month", "day", "hour")
"""What use can be told apart by."""
_STAMP = {"month": 7, "day": 10, "hour": 13}


def usage(
    home: Home, by: Sequence[str] = ("key", "channel"), since: str = "", channel: str = ""
) -> list[dict[str, Json]]:
    """Return what was used, in sums.

    Args:
        home: The workspace.
        by: What is told apart, some of `BY`.
        since: ISO 8601 time in UTC, or a duration back from now such as ``"30 d"``; from the
            first hour that is kept when empty. It begins with a whole hour.
        channel: Of one channel only.

    Returns:
        Rows of what `by` names, requests, errors, rows, tokens and money.

    Raises:
        SpecError: `by` or `since` cannot be read.
    """
    for one in by:
        if one not in BY:
            raise SpecError("access.unknown_by", received=one, known=", ".join(BY))
    start = int(_start(since, home.clock()) // 3600 * 3600)
    found = home.ledger.usage.list(start, channel=channel or None)
    return summed(found, by, names_of(home))


def summed(
    found: Sequence[Used], by: Sequence[str], names: Mapping[str, str]
) -> list[dict[str, Json]]:
    """Return sums of what was used.

    Args:
        found: Counts by the hour.
        by: What is told apart.
        names: Names of keys by id; of a rotated key both count as one.

    Example:
        >>> used = [Used("k1", "loans", "r", 0, 2, rows=5), Used("k2", "loans", "r", 3600, 1)]
        >>> summed(used, ["key"], {"k1": "app", "k2": "app"})[0]["requests"]
        3
    """
    sums: dict[tuple[str, ...], list[float]] = {}
    for used in found:
        place = tuple(_place(used, one, names) for one in by)
        counts = sums.setdefault(place, [0.0] * len(COUNTS))
        for number, name in enumerate(COUNTS):
            counts[number] += getattr(used, name)
    return [
        {
            **dict(zip(by, place, strict=True)),
            **{
                name: round(count, 6) if name == "money" else int(count)
                for name, count in zip(COUNTS, counts, strict=True)
            },
        }
        for place, counts in sorted(sums.items())
    ]


def write_usage(rows: Sequence[Mapping[str, Json]], path: Path) -> None:
    """Write rows to a file by its ending: ``.csv``, ``.json`` or ``.parquet``.

    Raises:
        SpecError: Another ending.
        StoreError: It cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in (".csv", ".json", ".parquet"):
        raise SpecError("access.bad_export", received=str(path))
    try:
        if ending == ".json":
            path.write_text(json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n")
        elif ending == ".csv":
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]) if rows else list(COUNTS))
                writer.writeheader()
                writer.writerows({k: _safe(v) for k, v in row.items()} for row in rows)
        else:
            import polars as pl  # only whoever wants a Parquet file waits for it

            pl.DataFrame(list(rows)).write_parquet(path)
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error


def _safe(value: Json) -> Json:
    """Return a cell that no spreadsheet takes for a formula."""
    is_formula = isinstance(value, str) and len(value) > 1 and value[0] in "=+-@\t\r"
    return f"'{value}" if is_formula else value


def _place(used: Used, one: str, names: Mapping[str, str]) -> str:
    if one in _STAMP:
        at = datetime.fromtimestamp(used.hour, UTC).isoformat()
        return at[: _STAMP[one]] + (":00" if one == "hour" else "")
    if one == "key":
        return names.get(used.key, used.key or "-")
    return used.release[:12] if one == "release" else str(getattr(used, one))


def _start(since: str, now: str) -> float:
    if not since:
        return 0.0
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        seconds = units.seconds(since)
        return max(0.0, datetime.fromisoformat(now).timestamp() - seconds)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
