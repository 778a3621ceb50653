"""Counts of the processes of one outlet, each in a file of its own, so that any can tell them all.

A process that takes the number of one that died goes on from its counts: the sum never falls, and
there are never more files than processes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import orjson

from lingqu.outlets.sight.tally import State, merged

log = logging.getLogger("lingqu.outlets")
MOST_BYTES = 1_000_000
"""A larger file of counts is none of ours."""


class Tallies:
    """The counts of the processes of an outlet.

    Args:
        folder: Where the files lie.
        outlet: Id of the outlet.
        number: Number of this process, from 0.

    Example:
        >>> import tempfile
        >>> from lingqu.outlets.sight.counters import Counters
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first, second = (Tallies(Path(folder), "o1", n) for n in (0, 1))
        ...     first.write([Counters("churn", since=1.0).state()])
        ...     [state["channel"] for state in second.others()]
        ['churn']
    """

    def __init__(self, folder: Path, outlet: str, number: int) -> None:
        self._folder = folder
        self._outlet = outlet
        self._own = folder / f"{outlet}.{number}.counts"
        self._before = [{**state, "processes": 0, "gauges": {}} for state in _read(self._own)]

    def all(self, own: Sequence[State]) -> list[State]:
        """Return the counts of this process, of whom it follows, and of the others."""
        return [*own, *self._before, *self.others()]

    def others(self) -> list[State]:
        """Return what the other processes wrote last."""
        paths = sorted(self._folder.glob(f"{self._outlet}.*.counts"))
        return [state for path in paths if path != self._own for state in _read(path)]

    def write(self, own: Sequence[State]) -> None:
        """Write the counts of this process; whoever reads meanwhile reads those before.

        A disk that is full costs the others a look, not a caller an answer.
        """
        partial = self._own.with_suffix(".part")
        try:
            partial.write_bytes(orjson.dumps(merged([*own, *self._before])))
            partial.replace(self._own)
        except OSError as error:
            log.warning("counts could not be written: %s", error)

    def remove(self) -> None:
        """Remove the files of the whole outlet: it has been closed."""
        for path in self._folder.glob(f"{self._outlet}.*.counts"):
            path.unlink(missing_ok=True)


def _read(path: Path) -> list[State]:
    """Return the states in a file; none where there is none, or it is not whole."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return []
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []
