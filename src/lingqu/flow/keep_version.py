"""Store rows as a version and record where they came from."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lingqu.core import catalog, digest
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Dataset, Json
from lingqu.data import versions
from lingqu.store.home import Home


def keep_version(
    home: Home,
    channel: str,
    name: str,
    dataset: Dataset,
    *,
    parents: Sequence[str] = (),
    operators: Sequence[Mapping[str, Json]] = (),
    message: Phrase | str = "",
) -> dict[str, Json]:
    """Store a version and record it, unless it holds what its only parent holds.

    Media that the parent, or the newest version of the same name, has stored are shared.

    Args:
        home: The workspace.
        channel: Channel the rows belong to.
        name: What they are called in it.
        dataset: The rows; the digest is computed here.
        parents: Digests of what they were made from.
        operators: What made them, as `identities` returns it.
        message: Why they are not what they were made from.

    Returns:
        ``{"blob", "digest", "rows"}``, for the result of a stage.
    """
    part = versions.whole(replace(dataset, digest=""))
    known = [record.blob for record in home.ledger.datasets.named(f"{channel}/{name}")[:1]]
    known += [versions.path_of(parent) for parent in parents]
    kept = versions.keep(part, home.blobs, filter(None, known))
    if [part.digest] != list(parents):
        home.ledger.datasets.put(
            part.digest,
            channel,
            name,
            kept.path,
            part.schema.to_json(),
            dict(part.facts),
            len(part),
            parents,
            home.clock(),
            operators=operators,
            message=message,
            bytes=kept.bytes,
            kind=kept.kind,
        )
    return {"blob": kept.path, "digest": part.digest, "rows": len(part)}


def identities(pieces: Iterable[tuple[str, Any]]) -> list[dict[str, Json]]:
    """Return what stands for operators in the id of a version: name, options, version of the code.

    Example:
        >>> [row["name"] for row in identities([("dedupe", None)])]
        ['dedupe']
    """
    return [
        {"name": name, "options": _options(name, options), "code": _code(name)}
        for name, options in pieces
    ]


def _options(name: str, options: Any) -> dict[str, Json]:
    """Return options by name; one bare value sets the main one."""
    if options is None or isinstance(options, Mapping):
        return dict(options or {})
    return {catalog.load("operators", name).main: options}


@cache
def _code(name: str) -> str:
    """Return the digest of the file that holds an operator; of others' code too."""
    file = inspect.getsourcefile(catalog.load("operators", name))
    return digest.short(digest.of_file(Path(file))) if file else ""
