"""Releases as local folders: where they lie, or where they are fetched to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lingqu.core.errors import StoreError
from lingqu.store.home import Home


def release_folder(home: Home, digest: str) -> Path:
    """Return a local folder with the files of a release.

    Blobs on the local disk are used where they lie. Blobs elsewhere are fetched once into the
    workspace, under a temporary name that becomes the final one when all files are there.

    Raises:
        StoreError: There is no release of this digest in the blobs.
    """
    prefix = f"releases/{digest}"
    local = home.root / "blobs" / prefix
    if (local / "release.json").is_file():
        return local
    cached = home.root / "fetched" / prefix
    if (cached / "release.json").is_file():
        return cached
    paths = home.blobs.list(prefix)
    if not paths:
        raise StoreError("store.no_release_files", release=digest[:12])
    partial = cached.with_name(f"{digest}.{os.getpid()}.part")
    partial.mkdir(parents=True, exist_ok=True)
    for path in paths:
        target = partial / path.removeprefix(prefix).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        with home.blobs.open(path) as source:
            target.write_bytes(source.read())
    try:
        partial.rename(cached)
    except OSError:
        shutil.rmtree(partial)
    return cached


def keep_release(home: Home, digest: str, folder: Path) -> None:
    """Copy the files of a packed release into the blobs; the manifest goes last.

    A reader looks for ``release.json``, so a copy that was cut short is not seen as a release.
    A release that is there already stays as it is: what its digest does not cover, such as the
    card, tells of the run that made it first, and two runs must not mix their files.
    """
    with home.ledger.turn():
        if home.blobs.list(f"releases/{digest}/release.json"):
            return
        _copy(home, digest, folder)


def _copy(home: Home, digest: str, folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    files.sort(key=lambda path: path.name == "release.json")
    for path in files:
        name = path.relative_to(folder).as_posix()
        home.blobs.write(f"releases/{digest}/{name}", path.read_bytes())
