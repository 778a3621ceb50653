"""Zip and tar archives, read in memory and without trust.

Nothing is written to disk, so a name can lead nowhere; archives with names that try to, with
links or devices, or that swell beyond their limits, are refused whole all the same: what was made
to do harm is not data.
"""

from __future__ import annotations

import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import IO

from lingqu.core.errors import DataError, gist
from lingqu.core.phrases import Phrase
from lingqu.data import endings
from lingqu.data.files import ARCHIVE, broken
from lingqu.data.inflate import BLOCK, BROKEN, Counted, Gauge, compression, opened

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
TAR, TAR_PLACE = b"ustar", 257
FAULTS = (*BROKEN, zipfile.BadZipFile, tarfile.TarError, RuntimeError)
"""RuntimeError: zipfile has no class of its own for a method or a password it cannot handle."""
UTF8_NAMES = 0x800
ALONE = re.compile(r"(?<![A-Za-z\u0080-\uffff])[\u0080-\u07ff]+(?![A-Za-z\u0800-\uffff])")
"""Letters of two UTF-8 bytes that stand beside no Latin letter."""
LOCKED = 0x1

Member = tuple[str, bytes]
Wanted = Callable[[str], bool]


@dataclass(frozen=True)
class Limits:
    """How much may come out of one archive.

    Args:
        mb: Megabytes in all.
        files: Number of files.
    """

    mb: float = 4096
    files: int = 500_000

    def gauge(self, path: str, packed: int | None = None) -> Gauge:
        """Return what counts the bytes of `path`; only what is packed has a ratio."""
        most = int(self.mb * 2**20)
        return Gauge(path, packed, most) if packed is not None else Gauge(path, 0, most, most)


def names(file: IO[bytes], path: str, limits: Limits, most: int | None = None) -> list[str]:
    """Return the names of the files in an archive; of a tar the first `most`.

    Raises:
        DataError: It is broken or unsafe.
    """
    found: list[str] = []

    def note(name: str) -> bool:
        found.append(name)
        if len(found) == most:
            raise _Enough
        return False

    try:
        for _ in members(file, path, limits, note):
            pass
    except _Enough:
        pass
    return found


def measure(file: IO[bytes], path: str, limits: Limits) -> None:
    """Unpack a zip to nowhere, to know that it stays within its limits.

    Raises:
        DataError: It does not, or it is broken.
    """
    for _ in members(file, path, limits, lambda name: True):
        pass


class _Enough(Exception):
    """Enough names were seen."""


def members(file: IO[bytes], path: str, limits: Limits, wanted: Wanted) -> Iterator[Member]:
    """Yield name and content of the wanted files of an archive.

    Args:
        file: The archive, open for reading from its start.
        path: Its name, for errors.
        limits: What may come out.
        wanted: Asked for the name of every file; the others are not kept.

    Yields:
        ``(name, content)``; a name has forward slashes and is relative.

    Raises:
        DataError: A broken, locked or unsafe member, or a limit passed, with its name.
    """
    head = file.read(len(ZIP))
    size = file.seek(0, 2)
    file.seek(0)
    gauge = limits.gauge(path, size)
    reading = _zip if head in (ZIP, EMPTY_ZIP) else _tar
    yield from reading(file, path, limits, gauge, wanted)


def _zip(
    file: IO[bytes], path: str, limits: Limits, gauge: Gauge, wanted: Wanted
) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(file)
    except FAULTS as error:
        raise broken(path, ARCHIVE, error) from error
    with archive:
        inside: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            name = _safe(path, _decoded(info))
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _unsafe(path, name, "link" if kind == stat.S_IFLNK else "device")
            if info.flag_bits & LOCKED:
                raise DataError("collect.archive_locked", path=path, member=name)
            if not info.is_dir() and name:
                _add(path, name, inside, limits)
                inside[name] = info
        for name, info in inside.items():
            if not wanted(name):
                continue
            try:
                with archive.open(info) as stream:
                    data = _whole(Counted(stream, gauge, name))
            except FAULTS as error:
                raise _broken(path, name, error) from error
            yield name, data


def _tar(
    file: IO[bytes], path: str, limits: Limits, gauge: Gauge, wanted: Wanted
) -> Iterator[Member]:
    kind = compression(file.read(8))
    file.seek(0)
    seen: dict[str, int] = {}
    name = ""
    try:
        stream = opened(file, kind, gauge) if kind else Counted(file, gauge)
        # The `|` mode never seeks: what it read is what was counted.
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for member in archive:
                name = _safe(path, member.name)
                stream.member = name
                if member.isdir() or not name:
                    continue
                if not member.isreg() or member.issparse():
                    link = member.issym() or member.islnk()
                    raise _unsafe(path, name, "link" if link else "device")
                _add(path, name, seen, limits)
                seen[name] = member.size
                if wanted(name):
                    inner = archive.extractfile(member)
                    data = _whole(inner) if inner is not None else b""
                    if len(data) != member.size:
                        raise EOFError("the member ends early")
                    yield name, data
    except FAULTS as error:
        raise _broken(path, name, error) from error


def _whole(stream: Counted | IO[bytes]) -> bytes:
    parts = []
    while part := stream.read(BLOCK):
        parts.append(part)
    return b"".join(parts)


def _decoded(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; without a mark it is in the writer's own code page.

    Source: PKWARE APPNOTE 6.3, section 4.4.4, bit 11 and appendix D.
    """
    if info.flag_bits & UTF8_NAMES or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    western = _read(raw, "utf-8")
    chinese = _read(raw, "gb18030")
    # Two bytes of Chinese can look like one accented letter, but not like one inside a word.
    if western and not (chinese and ALONE.search(western)):
        return western
    return chinese or info.filename


def _read(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _safe(path: str, name: str) -> str:
    shown = name.replace("\\", "/")
    parts = [part for part in shown.split("/") if part not in ("", ".")]
    if shown.startswith("/") or re.match(r"[A-Za-z]:", shown) or ".." in parts or "\0" in name:
        raise _unsafe(path, name, "path")
    return "/".join(parts)


def _unsafe(path: str, member: str, why: str) -> DataError:
    problem = {
        "path": Phrase("collect.unsafe_path"),
        "link": Phrase("collect.unsafe_link"),
        "device": Phrase("collect.unsafe_device"),
    }[why]
    return DataError("collect.archive_unsafe", path=path, member=member, problem=problem)


def _broken(path: str, member: str, error: Exception) -> DataError:
    if not member:
        return broken(path, ARCHIVE, error)
    return DataError("collect.archive_broken", path=path, member=member, problem=gist(error))


def _add(path: str, name: str, seen: Mapping[str, object], limits: Limits) -> None:
    """Refuse one file too many, and one name twice: which of the two would be meant?"""
    if len(seen) >= limits.files:
        raise DataError("collect.limit_files", path=path, member=name, most=limits.files)
    if name in seen:
        raise DataError("collect.archive_twice", path=path, member=name)


def pick(found: list[str], path: str, member: str = "") -> list[str]:
    """Return the names of the tables that are meant among the files of an archive.

    Example:
        >>> pick(["readme.txt", "day-1.csv"], "a.zip"), pick(["1.csv", "2.csv"], "a.zip", "*.csv")
        (['day-1.csv'], ['1.csv', '2.csv'])
    """
    shown = sorted(name for name in found if not endings.hidden(name))
    if member:
        chosen = [name for name in shown if name == member or fnmatchcase(name, member)]
    elif len(shown) == 1:
        chosen = shown
    else:
        tables = [n for n in shown if endings.table(n) and not n.endswith(endings.TEXTS)]
        chosen = tables if len(tables) == 1 else []
    if not chosen:
        raise DataError(
            "data.many_members",
            path=path,
            count=len(shown),
            members=", ".join(shown[:8]),
            first=shown[0] if shown else "—",
        )
    return chosen
