"""Optional packages of this room, and the one sentence when one is missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from lingqu.core.catalog import EXTRAS
from lingqu.core.errors import SpecError


def need(package: str, name: str) -> ModuleType:
    """Import an optional package.

    Args:
        package: What to import.
        name: What needs it, for the message.

    Raises:
        SpecError: It is not installed; the message names the extra that brings it.

    Example:
        >>> need("json", "this example").__name__
        'json'
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise SpecError(
            "core.missing_extra", name=name, package=package, extra=EXTRAS.get(package, "all")
        ) from error
