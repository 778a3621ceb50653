"""The lines of `data.py`: a figure, what a peer did in the same run, and who that peer was."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import data_child
from data_child import ABSENT, Child, ChildError
from figures import Figure

TASKS = Path(__file__).with_name("data_tasks.py")
PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    """What a peer reached.

    Args:
        value: Its figure, or None with the reason in `by`.
        by: Its name and version, and how it was used.
    """

    value: float | None = None
    by: str = ""


NONE = Peer()


@dataclass(frozen=True)
class DataFigure(Figure):
    """A figure with its peer's name; one that is not judged says why.

    Args:
        by: The peer's name, or why its column is empty.
        spared: Why the figure is not judged, or ``""``.
    """

    by: str = ""
    spared: str = ""

    def line(self) -> str:
        text = super().line()
        if self.spared:
            text = text.removesuffix("reached").removesuffix("NOT ") + self.spared
        return f"{text}  [{self.by}]" if self.by else text


@dataclass
class Run:
    """One run of the benchmark.

    Args:
        scratch: Folder for what is made on the way.
        seed: Of everything that is drawn.
        quick: Sizes are small and no target is claimed.
        notes: What is said below the table.
        took: Wall seconds of each figure.
    """

    scratch: Path
    seed: int = 0
    quick: bool = False
    notes: list[str] = field(default_factory=list)
    took: dict[str, float] = field(default_factory=dict)

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def times(self, full: int = 3) -> int:
        """Return how many fresh processes measure; the fastest counts."""
        return 1 if self.quick else full

    def task(self, name: str, times: int = 1, **options: Any) -> Child:
        """Run one of our tasks in fresh processes and return the fastest."""
        command = [sys.executable, TASKS, name, json.dumps(options, default=str)]
        runs = [data_child.run(command, self.scratch) for _ in range(times)]
        return min(runs, key=_cost)

    def peer(self, script: str, *options: object, times: int = 1) -> Child | Peer:
        """Run a peer's script in its environment, or say why there is no figure of it."""
        if not data_child.has_peers():
            return Peer(by=ABSENT)
        place: list[object] = [PEERS / script] if script.endswith(".py") else ["-c", script]
        command = [data_child.PEER_PYTHON, *place, *options]
        try:
            runs = [data_child.run(command, self.scratch) for _ in range(times)]
        except ChildError as error:
            return Peer(by=f"peer failed: {error}")
        return min(runs, key=_cost)

    def at_most(self, name: str, value: float, limit: float, peer: Peer = NONE) -> DataFigure:
        return self._judged(name, value, f"<= {limit:g}", value <= limit, peer)

    def at_least(self, name: str, value: float, limit: float, peer: Peer = NONE) -> DataFigure:
        return self._judged(name, value, f">= {limit:g}", value >= limit, peer)

    def exactly(self, name: str, value: float, wanted: float) -> DataFigure:
        return self._judged(name, value, f"= {wanted:g}", value == wanted, NONE)

    def as_peer(self, name: str, value: float, peer: Peer) -> DataFigure:
        """Judge a figure that must be at least the peer's; without the peer it is not reached."""
        good = peer.value is not None and value >= peer.value
        return self._judged(name, value, ">= peer's best", good, peer)

    def shown(self, name: str, value: float, peer: Peer = NONE) -> DataFigure:
        """Return a figure without a target."""
        return DataFigure(name, value, peer.value, "-", True, peer.by, spared="-")

    def _judged(
        self, name: str, value: float, target: str, good: bool, peer: Peer
    ) -> DataFigure:  # fmt: skip
        spared = "quick run: not judged" if self.quick else ""
        reached = bool(good) or self.quick
        return DataFigure(name, float(value), peer.value, target, reached, peer.by, spared)


def _cost(child: Child) -> float:
    return float(child.said.get("cpu_s", child.cpu_s))


def of(peer: Child | Peer, value: Callable[[Child], float], how: str = "") -> Peer:
    """Return a peer's figure, or the reason why there is none."""
    if isinstance(peer, Peer):
        return peer
    said = [str(peer.said.get("by", "")), how]
    return Peer(value(peer), ", ".join(part for part in said if part))


def best(*peers: Peer, least: bool = False) -> Peer:
    """Return the best of several peers; if there is none, the first reason."""
    there = [peer for peer in peers if peer.value is not None]
    if not there:
        return peers[0]
    key: Callable[[Peer], float] = lambda peer: peer.value or 0.0  # noqa: E731
    return min(there, key=key) if least else max(there, key=key)


def not_measured(name: str, error: Exception) -> DataFigure:
    """Return the line of a figure that could not be measured: it is not reached."""
    return DataFigure(name, float("nan"), None, "measured", False, f"not measured: {error}")


def save(path: Path, figures: list[DataFigure], run: Run, facts: dict[str, Any]) -> None:
    """Write the machine, then each figure, as JSON lines."""
    about = {**facts, "seed": run.seed, "quick": run.quick, "load": os.getloadavg()[0]}
    about |= {"at": time.strftime("%Y-%m-%d"), "notes": run.notes}
    rows: list[dict[str, Any]] = [about, *(asdict(figure) for figure in figures)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
