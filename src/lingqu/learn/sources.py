"""The version of the code of a fit: the digest of the sources that it runs."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_READ = (
    *("encode", "blocks", "blocks_rich", "learn_blocks", "learn_blocks_rich"),
    *("few_rows", "learn_scaled", "likeness", "ranks", "reading"),
    *("ngrams", "pictures", "targets", "media"),
)
_ANSWER = ("merge", "predictor", "region", "region_graph", "session", "model")
ROOMS = (
    *("learn", "environment", "govern/augment", "release/series", "release/baskets"),
    *(f"release/{name}.py" for name in (*_READ, *_ANSWER)),
)
"""What turns rows into a fit and its answers, relative to the package."""
PACKAGE = Path(__file__).resolve().parent.parent


@cache
def code_of_fits(package: Path = PACKAGE) -> str:
    """Return the digest of the sources of learning, and of how a model reads rows and answers.

    A kept fit is taken for a new one only while this stays the same, so that nobody has to
    remember to raise a number.

    Example:
        >>> len(code_of_fits())
        64
    """
    total = hashlib.sha256()
    for room in ROOMS:
        path = package / room
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            total.update(file.relative_to(package).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
