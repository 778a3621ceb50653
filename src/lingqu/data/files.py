"""Files wherever they lie: local paths, patterns, archives, and URLs through fsspec."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from glob import glob
from io import BytesIO
from pathlib import Path
from typing import Any

import fsspec
import polars as pl

from lingqu.core import digest
from lingqu.core.catalog import EXTRAS, near
from lingqu.core.errors import DataError, LingquError, SpecError

Storage = Mapping[str, Any]


def is_url(path: str) -> bool:
    """Tell an address with a protocol from a local path.

    Example:
        >>> is_url("s3://bank/loans.csv"), is_url("data/loans.csv")
        (True, False)
    """
    return "://" in path


def expand(path: str, storage: Storage) -> list[str]:
    """Return the files behind a path or a pattern, sorted.

    Raises:
        DataError: Nothing is there; the message names what lies near.
    """
    if is_url(path):
        return _expand_url(path, storage)
    if any(sign in path for sign in "*?["):
        found = sorted(name for name in glob(path, recursive=True) if Path(name).is_file())
    else:
        found = [path] if Path(path).is_file() else []
    if not found:
        raise missing(path)
    return found


def missing(path: str) -> DataError:
    """Word that a local path is absent, with the names near it."""
    folder = Path(path).parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return DataError(
        "data.missing_file",
        path=path,
        folder=str(folder.resolve()),
        near=near(Path(path).name, names) or "—",
    )


def _expand_url(path: str, storage: Storage) -> list[str]:
    system, inner = _system(path, storage)
    if "*" not in path:
        return [path]
    try:
        found = [system.unstrip_protocol(name) for name in sorted(system.glob(inner))]
    except OSError as error:
        raise _unreachable(path, error) from error
    if not found:
        folder = path.rpartition("/")[0]
        raise DataError("data.missing_file", path=path, folder=folder, near="—")
    return found


def _system(path: str, storage: Storage) -> tuple[Any, str]:
    try:
        system, inner = fsspec.core.url_to_fs(path, **storage)
    except ImportError as error:
        package = error.name or path.partition("://")[0]
        raise SpecError(
            "core.missing_extra", name=path, package=package, extra=EXTRAS.get(package, "s3")
        ) from error
    except (ValueError, OSError) as error:
        raise _unreachable(path, error) from error
    return system, str(inner)


def _unreachable(path: str, error: Exception) -> DataError:
    problem = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return DataError("data.unreachable", path=path, problem=problem)


def load(path: str, storage: Storage) -> bytes:
    """Return the bytes of one file.

    Raises:
        DataError: It is absent, empty or cannot be read.
    """
    try:
        if is_url(path):
            system, inner = _system(path, storage)
            data = bytes(system.cat_file(inner))
        else:
            data = Path(path).read_bytes()
    except FileNotFoundError as error:
        if not is_url(path):
            raise missing(path) from error
        folder = path.rpartition("/")[0]
        raise DataError("data.missing_file", path=path, folder=folder, near="—") from error
    except LingquError:
        raise
    # Each protocol raises its own client's errors (aiohttp, botocore), none of ours to name.
    except Exception as error:
        raise _unreachable(path, error) from error
    if not data:
        raise DataError("data.empty_file", path=path)
    return data


def unpack(data: bytes, path: str, member: str = "") -> bytes:
    """Return what a gzip or zip file holds; other bytes pass through.

    Args:
        data: The bytes of the file.
        path: Its name, for errors.
        member: Which file of a zip archive; needed where it holds several.

    Raises:
        DataError: The archive is cut short, or holds several files and none was named.
    """
    try:
        if data[:2] == b"\x1f\x8b":
            return gzip.decompress(data)
        if data[:4] == b"PK\x03\x04":
            return _unzip(data, path, member)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(
            "data.broken_file", path=path, kind="archive", problem=str(error)
        ) from error
    return data


def _unzip(data: bytes, path: str, member: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        if member or len(names) != 1:
            if member not in names:
                raise DataError(
                    "data.many_members",
                    path=path,
                    count=len(names),
                    members=", ".join(names[:8]),
                    first=names[0] if names else "—",
                )
            return archive.read(member)
        return archive.read(names[0])


def fingerprint(path: str, storage: Storage, **options: Any) -> str:
    """Return a digest of the files behind a path and of the options they are read with.

    Local files count by content; the digest of a file is remembered while its size and time of
    change stay the same. Files behind a URL count by what the server says of them (ETag, size,
    time), without reading them.
    """
    parts = [[name, _one(name, storage)] for name in expand(path, storage)]
    return digest.of_json({"files": parts, "options": options})


def _one(path: str, storage: Storage) -> str:
    try:
        if not is_url(path):
            return content(Path(path))
        system, inner = _system(path, storage)
        return str(system.ukey(inner))
    except (OSError, NotImplementedError) as error:
        raise _unreachable(path, error) from error


def content(path: Path) -> str:
    """Return the digest of a local file; it is read again only when its size or time changed."""
    state = path.stat()
    return _content(str(path), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=65_536)
def _content(path: str, size: int, changed_ns: int) -> str:
    return digest.of_file(path)


def stack(paths: Sequence[str], read: Callable[[str], pl.DataFrame]) -> pl.DataFrame:
    """Read files of the same columns into one frame.

    Raises:
        DataError: A file has other columns than the first.
    """
    frames = [read(path) for path in paths]
    first = frames[0].columns
    for path, frame in zip(paths, frames, strict=True):
        odd = sorted(set(first).symmetric_difference(frame.columns))
        if odd:
            raise DataError(
                "data.files_differ",
                path=path,
                first=paths[0],
                difference=", ".join(repr(name) for name in odd[:8]),
            )
    if len(frames) == 1:
        return frames[0]
    return pl.concat([frame.select(first) for frame in frames], how="vertical_relaxed")


def stem(path: str) -> str:
    """Return the name of the data from the name of its file.

    Example:
        >>> stem("s3://bank/loans-*.csv.gz"), stem("data/客户.csv")
        ('loans', '客户')
    """
    name = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return name.strip("*?-_ ") or "data"
