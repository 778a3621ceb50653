"""From what a channel writes after `data:` to the source that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from lingqu.core import catalog
from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data import files

EXTENSIONS: dict[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".csv.gz": "csv",
    ".tsv.gz": "csv",
    ".csv.zip": "csv",
    ".zip": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl",
    ".ndjson.gz": "jsonl",
}
DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", "duckdb")


def resolve(
    source: Any,
    options: Mapping[str, Any] | None = None,
    base: Path = Path("."),
    where: str = "",
) -> Source:
    """Return the source behind a text or a frame; nothing is read yet.

    Args:
        source: A path or pattern (by extension), a folder of pictures by class,
            ``sklearn:<name>``, ``package:<package>/<file>``, a database URL with ``table`` or
            ``query``, a URL that fsspec knows, ``<source name>:<value>`` for sources of other
            packages, or a frame.
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
        return _file(source, given, where)
    path = Path(source).expanduser()
    path = path if path.is_absolute() else base / path
    if path.is_dir():
        return _build("images", "path", str(path), given, where)
    return _file(str(path), given, where)


def _file(path: str, options: dict[str, Any], where: str) -> Source:
    kind = options.pop("format", "") or _by_extension(path)
    if not kind:
        # An absent file is the likelier mistake than an unknown kind of file.
        if not files.is_url(path) and "*" not in path and not Path(path).exists():
            raise files.missing(path)
        known = ", ".join(EXTENSIONS)
        raise DataError("data.unknown_source", where=where or "data", source=path, expected=known)
    if not files.is_url(path):
        files.expand(path, {})
    if path.lower().endswith((".tsv", ".tsv.gz")):
        options.setdefault("delimiter", "\t")
    return _build(kind, "path", path, options, where)


def _by_extension(path: str) -> str:
    name = path.partition("?")[0].lower() if files.is_url(path) else path.lower()
    fitting = [ending for ending in EXTENSIONS if name.endswith(ending)]
    return EXTENSIONS[max(fitting, key=len)] if fitting else ""


def _named(name: str, value: str, options: dict[str, Any], base: Path, where: str) -> Source:
    """Build a source that is called by its name, ``sklearn:digits``."""
    if name == "package":
        return _build(name, "file", value, {"options": options} if options else {}, where)
    if name in ("csv", "parquet", "jsonl", "images") and not files.is_url(value):
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
