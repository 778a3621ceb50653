"""What people decided of single rows: another label, keep it after all, leave it out.

Decisions are events of the trail, so each says who and when, and none is ever lost. The rows are
named by a digest of their content under a key of the workspace (the trail must not hold what
others could compare guesses of a person with): a decision holds wherever the row stands in the
next delivery of the data, and no longer once the row itself has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core import digest
from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset, Json
from lingqu.core.row_digest import of_rows
from lingqu.core.schema import Schema, present
from lingqu.data.versions import whole
from lingqu.store.home import Home

Kind = Literal["label", "keep", "drop", "withdraw"]
EVENT = "data.decided"
_EACH = 500
"""Rows per event, at most."""
_PAGE = 1000


@dataclass(frozen=True)
class Decisions:
    """What holds now, by row.

    Args:
        labels: Row → (label it had, label it shall have).
        kept: Rows that no operator may remove.
        dropped: Rows that are left out.
    """

    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.labels or self.kept or self.dropped)

    def key(self) -> str:
        """Return what stands for them in the key of a stage; ``""`` where there are none."""
        if not self:
            return ""
        labels = [[row, *pair] for row, pair in sorted(self.labels.items())]
        return digest.of_json([labels, sorted(self.kept), sorted(self.dropped)])


def decided(home: Home, channel: str) -> Decisions:
    """Return the decisions of a channel that hold now: of each row the last one."""
    last: dict[str, tuple[str, str, str]] = {}
    after = 0
    while page := home.ledger.events.list(EVENT, channel, after, _PAGE):
        after = page[-1].sequence
        for event in page:
            kind = str(event.detail["decision"])
            for row in event.detail["rows"]:
                last[row["row"]] = (kind, row.get("from", ""), row.get("to", ""))
    return Decisions(
        {row: (old, new) for row, (kind, old, new) in last.items() if kind == "label"},
        frozenset(row for row, (kind, _, _) in last.items() if kind == "keep"),
        frozenset(row for row, (kind, _, _) in last.items() if kind == "drop"),
    )


def decide(
    home: Home, channel: str, kind: Kind, rows: Sequence[Mapping[str, str]], by: str, note: str = ""
) -> int:
    """Record decisions, in one transaction.

    Args:
        home: The workspace.
        channel: Channel the rows belong to.
        kind: What was decided; ``withdraw`` takes an earlier decision back.
        rows: ``{"row": digest}``, for a label also ``from`` and ``to``.
        by: Who decided.
        note: Why.

    Returns:
        How many rows.
    """
    with home.ledger.transaction():
        for start in range(0, len(rows), _EACH):
            part = [dict(row) for row in rows[start : start + _EACH]]
            detail: dict[str, Json] = {"decision": kind, "by": by, "rows": part}
            if note:
                detail["note"] = note
            home.ledger.events.append(EVENT, channel, detail, home.clock())
    return len(rows)


def row_key(home: Home) -> bytes:
    """Return the key of the digests of rows; it goes with the signing key of the workspace."""
    return bytes.fromhex(home.signing_key.keyed_hash(b"rows of data"))


def row_ids(frame: pl.DataFrame, schema: Schema, key: bytes) -> list[str]:
    """Return the digests that decisions name rows by: of all that was read but the target."""
    names = [c.name for c in present(schema, frame) if c.role != "target"]
    return of_rows(frame, names, key)


def identified(dataset: Dataset, decisions: Decisions, key: bytes) -> list[str] | None:
    """Return the digests of the rows if any decision needs them."""
    if not decisions:
        return None
    complete = whole(dataset)
    return row_ids(complete.frame, complete.schema, key)


def corrected(
    dataset: Dataset, ids: Sequence[str] | None, decisions: Decisions
) -> tuple[Dataset, NDArray[np.bool_], dict[str, int]]:
    """Return the rows with corrected labels, which of them stay, and how many were touched.

    Raises:
        DataError: A label was decided on that the target does not have.
    """
    stay = np.ones(len(dataset), dtype=np.bool_)
    target = dataset.schema.target
    if ids is None:
        return dataset, stay, {}
    stay = np.array([row not in decisions.dropped for row in ids], dtype=np.bool_)
    counts = {"relabelled": 0, "dropped": int((~stay).sum())}
    if target is None or not decisions.labels:
        return dataset, stay, counts
    old = dataset.frame.get_column(target.name)
    words: list[Any] = old.cast(pl.String).to_list()
    for place, row in enumerate(ids):
        before, after = decisions.labels.get(row, ("", ""))
        if after and words[place] == before:
            words[place] = after
            counts["relabelled"] += 1
    if not counts["relabelled"]:
        return dataset, stay, counts
    try:
        made = _as(words, old)
    except (pl.exceptions.PolarsError, ValueError) as error:
        wrong = ", ".join(sorted({new for _, new in decisions.labels.values()})[:8])
        raise DataError("loop.bad_label", column=target.name, received=wrong) from error
    schema = dataset.schema
    if target.levels:
        known = {*target.levels, *(word for word in words if word is not None)}
        fresh = tuple(sorted(known - set(target.levels)))
        schema = schema.updated(target.name, levels=(*target.levels, *fresh))
    frame = dataset.frame.with_columns(made.alias(target.name))
    return replace(dataset, frame=frame, schema=schema, digest=""), stay, counts


def _as(words: list[Any], old: pl.Series) -> pl.Series:
    series = pl.Series(old.name, words, dtype=pl.String)
    if old.dtype == pl.Boolean:
        return series.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    return series.cast(old.dtype)


def spared(dataset: Dataset, decisions: Decisions, key: bytes) -> NDArray[np.bool_] | None:
    """Return which rows no operator may remove, or None where nobody decided so."""
    if not decisions.kept:
        return None
    ids = row_ids(dataset.frame, dataset.schema, key)
    return np.array([row in decisions.kept for row in ids])


def with_ids(
    rows: Iterable[Mapping[str, Json]], frame: pl.DataFrame, schema: Schema, key: bytes
) -> list[dict[str, Json]]:
    """Return rows of a report with the digest that a decision names each by.

    Args:
        rows: With the number of the row as ``row``.
        frame: The rows that the numbers mean, as they were read.
        schema: Their columns.
        key: See `row_key`.
    """
    listed = [dict(row) for row in rows]
    places = [int(row["row"]) for row in listed]
    ids = row_ids(frame[places], schema, key) if places else []
    return [{**row, "id": name} for row, name in zip(listed, ids, strict=True)]
