"""What near copies were looked for already: the signature tables of a channel, between runs.

A cache beside the ledger, not a version: losing it costs time only. It holds digests and hashes
of texts, never a text; an erasure and a prune remove it.
"""

from __future__ import annotations

import os
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
        try:
            blocks = [path.read_bytes() for path in self._blocks(name, threshold)]
            table = SignatureTable.from_bytes(*blocks) if blocks else SignatureTable(threshold)
        except (DataError, OSError):  # cut short, or of an older form: it is made anew
            self._forget(name, threshold)
            table = SignatureTable(threshold)
        return table, len(table)

    def keep(self, name: str, table: SignatureTable, since: int) -> None:
        """Keep the rows of a table from `since` on; the block appears whole or not at all."""
        if len(table) == since:
            return
        blocks = self._blocks(name, table.threshold)
        if len(blocks) >= _MOST_BLOCKS:
            self._forget(name, table.threshold)
            blocks, since = [], 0
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._key(name, table.threshold)}.{len(blocks):04}"
        partial = path.with_suffix(f"{path.suffix}.{os.getpid()}.partial")
        partial.write_bytes(table.to_bytes(since))
        partial.replace(path)

    def _key(self, name: str, threshold: float) -> str:
        return digest.short(digest.of_json([name, threshold]))

    def _blocks(self, name: str, threshold: float) -> list[Path]:
        found = self._folder.glob(f"{self._key(name, threshold)}.[0-9][0-9][0-9][0-9]")
        return sorted(found)

    def _forget(self, name: str, threshold: float) -> None:
        for path in reversed(self._blocks(name, threshold)):
            path.unlink(missing_ok=True)
