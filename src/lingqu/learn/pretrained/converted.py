"""Models in a form of their own → folders with safetensors, made once and kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from lingqu.core.errors import SpecError

CACHE = "LINGQU_CACHE"
"""Variable that names the folder of what can be made again; ``~/.cache/lingqu`` when unset."""


def cache() -> Path:
    """Return the folder in which converted models are kept; it may be removed at any time."""
    given = os.environ.get(CACHE)
    if given:
        return Path(given).expanduser()
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "lingqu"


def converted(file: Path, kind: str, make: Callable[[Path, Path], None], sha256: str = "") -> Path:
    """Return the folder that was made of a file, under the digest of the file.

    Args:
        file: What is read.
        kind: Name of the form; a folder of the cache.
        make: Reads the file and writes the folder, which is not there yet.
        sha256: Digest that the file must have; any when empty.

    Raises:
        SpecError: The file has another digest.

    Example:
        >>> def make(file, folder):
        ...     folder.mkdir()
        ...     _ = (folder / "text").write_text(file.read_text().upper())
        >>> with tempfile.TemporaryDirectory() as place:
        ...     os.environ[CACHE], file = place, Path(place) / "canal"
        ...     _ = file.write_text("lock")
        ...     (converted(file, "loud", make) / "text").read_text()
        'LOCK'
        >>> del os.environ[CACHE]
    """
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if sha256 and sha256.lower() != digest:
        raise SpecError("imported.wrong_digest", path=file.name, expected=sha256.lower(),
                        received=digest)  # fmt: skip
    made = cache() / kind / digest
    if made.is_dir():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    # Into a folder of another name, which then gets its own: never half a model.
    with tempfile.TemporaryDirectory(dir=made.parent, prefix="making-") as scratch:
        folder = Path(scratch) / "model"
        make(file, folder)
        try:
            folder.rename(made)
        except OSError:  # somebody else was faster, and made the same
            if not made.is_dir():
                raise
    return made
