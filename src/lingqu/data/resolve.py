"""From what a channel writes after `data:` to the source that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Any, cast

from lingqu.core import catalog
from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data import endings, entries, files
from lingqu.data.archives import Limits

DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", "duckdb")

DELIMITERS = {".tsv": "\t", ".tab": "\t", ".psv": "|"}
MEDIA = ("images", "audio", "texts")
FILES = ("csv", "parquet", "jsonl", "json", "excel", "arrow", "folder", "coco", "yolo", *MEDIA)
"""Sources whose value is a path."""


def resolve(
    source: Any,
    options: Mapping[str, Any] | None = None,
    base: Path = Path("."),
    where: str = "",
) -> Source:
    """Return the source behind a text or a frame; nothing is read yet.

    Args:
        source: A path or pattern (by extension), a folder or an archive of media or tables (by
            what it holds), ``sklearn:<name>``, ``package:<package>/<file>``, a database URL with
            ``table`` or ``query``, a URL that fsspec knows, ``<source name>:<value>`` for sources
            of other packages, or a frame.
        options: Options of that source. ``format`` names the kind of file where the extension
            does not tell.
        base: Folder that relative paths start from: the folder of channel.yaml.
        where: Place in the channel file, for errors.

    Raises:
        DataError: Nothing can read this, or a local file is absent.
        SpecError: An option is unknown or has the wrong type.

    Example:
        >>> resolve("sklearn:digits")
        SklearnBundled(name='digits')
    """
    given = dict(options or {})
    if isinstance(source, Path):
        source = str(source)
    if not isinstance(source, str):
        return _build("frame", "frame", source, given, where)
    scheme, colon, rest = source.partition(":")
    if colon and not rest.startswith("//") and scheme in catalog.names("sources"):
        return _named(scheme, rest, given, base, where)
    if files.is_url(source):
        if scheme.partition("+")[0] in DATABASES:
            return _build("sql", "url", _rooted_database(source, base), given, where)
        if source.endswith("/") or endings.archive(_bare(source)):
            return _remote(source, given, where)
        return _file(source, given, where)
    path = Path(source).expanduser()
    path = path if path.is_absolute() else base / path
    if path.is_dir():
        return _folder(str(path), given, where)
    if path.is_file() and endings.archive(str(path)):
        return _archive(str(path), given, where)
    return _file(str(path), given, where)


def _folder(path: str, options: dict[str, Any], where: str) -> Source:
    """Return the source that suits what a local folder holds; an empty one has no pictures."""
    kind = options.pop("format", "")
    if kind in MEDIA:
        return _build(kind, "path", path, options, where)
    names = [name for name in entries.peek(path, Limits()) if not endings.hidden(name)]
    kind = kind or endings.choose(names, path)
    if kind in MEDIA:
        return _build(kind, "path", path, options, where)
    found = {endings.table_ending(name) for name in names if endings.table(name) == kind}
    ending = min(found, default="")
    # The tables of one folder are read as one pattern is.
    pattern = f"{escape(path)}/**/*{ending}*" if ending else path
    return _build(kind, "path", pattern, options, where)


def _archive(path: str, options: dict[str, Any], where: str) -> Source:
    """Return the source that suits what a local archive holds."""
    kind = options.pop("format", "")
    if not kind:
        try:
            names = entries.peek(path, Limits())
        except DataError:
            # What is wrong with it is told when it is read, as with every other file.
            names = []
        member = options.get("member", "")
        kind = endings.choose([member] if endings.table(member) else names, path, "csv")
    return _build(kind, "path", path, options, where)


def _remote(url: str, options: dict[str, Any], where: str) -> Source:
    """Return the source of a folder or an archive behind a URL; nothing is asked of the server."""
    kind = options.pop("format", "")
    if kind in MEDIA or (kind and not url.endswith("/")):
        return _build(kind, "path", url, options, where)
    given: dict[str, Any] = {}
    given.update((name, options.pop(name)) for name in ("max_mb", "storage") if name in options)
    return _build("folder", "path", url, {**given, "options": options}, where)


def _file(path: str, options: dict[str, Any], where: str) -> Source:
    kind = options.pop("format", "") or endings.table(_bare(path))
    if not kind:
        # An absent file is the likelier mistake than an unknown kind of file.
        if not files.is_url(path) and "*" not in path and not Path(path).exists():
            raise files.missing(path)
        known = ", ".join((*endings.TABLES, *endings.ARCHIVES))
        raise DataError("data.unknown_source", where=where or "data", source=path, expected=known)
    if not files.is_url(path):
        files.expand(path, {})
    if kind == "csv" and endings.table_ending(_bare(path)) in DELIMITERS:
        options.setdefault("delimiter", DELIMITERS[endings.table_ending(_bare(path))])
    return _build(kind, "path", path, options, where)


def _bare(path: str) -> str:
    """Return an address without its query."""
    return path.partition("?")[0] if files.is_url(path) else path


def _named(name: str, value: str, options: dict[str, Any], base: Path, where: str) -> Source:
    """Build a source that is called by its name, ``sklearn:digits``."""
    if name == "package":
        return _build(name, "file", value, {"options": options} if options else {}, where)
    if name in FILES and not files.is_url(value):
        value = str(base / Path(value).expanduser())
    main = getattr(catalog.load("sources", name, where), "main", "")
    return _build(name, main, value, options, where)


def _build(name: str, main: str, value: Any, options: dict[str, Any], where: str) -> Source:
    return cast(Source, catalog.build("sources", name, {main: value, **options}, where))


def _rooted_database(url: str, base: Path) -> str:
    """Make the path of an SQLite file independent of the current folder."""
    scheme, _, rest = url.partition(":///")
    if not scheme.startswith("sqlite") or not rest or rest.startswith("/"):
        return url
    return (
        f"{scheme}:///{(base / rest.partition('?')[0]).resolve()}"
        + rest[len(rest.partition("?")[0]) :]
    )
