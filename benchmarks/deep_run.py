"""Children of `deep.py`: which environments the peers live in, and how a child is run."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data_child import Child, run
from figures import PEERS, ROOT, Figure

Told = tuple[list[Figure], list[str]]
"""Figures and notes."""
_TORCH = ["torch==2.13.0", "lightning==2.6.6", "keras==3.15.1", "scikit-learn"]
_TENSORFLOW = ["tensorflow-cpu", "scikit-learn"]
PEER_PACKAGES: dict[str, tuple[str, list[str]]] = {
    "lightning": ("deep", _TORCH),
    "keras-torch": ("deep", _TORCH),
    "keras-tensorflow": ("keras", _TENSORFLOW),
}
"""System → name of its environment, packages in it."""
SCRIPTS = ROOT / "benchmarks" / "peers"


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Args:
        seeds: How many of each comparison.
        systems: The peers.
    """

    seeds: int
    systems: tuple[str, ...]


def child(command: Sequence[object]) -> Child:
    """Run a command, its first word a Python; return what it said and used."""
    scratch = Path(tempfile.mkdtemp(prefix="lingqu-deep-"))
    try:
        return run(command, scratch)
    finally:
        shutil.rmtree(scratch)


def ours(what: str, *words: object) -> Child:
    """Run a function of `deep_child.py` in a process of its own."""
    return child([sys.executable, ROOT / "benchmarks" / "deep_child.py", what, *words])


def peer(system: str, seed: int) -> Child:
    """Run the seed MLP in a peer's environment."""
    name, _, backend = system.partition("-")
    environment, _ = PEER_PACKAGES[system]
    python = PEERS / environment / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{system} is not installed: run python benchmarks/deep.py --peers")
    return child([python, SCRIPTS / f"deep_{name}.py", seed, *([backend] if backend else [])])
