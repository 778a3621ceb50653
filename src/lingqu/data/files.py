"""Files wherever they lie: local paths, patterns, folders, and URLs through fsspec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from glob import glob
from pathlib import Path
from typing import IO, Any

import fsspec
import polars as pl

from lingqu.core import digest
from lingqu.core.catalog import EXTRAS, near
from lingqu.core.errors import DataError, LingquError, SpecError, gist
from lingqu.data.inflate import Gauge

Storage = Mapping[str, Any]
ARCHIVE = "archive"
"""Kind of what must be unpacked before it is read."""
TOGETHER = 32
"""Remote files read at once."""
TAGS = (
    "ETag", "Content-MD5", "Digest", "Last-Modified", "LastModified", "last_modified", "mtime",
    "md5Hash", "created",
)  # fmt: skip
"""What file systems call the facts that change with the content of a file."""


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
    listed = folder.iterdir() if folder.is_dir() else ()
    names = [entry.name for entry in listed if not entry.name.startswith(".")]
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
        raise _absent(path)
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
    # A listing that was kept from before would hide what has changed since.
    system.invalidate_cache()
    return system, str(inner)


def broken(path: str, kind: str, error: Exception) -> DataError:
    """Return the error of a file that is not whole, or not of its kind."""
    if kind == ARCHIVE:
        return DataError("collect.unpack_broken", path=path, problem=gist(error))
    return DataError("data.broken_file", path=path, kind=kind, problem=gist(error))


def _unreachable(path: str, error: Exception) -> DataError:
    return DataError("data.unreachable", path=path, problem=gist(error))


@contextmanager
def _worded(path: str) -> Iterator[None]:
    """Word what goes wrong while a file is opened."""
    try:
        yield
    except FileNotFoundError as error:
        raise (_not_found(path, error) if is_url(path) else missing(path)) from error
    except LingquError:
        raise
    # Each protocol raises its own client's errors (aiohttp, botocore), none of ours to name.
    except Exception as error:
        raise _unreachable(path, error) from error


def _not_found(url: str, error: FileNotFoundError) -> DataError:
    """Tell a server that does not answer from one that has no such file."""
    # The web's file system says "not found" of both; only the cause knows.
    cause = error.__cause__
    if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
        return _unreachable(url, cause)
    return _absent(url)


def _absent(url: str) -> DataError:
    return DataError("collect.absent", path=url)


def load(path: str, storage: Storage) -> bytes:
    """Return the bytes of one file.

    Raises:
        DataError: It is absent, empty or cannot be read.
    """
    with _worded(path):
        if is_url(path):
            system, inner = _system(path, storage)
            data = bytes(system.cat_file(inner))
            _refuse_page(data, path)
        else:
            data = Path(path).read_bytes()
    if not data:
        raise DataError("data.empty_file", path=path)
    return data


@contextmanager
def stream(path: str, storage: Storage) -> Iterator[IO[bytes]]:
    """Open one file for reading in parts; what comes can be sought in.

    Raises:
        DataError: It is absent or cannot be read.
    """
    with _worded(path):
        if is_url(path):
            system, inner = _system(path, storage)
            file = system.open(inner, "rb")
        else:
            file = open(path, "rb")  # noqa: SIM115, the caller closes it
    with file:
        _refuse_page(file.read(200), path)
        file.seek(0)
        yield file


def _refuse_page(data: bytes, path: str) -> None:
    """Refuse the page that a server shows to people in place of the file."""
    head = data[:200].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise DataError("collect.web_page", path=path)


def fetch(
    folder: str, storage: Storage, wanted: Callable[[str], bool], gauge: Gauge
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the wanted files below a folder behind a URL.

    Raises:
        DataError: There is no such folder, a file cannot be read, or there is more than the gauge
            allows; where the server tells sizes, that is known before anything is read.
    """
    system, found = _listing(folder, storage)
    meant = [(name, full, info) for name, full, info in found if wanted(name)]
    told = sum(int(info.get("size") or 0) for _, _, info in meant)
    replace(gauge).add(told, meant[-1][0] if meant else "")
    for start in range(0, len(meant), TOGETHER):
        some = meant[start : start + TOGETHER]
        try:
            read = system.cat([full for _, full, _ in some])
        except Exception as error:
            raise _unreachable(folder, error) from error
        for name, full, _ in some:
            data = bytes(read[full])
            gauge.add(len(data), name)
            yield name, data


def marks(folder: str, storage: Storage) -> list[tuple[str, str]]:
    """Return the files below a folder behind a URL, each with what tells its content."""
    system, found = _listing(folder, storage)
    return [(name, _mark(system, full, info, folder)) for name, full, info in found]


def _listing(folder: str, storage: Storage) -> tuple[Any, list[tuple[str, str, dict[str, Any]]]]:
    system, inner = _system(folder, storage)
    if is_url(inner) and not inner.endswith("/"):
        inner += "/"
    try:
        found = system.find(inner, detail=True)
    except FileNotFoundError:
        found = {}
    except Exception as error:
        raise _unreachable(folder, error) from error
    root = inner.rstrip("/") + "/"
    files = [
        (full[full.index(root) + len(root) :], full, dict(info))
        for full, info in sorted(found.items())
        if root in full and not full.endswith("/")
    ]
    if not files:
        _refuse_unreachable(system, inner, folder)
        raise _absent(folder)
    return system, files


def fingerprint(path: str, storage: Storage, **options: Any) -> str:
    """Return a digest of the files behind a path and of the options they are read with.

    Local files count by content; the digest of a file is remembered while its size and time of
    change stay the same. Files behind a URL count by what the server says of them (ETag, size,
    time), without reading them.
    """
    parts = [[name, _one(name, storage)] for name in expand(path, storage)]
    return digest.of_json({"files": parts, "options": options})


def _refuse_unreachable(system: Any, inner: str, folder: str) -> None:
    """Tell a server that cannot be asked from a folder that holds nothing."""
    try:
        system.info(inner)
    except FileNotFoundError as error:
        # The web's file system says so of a server that does not answer, too.
        cause = error.__cause__
        if isinstance(cause, Exception) and not isinstance(cause, FileNotFoundError):
            raise _unreachable(folder, cause) from error
    except Exception as error:
        raise _unreachable(folder, error) from error


def _one(path: str, storage: Storage) -> str:
    try:
        if not is_url(path):
            return content(Path(path))
        system, inner = _system(path, storage)
        return _mark(system, inner, {}, path)
    except OSError as error:
        raise _unreachable(path, error) from error


def _mark(system: Any, inner: str, info: dict[str, Any], path: str) -> str:
    """Return what tells the content of a remote file: its version, else a digest of its bytes."""
    try:
        if not any(info.get(tag) for tag in TAGS):
            info = system.info(inner)
        told = {tag: str(info[tag]) for tag in (*TAGS, "size") if info.get(tag)}
        if any(tag in told for tag in TAGS):
            return digest.of_json(told)
        return digest.of_bytes(system.cat_file(inner))
    # Each protocol raises its own client's errors (aiohttp, botocore), none of ours to name.
    except Exception as error:
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
