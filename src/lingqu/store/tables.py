"""The tables of the ledger, the same for SQLite and Postgres.

Words are compared byte by byte on both (`COLLATE "C"` on Postgres), so that ids and ISO 8601
times sort alike everywhere. JSON is kept as text: what is read is what was written, in the same
order, and a hash over it never depends on the database.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from lingqu.core.errors import StoreError


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")


_compact = json.JSONEncoder(separators=(",", ":"), default=_plain)
_sorted = json.JSONEncoder(separators=(",", ":"), default=_plain, sort_keys=True, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return _finite(value.tolist()) if hasattr(value, "tolist") else value


def canonical(value: Any, what: str = "detail") -> str:
    """Return the one JSON text of a value: sorted keys, no blanks, ASCII only.

    Numbers that JSON lacks are written as the texts "nan", "inf" and "-inf", so that an event
    about them can still be recorded.

    Raises:
        StoreError: The value is not plain JSON.

    Example:
        >>> canonical({"b": float("inf"), "a": [1, "渠"]})
        '{"a":[1,"\\\\u6e20"],"b":"inf"}'

    Source: Own; the sorted, blank-free form of RFC 8785 (2020), with Python's number format.
    """
    try:
        return _sorted.encode(value)
    except (ValueError, TypeError) as error:
        if not str(error).startswith("Out of range float"):
            raise StoreError("store.not_json", what=what, problem=str(error)) from error
        return canonical(_finite(value), what)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text, in the order it was written; NaN comes back as NaN."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        try:
            return _compact.encode(value)
        except (TypeError, ValueError) as error:
            raise StoreError("store.not_json", what="a JSON column", problem=str(error)) from error

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _word() -> Text:
    return Text().with_variant(Text(collation="C"), "postgresql")


def _id() -> Column[int]:
    whole = BigInteger().with_variant(Integer, "sqlite")
    return Column("id", whole, primary_key=True, autoincrement=True)


def _words(*names: str) -> list[Column[str]]:
    return [Column(name, _word(), nullable=False) for name in names]


def _jsons(*names: str) -> list[Column[Any]]:
    return [Column(name, Json, nullable=False) for name in names]


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
)
channels = Table(
    "channels",
    metadata,
    _id(),
    *_words("name", "version", "text", "at"),
    UniqueConstraint("name", "version"),
)
runs = Table(
    "runs",
    metadata,
    Column("id", _word(), primary_key=True),
    *_words("channel", "version", "state", "started", "ended", "release"),
    *_jsons("summary", "process"),
    Index("runs_by_channel", "channel", "started"),
)
run_stages = Table(
    "run_stages",
    metadata,
    Column("run", _word(), primary_key=True),
    Column("name", _word(), primary_key=True),
    Column("position", Integer, nullable=False),
    *_words("key", "state"),
    Column("seconds", Double, nullable=False),
    *_jsons("result"),
)
stages = Table(
    "stages",
    metadata,
    Column("key", _word(), primary_key=True),
    *_words("name", "state"),
    Column("seconds", Double, nullable=False),
    *_jsons("result"),
    *_words("created", "used"),
)
candidates = Table(
    "candidates",
    metadata,
    _id(),
    *_words("run", "name", "key", "state"),
    *_jsons("candidate"),
    *_words("result_blob"),
    UniqueConstraint("run", "name"),
    Index("candidates_by_key", "key"),
)
datasets = Table(
    "datasets",
    metadata,
    _id(),
    *_words("digest", "channel", "name", "blob"),
    *_jsons("schema_json", "facts"),
    Column("rows", BigInteger, nullable=False),
    *_jsons("parents"),
    *_words("at", "erased"),
    *_words("version", "kind", "message"),
    *_jsons("operators"),
    Column("bytes", BigInteger, nullable=False),
    UniqueConstraint("version", "channel", "name"),
    Index("datasets_by_digest", "digest"),
)
releases = Table(
    "releases",
    metadata,
    Column("digest", _word(), primary_key=True),
    *_words("channel", "run", "state", "created", "changed"),
    *_jsons("summary"),
    Index("releases_by_channel", "channel", "created"),
)
outlets = Table(
    "outlets",
    metadata,
    Column("id", _word(), primary_key=True),
    *_words("channel", "driver", "state", "address"),
    Column("pid", BigInteger, nullable=False),
    *_words("opened"),
    *_jsons("detail"),
)
routes = Table(
    "routes",
    metadata,
    _id(),
    *_words("channel"),
    *_jsons("backends"),
    *_words("fallback", "changed", "reason", "changed_by"),
    *_jsons("rules"),
    Index("routes_by_channel", "channel", "id"),
)
keys = Table(
    "keys",
    metadata,
    Column("id", _word(), primary_key=True),
    *_words("name", "hash"),
    *_jsons("channels"),
    *_words("quota", "expires", "created"),
    Column("disabled", Boolean, nullable=False),
    *_jsons("verbs", "networks"),
    *_words("role", "certificate", "account", "replaces", "made_by"),
)
quotas = Table(
    "quotas",
    metadata,
    Column("account", _word(), primary_key=True),
    Column("measure", _word(), primary_key=True),
    Column("period", _word(), primary_key=True),
    Column("window_start", BigInteger, primary_key=True),
    Column("amount", Double, nullable=False),
)
usage = Table(
    "usage",
    metadata,
    Column("key", _word(), primary_key=True),
    Column("channel", _word(), primary_key=True),
    Column("release", _word(), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("requests", "errors", "rows")),
    Column("tokens", BigInteger, nullable=False),
    Column("money", Double, nullable=False),
)
feedback = Table(
    "feedback",
    metadata,
    _id(),
    *_words("channel", "prediction", "release", "at", "key"),
    *_jsons("label", "detail"),
    UniqueConstraint("channel", "prediction"),
)
shadow_pairs = Table(
    "shadow_pairs",
    metadata,
    _id(),
    *_words("channel", "at", "request", "champion", "challenger"),
    *_jsons("champion_says", "challenger_says"),
    Column("agree", Boolean, nullable=False),
    *(Column(name, Double) for name in ("distance", "champion_ms", "challenger_ms")),
    Index("shadow_pairs_by_channel", "channel", "id"),
)
human_queue = Table(
    "human_queue",
    metadata,
    Column("id", _word(), primary_key=True),
    *_words("channel", "at"),
    *_jsons("request"),
    *_words("state"),
    *_jsons("answer"),
    *_words("answered_by", "answered_at"),
    Index("human_queue_by_channel", "channel", "state"),
)
findings = Table(
    "findings",
    metadata,
    _id(),
    *_words("channel", "run", "stage", "at"),
    *_jsons("finding"),
    Index("findings_by_run", "run"),
    Index("findings_by_channel", "channel", "id"),
)
actions = Table(
    "actions",
    metadata,
    Column("id", _word(), primary_key=True),
    *_words("name", "rule", "channel", "state", "at"),
    *_jsons("detail"),
    Index("actions_by_channel", "channel", "state"),
)
events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    *_words("at", "kind", "subject", "detail", "previous", "hash"),
)
event_head = Table(
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    *_words("hash", "signature"),
)
