"""The block of an encoding that turns users, or lists of items, into what a recommender reads.

It holds the histories of the known users as packed numbers, and what is known of these users where
a learner reads it. A row names a user, gives a list of items, or both: then the list goes on where
the history ends. What a row says of the user goes before what is known.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.nouns import Json
from lingqu.release.baskets.facts import Facts
from lingqu.release.baskets.rows import Taken

HISTORY = "history"
"""Column of a request: items that somebody took, for a user whom nobody knows."""
EXCLUDE = "exclude_seen"
"""Column of a request: whether items that were taken are left out; they are where it is absent."""
ASIDE = (HISTORY, EXCLUDE)
NOBODY: Mapping[str, Json] = {"width": 0, "columns": ()}
"""The people of a block of whose users nothing is known."""
_INTS, _FLOATS = "<i4", "<f4"


class BasketsBlock:
    """What a recommender reads of a row: how much of each item was taken, what is known of the
    user, and whether to leave out what was taken.

    Args:
        block: ``user`` and ``item`` (columns), ``top``, ``items`` and ``users`` (names), and of
            each user in order: ``counts`` of items, ``taken`` (items), ``strengths`` (or ``""``
            where all are 1), each packed. ``people`` says how many numbers are known of a user
            and, where a learner reads them, how they are made and of what; absent for none.
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
        people = block.get("people", NOBODY)
        self._facts = Facts(people["columns"])
        self._known = {fact["name"]: fact["values"] for fact in people["columns"]}
        self.width = len(self.items) + people["width"] + 1

    def write(self, frame: pl.DataFrame, out: NDArray[np.float32]) -> None:
        out[:] = 0
        out[:, -1] = 1
        codes = [self._users.get(name, -1) if name else -1 for name in _names(frame, self.user)]
        for row, code in enumerate(codes):
            if code >= 0:
                start, end = self._ends[code], self._ends[code + 1]
                out[row, self._taken[start:end]] = self._strengths[start:end]
        if self._facts.width:
            place = len(self.items)
            cells = {name: self._cells(frame, name, codes) for name in self._facts.names}
            self._facts.write(cells, out[:, place : place + self._facts.width])
        if HISTORY in frame.columns:
            for row, given in enumerate(frame.get_column(HISTORY).to_list()):
                had = [self._place[n] for n in given or () if n in self._place]
                out[row, had] = np.maximum(out[row, had], 1.0)
        if EXCLUDE in frame.columns:
            keep = frame.get_column(EXCLUDE).fill_null(True).to_numpy()
            out[:, -1] = keep.astype(np.float32)

    def _cells(self, frame: pl.DataFrame, name: str, codes: Sequence[int]) -> list[Any]:
        """Return what each row says of its user, or what is known of them."""
        known = self._known[name]
        stored = [known[code] if code >= 0 else None for code in codes]
        if name not in frame.columns:
            return stored
        said = frame.get_column(name).to_list()
        return [old if new is None else new for new, old in zip(said, stored, strict=True)]

    def bases(self, tensor: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which rows rest on what was taken, and which at least on what is known."""
        items = len(self.items)
        taken, known = tensor[:, :items] > 0, tensor[:, items:-1] != 0
        return np.asarray(taken.any(1)), np.asarray(known.any(1))

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


def block_of(
    rows: Taken, *, user: str, item: str, top: int, people: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    """Return the block of these rows as JSON.

    Args:
        rows: Who took what.
        user: Column of the users; item: of the items.
        top: Items of an answer.
        people: What is known of the users, in their order.
    """
    users, items, strengths = rows.pairs()
    block = _packed_block(user, item, top, rows.items, rows.users, users, items, strengths)
    return _with_people(block, people) if people else block


def _with_people(block: Mapping[str, Json], people: Mapping[str, Json]) -> dict[str, Json]:
    names = [fact["name"] for fact in people["columns"]]
    return {**block, "columns": [block["user"], *names], "people": dict(people)}


def unread(block: Mapping[str, Json]) -> dict[str, Json]:
    """Return the block of learners that do not read what is known of users: it is not carried."""
    if "people" not in block:
        return dict(block)
    return _with_people(block, {"width": block["people"]["width"], "columns": []})


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
    width = len(block["items"]) + block.get("people", NOBODY)["width"] + 1
    return {
        "version": 1, "style": "baskets", "tensor": "x", "shape": [width],
        "blocks": [dict(block)], "left_out": [],
    }  # fmt: skip


def carried(block: Mapping[str, Json], newer: Taken) -> dict[str, Json]:
    """Return the block with newer rows behind its histories; users who are new are added.

    Nothing is known of these. Strengths stay as they are told; a newer one is in units of its own
    mean.
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
    longer = _packed_block(
        block["user"], block["item"], int(block["top"]), block["items"], users,
        owner[first], items[first], strengths[first],
    )  # fmt: skip
    if "people" not in block:
        return longer
    nothing = [None] * (len(users) - len(block["users"]))
    told = [{**fact, "values": [*fact["values"], *nothing]} for fact in block["people"]["columns"]]
    return _with_people(longer, {**block["people"], "columns": told})


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
