"""The words that the name of a column is made of, however it is spelt."""

from __future__ import annotations

import re

_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])|[\s_.\-/]+")


def spoken(name: str) -> str:
    """Return the words of a name in lower case: CamelCase and snake_case are taken apart.

    Example:
        >>> spoken("PatientBirthDate"), spoken("OtherPatientIDs"), spoken("home_address")
        ('patient birth date', 'other patient ids', 'home address')
    """
    return _EDGE.sub(" ", name).strip().lower()
