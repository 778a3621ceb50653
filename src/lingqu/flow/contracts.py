"""Contracts in files of their own: found beside the channel, so that folders do not matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from lingqu.core.nouns import Json
from lingqu.core.spec import Channel

LISTS = ("file", "dictionary")
"""Options of operators that name a file of words."""


def folder_of(channel: Channel) -> Path:
    """Return where relative paths of a channel start."""
    return channel.path.parent if channel.path is not None else Path()


def with_rules(channel: Channel, pieces: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the operators with the rules of contract files in the place of their paths.

    The rules themselves then belong to the key of the stage: a changed file is walked again.

    Raises:
        SpecError: A file cannot be read or holds no contract; says the line.
    """
    return [(name, _resolved(channel, name, options)) for name, options in pieces]


def _resolved(channel: Channel, name: str, options: Any) -> Any:
    if name != "contract":
        return options
    file = options.get("rules") if isinstance(options, Mapping) else options
    if not isinstance(file, str):
        return options
    from lingqu.govern.contract.file import read_contract

    rules = [rule.to_json() for rule in read_contract(folder_of(channel) / file)]
    return {**options, "rules": rules} if isinstance(options, Mapping) else rules


def referenced(channel: Channel, pieces: Sequence[tuple[str, Any]]) -> dict[str, Json]:
    """Return the digests of the files that operators read; None for one that is not there."""
    found: dict[str, Json] = {}
    for name, options in pieces:
        for option in LISTS if isinstance(options, Mapping) else ():
            if isinstance(options.get(option), str) and options[option]:
                found[options[option]] = _digest(folder_of(channel) / options[option])
        rules = options.get("rules") if isinstance(options, Mapping) else options
        if name == "contract" and isinstance(rules, list):
            for rule in rules:
                for body in rule.values() if isinstance(rule, Mapping) else ():
                    if isinstance(body, Mapping) and isinstance(body.get("file"), str):
                        found[body["file"]] = _digest(folder_of(channel) / body["file"])
    return found


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            content = blake2b(digest_size=16)
            while part := file.read(1 << 20):
                content.update(part)
    except OSError:
        return None
    return content.hexdigest()
