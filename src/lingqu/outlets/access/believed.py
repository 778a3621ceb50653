"""Whom a server believes: proxies, client certificates, an identity provider, and for how long."""

from __future__ import annotations

from collections.abc import Mapping

from lingqu.core.nouns import Json
from lingqu.outlets.access.guard import AWAY_S, Rules, Tokens
from lingqu.outlets.access.place import networks


def believed(settings: Mapping[str, Json]) -> tuple[Rules, Tokens | None]:
    """Return rules, and who reads tokens, by the settings that the driver wrote.

    Raises:
        OutletError: The keys of the identity provider cannot be had.
    """
    rules = Rules(
        networks(settings.get("proxies", ())),
        bool(settings.get("client_ca")),
        float(settings.get("away_s", AWAY_S)),
    )
    declared = settings.get("oidc")
    if not declared:
        return rules, None
    from lingqu.outlets.access.oidc import Provider  # who has none does not wait for it

    return rules, Provider.of(declared)
