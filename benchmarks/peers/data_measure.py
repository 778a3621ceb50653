"""What the peers of `data.py` share: the CPU seconds of some work, and the one line they print."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what some work gave, and the CPU seconds of this process and its children."""
    before = _spent()
    return work(), _spent() - before


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def texts(path: str) -> list[str]:
    return [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()]


def answer(package: str, **facts: Any) -> None:
    """Print the line that the benchmark reads."""
    print(json.dumps({"by": f"{package} {version(package)}", **facts}))
