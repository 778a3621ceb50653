"""Compressed bytes, unpacked in blocks under a limit that counts what really comes out.

Headers can lie about sizes, so nothing here believes them: the gauge adds up the bytes as they
appear and stops at the first one too many.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from typing import IO, Any, Protocol

from lingqu.core.catalog import EXTRAS
from lingqu.core.errors import DataError, SpecError

BLOCK = 1024 * 1024
SPARE = 64 * 1024 * 1024
"""Bytes that may come out of any archive before its ratio is looked at."""
RATIO = 250
"""Times that data may grow: text reaches 50, a bomb 1,000 and more."""
DICTIONARY = 256 * 1024 * 1024
"""Memory that an xz stream may ask for; its strongest setting needs 65 MB."""
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)
"""What the decompressors raise for bytes that are cut short or wrong."""


class Readable(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int, /) -> bytes: ...


@dataclass
class Gauge:
    """Counts the bytes that come out of one archive, and refuses the first one too many.

    Args:
        path: Name of the archive, for errors.
        packed: Its size in bytes.
        most: Bytes that may come out.
        spare: Bytes that may come out whatever the ratio.
    """

    path: str
    packed: int
    most: int
    spare: int = SPARE
    seen: int = field(default=0, init=False)

    def add(self, count: int, member: str = "") -> None:
        """Count bytes.

        Raises:
            DataError: A limit is passed; it names the archive, the member and the limit.
        """
        self.seen += count
        facts = {"path": self.path, "member": member or "—"}
        if self.seen > self.most:
            raise DataError(
                "collect.limit_total", **facts, most=self.most // 2**20, received=self.seen
            )
        if self.seen > self.spare and self.seen > RATIO * self.packed:
            grown = self.seen // max(1, self.packed)
            raise DataError("collect.limit_ratio", **facts, most=RATIO, received=grown)


@dataclass
class Counted:
    """A stream whose bytes a gauge counts as they are read."""

    stream: Readable
    gauge: Gauge
    member: str = ""

    def read(self, size: int = BLOCK, /) -> bytes:
        data = self.stream.read(size)
        self.gauge.add(len(data), self.member)
        return data


def compression(head: bytes) -> str:
    """Tell how bytes are compressed from how they begin, or ``""``.

    Example:
        >>> compression(gzip.compress(b"x")), compression(b"a,b")
        ('gzip', '')
    """
    return next((name for magic, name in MAGIC if head.startswith(magic)), "")


def opened(file: IO[bytes], kind: str, gauge: Gauge) -> Counted:
    """Return the unpacked stream of a compressed file."""
    return Counted(_OPENERS[kind](file, gauge.path), gauge)


def inflate(data: bytes, kind: str, gauge: Gauge) -> bytes:
    """Return what compressed bytes hold.

    Raises:
        DataError: They are cut short or broken, or hold more than the gauge allows.

    Example:
        >>> inflate(gzip.compress(b"a,b"), "gzip", Gauge("a.gz", 20, 100))
        b'a,b'
    """
    parts = []
    try:
        stream = opened(BytesIO(data), kind, gauge)
        while part := stream.read(BLOCK):
            parts.append(part)
    except BROKEN as error:
        problem = str(error) or type(error).__name__
        raise DataError(
            "data.broken_file", path=gauge.path, kind=f"{kind} archive", problem=problem
        ) from error
    return b"".join(parts)


class _Xz:
    """An xz stream with a bound on the memory it may ask for, which the standard file lacks."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._begin()

    def _begin(self) -> None:
        self._inside = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=DICTIONARY)
        self._fed = False

    def read(self, size: int, /) -> bytes:
        rest = b""
        while True:
            if self._inside.eof:
                # Streams may follow one another, with zeros between them.
                rest = self._inside.unused_data or self._file.read(BLOCK)
                if not rest:
                    return b""
                self._begin()
                rest = rest.lstrip(b"\0")
                if not rest:
                    continue
            elif self._inside.needs_input:
                rest = self._file.read(BLOCK)
                if not rest and not self._fed:
                    return b""
                if not rest:
                    raise EOFError("the stream ends early")
            data = self._inside.decompress(rest, size)
            self._fed, rest = True, b""
            if data:
                return data


def _zstd(file: IO[bytes], path: str) -> Any:
    try:
        arrow = import_module("pyarrow")
    except ModuleNotFoundError as error:
        raise SpecError(
            "core.missing_extra", name=path, package="pyarrow", extra=EXTRAS["pyarrow"]
        ) from error
    return arrow.CompressedInputStream(file, "zstd")


_OPENERS: dict[str, Callable[[IO[bytes], str], Any]] = {
    "gzip": lambda file, path: gzip.GzipFile(fileobj=file, mode="rb"),
    "bzip2": lambda file, path: bz2.BZ2File(file, "rb"),
    "xz": lambda file, path: _Xz(file),
    "zstd": _zstd,
}
