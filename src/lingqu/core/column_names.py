"""Names of columns: the words in them, and how errors and YAML write them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])|[\s_.\-/]+")
_LONGEST = 60
"""Characters of a name that a list shows."""


def spoken(name: str) -> str:
    """Return the words of a name in lower case: CamelCase and snake_case are taken apart.

    Example:
        >>> spoken("PatientBirthDate"), spoken("OtherPatientIDs"), spoken("home_address")
        ('patient birth date', 'other patient ids', 'home address')
    """
    return _EDGE.sub(" ", name).strip().lower()


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return the first of some names as an error lists them: on one line, whatever they are.

    Example:
        >>> listed(["age", "price\\tpaid", "x" * 99], 2), listed([])
        ('age, price paid', '—')
    """
    return ", ".join(" ".join(name.split())[:_LONGEST] for name in names[:most]) or "—"


def quoted(value: str) -> str:
    """Quote a value where YAML would read it as something else.

    Example:
        >>> quoted("churned"), quoted("yes"), quoted("a: b"), quoted("是否流失")
        ('churned', '"yes"', '"a: b"', '是否流失')
    """
    plain = re.fullmatch(r"[^\W\d][\w./\-]*(:[^\W\d][\w./\-]*)?", value)
    special = value.lower() in ("yes", "no", "true", "false", "null", "on", "off", "y", "n")
    return value if plain and not special else json.dumps(value, ensure_ascii=False)
