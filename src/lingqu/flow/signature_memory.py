"""What near copies were looked for already: the signature tables of a channel, between runs.

A cache beside the ledger, not a version: losing it costs time only. It holds digests and hashes
of texts, never a text; an erasure and a prune remove it.
"""

from __future__ import annotations

import os
from functools import cache
from itertools import count, takewhile
from mmap import ACCESS_READ, mmap
from pathlib import Path

from lingqu.core import digest
from lingqu.core.errors import DataError
from lingqu.core.signature_table import SignatureTable
from lingqu.store.home import Home

FOLDER = "signatures"
_MOST_BLOCKS = 32
"""Blocks after which a table is written as one: each run that saw new texts adds a block."""


class SignatureMemory:
    """Signature tables by what they are of.

    Args:
        home: The workspace.
        channel: Its name.
    """

    def __init__(self, home: Home, channel: str) -> None:
        self._folder = home.root / FOLDER / digest.short(digest.of_json(channel))

    def recall(self, name: str, threshold: float) -> tuple[SignatureTable, int]:
        """Return the table of a name, empty if there is none, and how many rows are kept of it."""
        paths = self._blocks(name, threshold)
        try:
            table = SignatureTable.from_bytes(*map(_mapped, paths))
        except (DataError, OSError, ValueError):  # empty, cut short, of an older form: made anew
            _forget(paths)
            paths = []
        if not paths:
            table = SignatureTable(threshold)
        return table, len(table)

    def keep(self, name: str, table: SignatureTable, since: int) -> None:
        """Keep the rows of a table from `since` on; the block appears whole or not at all."""
        if len(table) == since:
            return
        paths = self._blocks(name, table.threshold)
        if len(paths) >= _MOST_BLOCKS:
            _forget(paths)
            paths, since = [], 0
        if not paths:
            self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(name, table.threshold, len(paths))
        partial = f"{path}.{os.getpid()}.partial"
        Path(partial).write_bytes(table.to_bytes(since))
        os.replace(partial, path)

    def _blocks(self, name: str, threshold: float) -> list[str]:
        paths = (self._path(name, threshold, number) for number in count())
        return list(takewhile(os.path.exists, paths))

    def _path(self, name: str, threshold: float, number: int) -> str:
        return f"{self._folder}/{_key(name, threshold)}.{number:04}"


@cache
def _key(name: str, threshold: float) -> str:
    return digest.short(digest.of_json([name, threshold]))


def _forget(paths: list[str]) -> None:
    for path in reversed(paths):
        Path(path).unlink(missing_ok=True)


def _mapped(path: str) -> mmap:
    """Return a file as bytes of which only those are read that are looked at."""
    with open(path, "rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)
