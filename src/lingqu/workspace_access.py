"""The verbs of access: keys, people and their roles, certificates, use; a part of the façade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lingqu.core.nouns import Json, Key
from lingqu.workspace_data import DataVerbs


class AccessVerbs(DataVerbs):
    """What a workspace can do about who may call and who may work; thin like the rest of it."""

    def keys(self) -> list[Key]:
        """Return the keys; their secrets are not kept."""
        return list(self.home.ledger.keys.list())

    def make_key(
        self,
        name: str,
        channels: Sequence[str] = (),
        quota: str = "",
        expires: str = "",
        **more: Any,
    ) -> tuple[Key, str]:
        """Make a key; the secret is returned once. More: verbs, networks, certificate."""
        self._may("people" if more.get("role") else "keys")
        from lingqu.flow.access import make_key
        from lingqu.flow.followed import await_followed

        made = make_key(self.home, name, channels, quota, expires, **more)
        await_followed(self.home)
        return made

    def rotate_key(self, key: str, overlap: str = "24 h") -> tuple[Key, str]:
        """Give a key another secret; the old one holds for as long as `overlap` says."""
        from lingqu.flow.access import role_of, rotate_key
        from lingqu.flow.followed import await_followed

        self._may("people" if role_of(self.home, key) else "keys")
        made = rotate_key(self.home, key, overlap)
        await_followed(self.home)
        return made

    def disable_key(self, key: str) -> Key:
        """Disable a key at once, everywhere."""
        from lingqu.flow.access import disable_key, role_of

        self._may("people" if role_of(self.home, key) else "keys")
        disabled = disable_key(self.home, key)
        self._await_outlets()
        return disabled

    def people(self) -> list[Key]:
        """Return the people and services that have a role."""
        from lingqu.flow.roles import people

        return people(self.home)

    def add_person(
        self, name: str, role: str, channels: Sequence[str] = (), expires: str = ""
    ) -> tuple[Key, str]:
        """Give somebody a role; the token is returned once."""
        return self.make_key(name, channels, expires=expires, role=role)

    def make_certificate(self, hosts: Sequence[str] = (), client: str = "") -> Any:
        """Sign a certificate for the servers here, or for a caller, by the local authority."""
        self._may("people")
        from lingqu.flow.authority import make_client, make_server

        return make_client(self.home, client) if client else make_server(self.home, hosts)

    def usage(
        self, by: Sequence[str] = ("key", "channel"), since: str = "", channel: str = ""
    ) -> list[dict[str, Json]]:
        """Return what keys used, in sums by key, channel, release, month, day or hour."""
        self._may("prove")
        from lingqu.flow.usage import usage

        return usage(self.home, by, since, channel)
