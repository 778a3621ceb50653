"""A release as a folder or a zip file that works without this workspace."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from lingqu.core.errors import GateError, StoreError
from lingqu.flow.find import find_release
from lingqu.release.bundle import verify
from lingqu.store.folders import release_folder
from lingqu.store.home import Home


def export(home: Home, digest: str, to: Path) -> Path:
    """Write a release to `to`; a name that ends in ``.zip`` makes one file.

    Raises:
        GateError: The bytes of the release are not what its manifest says.
        StoreError: The target exists already, or cannot be written.
    """
    record = find_release(home, digest)
    folder = release_folder(home, record.digest)
    problems = verify(folder)
    if problems:
        raise GateError("flow.damaged", release=record.digest[:12], problem=str(problems[0]))
    if to.exists():
        raise StoreError("flow.exists", path=str(to))
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.suffix == ".zip":
            _zip(folder, to)
        else:
            shutil.copytree(folder, to)
    except OSError as error:
        raise StoreError("store.unwritable", path=str(to), problem=str(error)) from error
    home.ledger.events.append(
        kind="release.exported", subject=record.digest, detail={"to": to.name}, at=home.clock()
    )
    return to


def _zip(folder: Path, to: Path) -> None:
    """Write a zip whose bytes depend on the content only."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
