"""One line per figure: name, ours, peer, target, reached; and the machine they were seen on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".bench"


@dataclass(frozen=True)
class Figure:
    """A measured figure with its target.

    Args:
        name: What was measured, with its unit.
        ours: Our figure.
        peer: The peer's figure in the same run, or None where there is no peer.
        target: What was to be reached, in words.
        reached: Whether it was.
    """

    name: str
    ours: float
    peer: float | None
    target: str
    reached: bool

    def line(self) -> str:
        peer = "-" if self.peer is None else f"{self.peer:.4g}"
        mark = "reached" if self.reached else "NOT REACHED"
        return f"{self.name:<58} {self.ours:>10.4g} {peer:>10} {self.target:>22}  {mark}"


def machine() -> str:
    """Return one line about the machine and its load now."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def report(title: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> int:
    """Print the table and return the exit code: 1 if a target was missed."""
    print(f"\n{title}\n{machine()}")
    print(f"{'figure':<58} {'ours':>10} {'peer':>10} {'target':>22}")
    for figure in figures:
        print(figure.line())
    for note in notes:
        print(f"  {note}")
    return 0 if all(figure.reached for figure in figures) else 1


def peer_python(name: str, packages: Sequence[str], constraints: bool = False) -> Path:
    """Return the Python of a peer's own environment, made and filled once under ``.bench/``."""
    folder = PEERS / name
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    wanted = "\n".join(packages)
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"installing {', '.join(packages)} into {folder.relative_to(ROOT)} …", file=sys.stderr)
    if not python.exists():
        venv.create(folder, with_pip=True)
    pin = ["-c", str(ROOT / "constraints.txt")] if constraints else []
    subprocess.run([str(python), "-m", "pip", "install", "-q", *pin, *packages], check=True)
    stamp.write_text(wanted)
    return python
