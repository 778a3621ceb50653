"""The keys that hide personal data in a workspace: made and deleted with an event, and used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from lingqu.core.nouns import Json
from lingqu.govern.privacy.tokens import TOKEN, Tokeniser
from lingqu.govern.privacy.treat import KEYED
from lingqu.store import vault
from lingqu.store.home import Home


def mask_keys(home: Home) -> list[Mapping[str, Json]]:
    """Return the keys of a workspace: name and fingerprint, never the key."""
    found = ((name, vault.read(home.root, name)) for name in vault.names(home.root))
    return [{"name": name, "fingerprint": key.fingerprint} for name, key in found if key]


def delete_mask_key(home: Home, name: str = "mask", by: str = "") -> str:
    """Delete a key, and with it whatever only it could tell; return its fingerprint.

    Tokens stay where they are, and nobody can reverse them again. Releases that hash or tokenise
    with this key answer no more, and no outlet opens them.

    Args:
        home: The workspace.
        name: The key.
        by: Who wants it, for the trail.

    Raises:
        StoreError: There is no such key.
    """
    fingerprint = vault.delete(home.root, name)
    detail = {"name": name, "fingerprint": fingerprint, "by": by}
    home.ledger.events.append("privacy.key_deleted", name, detail, home.clock())
    return fingerprint


def reveal(home: Home, text: str, name: str = "mask", by: str = "") -> str:
    """Return a text with every token of a key reversed; the trail says that it was done.

    Args:
        home: The workspace.
        text: One token, or a text with tokens in it.
        name: The key.
        by: Who asks, for the trail.

    Raises:
        DataError: The key is not here, or a token is not of this key.
    """
    vault.remember(home.root)
    key = vault.find(name, "LINGQU_MASK_KEY")
    revealed = Tokeniser(key).reveal_all(text)
    detail = {"name": name, "fingerprint": key.fingerprint, "tokens": len(TOKEN.findall(text)),
              "by": by}  # fmt: skip
    home.ledger.events.append("privacy.revealed", name, detail, home.clock())
    return revealed


def keys_of(home: Home, pieces: Sequence[tuple[str, Any]]) -> dict[str, Json]:
    """Return the fingerprints of the keys that declared `mask` operators need, made if new.

    They are part of what the stage of governance rests on: with another key its rows are others.
    """
    found: dict[str, Json] = {}
    for name, options in pieces:
        if name != "mask" or not isinstance(options, Mapping):
            continue
        if KEYED.isdisjoint([options.get("strategy"), *dict(options.get("treat", {})).values()]):
            continue
        key = str(options.get("key", "mask"))
        variable = str(options.get("key_variable", "LINGQU_MASK_KEY"))
        if not vault.is_told(variable):
            with noting_new_keys(home):
                vault.make(home.root, key)
        found[key] = vault.find(key, variable).fingerprint
    return found


@contextmanager
def noting_new_keys(home: Home) -> Iterator[None]:
    """Write an event for each key that is made inside the block."""
    before = set(vault.names(home.root))
    try:
        yield
    finally:
        for name in sorted(set(vault.names(home.root)) - before):
            key = vault.read(home.root, name)
            detail = {"name": name, "fingerprint": key.fingerprint if key else ""}
            home.ledger.events.append("privacy.key_made", name, detail, home.clock())
