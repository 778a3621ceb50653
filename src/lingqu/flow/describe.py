"""One line about each plug-in."""

from __future__ import annotations

import inspect

from lingqu.core import catalog
from lingqu.core.errors import SpecError


def describe(family: catalog.Family) -> dict[str, str]:
    """Return the names of a family, each with the first line of its documentation.

    A plug-in whose package is not installed is listed with the command that installs it.
    """
    lines = {}
    for name in catalog.names(family):
        try:
            lines[name] = (inspect.getdoc(catalog.load(family, name)) or "").partition("\n")[0]
        except SpecError as error:
            lines[name] = str(error)
    return lines
