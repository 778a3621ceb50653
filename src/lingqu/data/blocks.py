"""Text files in blocks of whole lines, as UTF-8: what streams when a file is larger than memory.

Compression, encodings and limits are those of the readers that load a whole file: the first block
tells which encoding it is, every other block is held to it.
"""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from typing import IO

import numpy as np

from lingqu.core.errors import DataError
from lingqu.data import archives, files
from lingqu.data.archives import EMPTY_ZIP, TAR, TAR_PLACE, ZIP, Limits
from lingqu.data.encoding import BOM, to_utf8
from lingqu.data.inflate import BROKEN, Counted, Gauge, Readable, compression, opened

BLOCK = 16 * 1024 * 1024
"""Bytes of a block; a block ends with a line, so it may be a little longer."""
HEAD = 65_536
"""Bytes by which a file is judged, at least."""
LONGEST = 256 * 1024 * 1024
"""Bytes without a line end that are still a line; more is a file of another kind."""
_WIDE = ("utf-16", "utf-32")


@contextmanager
def unpacked(
    path: str, storage: files.Storage, member: str = "", max_mb: float = 4096
) -> Iterator[Readable]:
    """Open a file for reading in blocks, unpacked where it is compressed or an archive.

    Raises:
        DataError: Absent, empty, broken, unsafe, or larger than `max_mb` once unpacked.
    """
    with files.stream(path, storage) as file:
        head = file.read(TAR_PLACE + len(TAR))
        file.seek(0)
        if not head:
            raise DataError("data.empty_file", path=path)
        kind = compression(head[:8])
        if head[:4] in (ZIP, EMPTY_ZIP):
            with _member(file, path, member, Limits(max_mb)) as stream:
                yield stream
        elif head[TAR_PLACE:] == TAR:
            limits = Limits(max_mb)
            names = archives.pick(archives.names(file, path, limits), path, member)
            file.seek(0)
            found = dict(archives.members(file, path, limits, names[:1].__contains__))
            yield BytesIO(found[names[0]])
        elif kind:
            packed = file.seek(0, 2)
            file.seek(0)
            yield opened(file, kind, Gauge(path, packed, int(max_mb * 2**20)))
        else:
            yield file


@contextmanager
def _member(file: IO[bytes], path: str, member: str, limits: Limits) -> Iterator[Readable]:
    name = archives.pick(archives.names(file, path, limits), path, member)[0]
    size = file.seek(0, 2)
    file.seek(0)
    with zipfile.ZipFile(file) as archive, archive.open(name) as stream:
        yield Counted(stream, limits.gauge(path, size), name)


def text_blocks(stream: Readable, path: str, encoding: str, size: int = BLOCK) -> Iterator[bytes]:
    """Yield blocks of whole lines in UTF-8, without a byte order mark.

    Args:
        stream: The bytes of the file.
        path: Its name, for errors.
        encoding: As that of `to_utf8`; ``auto`` is decided by the first block that is not ASCII.
        size: Bytes read at a time.

    Raises:
        DataError: A block is binary, or in another encoding than those before it, with its line.

    Example:
        >>> list(text_blocks(BytesIO("甲\\n乙".encode("gb18030")), "a.csv", "auto", 4))[-1].decode()
        '乙'
    """
    head, blocks = _begun(stream, path, size)
    wide = _wide(head, path, encoding)
    # A carriage return that ends the head may belong to a line feed behind it.
    lone = not wide and b"\n" not in head and b"\r" in head[:-1]
    if wide:
        yield from _lines(_decoded(blocks, wide, path), path, lone)
        return
    line, known = 1, encoding
    for block in _lines(blocks, path, lone):
        try:
            data, known = _utf8(block, path, known)
        except DataError as error:
            raise later(error, row=line - 1) from error
        line += counted(block, b"\n")
        if data:
            yield data


def counted(block: bytes, byte: bytes) -> int:
    """Return how often a byte stands in a block: twice as fast as `bytes.count`."""
    return int(np.count_nonzero(np.frombuffer(block, dtype=np.uint8) == byte[0]))


def later(error: DataError, **more: int) -> DataError:
    """Return the error with its row or line counted from the start of the file."""
    told = {name: error.facts[name] + count for name, count in more.items() if name in error.facts}
    return DataError(error.key, **{**error.facts, **told})


def _begun(stream: Readable, path: str, size: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the beginning of a file, enough to judge it by, and all of it in blocks."""
    blocks = _read(stream, path, max(size, HEAD), size)
    head = next(blocks, b"")
    pieces = (head[start : start + size] for start in range(0, len(head), size))
    return head, chain(pieces, blocks)


def _read(stream: Readable, path: str, first: int, size: int) -> Iterator[bytes]:
    try:
        data = stream.read(first)
        while data:
            yield data
            data = stream.read(size)
    except (*BROKEN, zipfile.BadZipFile) as error:
        raise files.broken(path, files.ARCHIVE, error) from error


def _wide(first: bytes, path: str, encoding: str) -> str:
    """Return the name of an encoding whose lines do not end with one byte, or ``""``."""
    name = encoding.lower()
    if name == "auto" and (b"\0" in first[:4096] or first[:2] in (b"\xff\xfe", b"\xfe\xff")):
        name = to_utf8(first[: len(first) // 4 * 4] or first, path)[1]
    return name if name.startswith(_WIDE) else ""


def _decoded(blocks: Iterator[bytes], name: str, path: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    try:
        for place, block in enumerate(blocks):
            text = decoder.decode(block)
            line += text.count("\n")
            yield (text.removeprefix(BOM) if place == 0 else text).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise DataError("data.wrong_encoding", path=path, row=line, byte="—", tried=name) from error


def _lines(blocks: Iterator[bytes], path: str, lone: bool) -> Iterator[bytes]:
    """Cut blocks after a line end; `lone` says that carriage returns alone end lines."""
    left: list[bytes] = []
    held = 0
    for block in blocks:
        if lone:
            block = block.replace(b"\r", b"\n")
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join([*left, block[:cut]])
            left, held = [], 0
        left.append(block[cut:])
        held += len(block) - cut
        if held > LONGEST:
            problem = f"{held} bytes without a line end"
            raise DataError("data.broken_file", path=path, kind="text", problem=problem)
    rest = b"".join(left)
    if rest:
        yield rest


def _utf8(block: bytes, path: str, known: str) -> tuple[bytes, str]:
    """Return a block as UTF-8 and the encoding that is known from here on."""
    if known == "auto":
        data, found = to_utf8(block, path)
        # ASCII says nothing yet of the encoding.
        return data, "auto" if block.isascii() else found
    if known in ("utf-8", "utf-8-sig"):
        if not block.isascii():
            try:
                block.decode("utf-8")
            except UnicodeDecodeError as error:
                raise _mixed(block, path) from error
        return block.removeprefix(codecs.BOM_UTF8), known
    return to_utf8(block, path, known)[0], known


def _mixed(block: bytes, path: str) -> DataError:
    """Word that the file was UTF-8 up to a line of this block; the counts are of the block."""
    right, wrong = 0, []
    for row, line in enumerate(block.split(b"\n"), start=1):
        try:
            right += not line.decode("utf-8").isascii()
        except UnicodeDecodeError as error:
            wrong.append((row, line[error.start : error.start + 8].rstrip(b"\r"), line))
    row, odd, line = wrong[0]
    try:
        guess = to_utf8(line, path)[1]
    except DataError:
        guess = "cp1252"
    return DataError(
        "collect.mixed_encodings",
        path=path,
        row=row,
        bytes=odd.hex(" "),
        utf8=right,
        other=len(wrong),
        guess=guess,
    )
