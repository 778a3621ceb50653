"""One line about each plug-in, in the user's language."""

from __future__ import annotations

import inspect

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.i18n import text


def describe(family: catalog.Family) -> dict[str, str]:
    """Return the names of a family, each with one line about it.

    A plug-in whose package is not installed is listed with the command that installs it.
    """
    lines = {}
    for name in catalog.names(family):
        try:
            lines[name] = about(family, name, catalog.load(family, name))
        except SpecError as error:
            lines[name] = str(error)
    return lines


def about(family: catalog.Family, name: str, kind: type) -> str:
    """Return one line about a plug-in; that of a third party comes from its documentation.

    Example:
        >>> about("operators", "theirs", type("T", (), {"__doc__": "Fill ``0`` in."}))
        'Fill 0 in.'
    """
    try:
        line = text(f"catalogue.{family}_{name.replace('.', '_')}")
    except KeyError:
        line = (inspect.getdoc(kind) or name).partition("\n")[0]
    return line.replace("``", "")
