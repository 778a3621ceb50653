"""Bytes by path on any file system that fsspec knows."""

from __future__ import annotations

import builtins
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from lingqu.core.errors import StoreError
from lingqu.core.ports import Blobs
from lingqu.store.extras import need

PARTIAL = ".partial"
"""Folder of files that are still being written, on the same disk as the rest."""
EXPECTED_URL = "a folder, file:///folder, memory://name or s3://bucket/prefix"
_COPIED = 2**20
"""Bytes of a file that are copied at a time."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class FsspecBlobs:
    """The `Blobs` port over fsspec: a local folder, memory, S3 and what speaks its protocol.

    A write is whole or absent. Locally that is a temporary file, flushed to the disk and then
    renamed; object stores promise it themselves.

    Args:
        url: A folder, ``file:///folder``, ``memory://name`` or ``s3://bucket/prefix``. For S3
            the endpoint comes from ``AWS_ENDPOINT_URL`` or ``?endpoint_url=http://…``.

    Raises:
        StoreError: No such kind of storage, or its folder cannot be made.

    Example:
        >>> blobs = FsspecBlobs("memory://docs")
        >>> blobs.write("a/b.txt", b"water")
        >>> blobs.open("a/b.txt").read(), blobs.list("a")
        (b'water', ['a/b.txt'])
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._failures: tuple[type[Exception], ...] = (OSError,)
        scheme = urlsplit(url).scheme if "://" in url else "file"
        self._is_local = scheme == "file"
        if self._is_local:
            self._root = os.path.realpath(os.path.expanduser(url.removeprefix("file://")))
            with self._worded(self._root):
                os.makedirs(self._root, exist_ok=True)
        else:
            self._files, self._root = self._connected(url, scheme)

    @cached_property
    def _files(self) -> Any:
        """The file system; a local one is asked last of all, and its package takes memory."""
        import fsspec

        return fsspec.filesystem("file", skip_instance_cache=True)

    def open(self, path: str) -> IO[bytes]:
        """Open for reading.

        Raises:
            StoreError: Nothing is there, or it cannot be read.
        """
        full = self._full(path)
        with self._worded(path):
            if self._is_local:
                return builtins.open(full, "rb")
            # One request: read in parts, an object could change between two of them.
            return BytesIO(self._files.cat_file(full))

    def write(self, path: str, data: bytes) -> None:
        """Write whole: a reader sees the old bytes, the new, or none.

        Raises:
            StoreError: The disk is full or may not be written; what was there stays.
        """
        full = self._full(path)
        with self._worded(path):
            if self._is_local:
                self._write_local(full, data)
            else:
                self._files.pipe_file(full, bytes(data))

    def remove(self, path: str) -> None:
        """Remove a file or everything under a prefix; absent is fine."""
        full = self._full(path)
        with self._worded(path):
            if self._files.exists(full):
                self._files.rm(full, recursive=True)

    def list(self, prefix: str) -> builtins.list[str]:
        """Return the paths under a prefix (``""`` is everything), sorted.

        A prefix is whole folder names, or one file: ``"a/b"`` does not list ``a/bc``.
        """
        full = self._full(prefix) if prefix else self._root
        with self._worded(prefix):
            found = [str(path) for path in self._files.find(full)]
        cut = len(self._root.strip("/")) + 1
        paths = sorted(path.strip("/")[cut:] for path in found)
        return [path for path in paths if path and not path.startswith(f"{PARTIAL}/")]

    def size(self, path: str) -> int:
        """Return the size in bytes, without reading.

        Raises:
            StoreError: Nothing is there.
        """
        with self._worded(path):
            return int(self._files.size(self._full(path)))

    def put(self, path: str, file: Path) -> None:
        """Write a local file whole, without holding it in memory."""
        full = self._full(path)
        with self._worded(path):
            if self._is_local:
                self._write_local(full, file)
            else:
                self._files.put_file(str(file), full)

    def get(self, path: str, file: Path) -> None:
        """Write a blob to a local file, without holding it in memory.

        Raises:
            StoreError: Nothing is there.
        """
        full = self._full(path)
        with self._worded(path):
            self._files.get_file(full, str(file))

    def _write_local(self, full: str, data: bytes | Path) -> None:
        partial = os.path.join(self._root, PARTIAL, secrets.token_hex(8))
        os.makedirs(os.path.dirname(partial), exist_ok=True)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        try:
            with builtins.open(partial, "xb") as file:
                if isinstance(data, Path):
                    with builtins.open(data, "rb") as source:
                        shutil.copyfileobj(source, file, _COPIED)
                else:
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, full)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        folder = os.open(os.path.dirname(full), os.O_RDONLY)
        try:
            os.fsync(folder)  # the rename itself must survive a power cut
        finally:
            os.close(folder)

    def _full(self, path: str) -> str:
        parts = path.split("/")
        if "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise StoreError("store.bad_path", path=path)
        full = f"{self._root}/{path}"
        if self._is_local and not os.path.realpath(full).startswith(f"{self._root}/"):
            raise StoreError("store.bad_path", path=path)  # a link that leads outside
        return full

    def _connected(self, url: str, scheme: str) -> tuple[Any, str]:
        """Return a file system that is not local, and the place in it."""
        import fsspec

        if scheme == "s3":
            need("s3fs", url)
            from lingqu.store import s3

            files, root = s3.connect(url)
            self._failures = (OSError, *s3.FAILURES)
            return files, root
        try:
            files, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise StoreError(
                "store.bad_url", url=url, problem=str(error), expected=EXPECTED_URL
            ) from error
        return files, str(root).rstrip("/")

    @contextmanager
    def _worded(self, path: str) -> Iterator[None]:
        where = f"{self.url.partition('?')[0].rstrip('/')}/{path}" if path != self._root else path
        try:
            yield
        except (FileNotFoundError, IsADirectoryError) as error:
            raise StoreError("store.no_blob", path=where) from error
        except self._failures as error:
            number = getattr(error, "errno", None)
            problem = getattr(error, "strerror", None) or " ".join(str(error).split())
            key = "store.blob_failed"
            if number in _FULL:
                key = "store.disk_full"
            elif number in _FORBIDDEN or isinstance(error, PermissionError | FileExistsError):
                key = "store.unwritable"
            raise StoreError(key, path=where, problem=problem) from error


def size_of(blobs: Blobs, path: str) -> int:
    """Return the size of a stored file in bytes, without reading it where that is possible."""
    if isinstance(blobs, FsspecBlobs):
        return blobs.size(path)
    with blobs.open(path) as file:
        return file.seek(0, os.SEEK_END)


def copy_in(blobs: Blobs, path: str, file: Path) -> None:
    """Write a local file to storage, in parts where that is possible."""
    if isinstance(blobs, FsspecBlobs):
        blobs.put(path, file)
    else:
        blobs.write(path, file.read_bytes())


def copy_out(blobs: Blobs, path: str, file: Path) -> None:
    """Write what is stored to a local file, in parts where that is possible."""
    if isinstance(blobs, FsspecBlobs):
        blobs.get(path, file)
    else:
        with blobs.open(path) as source:
            file.write_bytes(source.read())


def open_blobs(url: str) -> Blobs:
    """Open the storage behind a URL; see `FsspecBlobs`."""
    return FsspecBlobs(url)
