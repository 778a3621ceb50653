"""The name under which a value stands: of a field, an element or a column.

Source: Own; RFC 8259 (JSON), RFC 4180 (rows), XML 1.0.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import before, heading

_KEY = re.compile(
    r"(?:(?P<mark>[\"'])(?P<quoted>[^\"'\n]{1,40})(?P=mark)\]?\s*(?:=>|:=|={1,2}|:)|"
    r"<(?P<tag>[\w:.-]{1,40})(?:\s[\w:-]+=)?[^<>]{0,30}>|"
    r"(?<![\w.-])(?P<name>[A-Za-z_][\w.-]{0,40})\s*(?:=>|:=|={1,2}))"
    r"\s*[\"'\[({]*$"
)
_WORD_KEY = re.compile(r"(?<![\w.-])(?P<name>[A-Za-z]+(?:_\w+|[A-Z]\w*)+)\s*:\s*[\"'\[({]*$")
_OPENS = " \t\n\r\f\v\"'[({"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_.:-]+")


def field(text: str, start: int) -> str | None:
    """Return the name of the field whose value begins at a place, as words; None if none does.

    Prose with a colon names no field: ``the plumber: 139…``.

    Example:
        >>> field("smsRecipient: '139", 15), field('{"order_id":139', 12), field("hi: 139", 4)
        ('sms recipient', 'order id', None)
    """
    head = before(text, start, 60)
    if not head.rstrip(_OPENS).endswith((":", "=", ">")):
        return None
    match = _KEY.search(head) or _WORD_KEY.search(head)
    if match is None:
        return None
    name = next(part for part in (*match.groupdict().values(), "") if part and part not in "\"'")
    return _HUMP.sub(" ", name).strip().lower()


def column(text: str, start: int) -> str:
    """Return the heading over a value as words: `heading`, and tables of Markdown.

    Example:
        >>> column("name,cellPhone\\nAnn,139", 19)
        'cell phone'
    """
    return _HUMP.sub(" ", heading(text, start)).strip().lower()
