"""Files that only their owner may read: keys."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from lingqu.core.errors import StoreError


def write_once(path: Path, content: bytes) -> None:
    """Write a file whole, with mode 0600; one that another process wrote meanwhile stays.

    Raises:
        OSError: The folder cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for content in (b"first", b"second"):
        ...         write_once(Path(folder, "key"), content)
        ...     Path(folder, "key").read_bytes()
        b'first'
    """
    partial = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces the key that another process made meanwhile.
        os.link(partial, path)
    except FileExistsError:
        return
    finally:
        partial.unlink()


def refuse_open(path: Path) -> None:
    """Refuse a file that others may read.

    Raises:
        StoreError: Its mode lets the group or everybody in.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise StoreError("store.key_open", path=str(path), mode=f"{mode:04o}")
