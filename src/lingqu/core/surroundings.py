"""What an operator may know of the place it works in, beside its options and the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import polars as pl

    from lingqu.core.signature_table import SignatureTable


class Memory(Protocol):
    """Keeps signature tables between runs, so that only new texts are hashed and compared."""

    def recall(self, name: str, threshold: float) -> tuple[SignatureTable, int]:
        """Return a table by name, and how many rows of it are kept."""
        ...

    def keep(self, name: str, table: SignatureTable, since: int) -> None:
        """Keep the rows of a table from `since` on."""
        ...


@dataclass(frozen=True)
class ReadOrder:
    """All rows in the order in which they were read; training rows are drawn out of it.

    Args:
        columns: Gives those of the named columns that there are, training and test rows together.
        train: Place of each training row in it, shape (N,).
    """

    columns: Callable[[Sequence[str]], pl.DataFrame]
    train: Any


@dataclass(frozen=True)
class Surroundings:
    """Where an operator learns: told once, before `fit`; nothing of it travels in a release.

    Args:
        now: UTC time that counts as now, ISO; ``""`` when nobody said.
        folder: Where relative paths of its options start: the folder of the channel file.
        keys: Folder of the workspace in which a new key may be made, or None when none may.
        memory: What earlier runs of the channel saw of its texts, or None.
        order: The rows as they were read, or None where those to learn from are all of them.
    """

    now: str = ""
    folder: Path = Path()
    keys: Path | None = None
    memory: Memory | None = None
    order: ReadOrder | None = None
