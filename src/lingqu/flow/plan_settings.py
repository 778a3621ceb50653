"""One line of a plan: what is set, to what, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Json


@dataclass(frozen=True)
class Setting:
    """One line of a plan.

    Args:
        section: Section of the channel file.
        name: What is set.
        value: To what.
        declared: True when the channel file says so, False when it was chosen.
        why: Reason in both languages.
    """

    section: str
    name: str
    value: Json
    declared: bool
    why: Mapping[Language, str]


def chosen(section: str, name: str, value: Json, why: str, **facts: Any) -> Setting:
    """Return a setting that was chosen, and why."""
    return Setting(section, name, value, False, both(why, **facts))


def declared(section: str, name: str, value: Json) -> Setting:
    """Return a setting that the channel file says."""
    return Setting(section, name, value, True, both("flow.declared"))
