"""The files of a folder or an archive, on this machine or behind a URL, under one form."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from itertools import islice
from pathlib import Path

from lingqu.core import digest
from lingqu.data import archives, endings, files
from lingqu.data.archives import Limits
from lingqu.data.files import Storage

PEEK = 2_000
"""Names by which a folder or an archive is told what it is."""


@dataclass(frozen=True)
class Entry:
    """One file.

    Args:
        name: Where it lies below the folder or in the archive, with forward slashes.
        path: The file, if it is one on this machine.
        data: Its content otherwise.
    """

    name: str
    path: Path | None = None
    data: bytes = b""

    def content(self) -> bytes:
        """Return its bytes. Raises OSError where the file cannot be read."""
        return self.data if self.path is None else self.path.read_bytes()

    def digest(self) -> str:
        """Return the digest of its bytes; an unchanged file is not read again."""
        return digest.of_bytes(self.data) if self.path is None else files.content(self.path)

    @property
    def file(self) -> Path | BytesIO:
        """What readers of media open."""
        return BytesIO(self.data) if self.path is None else self.path


def find(path: str, storage: Storage, wanted: Callable[[str], bool], limits: Limits) -> list[Entry]:
    """Return the wanted files below a folder or in an archive, sorted by name.

    Files of a local folder are only listed; those of archives and URLs are read.

    Raises:
        DataError: It is absent, unreadable, broken or unsafe, or holds more than the limits allow.
    """

    def meant(name: str) -> bool:
        return not endings.hidden(name) and wanted(name)

    if endings.archive(path):
        with _archive(path, storage) as file:
            found = [Entry(n, None, d) for n, d in archives.members(file, path, limits, meant)]
        found = _without_root(found)
    elif files.is_url(path):
        fetched = files.fetch(path, storage, meant, limits.gauge(path))
        found = [Entry(name, None, data) for name, data in fetched]
    else:
        folder = Path(path).resolve()
        found = [Entry(name, folder / name) for name in _walk(path) if meant(name)]
    return sorted(found, key=lambda entry: entry.name)


def peek(path: str, limits: Limits) -> list[str]:
    """Return the first names in a local folder or archive."""
    if not endings.archive(path):
        return list(islice(_walk(path), PEEK))
    with _archive(path, {}) as file:
        return archives.names(file, path, limits, PEEK)


def fingerprint(path: str, storage: Storage, wanted: Callable[[str], bool]) -> list[list[str]]:
    """Return names and marks that change when one of the wanted files changes.

    A local file counts by its content, which is read again only when its size or time changed;
    what lies behind a URL counts by what the server says of it.
    """
    if endings.archive(path):
        return [["archive", files.fingerprint(path, storage)]]
    if files.is_url(path):
        return [[name, mark] for name, mark in files.marks(path, storage) if wanted(name)]
    folder = Path(path).resolve()
    return [
        [name, files.content(folder / name)]
        for name in sorted(_walk(path))
        if not endings.hidden(name) and wanted(name)
    ]


def _archive(path: str, storage: Storage) -> BytesIO | BufferedReader:
    if files.is_url(path):
        return BytesIO(files.load(path, storage))
    if not Path(path).is_file():
        raise files.missing(path)
    return open(path, "rb")


def _walk(path: str) -> Iterator[str]:
    """Yield the names of the files below a local folder; links to folders are not followed."""
    if not Path(path).is_dir():
        raise files.missing(path)
    for folder, inside, names in os.walk(path):
        inside[:] = sorted(name for name in inside if not endings.hidden(name))
        below = Path(folder).relative_to(path).as_posix()
        yield from (name if below == "." else f"{below}/{name}" for name in sorted(names))


def _without_root(found: list[Entry]) -> list[Entry]:
    """Drop the one folder that archives are often packed with around everything."""
    first = {entry.name.partition("/")[0] for entry in found if "/" in entry.name}
    if len(first) != 1 or any("/" not in entry.name for entry in found):
        return found
    return [Entry(entry.name.partition("/")[2], None, entry.data) for entry in found]
