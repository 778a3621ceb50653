"""A look at the installation: what is there, what is missing, what to do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

import psutil

from lingqu.core.errors import gist
from lingqu.core.i18n import text
from lingqu.core.nouns import Json
from lingqu.flow.followed import driver_of
from lingqu.store.home import Home

SOON = timedelta(days=30)
"""A certificate that ends within this time should be made anew."""
PACKAGES: dict[str, str] = {
    "polars": "",
    "scikit-learn": "",
    "lightgbm": "",
    "onnxruntime": "",
    "sqlalchemy": "",
    "uvicorn": "",
    "torch": 'pip install "lingqu[deep]"',
    "pandas": 'pip install "lingqu[pandas]"',
    "psycopg": 'pip install "lingqu[postgres]"',
    "s3fs": 'pip install "lingqu[s3]"',
}


def doctor(home: Home) -> list[dict[str, Json]]:
    """Return rows of ``what``, ``state`` (ok, missing, warn, bad), ``seen`` and ``next``."""
    rows = [
        _row("python", "ok" if sys.version_info >= (3, 11) else "bad", platform.python_version()),
        _row("cores", "ok", str(os.cpu_count())),
        _memory(),
        _disk(home),
        _ledger(home),
        _trail(home),
    ]
    rows += [_package(name, command) for name, command in PACKAGES.items()]
    rows += _certificates(home)
    rows += _outlets(home)
    return rows


def _row(what: str, state: str, seen: str, do: str = "") -> dict[str, Json]:
    return {"what": what, "state": state, "seen": seen, "next": do}


def _memory() -> dict[str, Json]:
    free = psutil.virtual_memory().available / 2**30
    return _row("memory", "ok" if free > 1 else "warn", _free(free))


def _disk(home: Home) -> dict[str, Json]:
    free = shutil.disk_usage(home.root).free / 2**30
    return _row(
        "disk",
        "ok" if free > 1 else "warn",
        _free(free),
        "" if free > 1 else "lingqu prune",
    )


def _free(size: float) -> str:
    return text("cli.doctor_free", size=f"{size:.1f} GiB")


def _ledger(home: Home) -> dict[str, Json]:
    runs = len(home.ledger.runs.list(None, 1000))
    return _row("ledger", "ok", text("cli.doctor_runs", where=home.ledger.where, count=runs))


def _trail(home: Home) -> dict[str, Json]:
    result = home.ledger.events.verify()
    seen = text("cli.doctor_events", count=result.count)
    seen += "" if result.ok else text("cli.doctor_reason", reason=result.reason)
    return _row(
        "trail", "ok" if result.ok else "bad", seen, "" if result.ok else "lingqu audit verify"
    )


def _package(name: str, command: str) -> dict[str, Json]:
    try:
        return _row(name, "ok", version(name))
    except PackageNotFoundError:
        return _row(name, "missing", text("cli.doctor_absent"), command)


def _certificates(home: Home) -> list[dict[str, Json]]:
    """Certificates of the local authority, and when they end."""
    rows = []
    now = datetime.fromisoformat(home.clock()).astimezone(UTC)
    for path in sorted((home.root / "tls").glob("*.pem")):
        from cryptography import x509  # who has no certificate does not wait for it

        try:
            ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        except ValueError as error:
            rows.append(_row(f"certificate {path.stem}", "bad", gist(error)))
            continue
        left = ends - now
        state = "ok" if left > SOON else "warn" if left > timedelta() else "bad"
        renew = "--make-ca" if path.stem in ("ca", "server") else f"--client {path.stem}"
        do = "" if state == "ok" else f"lingqu doctor {renew}"
        rows.append(_row(f"certificate {path.stem}", state, ends.isoformat()[:10], do))
    return rows


def _outlets(home: Home) -> list[dict[str, Json]]:
    """Outlets the ledger calls open; a kill leaves the line of one that no longer answers."""
    rows = []
    for outlet in home.ledger.outlets.list(state="open"):
        alive = bool(driver_of(home, outlet).status().get("alive"))
        rows.append(
            _row(
                f"outlet {outlet.channel}",
                "ok" if alive else "bad",
                outlet.address if alive else text("cli.doctor_silent", process=outlet.pid),
                "" if alive else f"lingqu deploy {outlet.channel}",
            )
        )
    return rows
