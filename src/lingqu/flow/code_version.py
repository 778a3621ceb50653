"""The version of the code of a stage: the digest of the sources it runs.

A stage is reused only while the code that made its result is the same. Hashing the files of the
rooms is exact for people who change the code, and for everybody else it changes with a release.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOMS: dict[str, tuple[str, ...]] = {
    "data": (
        *("data", "govern/defaults.py", "core"),
        *("release/conform.py", "release/few_rows.py", "release/kinds", "release/media.py"),
        *("flow/verify_rows.py", "flow/control_rows.py", "environment"),
    ),
    "govern": ("govern", "check", "release/prepare.py", "core"),
    "train": ("learn", "environment", "govern/augment", "release", "core"),
    "check": ("check", "environment", "flow/case.py", "flow/controls.py", "release", "core"),
    "release": ("release", "core", "flow/gate.py"),
}
SOURCE = Path(__file__).resolve().parent.parent


@cache
def code_version(stage: str) -> str:
    """Return the digest of the sources behind a stage.

    Example:
        >>> len(code_version("data"))
        64
    """
    total = hashlib.sha256()
    for room in (*ROOMS[stage], f"flow/{stage}_stage.py"):
        path = SOURCE / room
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.relative_to(SOURCE).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()
