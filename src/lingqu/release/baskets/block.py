"""The block of an encoding that turns users, or lists of items, into what a recommender reads.

It holds the histories of the known users as packed numbers. A row names a user, gives a list of
items, or both: then the list goes on where the history ends.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.baskets.rows import Taken

HISTORY = "history"
"""Column of a request: items that somebody took, for a user whom nobody knows."""
EXCLUDE = "exclude_seen"
"""Column of a request: whether items that were taken are left out; they are where it is absent."""
ASIDE = (HISTORY, EXCLUDE)
_INTS, _FLOATS = "<i4", "<f4"


class BasketsBlock:
    """Histories as numbers: how much of each item was taken, then whether to leave these out.

    Args:
        block: ``user`` and ``item`` (columns), ``top``, ``items`` and ``users`` (names), and of
            each user in order: ``counts`` of items, ``taken`` (items), ``strengths`` (or ``""``
            where all are 1), each packed.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.user: str = block["user"]
        self.top = int(block["top"])
        self.items: list[str] = block["items"]
        self._place = {name: code for code, name in enumerate(self.items)}
        self._users = {name: code for code, name in enumerate(block["users"])}
        counts = _unpacked(block["counts"], _INTS)
        self._ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._taken = _unpacked(block["taken"], _INTS).astype(np.int64)
        strengths = block["strengths"]
        given = _unpacked(strengths, _FLOATS) if strengths else np.ones(len(self._taken))
        self._strengths: NDArray[np.float32] = given.astype(np.float32)
        self.width = len(self.items) + 1

    def write(self, frame: pl.DataFrame, out: NDArray[np.float32]) -> None:
        out[:] = 0
        out[:, -1] = 1
        find = self._users.get
        for row, name in enumerate(_names(frame, self.user)):
            code = find(name, -1) if name is not None else -1
            if code >= 0:
                start, end = self._ends[code], self._ends[code + 1]
                out[row, self._taken[start:end]] = self._strengths[start:end]
        if HISTORY in frame.columns:
            for row, given in enumerate(frame.get_column(HISTORY).to_list()):
                codes = [self._place[n] for n in given or () if n in self._place]
                out[row, codes] = np.maximum(out[row, codes], 1.0)
        if EXCLUDE in frame.columns:
            keep = frame.get_column(EXCLUDE).fill_null(True).to_numpy()
            out[:, -1] = keep.astype(np.float32)

    def unknown(self, frame: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
        """Return of each row what it names that nobody knows: its user, and items of its list."""
        strangers = [
            () if name is None or name in self._users else (name,)
            for name in _names(frame, self.user)
        ]
        if HISTORY not in frame.columns:
            return tuple(strangers)
        lists = frame.get_column(HISTORY).to_list()
        return tuple(
            (*odd, *dict.fromkeys(n for n in given or () if n and n not in self._place))
            for odd, given in zip(strangers, lists, strict=True)
        )


def _names(frame: pl.DataFrame, column: str) -> list[str | None]:
    return frame.get_column(column).cast(pl.String).to_list()


def block_of(rows: Taken, *, user: str, item: str, top: int) -> dict[str, Json]:
    """Return the block of these rows as JSON."""
    users, items, strengths = rows.pairs()
    return _packed_block(user, item, top, rows.items, rows.users, users, items, strengths)


def _packed_block(
    user: str, item: str, top: int, names: Iterable[str], users: Iterable[str],
    owner: NDArray[Any], items: NDArray[Any], strengths: NDArray[np.float32],
) -> dict[str, Json]:  # fmt: skip
    known = list(users)
    plain = bool((strengths == 1).all())
    return {
        "type": "baskets", "user": user, "item": item, "columns": [user], "top": top,
        "items": list(names), "users": known,
        "counts": _packed(np.bincount(owner, minlength=len(known)), _INTS),
        "taken": _packed(items, _INTS),
        "strengths": "" if plain else _packed(strengths, _FLOATS),
    }  # fmt: skip


def encoding_of(block: Mapping[str, Json]) -> dict[str, Json]:
    """Return the encoding of one such block."""
    return {
        "version": 1, "style": "baskets", "tensor": "x", "shape": [len(block["items"]) + 1],
        "blocks": [dict(block)], "left_out": [],
    }  # fmt: skip


def carried(block: Mapping[str, Json], newer: Taken) -> dict[str, Json]:
    """Return the block with newer rows behind its histories; users who are new are added.

    Strengths stay as they are told; a newer one is in units of its own mean.
    """
    counts = _unpacked(block["counts"], _INTS)
    owner = np.repeat(np.arange(len(counts)), counts)
    items = _unpacked(block["taken"], _INTS).astype(np.int64)
    packed = block["strengths"]
    old = _unpacked(packed, _FLOATS) if packed else np.ones(len(items), dtype=np.float32)
    users = list(block["users"])
    place = {name: code for code, name in enumerate(users)}
    for name in newer.users:
        if name not in place:
            place[name] = len(users)
            users.append(name)
    fresh_user, fresh_item, fresh = newer.pairs()
    renamed = np.array([place[name] for name in newer.users], dtype=np.int64)
    spots = {name: code for code, name in enumerate(block["items"])}
    moved = np.array([spots.get(name, -1) for name in newer.items], dtype=np.int64)
    known = moved[fresh_item] >= 0
    owner = np.concatenate([owner, renamed[fresh_user[known]]])
    items = np.concatenate([items, moved[fresh_item[known]]])
    strengths = np.concatenate([old, fresh[known]]).astype(np.float32)
    cell = owner * len(spots) + items
    _, first = np.unique(cell, return_index=True)
    return _packed_block(
        block["user"], block["item"], int(block["top"]), block["items"], users,
        owner[first], items[first], strengths[first],
    )  # fmt: skip


def _packed(values: NDArray[Any], kind: str) -> str:
    return b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def _unpacked(packed: str, kind: str) -> NDArray[Any]:
    return np.frombuffer(b64decode(packed), dtype=kind)


def columns_aside(frame: pl.DataFrame) -> list[pl.Series]:
    """Return what a request says beside the user, in canonical types."""
    found: list[pl.Series] = []
    if HISTORY in frame.columns:
        given = frame.get_column(HISTORY)
        if given.dtype == pl.String:  # one item is a list of one
            given = pl.Series(HISTORY, [None if v is None else [v] for v in given])
        found.append(given.cast(pl.List(pl.String), strict=False))
    if EXCLUDE in frame.columns:
        found.append(frame.get_column(EXCLUDE).cast(pl.Boolean, strict=False))
    return found
