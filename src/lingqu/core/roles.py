"""What people and services may do: one table of roles, and who could help where one may not.

A verb is what is done to the workspace. Nobody has two sides of one decision: who builds does not
put into use, who puts into use does not approve, who approves and blocks does neither, and an
auditor reads everything and changes nothing. An admin may do each of them, but not approve what he
himself has run (`lingqu.flow.roles`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "viewer": frozenset({"see"}),
        "builder": frozenset({"see", "build", "call"}),
        "operator": frozenset({"see", "call", "operate", "route", "keys"}),
        "risk-officer": frozenset({"see", "prove", "approve", "block"}),
        "auditor": frozenset({"see", "prove"}),
        "admin": frozenset(
            {"see", "build", "call", "operate", "route", "keys", "prove", "approve", "block",
             "house", "people"}
        ),
    }
)  # fmt: skip
"""Role → verbs. ``see``: runs, releases, routes, outlets. ``build``: drafts, data, runs.
``call``: ask a channel. ``operate``: deploy, close, watch, respond. ``route``: who answers.
``keys``: callers' keys. ``prove``: the trail and usage. ``approve``: releases. ``block``: stop and
start a channel. ``house``: prune and erase. ``people``: who has which role."""

_OUTLET: Mapping[str, str] = MappingProxyType(
    {"see": "read", "call": "call", "build": "feedback", "operate": "admin"}
)
"""Verb of the workspace → verb of an outlet that it brings."""


def who_could(verb: str) -> tuple[str, ...]:
    """Return the roles that may do something, the least first.

    Example:
        >>> who_could("approve"), who_could("build")
        (('risk-officer', 'admin'), ('builder', 'admin'))
    """
    return tuple(role for role, verbs in ROLES.items() if verb in verbs)


def outlet_verbs(role: str) -> frozenset[str]:
    """Return what somebody with a role may do at an outlet.

    Example:
        >>> sorted(outlet_verbs("operator")), sorted(outlet_verbs("nobody"))
        (['admin', 'call', 'read'], [])
    """
    return frozenset(_OUTLET[verb] for verb in ROLES.get(role, ()) if verb in _OUTLET)
